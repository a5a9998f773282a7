"""Imports on a real engine: each line by itself, and every booking once, whoever is killed on the way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.imports import keep_file
from domain.customers.import_files import read_file
from models.database import Database
from models.messages import TakeImportResult
from settings import Settings
from tests.imports import bookings, csv_file, is_done, outcomes, packages, refusals
from tests.office import furnish
from tests.workflows.test_killed_worker import until, worker_process
from workflows import names
from workflows.gateway import Gateway
from workflows.sweep import SweepWorkflow

MESSY = """id;what;customer;at;size;task;to;tag;name;company
1;registered;k-1;2026-02-02;;;;;"Kim ""K"" Kunde";"Kunde; Söhne"
2;package;k-1;2026-02-03;5;;;;;
3;package;k-1;2026-02-03;0;;;;;
4;package;k-1;2026-02-03;7;;;;;
5;package;k-1;2026-02-01;5;;;;;
2;package;k-1;2026-02-03;10;;;;;
2;package;k-1;2026-02-03;5;;;;;
8;tagged;k-1;;;;;Z;;
9;package;k-2;2026-02-03;5;;;;;
10;package;k-1;3. Februar;5;;;;;

12;package;k-1;2026-02-04;5;;;;;;;too;many
13;package;k-1;2126-02-04;5;;;;;
14;task_assigned;k-1;;;t-1;;;;
15;task_posted;k-1;2026-02-04;;t-1;;;;
16;task_assigned;k-1;;;t-1;niemand;;;
17;task_assigned;k-1;;;t-1;ina;;;
18;package;k-1;2026-02-05;10;;;;;
1;registered;k-3;;;;;;Kai;
20;registered;k-3;;;;;;Kai;
"""


@pytest.fixture
def ledger(sqlite_database: Database) -> Database:
    """Return the ledger of an office that never closes."""
    furnish(sqlite_database, "around-the-clock")
    return sqlite_database


@pytest.fixture
async def working(own_server: WorkflowEnvironment, ledger: Database) -> AsyncIterator[Gateway]:
    """Run the workers in this process; yields the way to their workflows."""
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, ledger, Settings(gather_seconds=600)):
            await stack.enter_async_context(each)
        yield Gateway(own_server.client, 600)


async def taken_in(
    way: Gateway, server: WorkflowEnvironment, ledger: Database, file: bytes
) -> tuple[int, TakeImportResult]:
    """Import a file; returns its number and what became of it."""
    identity = keep_file(ledger, "buchungen.csv", read_file(file), "dora", "musterstadt", datetime.now(UTC))
    await way.start_import(identity)
    async with asyncio.timeout(60):
        result: TakeImportResult = await server.client.get_workflow_handle(
            names.import_id(identity), result_type=TakeImportResult
        ).result()
    return identity, result


async def test_each_line_is_taken_or_refused_by_itself(
    working: Gateway, own_server: WorkflowEnvironment, ledger: Database
) -> None:
    """Everything that can be wrong with a line, between lines that are right, in a file of Windows."""
    file = MESSY.replace("\n", "\r\n").encode("utf-8-sig")
    identity, result = await taken_in(working, own_server, ledger, file)
    assert refusals(ledger, identity) == {
        4: "size_wrong",
        5: "package_unknown",
        6: "before_registration",
        7: "same_id_other_content",
        9: "tag_unknown",
        10: "customer_unknown",
        11: "instant_unreadable",
        12: "line_empty",
        13: "too_many_columns",
        14: "in_the_future",
        15: "task_unknown",
        17: "person_unknown",
        20: "same_id_other_content",
    }
    assert result == TakeImportResult(taken=6, known=1, refused=13)
    assert is_done(ledger, identity)
    sizes, commands = packages(ledger)
    assert sizes == {"k-1": 2, "k-3": 0}
    assert commands == {"outside:2": 1, "outside:18": 1}


async def test_same_file_again_is_known_and_what_was_refused_is_judged_anew(
    working: Gateway, own_server: WorkflowEnvironment, ledger: Database
) -> None:
    """The task that line 3 assigned too early is there by now: the engine must not answer with its old refusal."""
    file = csv_file(
        [
            {"id": "1", "what": "registered", "customer": "k-1", "name": "Kim", "at": "2026-02-02"},
            {"id": "2", "what": "task_assigned", "customer": "k-1", "task": "t-1"},
            {"id": "3", "what": "task_posted", "customer": "k-1", "task": "t-1", "at": "2026-02-04"},
        ]
    )
    _, first = await taken_in(working, own_server, ledger, file)
    assert first == TakeImportResult(taken=2, refused=1)
    _, second = await taken_in(working, own_server, ledger, file)
    assert second == TakeImportResult(taken=1, known=2)


async def test_import_that_a_crash_left_unstarted_is_started_by_the_sweep(
    working: Gateway, own_server: WorkflowEnvironment, ledger: Database
) -> None:
    """The row is there, its workflow is not: the page died between the two."""
    lines = read_file(csv_file(bookings(1, 1)))
    identity = keep_file(ledger, "buchungen.csv", lines, "dora", "musterstadt", datetime.now(UTC))
    run = own_server.client.execute_workflow
    assert await run(SweepWorkflow.run, id="sweep-1", task_queue=names.TICKETS) >= 1
    await until(lambda: is_done(ledger, identity))
    handle = own_server.client.get_workflow_handle(names.import_id(identity))
    await handle.result()
    started = (await handle.describe()).run_id
    await run(SweepWorkflow.run, id="sweep-2", task_queue=names.TICKETS)
    described = await handle.describe()
    assert (described.run_id, described.status) == (started, WorkflowExecutionStatus.COMPLETED)


async def test_import_whose_worker_is_killed_ends_with_every_booking_once(
    own_server: WorkflowEnvironment, ledger: Database
) -> None:
    """SIGKILL in the middle of three hundred lines; another worker takes over, and the same file is sent again."""
    environment = os.environ | {
        "DATABASE_URL": ledger.url.render_as_string(),
        "TEMPORAL_ADDRESS": str(own_server.client.service_client.config.target_host),
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "STATUSKETTE_GATHER_SECONDS": "600",
    }
    records = bookings(customers=60, each=4)
    lines = read_file(csv_file(records))
    assert len(lines) == 300
    gateway = Gateway(own_server.client, 600)
    first = keep_file(ledger, "buchungen.csv", lines, "dora", "musterstadt", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        victim = await stack.enter_async_context(worker_process(environment))
        await gateway.start_import(first)
        await until(lambda: outcomes(ledger, first)["taken"] > 100)
        os.kill(victim.pid, signal.SIGKILL)
        assert await asyncio.wait_for(victim.wait(), 10) == -signal.SIGKILL
        assert 0 < outcomes(ledger, first)[""] < 200
        await stack.enter_async_context(worker_process(environment))
        await until(lambda: is_done(ledger, first))
        assert outcomes(ledger, first) == {"taken": 300}
        again = keep_file(ledger, "buchungen.csv", lines, "dora", "musterstadt", datetime.now(UTC))
        await gateway.start_import(again)
        await until(lambda: is_done(ledger, again))
    assert outcomes(ledger, again) == {"known": 300}
    sizes, commands = packages(ledger)
    assert sizes == {f"k-{n}": 4 for n in range(60)}
    assert commands == {f"outside:{record['id']}": 1 for record in records if record["what"] == "package"}
