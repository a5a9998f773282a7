"""The form that registers a lead, and the one that begins the life cycle of a customer we know already (KD-01)."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session

from activities.intake.customers import NewCustomer, register_in
from activities.intake.tickets import start_of
from activities.ledger.context import calendar_of, region_of
from domain.text.numbers import read_number
from domain.ticket.facts import Refused
from domain.words.wording import refusal
from models.messages import TicketStart
from models.tables import CustomerRow, PersonRow, TicketRow
from web.shell import directory, idempotency
from web.shell.csrf import Sent
from web.shell.directory import active
from web.shell.forms import NEW_CUSTOMER, Sheet
from web.shell.request import Visit, Visitor, fresh_id
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {
    "customer.registered": N_("Customer registered."),
    "customer.queued": N_("Customer registered. It is queued and its clock starts within moments."),
}
"""What is said after something was done, by what a redirect names."""
BY_TURN = ""


@dataclass
class Draft:
    """The form as it stands: what was typed, whom it is about if we know them, and who it could be."""

    sheet: Sheet
    form_id: str
    known: CustomerRow | None = None
    matches: list[tuple[CustomerRow, bool]] = field(default_factory=list)


@router.get("/customers/new")
def blank(visit: Visitor, customer: str = "") -> Response:
    """Show the form: empty, or for a customer who has tickets but no life cycle yet."""
    draft = Draft(Sheet({"known": customer}), fresh_id())
    with visit.services.database.reading() as session:
        draft.known = _known(session, draft)
        life = directory.life_of(session, draft.known.id) if draft.known else None
    return visit.redirect(f"/customers/{life.customer}") if life else _show(visit, draft)


@router.post("/customers/new")
async def register(visit: Visitor, form: Sent) -> Response:
    """Register a customer, or show the form again with what is wrong."""
    sheet = Sheet.of(form)
    draft = Draft(sheet, sheet.typed.get("command", "")[:64] or fresh_id())
    try:
        start = await asyncio.to_thread(_register, visit, draft)
    except Refused as refused:
        sheet.wrong("name", "%(sentence)s", sentence=refusal(refused.code, refused.context, visit.words.language))
        return await asyncio.to_thread(_show, visit, draft, 409)
    if start is None:
        return await asyncio.to_thread(_show, visit, draft, 422)
    try:
        await visit.services.gateway.start(start)
    except Unavailable:
        return visit.redirect(f"/customers/{start.customer}", "customer.queued")
    return visit.redirect(f"/customers/{start.customer}", "customer.registered")


def _register(visit: Visit, draft: Draft) -> TicketStart | None:
    """Register the customer, or return whom the form registered before; None for a form with problems."""
    with idempotency.creating(visit, draft.sheet.typed) as form:
        if form.became:
            return start_of(form.session.get_one(TicketRow, int(form.became)))
        new = _read(form.session, visit, draft)
        if new is None:
            return None
        start = register_in(form.session, new, visit.now)
        form.became = str(start.number)
        return start


def _show(visit: Visit, draft: Draft, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        draft.known = _known(session, draft)
        people = active(directory.people(session))
        today = calendar_of(session, visit.person.site).date_of(visit.now)
    return visit.render("customers/customer_new.html", status, draft=draft, people=people, today=today.isoformat())


def _read(session: Session, visit: Visit, draft: Draft) -> NewCustomer | None:
    """Read the form; somebody whose address is known already is asked for once (one face to the customer)."""
    sheet = draft.sheet
    people = active(directory.people(session))
    zone = calendar_of(session, visit.person.site).zone
    draft.known = _known(session, draft)
    if draft.known is None:
        _who(session, draft, region_of(session, visit.person.site))
    owner = sheet.choice("owner", {BY_TURN, *people})
    note = sheet.prose("note", needed=False)
    registered = _registered(sheet, zone, visit.now)
    if sheet.problems:
        return None
    return NewCustomer(
        site=_site(visit.person, people.get(owner)),
        by=visit.person.short,
        name=sheet.line("name", needed=False),
        email=sheet.line("email", needed=False),
        phone=sheet.line("phone", needed=False),
        company=sheet.line("company", needed=False),
        note=note,
        id=draft.known.id if draft.known else None,
        owner=owner or None,
        registered_at=registered,
    )


def _registered(sheet: Sheet, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the day on which somebody registered; None for today, which is now, and for an empty field."""
    if not sheet.typed.get("registered", "").strip():
        return None
    day = sheet.day("registered", zone)
    if day is None or day.date() == now.astimezone(zone).date():
        return None
    if day > now:
        sheet.wrong("registered", N_("This lies in the future."))
    return day


def _site(author: PersonRow, owner: PersonRow | None) -> str:
    return owner.site if owner else author.site


def _known(session: Session, draft: Draft) -> CustomerRow | None:
    """Return the customer whom the form is about; 404 for a number that is nobody's."""
    chosen = draft.sheet.typed.get("known", "")
    if chosen in ("", NEW_CUSTOMER):
        return None
    number = read_number(chosen) or 0
    known = directory.customer(session, number)
    if known is None:
        raise HTTPException(404)
    return known


def _who(session: Session, draft: Draft, region: str) -> None:
    """Read who it is; several customers may share an address, but nobody is written twice by mistake."""
    sheet = draft.sheet
    sheet.line("name")
    sheet.line("company", needed=False)
    email, phone = sheet.email("email"), sheet.phone("phone")
    known = directory.known_customers(session, email, phone, region)
    draft.matches = [(one, directory.life_of(session, one.id) is not None) for one in known]
    if draft.matches and sheet.typed.get("known") != NEW_CUSTOMER:
        sheet.wrong("known", N_("This address or number is known already. Who is it?"))
