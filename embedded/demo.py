"""Seeds the demo company once: past receipts in business time, so that every light burns whatever the hour.

What happened in the past goes through the ledger, as the workflow would have asked it; what happens now goes through
the workflows themselves.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from temporalio.client import Client

from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger import catalogues
from activities.ledger.record import Ledger
from embedded.company import Company, Inquiry, Member, read_company
from embedded.demo_events import Folder, Hours
from embedded.snippets import keep_snippets
from models.database import Database
from models.messages import Entry
from models.tables import Channel, OptInRow, PersonRow, SiteRow, TicketRow
from processes.loader import SHIPPED, read_calendar, read_text, shipped_catalogue
from settings import Settings
from web.shell.passwords import Passwords
from workflows.gateway import Gateway, Unavailable

_LOOKS = 300
_BETWEEN_SECONDS = 0.2


async def seed(settings: Settings, client: Client, now: datetime) -> bool:
    """Seed the demo; False when it is there already."""
    company = read_company()
    database = Database(settings.database_url)
    try:
        if _is_there(database, company):
            return False
        gateway = Gateway(client, settings.gather_seconds)
        await _play(open_company(company, database, now, settings.base_url), database, gateway)
        return True
    finally:
        database.close()


def _is_there(database: Database, company: Company) -> bool:
    with database.reading() as session:
        return session.get(SiteRow, company.site) is not None


def open_company(company: Company, database: Database, now: datetime, base_url: str) -> list[Folder]:
    """Write site, people, knowledge, every ticket and customer with their past; returns these, tickets first."""
    calendar_file = SHIPPED / "calendars" / f"{company.calendar}.toml"
    _furnish(company, database, read_text(calendar_file))
    hours = Hours(read_calendar(read_text(calendar_file), calendar_file.name, applied_at=now), now)
    keep_snippets(database, company.people[0].short, now)
    ticket_service, ledger = TicketService(database), Ledger(database, _nobody_yet, base_url)
    inquiries = sorted(company.inquiries, key=lambda inquiry: hours.ago(inquiry.ago))
    folders = [
        Folder(hours, ticket_service, _opened(company.site, hours, ticket_service, inquiry), inquiry)
        for inquiry in inquiries
    ]
    customer_service = CustomerService(database)
    customers = sorted(company.customers, key=lambda customer: hours.ago(customer.ago))
    folders += [
        Folder(hours, ticket_service, _registered(company.site, hours, customer_service, one), one) for one in customers
    ]
    for folder in folders:
        _write_past(folder, ledger)
    with database.writing() as session:
        reached = shipped_catalogue().replace('open = "site"', f'open = "site"\nreach = "{company.phone}"')
        catalogues.apply(session, company.site, reached, "setup", now)
    contacts = [(_opened(company.site, hours, ticket_service, contact), contact) for contact in company.contacts]
    return [*folders, *(Folder(hours, ticket_service, number, contact) for number, contact in contacts)]


def _furnish(company: Company, database: Database, calendar: str) -> None:
    """Write the site and its people; they share one password and therefore one hash."""
    password_hash = Passwords().hash(company.password)
    with database.writing() as session:
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


async def _play(folders: Sequence[Folder], database: Database, gateway: Gateway) -> None:
    """Start every ticket that is not closed, then do what happens now."""
    alive = [folder for folder in folders if not _is_closed(folder.inquiry)]
    await asyncio.gather(*(gateway.start(folder.ticket_service.ticket_start(folder.number)) for folder in alive))
    await _until_recorded(database)
    for folder in alive:
        for n, happening in enumerate(folder.inquiry.then):
            command = None if happening.ago else folder.command(n, happening)
            if command is not None:
                await gateway.act(folder.ticket_service.ticket_start(folder.number), command)


def _is_closed(inquiry: Inquiry) -> bool:
    """Whether a ticket's past ended it; it never had a workflow of its own."""
    return any(happening.did == "closed" and happening.ago for happening in inquiry.then)


def _opened(site: str, hours: Hours, ticket_service: TicketService, inquiry: Inquiry) -> int:
    new = NewTicket(
        process=inquiry.process,
        site=site,
        subject=inquiry.subject,
        body=inquiry.text.strip(),
        by="customer",
        customer_name=inquiry.name,
        customer_email=inquiry.email,
        customer_phone=inquiry.phone,
        owner=inquiry.owner,
        channel=inquiry.channel,
    )
    return ticket_service.open_ticket(new, hours.ago(inquiry.ago)).number


def _registered(site: str, hours: Hours, customer_service: CustomerService, customer: Member) -> int:
    new = NewCustomer(
        site=site,
        by="website",
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        company=customer.company,
        note=customer.text.strip(),
        owner=customer.owner,
    )
    return customer_service.register(new, hours.ago(customer.ago)).number


def _write_past(folder: Folder, ledger: Ledger) -> None:
    """Write what happened before the demo begins."""
    entry = 0
    for n, happening in enumerate(folder.inquiry.then):
        command = folder.command(n, happening) if happening.ago else None
        if command is not None:
            entry += 1
            recorded, _ = ledger.write(Entry(folder.number, entry, folder.hours.ago(happening.ago), command))
            if recorded.refusal is not None:
                refusal = recorded.refusal
                raise ValueError(f"demo: {folder.inquiry.subject}: {happening.did}: {refusal.code} {refusal.context}")


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
