"""`up`, the real thing: everything answers, the first mail comes by itself, and a stop leaves nothing running."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlmodel import select

from embedded.company import read_company
from models.database import Database
from models.tables import SiteRow, TicketRow
from tests.embedded.conftest import Up, alive


async def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.1)


def lights(up: Up) -> Counter[str]:
    """Return how many tickets show each light."""
    database = Database(f"sqlite:///{up.var / 'ledger.db'}")
    with database.reading() as session:
        counted = Counter(session.exec(select(TicketRow.light)))
    database.close()
    return counted


async def test_every_page_answers(running: Up, http: httpx.AsyncClient) -> None:
    assert "Statuskette" in (await http.get(running.url("web", "/sign-in"))).text
    assert "Gefangene Mails" in (await http.get(running.url("mail"))).text
    assert (await http.get(running.url("ui"))).status_code == 200


async def test_everything_is_kept_once_the_demo_s_past_is_caught_up(running: Up, http: httpx.AsyncClient) -> None:
    """Its tickets were received days ago: their moments come to pass when the worker hears of them."""
    told: object = None
    for _ in range(600):
        told = (await http.get(running.url("web", "/health"))).json()
        if told == {"status": "ok"}:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(told)


async def test_terminal_names_every_page_and_every_sign_in(running: Up) -> None:
    await running.until("ines ")
    for name in ("web", "mail", "ui"):
        assert running.url(name, "") in running.output
    for short in (
        "anna",
        "paul",
        "lena",
        "murat",
        "dora",
        "carl",
        "helga",
        "petra",
        "toni",
        "sonja",
        "klara",
        "vera",
        "ines",
    ):
        assert f"  {short} " in running.output


async def test_first_mail_comes_by_itself_whatever_the_hour(running: Up, http: httpx.AsyncClient) -> None:
    """Instant mails and answers wait for no opening; everything else does."""
    await running.until_mail()
    page = (await http.get(running.url("mail"))).text
    assert "@musterstadt.example" in page or "@kunde.example" in page


async def test_demo_shows_every_light(running: Up) -> None:
    """Receipt times lie in the past in business time, so weekday and hour do not matter."""
    await eventually(lambda: set(lights(running)) >= {"yellow", "green", "red", "escalated", "paused", "closed"})
    company = read_company()
    told = (*company.inquiries, *company.customers, *company.contacts)
    assert sum(lights(running).values()) == len(told)


async def test_second_up_in_the_same_directory_is_refused(running: Up) -> None:
    second = Up(running.var)
    await second.start()
    assert await second.ends() == 2
    assert f"process {running.process.pid}" in second.output
    assert second.output.count("\n") == 1


async def test_taken_port_is_named_with_its_option_before_anything_starts(running: Up, other: Up) -> None:
    other.ports["smtp"] = running.ports["smtp"]
    await other.start()
    assert await other.ends() == 2
    assert "--smtp-port" in other.output
    assert str(running.ports["smtp"]) in other.output
    assert other.output.count("\n") == 1
    assert not (other.var / "log").exists()


async def test_port_given_twice_is_refused(other: Up) -> None:
    other.ports["ui"] = other.ports["web"]
    await other.start()
    assert await other.ends() == 2
    assert "--ui-port" in other.output
    assert "--web-port" in other.output


async def test_what_dies_is_begun_again(running: Up, http: httpx.AsyncClient) -> None:
    (web,) = [pid for pid in running.children() if "web.serve" in _command(pid)]
    os.kill(web, signal.SIGKILL)
    await running.until("web ended with SIGKILL; again in")
    for _ in range(300):
        try:
            answer = await http.get(running.url("web", "/health"))
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            assert answer.status_code == 200
            return
    raise AssertionError("the web did not come back")


async def test_stop_leaves_no_process_and_a_restart_loses_nothing(running: Up, http: httpx.AsyncClient) -> None:
    """The installation that the tests share is stopped, and started again."""
    await running.until_mail()
    before, children = running.mails(), running.children()
    tickets = sum(lights(running).values())
    assert len(children) == 4
    assert await running.stop() == 0
    assert alive(children) == []
    assert "Traceback" not in running.output
    assert running.output.rstrip().endswith("Stopped.")

    running.output = ""
    await running.start()
    await running.until("ines ")
    assert sum(lights(running).values()) == tickets
    assert before <= running.mails()
    newest = max(before).removesuffix(".eml")
    assert newest in (await http.get(running.url("mail"))).text
    answer = await http.get(running.url("ui", "/api/v1/namespaces/default/workflows/ticket-1"))
    assert answer.status_code == 200


async def test_children_die_with_a_supervisor_that_is_killed(running: Up) -> None:
    """Nobody gets the chance to tell them."""
    children = running.children()
    assert len(children) == 4
    running.process.kill()
    await running.process.wait()
    await eventually(lambda: not alive(children))


async def test_without_demo_there_is_nobody_and_nothing(other: Up) -> None:
    await other.start("--no-demo")
    await other.until("Ready after")
    database = Database(f"sqlite:///{other.var / 'ledger.db'}")
    with database.reading() as session:
        assert session.exec(select(SiteRow)).all() == []
    database.close()
    assert "Sign in" not in other.output
    assert await other.stop() == 0


async def test_stop_while_starting_is_clean(other: Up) -> None:
    await other.start()
    await other.until("Temporal server")
    children = other.children()
    assert await other.stop() == 0
    assert alive(children) == []
    assert "Traceback" not in other.output


async def test_company_that_was_interrupted_while_moving_in_begins_anew(other: Up) -> None:
    """Killed after the first tickets were written, before the last ones were."""
    await other.start()
    await other.until("Database and definitions")
    await eventually(lambda: sum(lights(other).values()) > 0)
    children = other.children()
    other.process.kill()
    await other.process.wait()
    await eventually(lambda: not alive(children))
    assert (other.var / "moving-in").exists()

    other.output = ""
    await other.start()
    await other.until("ines ")
    assert "begins anew" in other.output
    company = read_company()
    assert sum(lights(other).values()) == len((*company.inquiries, *company.customers, *company.contacts))
    assert not (other.var / "moving-in").exists()
    assert await other.stop() == 0


async def test_program_that_cannot_start_is_named_with_its_last_words(other: Up) -> None:
    other.var.mkdir()
    (other.var / "temporal.db").write_text("no database", "utf-8")
    await other.start()
    assert await other.ends() == 2
    assert "error: temporal could not start" in other.output
    assert "Traceback" not in other.output


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
