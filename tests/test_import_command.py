"""`import` against a real Temporal server: progress, a report of what was refused, and an exit code."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

import worker
from models.database import Database
from settings import Settings
from tests.imports import bookings, csv_file, packages
from tests.office import furnish
from tests.ports import free_port
from tests.test_starter import starter

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def office(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return the ledger of an office that never closes, and let the commands find it; nobody answers as Temporal."""
    furnish(sqlite_database, "around-the-clock")
    monkeypatch.setenv("DATABASE_URL", sqlite_database.url.render_as_string())
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)
    return sqlite_database


@pytest.fixture
async def working(
    own_server: WorkflowEnvironment, office: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """Run the workers beside a real Temporal server, and let the commands find it."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", str(own_server.client.service_client.config.target_host))
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, office, Settings(gather_seconds=600)):
            await stack.enter_async_context(each)
        yield office


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of two customers with three bookings each."""
    path = tmp_path / "buchungen.csv"
    path.write_bytes(csv_file(bookings(customers=2, each=3)))
    return path


async def test_file_is_taken_in_and_again_is_known(working: Database, file: Path, capsys: Capture) -> None:
    assert await starter("import", str(file), "--by", "dora") == 0
    said = capsys.readouterr()
    assert "8 taken, 0 known already, 0 refused" in said.out
    assert "8/8" in said.err
    assert await starter("import", str(file), "--site", "musterstadt") == 0
    assert "0 taken, 8 known already, 0 refused" in capsys.readouterr().out
    assert packages(working)[0] == {"k-0": 3, "k-1": 3}


async def test_refused_lines_are_reported_with_exit_code_1(working: Database, file: Path, capsys: Capture) -> None:
    with file.open("ab") as more:
        more.write(b"x-1;package;k-0;2026-01-06;7\r\n\r\nx-2;offer;k-9\r\n")
    assert await starter("import", str(file)) == 1
    report = capsys.readouterr().out
    assert "8 taken, 0 known already, 3 refused" in report
    for words in ("There is no package of 7 hours", "The line is empty", "There is no customer “k-9”", "x-2"):
        assert words in report
    assert [line.split()[0] for line in report.splitlines()[-3:]] == ["10", "11", "12"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--site", "nowhere"), "there is no site 'nowhere'"),
        (("--by", "nobody"), "nobody called 'nobody'"),
        ((), "Temporal does not answer"),
    ],
)
async def test_what_is_wrong_around_a_file_is_one_line(
    office: Database, file: Path, capsys: Capture, arguments: tuple[str, ...], words: str
) -> None:
    assert await starter("import", str(file), *arguments) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"", "The file is empty"),
        (b"\x00", "not a text file"),
        (b"a;b\n1;2", "names no columns"),
    ],
)
async def test_file_that_cannot_be_read_is_one_line(
    office: Database, tmp_path: Path, capsys: Capture, content: bytes | None, words: str
) -> None:
    path = tmp_path / "other.csv"
    if content is not None:
        await asyncio.to_thread(path.write_bytes, content)
    assert await starter("import", str(path)) == 2
    message = capsys.readouterr().err
    assert words in message
    assert str(path) in message
    assert message.count("\n") == 1
