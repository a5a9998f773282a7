"""The form that opens a ticket: who waits, for what, through which channel, and who takes it."""

import asyncio
from dataclasses import dataclass, field

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session

from activities.intake.tickets import NewTicket, open_in, start_of
from activities.ledger.context import region_of
from domain.text.numbers import read_number
from domain.ticket.facts import CallBackNoted, Refused
from domain.words.wording import refusal
from models.messages import TicketStart
from models.tables import CustomerRow, PersonRow, TicketRow
from web.commands import queries
from web.commands.send import UNAVAILABLE, Written, ask
from web.intake.callers import callers, find
from web.shell import directory, idempotency, presenting
from web.shell.csrf import Sent
from web.shell.directory import active
from web.shell.forms import NEW_CUSTOMER, Sheet
from web.shell.request import Visit, Visitor, fresh_id
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter()
UNASSIGNED = "-"


@dataclass
class Draft:
    """The form as it stands: what was typed, what is wrong, and which customers it could be."""

    sheet: Sheet
    form_id: str
    matches: list[CustomerRow] = field(default_factory=list)
    searched: bool = False
    message: str = ""


@router.get("/tickets/new")
def blank(visit: Visitor, customer: str = "") -> Response:
    """Show the empty form, or the one for a customer we know."""
    sheet = Sheet({"owner": visit.person.short, "channel": "phone"})
    draft = Draft(sheet, fresh_id())
    if (number := read_number(customer)) is not None:
        with visit.services.database.reading() as session:
            known = directory.customer(session, number)
        if known is not None:
            sheet.typed["customer"], draft.matches = str(known.id), [known]
    return _show(visit, draft)


@router.post("/tickets/new")
async def open_ticket(visit: Visitor, form: Sent) -> Response:
    """Open a ticket, or show the form again: with the customers that were found, or with what is wrong."""
    sheet = Sheet.of(form)
    draft = Draft(sheet, sheet.typed.get("command", "")[:64] or fresh_id())
    if "find" in sheet.typed:
        await asyncio.to_thread(_find, visit, draft)
        return await asyncio.to_thread(_show, visit, draft)
    if "callback" in sheet.typed:
        return await _call_back(visit, draft)
    start = await asyncio.to_thread(_open, visit, draft)
    if start is None:
        return await asyncio.to_thread(_show, visit, draft, 422)
    try:
        await visit.services.gateway.start(start)
    except Unavailable:
        return visit.redirect(f"/tickets/{start.number}", "queued")
    return visit.redirect(f"/tickets/{start.number}", "opened")


def _open(visit: Visit, draft: Draft) -> TicketStart | None:
    """Open the ticket, or return the one that the form became before; None for a form with problems."""
    with idempotency.creating(visit, draft.sheet.typed) as form:
        if form.became:
            return start_of(form.session.get_one(TicketRow, int(form.became)))
        new = _read(form.session, visit, draft)
        if new is None:
            return None
        start = open_in(form.session, new, visit.now)
        form.became = str(start.number)
        return start


async def _call_back(visit: Visit, draft: Draft) -> Response:
    """Take down on an open ticket that its customer called again, with what was typed, instead of opening another."""
    sheet = draft.sheet
    typed, words = sheet.typed["callback"], (sheet.line("subject", needed=False), sheet.prose("body", needed=False))
    number = read_number(typed) or 0
    if not sheet.problems:
        try:
            await asyncio.to_thread(_of_tickets, visit, number)
            await ask(visit, number, draft.form_id, CallBackNoted(), Written("\n\n".join(filter(None, words))))
            return visit.redirect(f"/tickets/{number}", "callback")
        except Refused as refused:
            draft.message = refusal(refused.code, refused.context, visit.words.language)
        except Unavailable:
            draft.message = visit.words(UNAVAILABLE)
    await asyncio.to_thread(_chosen, visit, draft)
    return await asyncio.to_thread(_show, visit, draft, 409 if draft.message else 422)


def _of_tickets(visit: Visit, number: int) -> None:
    """Raise 404 for what is no ticket, or is a customer's life."""
    with visit.services.database.reading() as session:
        found = queries.ticket(session, number)
    if found is None or found[0].life:
        raise HTTPException(404)


def _chosen(visit: Visit, draft: Draft) -> None:
    chosen = draft.sheet.typed.get("customer", "")
    if (number := read_number(chosen)) is not None:
        with visit.services.database.reading() as session:
            known = directory.customer(session, number)
        draft.matches = [known] if known else []


def _show(visit: Visit, draft: Draft, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        people = active(directory.people(session))
        processes = directory.processes_of_tickets(session)
        titles = {row.key: directory.title(session, row, visit.words.language) for row in processes}
        found = callers(visit, session, draft.matches)
    offered = {"people": people, "channels": presenting.CHANNELS, "processes": titles}
    return visit.render("intake/ticket_new.html", status, draft=draft, callers=found, **offered)


def _find(visit: Visit, draft: Draft) -> None:
    search = draft.sheet.line("find_customer", needed=False)
    draft.searched = True
    if search and not draft.sheet.problems:
        with visit.services.database.reading() as session:
            draft.matches = find(session, search, region_of(session, visit.person.site))


def _read(session: Session, visit: Visit, draft: Draft) -> NewTicket | None:
    """Read the form; somebody whose address is known already is asked for once (one face to the customer)."""
    sheet = draft.sheet
    people = active(directory.people(session))
    keys = {row.key for row in directory.processes_of_tickets(session)}
    customer = _customer(session, draft, region_of(session, visit.person.site))
    subject, body = sheet.line("subject"), sheet.prose("body", needed=False)
    channel = sheet.choice("channel", presenting.CHANNELS)
    owner = sheet.choice("owner", {UNASSIGNED, *people})
    process = sheet.choice("process", keys) if len(keys) > 1 else next(iter(keys), "")
    if sheet.problems:
        return None
    return NewTicket(
        process=process,
        site=_site(visit.person, people.get(owner)),
        customer_id=customer.id if customer else None,
        customer_name=sheet.line("customer_name", needed=False),
        customer_email=sheet.line("customer_email", needed=False),
        customer_phone=sheet.line("customer_phone", needed=False),
        subject=subject,
        body=body,
        owner=None if owner == UNASSIGNED else owner,
        channel=channel,
        by=visit.person.short,
        answers=False,  # somebody of us is with them already
    )


def _site(author: PersonRow, owner: PersonRow | None) -> str:
    """Return whose clock counts: the owner's site's; of a ticket nobody owns, the author's."""
    return owner.site if owner else author.site


def _customer(session: Session, draft: Draft, region: str) -> CustomerRow | None:
    sheet = draft.sheet
    chosen = sheet.typed.get("customer", "")
    if (number := read_number(chosen)) is not None:
        known = directory.customer(session, number)
        draft.matches = [known] if known else []
        if known is None:
            sheet.wrong("customer_name", N_("This customer is not there any more. Please type the name."))
        return known
    sheet.line("customer_name")
    email, phone = sheet.email("customer_email"), sheet.phone("customer_phone")
    if not email and not phone:
        sheet.wrong("customer_email", N_("Without an address or a number nobody can answer."))
    known_already = directory.known_customers(session, email, phone, region)
    if known_already and chosen != NEW_CUSTOMER:
        draft.matches = known_already
        sheet.wrong("customer", N_("This address or number is known already. Who is it?"))
    return None
