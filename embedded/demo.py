"""Seeds the demo company once: past receipts in business time, so that every light burns whatever the hour.

What happened in the past goes through the ledger, as the workflow would have asked it; what happens now goes through
the workflows themselves.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select
from temporalio.client import Client

from activities.desk import Desk, NewTicket
from activities.ledger import Ledger
from domain.business_time import BusinessCalendar
from domain.facts import (
    PLAIN,
    Closed,
    Fact,
    FollowUpSet,
    Reassigned,
)
from domain.spans import Clock, parse_span
from embedded.company import Company, Happening, Inquiry, read_company
from models.database import Database
from models.messages import Command, Entry
from models.tables import Channel, OptInRow, PersonRow, SiteRow, TicketRow
from processes.loader import SHIPPED, load_calendar, read_text
from settings import Settings
from web.passwords import Passwords
from workflows.gateway import Gateway, Unavailable

_PROCESS = "anfrage"
_LOOKS = 300
_BETWEEN_SECONDS = 0.2


@dataclass(frozen=True)
class Demo:
    """The company, and the instant at which the demo begins."""

    company: Company
    database: Database
    calendar: BusinessCalendar
    now: datetime

    def ago(self, span: str) -> datetime:
        """Return the instant so many business hours before the demo begins; for an empty span that is now."""
        return self.calendar.subtract(self.now, _time(span)) if span else self.now

    def ahead(self, span: str) -> datetime:
        """Return the instant so many business hours after the demo begins."""
        return self.calendar.add(self.now, _time(span))


async def seed(settings: Settings, client: Client, now: datetime) -> bool:
    """Seed the demo; False when it is there already."""
    company = read_company()
    database = Database(settings.database_url)
    try:
        if _is_there(database, company):
            return False
        calendar_file = SHIPPED / "calendars" / f"{company.calendar}.toml"
        demo = Demo(company, database, load_calendar(calendar_file), now)
        _furnish(demo, read_text(calendar_file))
        gateway = Gateway(client, settings.gather_seconds)
        await _play(demo, gateway, Ledger(database, _nobody_yet, settings.base_url))
        return True
    finally:
        database.close()


def _is_there(database: Database, company: Company) -> bool:
    with database.reading() as session:
        return session.get(SiteRow, company.site) is not None


def _furnish(demo: Demo, calendar: str) -> None:
    """Write the site and its people; they share one password and therefore one hash."""
    company = demo.company
    password_hash = Passwords().hash(company.password)
    with demo.database.writing() as session:
        session.add(SiteRow(key=company.site, name=company.name, calendar=calendar))
        session.flush()
        for person in company.people:
            session.add(
                PersonRow(
                    short=person.short,
                    name=person.name,
                    email=f"{person.short}@{company.site}.example",
                    site=company.site,
                    roles=list(person.roles),
                    offsets=dict(person.offsets),
                    sound=person.sound,
                    password_hash=password_hash,
                )
            )
        session.flush()
        for person in company.people:
            for kind, on in person.switches.items():
                session.add(OptInRow(person=person.short, kind=kind, channel=Channel.MAIL, on=on))


async def _play(demo: Demo, gateway: Gateway, ledger: Ledger) -> None:
    """Open every ticket with its past, then start them all, then do what happens now."""
    desk = Desk(demo.database)
    inquiries = sorted(demo.company.inquiries, key=lambda inquiry: demo.ago(inquiry.ago))
    opened = [(_open(demo, desk, ledger, inquiry), inquiry) for inquiry in inquiries]
    alive = [(number, inquiry) for number, inquiry in opened if not _is_closed(inquiry)]
    await asyncio.gather(*(gateway.start(desk.ticket_start(number)) for number, _ in alive))
    await _until_recorded(demo.database)
    for number, inquiry in alive:
        for n, happening in enumerate(inquiry.then):
            if not happening.ago:
                await gateway.act(desk.ticket_start(number), _command(demo, desk, number, n, happening))


def _is_closed(inquiry: Inquiry) -> bool:
    """Whether a ticket's past ended it; it never had a workflow of its own."""
    return any(happening.did == "closed" and happening.ago for happening in inquiry.then)


def _open(demo: Demo, desk: Desk, ledger: Ledger, inquiry: Inquiry) -> int:
    new = NewTicket(
        process=_PROCESS,
        site=demo.company.site,
        subject=inquiry.subject,
        body=inquiry.text.strip(),
        by="customer",
        customer_name=inquiry.name,
        customer_email=inquiry.email,
        customer_phone=inquiry.phone,
        owner=inquiry.owner,
        channel=inquiry.channel,
    )
    number = desk.open_ticket(new, demo.ago(inquiry.ago)).number
    past = [(n, happening) for n, happening in enumerate(inquiry.then) if happening.ago]
    for entry, (n, happening) in enumerate(past, 1):
        command = _command(demo, desk, number, n, happening)
        recorded, _ = ledger.write(Entry(number, entry, demo.ago(happening.ago), command))
        if recorded.refusal is not None:
            raise ValueError(f"demo: {inquiry.subject}: {happening.did}: {recorded.refusal.code}")
    return number


async def _nobody_yet(_mailboxes: Sequence[str]) -> None:
    """Wake nobody: a ticket's workflow wakes the mailboxes as soon as it starts."""


async def _until_recorded(database: Database) -> None:
    """Wait until workers have taken up every ticket: a command nobody hears would only time out."""
    waiting = select(TicketRow.number).where(~col(TicketRow.closed), TicketRow.recorded == 0)
    for _ in range(_LOOKS):
        with database.reading() as session:
            if session.exec(waiting).first() is None:
                return
        await asyncio.sleep(_BETWEEN_SECONDS)
    raise Unavailable("no worker takes up the demo's tickets")


def _command(demo: Demo, desk: Desk, number: int, n: int, happening: Happening) -> Command:
    by = happening.by
    author = None if by == "customer" else by
    text = happening.text.strip()
    kept = desk.keep_text(number, author, text, demo.ago(happening.ago)) if text else None
    return Command(_fact(demo, happening), by, f"demo-{number}-{n}", text=kept)


def _fact(demo: Demo, happening: Happening) -> Fact:
    match happening.did:
        case "follow_up":
            due_at = demo.ago(happening.due_ago) if happening.due_ago else demo.ahead(happening.due_in)
            return FollowUpSet(due_at.astimezone(UTC))
        case "reassigned":
            return Reassigned(happening.to)
        case "closed":
            return Closed(happening.reason)
        case did:
            return PLAIN[did]


def _time(span: str) -> timedelta:
    return parse_span(span, Clock.BUSINESS_HOURS).time
