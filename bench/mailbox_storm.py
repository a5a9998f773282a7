"""A storm of signals to one mailbox while the mail server is away: what the server refuses, what is lost, what arrives.

`python -m bench.mailbox_storm [signals]`. Every hundredth signal comes with a notice that was written for it. With
`at_once` senders in parallel, as many tickets falling due together.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from sqlmodel import func, select
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from bench.due_at_once import server
from models.database import Database
from models.schema import upgrade
from models.tables import Channel, NoticeRow, NoticeStatus
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import furnish
from workflows import names
from workflows.gateway import Gateway

ANNA = "person:anna"
AT_ONCE = 20
EVERY = 100
SAY = Console()


async def main(signals: int) -> None:
    """Let the storm pass, let the mail server come back, and print what happened."""
    drop = Maildrop()
    async with office(drop) as (environment, database, gateway):
        started = time.perf_counter()
        refused = await storm(gateway, database, signals)
        seconds = time.perf_counter() - started
        SAY.print(f"{signals} signals in {seconds:.0f} s, {signals / seconds:.0f} a second, {refused} refused")
        drop.open()
        opened = time.perf_counter()
        await emptied(environment, database)
        SAY.print(f"the mailbox was empty {time.perf_counter() - opened:.0f} s after the mail server came back")
        await report(environment, database, drop)
    drop.close()


@asynccontextmanager
async def office(drop: Maildrop) -> AsyncIterator[tuple[WorkflowEnvironment, Database, Gateway]]:
    """Run an office whose mail server is away."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        async with await server(folder) as environment, AsyncExitStack() as stack:
            settings = Settings(smtp_port=drop.port, database_url=url)
            for each in worker.workers(environment.client, database, settings):
                await stack.enter_async_context(each)
            yield environment, database, Gateway(environment.client, settings.gather_seconds)
        database.close()


async def storm(gateway: Gateway, database: Database, signals: int) -> int:
    """Send the signals; returns how many the server refused."""
    new = NewTicket("anfrage", "musterstadt", "Sturm", "", "bench", None, "Kim", owner="anna")
    ticket = TicketService(database).open_ticket(new, datetime.now(UTC)).number
    numbers, refused = iter(range(signals)), 0

    async def send() -> None:
        nonlocal refused
        for number in numbers:
            if number % EVERY == 0:
                await asyncio.to_thread(write, database, ticket, number)
            try:
                await gateway.wake([ANNA])
            except RPCError:
                refused += 1

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    return refused


def write(database: Database, ticket: int, number: int) -> None:
    """Write one notice."""
    notice = NoticeRow(
        key=f"storm:{number}",
        ticket=ticket,
        mailbox=ANNA,
        channel=Channel.MAIL,
        kind="R1",
        at=datetime.now(UTC),
        deliver="at once",
    )
    with database.writing() as session:
        session.add(notice)


async def emptied(environment: WorkflowEnvironment, database: Database) -> None:
    """Wait until nothing waits and the mailbox's workflow has ended; an hour at the most."""
    handle = environment.client.get_workflow_handle(names.mailbox_id(ANNA))
    async with asyncio.timeout(timedelta(hours=1).total_seconds()):
        while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING or waiting(database):
            await asyncio.sleep(1)


def waiting(database: Database) -> int:
    """Count the notices that are not sent."""
    with database.reading() as session:
        return session.exec(select(func.count()).where(NoticeRow.status != NoticeStatus.SENT)).one()


async def report(environment: WorkflowEnvironment, database: Database, drop: Maildrop) -> None:
    """Print the runs of the mailbox, its longest history, and what arrived."""
    runs = [run async for run in environment.client.list_workflows(f'WorkflowId = "{names.mailbox_id(ANNA)}"')]
    longest = max(run.history_length for run in runs)
    with database.reading() as session:
        written = session.exec(select(func.count()).where(NoticeRow.mailbox == ANNA)).one()
    SAY.print(f"{len(runs)} runs of the mailbox, the longest with {longest} events")
    SAY.print(f"{written} notices written, {waiting(database)} lost, {len(drop.mails)} mails")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000))
