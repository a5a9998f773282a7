"""Records histories of every workflow from a real server, one file per path, for the replay tests.

After a path was added, run it with the names of its scenes: `python -m tests.record_histories told_ticket`. `make
histories` plays every scene. Never run it to make a failing replay pass: the old files are the tickets that sleep at a
customer's right now.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

import worker
from activities.incoming import watching
from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.imports import keep_file
from activities.intake.tickets import NewTicket, TicketService
from activities.webhooks.deliver import awaken
from domain.customers.import_files import read_file
from domain.process.gates import Answer
from domain.ticket.customer_facts import PackageBooked, TaskAssigned, TaskPosted
from domain.ticket.facts import (
    Answered,
    Called,
    Closed,
    Fact,
    FollowUpSet,
    HandoverAccepted,
    HandoverSubmitted,
    Noted,
    Refused,
)
from domain.webhooks.messages import written_secret
from models.database import Database
from models.messages import WEBHOOK, Command, ListStart, MailboxStart, TicketStart
from models.schema import upgrade
from models.tables import WebhookRow
from settings import Settings
from tests.imports import bookings, csv_file
from tests.maildrop import Maildrop
from tests.office import furnish
from tests.receiver import Receiver
from workflows import names
from workflows.digest import DigestWorkflow
from workflows.gateway import Gateway
from workflows.mailbox import MailboxWorkflow
from workflows.payloads import DATA_CONVERTER
from workflows.sweep import SweepWorkflow
from workflows.ticket import TicketWorkflow

FOLDER = Path(__file__).parent / "histories"


def _without_stack(found: dict[str, object]) -> dict[str, object]:
    """Drop stack traces: they name the folders of the machine that recorded."""
    return {key: value for key, value in found.items() if key != "stackTrace"}


class Recorder:
    """Plays scenes on a real server and keeps their histories."""

    def __init__(self, client: Client, database: Database, drop: Maildrop) -> None:
        """Take the parts."""
        self.client = client
        self.database = database
        self.drop = drop
        self.ticket_service = TicketService(database)
        self.gateway = Gateway(client, gather_seconds=0.2)
        self._commands = 0

    async def inquiry(self, ago: timedelta, process: str = "anfrage") -> TicketStart:
        """Open a request that was received some time ago, on a site that never closes."""
        new = NewTicket(
            process, "musterstadt", "Kombi", "Guten Tag", "web", None, "Kim", "kim@kunde.example", "", "anna"
        )
        start = self.ticket_service.open_ticket(new, datetime.now(UTC) - ago)
        await self.gateway.start(start)
        return start

    async def acts(self, start: TicketStart, fact: Fact, text: str | None = None) -> None:
        """Anna does something."""
        self._commands += 1
        kept = text and self.ticket_service.keep_text(start.number, "anna", text, datetime.now(UTC))
        command = Command(fact, "anna", f"command-{self._commands}", text=kept or None)
        await self.gateway.act(self.ticket_service.ticket_start(start.number), command)

    async def keep(self, workflow_id: str, name: str, run_id: str | None = None) -> None:
        """Write a history to its file."""
        history = await self.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        content = json.loads(WorkflowHistory(workflow_id, history.events).to_json(), object_hook=_without_stack)
        (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: {len(history.events)} events")  # noqa: T201 a script says what it did


async def handled_ticket(recorder: Recorder) -> None:
    """Overdue by a timer, answered, followed up, refused, told by signal, closed."""
    start = await recorder.inquiry(timedelta(hours=2) - timedelta(seconds=2))
    await asyncio.sleep(3)
    await recorder.acts(start, Answered(), "Gern.")
    await recorder.acts(start, FollowUpSet(datetime.now(UTC) + timedelta(days=3)))
    with suppress(Refused):
        await recorder.acts(start, FollowUpSet(datetime.now(UTC) - timedelta(days=3)))
    handle = recorder.client.get_workflow_handle(names.ticket_id(start.number))
    await handle.signal(TicketWorkflow.tell, Command(Called(), "anna", "by-signal"))
    await recorder.acts(start, Closed("won"))
    await handle.result()
    await recorder.keep(handle.id, "ticket_handled_and_closed")


async def sleeping_ticket(recorder: Recorder) -> None:
    """Escalated and asleep, as it may lie there for months."""
    start = await recorder.inquiry(timedelta(hours=7))
    await recorder.acts(start, Noted())
    await recorder.keep(names.ticket_id(start.number), "ticket_escalated_and_asleep")


async def long_ticket(recorder: Recorder) -> None:
    """Continued as new, several times."""
    start = await recorder.inquiry(timedelta(hours=0))
    handle = recorder.client.get_workflow_handle(names.ticket_id(start.number))
    first = (await handle.describe()).run_id
    for _ in range(15):
        await asyncio.gather(*(recorder.acts(start, Noted()) for _ in range(3)))
    await recorder.keep(handle.id, "ticket_continued_as_new", first)
    while (await handle.describe()).history_length < _INTO_ITS_RUN:
        await recorder.acts(start, Noted())
    await recorder.keep(handle.id, "ticket_after_continue_as_new")


_INTO_ITS_RUN = 25


async def told_ticket(recorder: Recorder) -> None:
    """Told by signals typed by hand: one accepted, one refused, one garbled; then handed over by updates."""
    start = await recorder.inquiry(timedelta(minutes=5), "statuskette")
    handle = recorder.client.get_workflow_handle(names.ticket_id(start.number))
    signals: list[Any] = [
        {"fact": {"kind": "milestone", "name": "site_survey"}, "by": "anna"},
        {"fact": {"kind": "phase_done"}, "by": "anna"},
        "accept it",
    ]
    for told in signals:
        await handle.signal("tell", told)
        await asyncio.sleep(1)
    answers = {
        "mobile": Answer("0171 5550100"),
        "fax": Answer(reason="Kein Fax."),
        "email": Answer("kim@kunde.example"),
    }
    recorder.ticket_service.save_answers(start.number, "intake_complete", answers, "anna", datetime.now(UTC))
    await recorder.acts(start, HandoverSubmitted("intake_complete"))
    await recorder.acts(start, HandoverAccepted("intake_complete", 1))
    await recorder.keep(handle.id, "ticket_told_by_signal")


async def mailboxes(recorder: Recorder) -> None:
    """One that delivered; one that the mail server keeps waiting; one that began anew for all its signals meanwhile.

    `mailbox_delivered` and `mailbox_waiting_for_the_mail_server` are of older code, whose runs had no bound.
    """
    start = await recorder.inquiry(timedelta(minutes=100))
    await asyncio.sleep(2)
    await recorder.keep(names.mailbox_id("person:anna"), "mailbox_bounded_and_delivered")
    recorder.drop.close()
    await recorder.acts(start, Answered(), "Bitte warten.")
    customer = names.mailbox_id(f"customer:{start.number}")
    await asyncio.sleep(3)
    await recorder.keep(customer, "mailbox_held_by_the_mail_server")
    await recorder.client.get_workflow_handle(customer).terminate()
    anew = MailboxStart(f"customer:{start.number}", gather_seconds=0.2, most_signals=5)
    handle = await recorder.client.start_workflow(MailboxWorkflow.run, anew, id=customer, task_queue=names.MAIL)
    first = (await handle.describe()).run_id
    while (await handle.describe()).run_id == first:
        await handle.signal(MailboxWorkflow.notice_written)
        await asyncio.sleep(0.1)
    await recorder.keep(customer, "mailbox_continued_as_new_by_signals", first)
    recorder.drop.open()


async def sweep(recorder: Recorder) -> None:
    """A sweep."""
    await recorder.client.execute_workflow(SweepWorkflow.run, id="sweep", task_queue=names.TICKETS)
    await recorder.keep("sweep", "sweep")


async def customer(recorder: Recorder) -> None:
    """A customer's life: registered, booked, a task assigned, refused; asleep until the week's end."""
    customer_service = CustomerService(recorder.database)
    new = NewCustomer("musterstadt", "anna", "Kim", key="k-0", registered_at=datetime.now(UTC) - timedelta(days=3))
    start = customer_service.register(new, datetime.now(UTC))
    await recorder.gateway.start(start)
    facts: tuple[Fact, ...] = (PackageBooked(5), TaskPosted("t-1"), PackageBooked(7), TaskAssigned("t-1"), Noted())
    for n, fact in enumerate(facts):
        with suppress(Refused):
            again = customer_service.customer_start(start.customer or 0)
            await recorder.gateway.act(again, Command(fact, "anna", f"life-{n}"))
    await recorder.keep(names.customer_id(start.customer or 0), "customer_booked_and_asleep")


async def imported(recorder: Recorder) -> None:
    """An import with a line that is refused."""
    lines = read_file(csv_file([*bookings(customers=2, each=2), {"id": "x", "what": "offer", "customer": "nobody"}]))
    identity = keep_file(recorder.database, "b.csv", lines, "dora", "musterstadt", datetime.now(UTC))
    await recorder.gateway.start_import(identity)
    handle = recorder.client.get_workflow_handle(names.import_id(identity))
    await handle.result()
    await recorder.keep(handle.id, "import_with_a_refused_line")


async def digest(recorder: Recorder) -> None:
    """A list that a person starts by hand, as its schedule would."""
    start = ListStart("musterstadt", "EL1")
    await recorder.client.execute_workflow(DigestWorkflow.run, start, id="list-EL1", task_queue=names.TICKETS)
    await recorder.keep("list-EL1", "digest_written")


async def inbox(recorder: Recorder) -> None:
    """Watched in turns of a second until it began anew, then in the middle of a turn."""
    watching._TURN = timedelta(seconds=1)
    await recorder.gateway.open_inbox("musterstadt")
    handle = recorder.client.get_workflow_handle(names.inbox_id("musterstadt"))
    first = (await handle.describe()).run_id
    while (await handle.describe()).run_id == first:
        await asyncio.sleep(1)
    await asyncio.sleep(4)
    await recorder.keep(handle.id, "inbox_continued_as_new", first)
    await recorder.keep(handle.id, "inbox_in_the_middle_of_a_turn")


async def webhook(recorder: Recorder) -> None:
    """One whose receiver fails at first: tried again, told of the next event meanwhile, ended with nothing waiting."""
    receiver = Receiver(answers=[500, 500])
    receiver.open()
    identity = names.webhook_id(hooked(recorder, receiver))
    start = await recorder.inquiry(timedelta(minutes=5))
    await asyncio.sleep(2)
    await recorder.acts(start, Called())
    await recorder.client.get_workflow_handle(identity).result()
    await recorder.keep(identity, "webhook_failed_and_delivered")
    receiver.close()


async def resting_webhook(recorder: Recorder) -> None:
    """One at which nobody answers: it rests, events join the queue, and somebody who repaired it ends the rest."""
    receiver = Receiver()
    number = hooked(recorder, receiver)
    start = await recorder.inquiry(timedelta(minutes=5))
    await asyncio.sleep(2)
    for _ in range(3):
        await recorder.acts(start, Called())
    receiver.open()
    with recorder.database.writing() as session:
        awaken(session.get_one(WebhookRow, number))
    await recorder.gateway.look_again(f"{WEBHOOK}{number}")
    await recorder.client.get_workflow_handle(names.webhook_id(number)).result()
    await recorder.keep(names.webhook_id(number), "webhook_rested_and_hurried")
    receiver.close()


def hooked(recorder: Recorder, receiver: Receiver) -> int:
    """Add a webhook that leads to a receiver; returns its number."""
    with recorder.database.writing() as session:
        row = WebhookRow(
            title="CRM",
            url=receiver.url,
            kinds=["ticket.opened", "ticket.called"],
            secret=written_secret(bytes(32)),
            by="anna",
            created_at=datetime.now(UTC),
        )
        session.add(row)
        session.flush()
        return row.id


RuleContext = Callable[[Recorder], Awaitable[None]]
SCENES: dict[str, RuleContext] = {
    rule_context.__name__: rule_context
    for rule_context in (
        handled_ticket,
        sleeping_ticket,
        long_ticket,
        sweep,
        mailboxes,
        told_ticket,
        customer,
        imported,
        digest,
        inbox,
        webhook,
        resting_webhook,
    )
}


async def main(scenes: list[RuleContext]) -> None:
    """Play scenes."""
    FOLDER.mkdir(exist_ok=True)
    drop = Maildrop()
    drop.open()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        environment = await WorkflowEnvironment.start_local(
            dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
            dev_server_log_level="error",
            data_converter=DATA_CONVERTER,
            search_attributes=names.SEARCH_ATTRIBUTES,
            identity="recorder",
            dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=90"],
        )
        async with environment, AsyncExitStack() as stack:
            settings = Settings(
                smtp_port=drop.port,
                gather_seconds=0.2,
                inbox_site="musterstadt",
                inbox_maildir=Path(folder) / "inbox",
                inbox_seconds=0.5,
                webhooks_private=True,
            )
            for each in worker.workers(environment.client, database, settings):
                await stack.enter_async_context(each)
            recorder = Recorder(environment.client, database, drop)
            for rule_context in scenes:
                await rule_context(recorder)
        database.close()
    drop.close()


if __name__ == "__main__":
    if unknown := [name for name in sys.argv[1:] if name not in SCENES]:
        sys.exit(f"there is no scene {', '.join(unknown)}; there are {', '.join(SCENES)}")
    asyncio.run(main([SCENES[name] for name in sys.argv[1:]] or list(SCENES.values())))
