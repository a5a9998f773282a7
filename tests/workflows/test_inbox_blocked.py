"""A ticket that does not answer keeps nobody else's mail waiting, and hears of its own when it answers again."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.incoming.boxes import Maildir
from activities.incoming.undone import pause
from activities.ledger.record import Ledger
from models.database import Database
from models.tables import EventRow, IncomingRow
from tests.incoming.mails import mail
from tests.incoming.office import KIM, IncomingOffice
from tests.incoming.watch import Clock, watched
from tests.incoming.watch import until as is_so
from workflows import names
from workflows.gateway import Gateway
from workflows.ticket import TicketWorkflow

NOWHERE = "nobody-polls"
PATIENCE = timedelta(seconds=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a mailbox that is a folder of files."""
    (tmp_path / "inbox" / "new").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.fixture
def office(sqlite_database: Database) -> IncomingOffice:
    """Furnish an office."""
    return IncomingOffice(sqlite_database, datetime.now(UTC) - timedelta(minutes=10))


def comes(folder: Path, number: int, content: bytes) -> None:
    """Have a mail come; they are taken in the order of their numbers."""
    (folder / "new" / f"{number:03}").write_bytes(content)


def rows(office: IncomingOffice, *, done: bool) -> list[IncomingRow]:
    """Return the messages whose tickets have heard of them, or have not."""
    return [row for row in office.incoming() if row.done is done]


async def freeze(server: WorkflowEnvironment, office: IncomingOffice, number: int) -> None:
    """Have a ticket's workflow run where nobody works: it takes every command, and answers none."""
    start = office.start_of(number)
    await server.client.start_workflow(TicketWorkflow.run, start, id=names.ticket_id(number), task_queue=NOWHERE)


async def test_silent_ticket_stops_nobody_and_hears_everything_once_when_it_answers(
    own_server: WorkflowEnvironment, office: IncomingOffice, folder: Path
) -> None:
    """Three replies to it lie before three questions of new customers; each of the six is heard once in the end."""
    await freeze(own_server, office, office.kim)
    for n in range(3):
        comes(folder, n, mail(b"ja %d" % n, f"<{KIM}>", subject=f"[#{office.kim}]", id=f"<r{n}@kunde.example>"))
        comes(folder, 10 + n, mail(b"neu", f"Neu {n} <n{n}@neu.example>", id=f"<n{n}@neu.example>"))
    clock = Clock(datetime.now(UTC))
    gateway = Gateway(own_server.client, 0.2, PATIENCE)
    async with watched(office.database, partial(Maildir, folder), clock, gateway):
        await is_so(lambda: len(rows(office, done=True)) == 3 and not list((folder / "new").iterdir()))
        for row in rows(office, done=True):
            described = await own_server.client.get_workflow_handle(names.ticket_id(row.ticket or 0)).describe()
            assert described.status is WorkflowExecutionStatus.RUNNING
        await is_so(lambda: [row.tries for row in rows(office, done=False)] == [1, 0, 0])
        waiting = rows(office, done=False)
        assert all(row.trouble.startswith("Unavailable") for row in waiting)
        assert [row.again_at for row in waiting] == [clock.now + pause(1)] * 3
        ledger = Ledger(office.database, gateway.wake, "https://office.example")
        async with Worker(
            own_server.client, task_queue=NOWHERE, workflows=[TicketWorkflow], activities=[ledger.record]
        ):
            for _ in range(20):
                clock.passes(minutes=1)
                await is_so(
                    lambda: all(row.done or (row.again_at or clock.now) > clock.now for row in office.incoming())
                )
                if not rows(office, done=False):
                    break
    assert rows(office, done=False) == []
    with office.database.reading() as session:
        events = session.exec(select(EventRow).where(EventRow.ticket == office.kim)).all()
    heard = [event.command for event in events if event.code == "customer_wrote"]
    assert sorted(filter(None, heard)) == sorted(
        f"mail-{row.id}" for row in office.incoming() if row.ticket == office.kim
    )
