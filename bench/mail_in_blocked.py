"""Mail in with frozen tickets in front: how long new customers wait for their tickets.

`python -m bench.mail_in_blocked [frozen] [customers]`. A frozen ticket is a workflow on a task queue that nobody polls:
the engine takes every command for it, and nobody answers. One reply to each of them lies in the mailbox before the
mails of new customers. The embedded server, a worker in this process, a folder of files as mailbox.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlmodel import col, func, select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from models.database import Database
from models.messages import TicketStart
from models.schema import upgrade
from models.tables import TicketRow
from settings import Settings
from tests.incoming.mails import OFFICE, mail
from tests.office import furnish
from workflows import names
from workflows.gateway import Gateway
from workflows.payloads import DATA_CONVERTER
from workflows.ticket import TicketWorkflow

PATIENCE_SECONDS = 180
SAY = Console()


async def main(frozen: int, customers: int) -> None:
    """Freeze tickets, fill the mailbox, begin to watch it, and print what happened."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        new = Path(folder) / "inbox" / "new"
        new.mkdir(parents=True)
        settings = Settings(
            database_url=url,
            mail_from=OFFICE,
            inbox_site="musterstadt",
            inbox_maildir=new.parent,
            inbox_seconds=1,
            smtp_port=1,
        )
        async with await server(folder) as environment, AsyncExitStack() as stack:
            for n in range(frozen):
                start = await freeze(environment, TicketService(database), n)
                answer = mail(b"Ja, gern.", f"k{n}@kunde.example", subject=f"AW: Kombi [#{start.number}]")
                (new / f"0{n:04}").write_bytes(answer)
            for n in range(customers):
                question = mail(b"Guten Tag", f"Neu {n} <neu{n}@kunde.example>", id=f"<{n}@neu.example>")
                (new / f"1{n:04}").write_bytes(question)
            for each in worker.workers(environment.client, database, settings):
                await stack.enter_async_context(each)
            await Gateway(environment.client, 0).open_inbox("musterstadt")
            await report(database, new, frozen, customers)
        database.close()


async def server(folder: str) -> WorkflowEnvironment:
    """Start the embedded server, on disk."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_database_filename=f"{folder}/temporal.db",
        dev_server_log_level="error",
        data_converter=DATA_CONVERTER,
        search_attributes=names.SEARCH_ATTRIBUTES,
    )


async def freeze(environment: WorkflowEnvironment, ticket_service: TicketService, n: int) -> TicketStart:
    """Open a ticket whose workflow runs where nobody works."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "Frage", "web", None, f"Kim {n}", f"k{n}@kunde.example")
    start = ticket_service.open_ticket(new, datetime.now(UTC))
    await environment.client.start_workflow(
        TicketWorkflow.run, start, id=names.ticket_id(start.number), task_queue="nobody-polls"
    )
    return start


async def report(database: Database, new: Path, frozen: int, customers: int) -> None:
    """Wait until every new customer has a ticket whose workflow recorded it, or until nobody would wait any longer."""
    began, taken_after = time.monotonic(), None
    while (after := time.monotonic() - began) < PATIENCE_SECONDS:
        tickets, recorded = counts(database)
        if taken_after is None and tickets - frozen >= customers:
            taken_after = after
        if recorded >= customers:
            break
        await asyncio.sleep(0.1)
    tickets, recorded = counts(database)
    left = len(list(new.iterdir()))
    SAY.print(f"{frozen} frozen tickets, {customers} mails of new customers behind their replies")
    SAY.print(f"  in the ledger: {tickets - frozen}" + (f", all after {taken_after:.1f} s" if taken_after else ""))
    SAY.print(f"  recorded by their workflows: {recorded}, after {after:.1f} s; mails left in the mailbox: {left}")


def counts(database: Database) -> tuple[int, int]:
    """Return how many tickets there are, and how many of them their own workflow has recorded."""
    with database.reading() as session:
        tickets = session.exec(select(func.count()).select_from(TicketRow)).one()
        recorded = session.exec(select(func.count()).where(col(TicketRow.recorded) > 0)).one()
        return tickets, recorded


if __name__ == "__main__":
    asked = [int(number) for number in sys.argv[1:3]]
    asyncio.run(main(*(asked + [1, 20][len(asked) :])))
