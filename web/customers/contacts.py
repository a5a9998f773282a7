"""One view of a customer, with or without a life cycle: who they are, what is open, everything that was said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, col, select

from activities.customers.contact_data import CONTACT, CUSTOMER, Overtaken, change, contact_of
from activities.customers.directory import alike, kept
from activities.customers.merging import merges_into
from activities.ledger.context import calendar_of
from domain.text.numbers import read_number
from domain.words.wording import instant
from models.tables import AuditRow, CustomerRow, MergeRow, PersonRow, TicketRow
from web.customers.contact_history import CHANNELS, DIRECTIONS, Asked, contacts
from web.shell import directory, paging, presenting
from web.shell.audit_log import FIELDS
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.naming import name_of
from web.shell.paging import LONG_TEXT, PageNumber, page_number
from web.shell.request import MERGERS, Visit, Visitor
from web.shell.translations import N_
from web.tickets import list_queries

router = APIRouter()
FLASHES = {
    "contact_kept": N_("Contact data saved."),
}
"""What is said after something was done, by what a redirect names."""
SEEN = "seen_"
"""Prefix of the fields that say what the form showed when it was opened."""
REASONS = {
    "email": N_("same e-mail address"),
    "phone": N_("same telephone number"),
    "name": N_("same name and company"),
}
_OVERTAKEN = N_("%(by)s changed this to “%(now)s” meanwhile.")
_EMPTIED = N_("%(by)s emptied this meanwhile.")


@dataclass
class Editing:
    """The form with the contact data: as it was typed, if it was sent but not accepted."""

    sheet: Sheet = field(default_factory=Sheet)
    message: str = ""


@dataclass(frozen=True)
class Merged:
    """Somebody who was merged into the customer; only the newest can be taken back."""

    row: MergeRow
    customer: CustomerRow
    when: str
    by: str
    newest: bool


@router.get("/customers/{customer:row}/contacts")
def page(
    visit: Visitor, customer: int, channel: str = "", only: str = "", page: PageNumber = "1", merged: str = ""
) -> Response:
    """Show a customer; who was merged leads to the one that stayed, with a remark."""
    row = known(visit, customer)
    if row.id != customer:
        return visit.redirect(f"/customers/{row.id}/contacts?merged={customer}")
    asked = Asked(customer, channel[:16], only == "customer", page_number(page))
    return show(visit, asked, came_from=read_number(merged) or 0)


@router.post("/customers/{customer:row}/contacts")
def edit(visit: Visitor, form: Sent, customer: int) -> Response:
    """Keep contact data; who was overtaken by somebody else is told what they changed, and loses nothing."""
    row, sheet = known(visit, customer), Sheet.of(form)
    typed = {
        "name": sheet.line("name"),
        "company": sheet.line("company", needed=False),
        "email": sheet.email("email"),
        "phone": sheet.phone("phone"),
    }
    if sheet.problems:
        return show(visit, Asked(row.id), Editing(sheet), 422)
    seen = {name: sheet.typed.get(f"{SEEN}{name}", "") for name in CONTACT}
    try:
        with visit.services.database.writing() as session:
            row = change(session, customer, typed, seen, visit.person.short, visit.now)
    except Overtaken as overtaken:
        editing = _overtaken(visit, row.id, sheet, typed, seen, overtaken.fields)
        return show(visit, Asked(row.id), editing, 409)
    return visit.redirect(f"/customers/{row.id}/contacts#content", "contact_kept")


def known(visit: Visit, customer: int) -> CustomerRow:
    """Return a customer, or the one they were merged into; 404 for nobody."""
    with visit.services.database.reading() as session:
        row = kept(session, customer)
    if row is None:
        raise HTTPException(404)
    return row


def show(
    visit: Visit,
    asked: Asked,
    editing: Editing | None = None,
    status: int = 200,
    *,
    came_from: int = 0,
    message: str = "",
) -> Response:
    """Make the page; `came_from` is who was asked for and was merged, `message` why something was not done."""
    words = visit.words
    with visit.services.database.reading() as session:
        customer = session.get_one(CustomerRow, asked.customer)
        people = directory.people(session)
        zone = calendar_of(session, visit.person.site).zone
        found = contacts(session, asked, zone, people, words)
        former = session.get(CustomerRow, came_from)
        merges = [
            Merged(
                row=row,
                customer=session.get_one(CustomerRow, row.merged),
                when=instant(row.at, words.language, zone),
                by=name_of(row.by, people),
                newest=n == 0,
            )
            for n, row in enumerate(merges_into(session, customer.id))
        ]
        open_tickets = _open(session, customer.id)
        life = directory.life_of(session, customer.id)
        proposals = alike(session, customer.id)
    return visit.render(
        "customers/contacts.html",
        status,
        customer=customer,
        contact=contact_of(customer),
        asked=asked,
        found=found,
        channels=CHANNELS,
        directions=DIRECTIONS,
        fields_of=FIELDS,
        long_text=LONG_TEXT,
        life=life,
        open_tickets=[(row, list_queries.light_of(row, visit.now)) for row in open_tickets],
        lights=presenting.LIGHTS,
        proposals=proposals,
        reasons=REASONS,
        merges=merges,
        former=former if former is not None and former.merged_into == customer.id else None,
        may_merge=visit.plays(MERGERS),
        editing=editing or Editing(),
        message=message,
    )


def _open(session: Session, customer: int) -> list[TicketRow]:
    theirs = (TicketRow.customer == customer, ~col(TicketRow.life), ~col(TicketRow.closed))
    ordered = select(TicketRow).where(*theirs).order_by(col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))
    return list(session.exec(ordered.limit(paging.PAGE_SIZE)))


def _overtaken(
    visit: Visit,
    customer: int,
    sheet: Sheet,
    typed: Mapping[str, str],
    seen: Mapping[str, str],
    now: Mapping[str, str],
) -> Editing:
    """Return the form as it was typed, but with what somebody else changed where the person left a field alone."""
    with visit.services.database.reading() as session:
        people = directory.people(session)
        by = {name: _changer(session, customer, name, people) for name in now}
    for name, value in now.items():
        sheet.wrong(name, _OVERTAKEN if value else _EMPTIED, by=by[name], now=value)
        if typed[name] == seen[name]:
            sheet.typed[name] = value
        sheet.typed[f"{SEEN}{name}"] = value
    message = visit.words(
        N_("Not saved yet: somebody was faster. What they changed is marked below; saving again keeps what you see.")
    )
    return Editing(sheet, message)


def _changer(session: Session, customer: int, name: str, people: Mapping[str, PersonRow]) -> str:
    """Return who changed a field of a customer last, by an edit or by a merge."""
    trail = select(AuditRow).where(AuditRow.key == str(customer), col(AuditRow.what).in_([CUSTOMER, "merge"]))
    rows = session.exec(trail.order_by(col(AuditRow.id).desc()).limit(paging.PAGE_SIZE))
    return next((name_of(row.by, people) for row in rows if row.before.get(name) != row.after.get(name)), "–")
