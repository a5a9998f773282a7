"""The office of the stories: a fixed cast of people, real parts, and a clock that can be wound forward.

One of the cast, the stranger, must never hear of anything; `closes` checks it.
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.attachments import Attachment
from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.context import process_of, rule_context_of, ticket_of
from domain.process.gates import Answer, Item, ItemKind
from domain.ticket.agenda import agenda
from domain.ticket.facts import Fact, HandoverAccepted, HandoverSubmitted
from domain.ticket.moments import Moment
from models.database import Database
from models.messages import Command, ListStart, Standing
from models.tables import AbsenceRow, EventRow, NoticeRow, OptInRow, PersonRow, SiteRow, TicketRow
from processes.loader import SHIPPED
from settings import Settings
from tests.maildrop import Maildrop
from workflows import names
from workflows.digest import DigestWorkflow
from workflows.gateway import Gateway
from workflows.sweep import SweepWorkflow

BERLIN = ZoneInfo("Europe/Berlin")
CAST = {
    "anna": ["salesperson"],
    "paul": ["salesperson", "pool"],
    "dora": ["dispatcher"],
    "carl": ["controller"],
    "helga": ["senior_controller"],
    "petra": ["project_manager"],
    "ponti": ["project_manager"],
    "toni": ["technician"],
    "sonja": ["service"],
    "ina": ["case_handler"],
    "ole": ["case_handler"],
    "vera": ["assistant"],
    "sven": ["salesperson"],
}
STRANGER = "sven"
SOME_DAY = datetime(2027, 3, 1, 9, tzinfo=BERLIN)
_ANSWERS = {
    ItemKind.YES_NO: "yes",
    ItemKind.TEXT: "steht fest",
    ItemKind.NUMBER: "12.500,00",
    ItemKind.DATE: "2027-12-01",
}


def furnish(database: Database, calendar: str = "musterstadt") -> None:
    """Put the site, the cast and the shipped definitions into a ledger."""
    with database.writing() as session:
        text = (SHIPPED / "calendars" / f"{calendar}.toml").read_text(encoding="utf-8")
        session.add(SiteRow(key="musterstadt", name="Autohaus Musterstadt", calendar=text))
        session.flush()
        for short, roles in CAST.items():
            offsets = {"E2.1": "8h", "E2.2": "48h"} if short == "helga" else {}
            session.add(
                PersonRow(
                    short=short,
                    name=short.title(),
                    email=f"{short}@musterstadt.example",
                    site="musterstadt",
                    roles=roles,
                    offsets=offsets,
                )
            )
    ticket_service = TicketService(database)
    for path in SHIPPED.glob("*.toml"):
        ticket_service.apply_definition(path.stem, path.read_text(encoding="utf-8"), "as shipped")


class Office:
    """An office on a time-skipping Temporal server, with a ledger and a mail server."""

    def __init__(self, environment: WorkflowEnvironment, database: Database, maildrop: Maildrop) -> None:
        """Take the parts; `opens` starts the workers."""
        self.environment = environment
        self.database = database
        self.maildrop = maildrop
        self.ticket_service = TicketService(database)
        self.customer_service = CustomerService(database)
        self.gateway = Gateway(environment.client, gather_seconds=5)
        self._commands = 0
        self._stack = AsyncExitStack()

    async def opens(self, at: str) -> None:
        """Wind the clock to an instant in Berlin and start the workers."""
        furnish(self.database)
        settings = Settings(
            var=Path("unused"),
            smtp_port=self.maildrop.port,
            base_url="https://statuskette.example",
            mail_from="Autohaus Musterstadt <anfragen@musterstadt.example>",
        )
        for each in worker.workers(self.environment.client, self.database, settings):
            await self._stack.enter_async_context(each)
        await self._wind_to(berlin(at))

    async def closes(self) -> None:
        """Stop the workers; the stranger must have heard of nothing."""
        await self._stack.aclose()
        assert self.notices(STRANGER) == []
        assert self.maildrop.to(f"{STRANGER}@musterstadt.example") == []

    async def now(self) -> datetime:
        """Return the clock of the Temporal server."""
        return await self.environment.get_current_time()

    async def inquiry_arrives(
        self, at: str, owner: str | None = "anna", subject: str = "Kombi gesucht", process: str = "anfrage"
    ) -> int:
        """A customer's request arrives at an instant to which the clock is wound; returns the ticket's number."""
        await self._wind_to(berlin(at))
        start = self.ticket_service.open_ticket(self.inquiry(owner, subject, process), berlin(at))
        await self.gateway.start(start)
        return start.number

    async def registers(self, at: str, name: str = "Kim Kunde", owner: str | None = None) -> int:
        """Somebody registers at an instant to which the clock is wound; returns the number of the life's ticket."""
        await self._wind_to(berlin(at))
        new = NewCustomer(site="musterstadt", by="web", name=name, email="kim@kunde.example", owner=owner)
        start = self.customer_service.register(new, berlin(at))
        await self.gateway.start(start)
        return start.number

    def inquiry(
        self, owner: str | None = "anna", subject: str = "Kombi gesucht", process: str = "anfrage"
    ) -> NewTicket:
        """Return a customer's request."""
        return NewTicket(
            process=process,
            site="musterstadt",
            subject=subject,
            body="Guten Tag, ich suche einen Kombi.",
            by="web",
            customer_name="Kim Kunde",
            customer_email="kim@kunde.example",
            owner=owner,
        )

    async def acts(
        self, number: int, fact: Fact, *, at: str, by: str = "anna", text: str | None = None, **seen: int
    ) -> Standing:
        """Somebody does something at an instant."""
        await self._wind_to(berlin(at))
        kept = None if text is None else self.ticket_service.keep_text(number, by, text, berlin(at))
        self._commands += 1
        command = Command(fact, by, f"command-{self._commands}", text=kept, **seen)
        return await self.gateway.act(self.ticket_service.ticket_start(number), command)

    def fills(self, number: int, gate: str, *, by: str = "anna", **answers: str) -> None:
        """Somebody fills in lines of a checklist."""
        filled = {item: Answer(value) for item, value in answers.items()}
        self.ticket_service.save_answers(number, gate, filled, by, SOME_DAY)

    async def hands_over(self, number: int, gate: str, giver: str, receiver: str, *, at: str) -> Standing:
        """One hands over with a full checklist, the other accepts in the same minute."""
        self.fills(number, gate, by=giver, **self.full_answers(number, gate))
        await self.acts(number, HandoverSubmitted(gate), at=at, by=giver)
        return await self.acts(number, HandoverAccepted(gate), at=at, by=receiver)

    def full_answers(self, number: int, gate: str) -> dict[str, str]:
        """Return an answer of the right kind to every line."""
        with self.database.reading() as session:
            items = process_of(session, session.get_one(TicketRow, number).definition).gates[gate].items
        return {item.key: self._an_answer(number, item) for item in items}

    def _an_answer(self, number: int, item: Item) -> str:
        match item.kind:
            case ItemKind.FILE:
                paper = Attachment("Auftrag.pdf", "application/pdf", b"%PDF-1.7 signed")
                return str(self.ticket_service.keep_file(number, paper, "anna", SOME_DAY))
            case ItemKind.CHOICE:
                return next(iter(item.options or {}))
            case kind:
                return _ANSWERS[kind]

    async def fast_forward(self, to: str) -> None:
        """Wind the clock to an instant in Berlin, and a little further so that the post has gathered and gone."""
        await self._wind_to(berlin(to))
        await self.environment.sleep(timedelta(seconds=20))
        await self._post_is_out()

    async def sweeps(self) -> int:
        """Run the sweep that a schedule runs twice a minute in production."""
        workflow_id = f"sweep-{(await self.now()).isoformat()}"
        with self.environment.auto_time_skipping_disabled():
            return await self.environment.client.execute_workflow(
                SweepWorkflow.run, id=workflow_id, task_queue=names.TICKETS
            )

    async def list_is_due(self, code: str, *, at: str) -> int:
        """Wind the clock to an instant at which a schedule starts a list; returns how many people get it."""
        await self._wind_to(berlin(at))
        with self.environment.auto_time_skipping_disabled():
            to = await self.environment.client.execute_workflow(
                DigestWorkflow.run, ListStart("musterstadt", code), id=f"list-{code}-{at}", task_queue=names.TICKETS
            )
        await self.environment.sleep(timedelta(seconds=20))
        await self._post_is_out()
        return to

    def is_away(self, short: str, since: str, until: str, deputy: str | None = None) -> None:
        """Somebody is away for a while."""
        with self.database.writing() as session:
            session.add(AbsenceRow(person=short, since=berlin(since), until=berlin(until), deputy=deputy))

    async def _wind_to(self, at: datetime) -> None:
        """Wind the clock; a call that lasts too long, for so much happens on the way, is asked again."""
        while (ahead := at - await self.now()) > timedelta(0):
            with suppress(RPCError):
                await self.environment.sleep(ahead)

    async def _post_is_out(self) -> None:
        """Activities run in real time: wait until what was started is done."""
        for _ in range(200):
            await asyncio.sleep(0.02)
            now = await self.now()
            with self.database.reading() as session:
                late = session.exec(select(TicketRow.number).where(col(TicketRow.next_at) <= now)).first()
            if late is None:
                return

    def events(self, number: int, *, moments_only: bool = True) -> list[tuple[str, datetime]]:
        """Return what the ledger says happened to a ticket: codes and instants to the second, in order."""
        with self.database.reading() as session:
            rows = session.exec(select(EventRow).where(EventRow.ticket == number).order_by(col(EventRow.id))).all()
        return [(row.code, row.at.replace(microsecond=0)) for row in rows if row.moment or not moments_only]

    def lateness(self, number: int) -> timedelta:
        """Return how long after their instant the moments of a ticket were recorded, at the worst."""
        with self.database.reading() as session:
            rows = session.exec(select(EventRow).where(EventRow.ticket == number, col(EventRow.moment).is_not(None)))
            return max(row.recorded_at - row.at for row in rows)

    def row(self, number: int) -> TicketRow:
        """Return a ticket's row."""
        with self.database.reading() as session:
            return session.get_one(TicketRow, number)

    def agenda(self, number: int) -> list[Moment]:
        """Return what lies ahead of a ticket."""
        with self.database.reading() as session:
            row = session.get_one(TicketRow, number)
            return agenda(ticket_of(row), rule_context_of(session, row))

    def notices(self, short: str) -> list[NoticeRow]:
        """Return everything that was ever written for a person."""
        with self.database.reading() as session:
            return list(session.exec(select(NoticeRow).where(NoticeRow.mailbox == f"person:{short}")))

    def switches(self, short: str, kind: str, *, on: bool, channel: str = "mail") -> None:
        """A person switches a kind of notice on or off."""
        with self.database.writing() as session:
            session.add(OptInRow(person=short, kind=kind, channel=channel, on=on))

    def mails(self, short: str) -> list[EmailMessage]:
        """Return the mails a person got."""
        return self.maildrop.to(f"{short}@musterstadt.example")


def berlin(text: str) -> datetime:
    """Return an instant in Berlin from "2027-03-02 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)
