"""`setup` and `ticket` against a real Temporal server; everything that is missing is said in one line."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

import worker
from commandline.entry import run
from models.database import Database
from models.schema import differences, upgrade
from models.tables import DefinitionRow
from settings import Settings
from tests.conftest import real_server
from tests.office import furnish
from tests.ports import free_port
from workflows.names import SEARCH_ATTRIBUTES, ticket_id
from workflows.schedules import SWEEP

Capture = pytest.CaptureFixture[str]

NEW = ("ticket", "new", "--process", "anfrage", "--site", "musterstadt", "--subject", "Kombi", "--customer", "Kim")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a database that does not exist yet, and let the commands use it."""
    database_url = f"sqlite:///{tmp_path / 'new' / 'ledger.db'}"
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    return database_url


@pytest.fixture
def at_home(url: str, dev_server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the commands find the real Temporal server as well; returns the database's URL."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.client.service_client.config.target_host)
    return url


async def starter(*arguments: str) -> int:
    """Run a command as its own thread: it brings its own event loop."""
    return await asyncio.to_thread(run, arguments)


async def test_setup_makes_everything_ready_and_may_be_repeated(at_home: str, dev_server: WorkflowEnvironment) -> None:
    assert await starter("setup") == 0
    assert await starter("setup") == 0
    database = Database(at_home)
    assert differences(database) == []
    with database.reading() as session:
        assert set(session.exec(select(DefinitionRow.number))) == {1}
    database.close()
    schedule = (await dev_server.client.get_schedule_handle(SWEEP).describe()).schedule
    assert str(schedule.spec.intervals[0].every) == "0:00:30"
    assert {key.name for key in SEARCH_ATTRIBUTES} == {"Phase", "Light", "Owner", "EscalationLevel", "DueAt", "Site"}


async def test_sweep_that_an_operator_paused_stays_paused(at_home: str, dev_server: WorkflowEnvironment) -> None:
    assert await starter("setup") == 0
    handle = dev_server.client.get_schedule_handle(SWEEP)
    await handle.pause()
    async with asyncio.timeout(10):  # the server takes a pause down later than it says so
        while not (await handle.describe()).schedule.state.paused:
            await asyncio.sleep(0.05)
    assert await starter("setup") == 0
    assert (await handle.describe()).schedule.state.paused
    await handle.delete()


async def test_new_ticket_is_shown_and_listed(at_home: str, dev_server: WorkflowEnvironment, capsys: Capture) -> None:
    assert await starter("setup") == 0
    database = Database(at_home)
    furnish(database)
    database.close()
    capsys.readouterr()
    assert await starter(*NEW, "--owner", "anna", "--received", "2026-03-02 17:00", "--text", "Noch da?") == 0
    number = capsys.readouterr().out.split()[1]
    await dev_server.client.get_workflow_handle(ticket_id(int(number))).terminate()
    assert await starter("ticket", "show", number, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["received_at"] == "2026-03-02T17:00:00+01:00"
    assert [event["text"] for event in shown["history"]] == ["Noch da?"]
    (overdue,) = [moment for moment in shown["agenda"] if moment["moment"] == "E1"]
    assert (overdue["at"], overdue["to"]) == ("2026-03-03T10:00:00+01:00", ["anna"])
    assert await starter("ticket", "show", number) == 0
    assert "Noch da?" in capsys.readouterr().out
    assert await starter("ticket", "list", "--json") == 0
    assert [each["number"] for each in json.loads(capsys.readouterr().out)] == [int(number)]
    assert await starter("ticket", "list") == 0
    assert "Kombi" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ticket", "show", "4711"), "there is no ticket 4711"),
        (("ticket", "show", "first"), "number"),
        ((*NEW[:3], "nonsense", *NEW[4:]), "nonsense"),
        ((*NEW[:5], "nowhere", *NEW[6:]), "nowhere"),
        ((*NEW, "--owner", "nobody"), "nobody"),
        ((*NEW, "--received", "2126-03-02 17:00"), "future"),
        ((*NEW, "--received", "yesterday"), "yesterday"),
        ((*NEW[:7], "Kombi\r\nBcc: all@example.com", *NEW[8:]), "nobody can see"),
        ((*NEW[:7], "K" * 201, *NEW[8:]), "more than 200"),
        ((*NEW[:7], " ", *NEW[8:]), "subject is missing"),
        ((*NEW, "--text", "x" * 20_001), "longer than 20000"),
    ],
)
async def test_what_the_office_does_not_know_is_one_line(
    at_home: str, capsys: Capture, arguments: tuple[str, ...], words: str
) -> None:
    assert await starter("setup") == 0
    database = Database(at_home)
    furnish(database)
    database.close()
    capsys.readouterr()
    assert await starter(*arguments) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


async def test_without_temporal_one_line_says_where_it_was_looked_for(url: str, capsys: Capture) -> None:
    assert await starter("setup") == 2
    message = capsys.readouterr().err
    assert "Temporal does not answer at 127.0.0.1:" in message
    assert message.count("\n") == 1
    assert Path(url.removeprefix("sqlite:///")).is_file()


async def test_without_a_database_one_line_says_what_to_do(url: str, capsys: Capture) -> None:
    assert await starter("ticket", "list") == 2
    message = capsys.readouterr().err
    assert "starter.py setup" in message
    assert str(Path(url.removeprefix("sqlite:///")).name) in message


