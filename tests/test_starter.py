"""`setup` and `ticket` against a real Temporal server; everything that is missing is said in one line."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from commandline.entry import run
from commandline.setting_up import SWEEP
from models.database import Database
from models.schema import differences
from models.tables import DefinitionRow
from tests.office import furnish
from tests.ports import free_port
from workflows.names import SEARCH_ATTRIBUTES, ticket_id

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
    assert str(schedule.spec.intervals[0].every) == "0:01:00"
    assert {key.name for key in SEARCH_ATTRIBUTES} == {"Phase", "Light", "Owner", "EscalationLevel", "DueAt", "Site"}


async def test_sweep_that_an_operator_paused_stays_paused(at_home: str, dev_server: WorkflowEnvironment) -> None:
    assert await starter("setup") == 0
    handle = dev_server.client.get_schedule_handle(SWEEP)
    await handle.pause()
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
