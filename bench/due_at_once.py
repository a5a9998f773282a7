"""A thousand tickets due at the same instant on the embedded server: how late the last one is, who gets how many mails.

`python -m bench.due_at_once [tickets]`. One machine runs the server, the worker, the mail server and this script.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import track
from sqlmodel import col, func, select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from models.database import Database
from models.messages import TicketStart
from models.schema import upgrade
from models.tables import EventRow, PersonRow, TicketRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import furnish
from workflows import names
from workflows.gateway import Gateway
from workflows.payloads import DATA_CONVERTER

SELLERS = 10
REMINDED_AFTER = timedelta(hours=1, minutes=30)
SAY = Console()


async def main(tickets: int) -> None:
    """Open the tickets, wait for the instant, and print what happened."""
    drop = Maildrop()
    drop.open()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        hire(database)
        async with await server(folder) as environment, AsyncExitStack() as stack:
            settings = Settings(smtp_port=drop.port, database_url=url)
            for each in worker.workers(environment.client, database, settings):
                await stack.enter_async_context(each)
            due = await opened(Gateway(environment.client, settings.gather_seconds), TicketService(database), tickets)
            await recorded(database, tickets, due)
            await quiet(drop)
            report(database, drop, tickets, due)
        database.close()
    drop.close()


def hire(database: Database) -> None:
    """Ten sellers share the tickets."""
    with database.writing() as session:
        for n in range(SELLERS):
            short = f"seller{n}"
            address = f"{short}@musterstadt.example"
            session.add(PersonRow(short=short, name=short, email=address, site="musterstadt", roles=["salesperson"]))


async def server(folder: str) -> WorkflowEnvironment:
    """Start the server as `make up` does: on a file that it waits for."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        dev_server_database_filename=f"{folder}/temporal.db",
        dev_server_extra_args=["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"],
        data_converter=DATA_CONVERTER,
        search_attributes=names.SEARCH_ATTRIBUTES,
    )


async def opened(gateway: Gateway, ticket_service: TicketService, tickets: int) -> datetime:
    """Open the tickets so that all are due for R1 at one instant, which lies ahead until the last one sleeps."""
    due = (datetime.now(UTC) + timedelta(seconds=20 + tickets / 15)).replace(microsecond=0)
    started = time.perf_counter()
    starts = [open_one(ticket_service, n, due - REMINDED_AFTER) for n in range(tickets)]
    waiting = asyncio.Semaphore(20)
    for begun in track(asyncio.as_completed([start(gateway, s, waiting) for s in starts]), "starting", tickets):
        await begun
    SAY.print(f"{tickets / (time.perf_counter() - started):.0f} tickets started per second")
    while datetime.now(UTC) < due:
        await asyncio.sleep(0.2)
    return due


def open_one(ticket_service: TicketService, n: int, at: datetime) -> TicketStart:
    """Write one ticket's rows."""
    owner = f"seller{n % SELLERS}"
    return ticket_service.open_ticket(
        NewTicket("anfrage", "musterstadt", f"Anfrage {n}", "", "bench", None, "Kim", owner=owner), at
    )


async def start(gateway: Gateway, ticket: TicketStart, waiting: asyncio.Semaphore) -> None:
    """Start one ticket's workflow, twenty at a time."""
    async with waiting:
        await gateway.start(ticket)


async def recorded(database: Database, tickets: int, due: datetime) -> None:
    """Wait until every ticket's reminder is in the ledger."""
    while reminded(database, due) < tickets:
        await asyncio.sleep(0.2)


def reminded(database: Database, due: datetime) -> int:
    """Count the reminders recorded for the instant."""
    with database.reading() as session:
        return session.exec(select(func.count()).where(EventRow.code == "R1", EventRow.at == due)).one()


async def quiet(drop: Maildrop) -> None:
    """Wait until no more mail comes."""
    before = -1
    while before != len(drop.mails):
        before = len(drop.mails)
        await asyncio.sleep(15)


def report(database: Database, drop: Maildrop, tickets: int, due: datetime) -> None:
    """Print lateness, throughput and mails."""
    with database.reading() as session:
        noticed = session.exec(
            select(EventRow.recorded_at).where(EventRow.code == "R1", EventRow.at == due).order_by(col(EventRow.id))
        ).all()
        late = session.exec(select(TicketRow.number).where(TicketRow.recorded < 2)).all()
    lateness = sorted((at - due).total_seconds() for at in noticed)
    mails = [len(drop.to(f"seller{n}@musterstadt.example")) for n in range(SELLERS)]
    SAY.print(f"{len(noticed)} of {tickets} recorded for {due:%H:%M:%S}, {len(late)} missing")
    SAY.print(
        f"lateness: median {statistics.median(lateness):.2f} s, p99 {lateness[int(len(lateness) * 0.99) - 1]:.2f} s"
    )
    SAY.print(f"{tickets / max(lateness[-1], 0.001):.0f} tickets per second until the last one at {lateness[-1]:.2f} s")
    SAY.print(f"mails per seller: {min(mails)} to {max(mails)} instead of {tickets // SELLERS}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