async def test_unreachable_database_is_named_without_its_password(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://statuskette:secret@127.0.0.1:{free_port()}/ledger")
    assert await starter("setup") == 2
    message = capsys.readouterr().err
    assert "127.0.0.1" in message
    assert "secret" not in message
    assert message.count("\n") == 1


PROJECT = ("ticket", "new", "--process", "statuskette", *NEW[4:], "--owner", "anna")
INTAKE = ("mobile=0171 5550100", "fax=keines", "email=kim@kunde.example")


@pytest.fixture(scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, str]]:
    """Run an office with its workers on a server of its own; yields where the commands find it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('company') / 'ledger.db'}"
    upgrade(url)
    database = Database(url)
    furnish(database)
    async with real_server() as server, AsyncExitStack() as stack:
        for each in worker.workers(server.client, database, Settings(smtp_port=free_port(), gather_seconds=0.2)):
            await stack.enter_async_context(each)
        yield {"DATABASE_URL": url, "TEMPORAL_ADDRESS": server.client.service_client.config.target_host}
    database.close()


@pytest.fixture
async def project(company: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> str:
    """Open a construction project and let the commands find it; returns its number."""
    for name, value in company.items():
        monkeypatch.setenv(name, value)
    assert await starter(*PROJECT) == 0
    return capsys.readouterr().out.split()[1]


async def test_phase_before_a_critical_gate_is_not_done_by_saying_so(project: str, capsys: Capture) -> None:
    assert await starter("ticket", "act", project, "phase_done", "--by", "anna") == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: The phase ends only through the quality gate “intake_complete”")
    assert (captured.out, captured.err.count("\n")) == ("", 1)


async def test_what_is_filled_in_is_handed_over_and_accepted(project: str, capsys: Capture) -> None:
    act = ("ticket", "act", project)
    assert await starter("ticket", "fill", project, "intake_complete", *INTAKE[:2], "--by", "anna") == 0
    assert capsys.readouterr().out == f"ticket {project}: intake_complete: 2 filled in\n"
    assert await starter(*act, "handover_submitted intake_complete", "--by", "anna") == 2
    assert "not complete yet: email" in capsys.readouterr().err
    assert await starter("ticket", "fill", project, "intake_complete", INTAKE[2], "--by", "anna") == 0
    assert await starter(*act, "handover_submitted intake_complete paul", "--by", "anna") == 0
    assert capsys.readouterr().out.endswith(f"ticket {project}: intake, yellow, anna\n")
    assert await starter(*act, "handover_accepted intake_complete", "--by", "paul") == 0
    assert capsys.readouterr().out == f"ticket {project}: information, green, paul\n"


async def test_returned_handover_keeps_its_remark(project: str, capsys: Capture) -> None:
    assert await starter("ticket", "fill", project, "intake_complete", *INTAKE, "--by", "anna") == 0
    assert await starter("ticket", "act", project, "handover_submitted intake_complete", "--by", "anna") == 0
    rejected = ("ticket", "act", project, "handover_rejected intake_complete fax", "--by", "paul")
    assert await starter(*rejected, "--text", "Ohne Fax geht es nicht.") == 0
    capsys.readouterr()
    assert await starter("ticket", "show", project, "--json") == 0
    returned = json.loads(capsys.readouterr().out)["history"]
    assert [(each["by"], each["text"]) for each in returned if each["code"] == "handover_rejected"] == [
        ("paul", "Ohne Fax geht es nicht.")
    ]


async def test_signal_is_on_its_way_and_its_refusal_stands_in_the_history(project: str, capsys: Capture) -> None:
    assert await starter("ticket", "act", project, "phase_done", "--by", "anna", "--signal") == 0
    assert f"ticket {project}: the signal is on its way" in capsys.readouterr().out
    shown = ""
    for _ in range(100):
        assert await starter("ticket", "show", project) == 0
        shown = capsys.readouterr().out
        if "Signal abgelehnt" in shown:
            break
        await asyncio.sleep(0.1)
    (refused,) = [line for line in shown.splitlines() if "Signal abgelehnt" in line]
    assert "anna" in refused
    assert "Die Phase endet nur durch das Quality Gate „intake_complete“" in refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("act", "shouted", "--by", "anna"), ("'shouted' is unknown", "handover_submitted GATE [SHORT]")),
        (("act", "handover_accepted", "--by", "anna"), ("the argument is missing; write handover_accepted GATE",)),
        (("act", "handover_submitted moon", "--by", "anna"), ("no quality gate “moon”",)),
        (("act", "handover_accepted intake_complete", "--by", "anna"), ("No handover is waiting", "intake_complete")),
        (("act", "gate_overridden intake_complete", "--by", "carl"), ("text is missing",)),
        (("act", "gate_overridden intake_complete", "--by", "anna", "--text", "Eilt."), ("controller",)),
        (("act", "point_settled moon", "--by", "anna"), ("no open point “moon”",)),
        (("act", "welcomed twice", "--by", "anna"), ("'twice' is neither mail nor call",)),
        (("act", "phase_done", "--by", "nobody"), ("'nobody'",)),
        (("fill", "moon", "mobile=1", "--by", "anna"), ("no gate 'moon'",)),
        (("fill", "intake_complete", "moon=1", "--by", "anna"), ("'intake_complete'", "lines")),
        (("fill", "intake_complete", "mobile", "--by", "anna"), ("'mobile': write ITEM=VALUE",)),
        (("fill", "intake_complete", "mobile=1", "--by", "nobody"), ("'nobody'",)),
    ],
)
async def test_step_that_cannot_be_is_one_line(
    project: str, capsys: Capture, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    command, *rest = arguments
    assert await starter("ticket", command, project, *rest) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    for word in words:
        assert word in captured.err


async def test_ticket_that_is_not_there_is_neither_filled_nor_acted_on(project: str, capsys: Capture) -> None:
    assert project.isdigit()
    for arguments in (("act", "4711", "phase_done"), ("fill", "4711", "intake_complete", "mobile=1")):
        assert await starter("ticket", *arguments, "--by", "anna") == 2
        assert "there is no ticket 4711" in capsys.readouterr().err
