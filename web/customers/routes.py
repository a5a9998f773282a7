"""The forms on a customer's card. Words are kept first, then the customer's workflow is asked, as for tickets."""

import asyncio

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from domain.ticket.facts import Refused
from web.commands.loaded import opened
from web.commands.refused import said_at_field
from web.commands.send import UNAVAILABLE, Written, ask
from web.customers import contacts
from web.customers.actions import FORMS, SUBJECT
from web.customers.page import limits_of, show
from web.shell import directory
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import Visit, Visitor
from web.shell.sign_in import safe_next
from web.tickets.actions import Filled, read
from web.tickets.page import Attempt
from web.tickets.routes import seen_version
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {f"customer.{name}": form.flash for name, form in FORMS.items()}


@router.get("/customers/{customer:row}")
def card(visit: Visitor, customer: int, template: str = "") -> Response:
    """Show a customer; `template` is the text to begin a mail or a question with.

    Who has no life cycle, and who was merged, has a page with their contacts only.
    """
    known = contacts.known(visit, customer)
    with visit.services.database.reading() as session:
        life = directory.life_of(session, known.id)
    if life is None or known.id != customer:
        return visit.redirect(f"/customers/{customer}/contacts")
    return show(visit, life.ticket, Attempt(), template=template)


@router.post("/customers/{customer:row}/{name}")
async def act(visit: Visitor, form: Sent, customer: int, name: str) -> Response:
    """Do something about a customer: read the form, keep the words, ask the workflow, go back to the page."""
    if name not in FORMS:
        raise HTTPException(404)
    number, sheet = await asyncio.to_thread(_life, visit, customer), Sheet.of(form)
    filled = await asyncio.to_thread(_read, visit, number, name, sheet)
    if filled is None:
        attempt = Attempt(name, sheet, form_id=sheet.typed.get("command", ""))
        return await asyncio.to_thread(show, visit, number, attempt, 422)
    try:
        await _perform(visit, number, sheet, filled)
    except Refused as refused:
        return await asyncio.to_thread(_refused, visit, number, Attempt(name, sheet), refused)
    except Unavailable:
        attempt = Attempt(name, sheet, visit.words(UNAVAILABLE), sheet.typed.get("command", ""))
        return await asyncio.to_thread(show, visit, number, attempt, 503)
    back = safe_next(sheet.typed.get("back", ""))
    is_list = back.startswith(("/customers", "/escalated"))
    return visit.redirect(back if is_list else f"/customers/{customer}#content", f"customer.{name}")


def _life(visit: Visit, customer: int) -> int:
    """Return the number of a customer's life; 404 for somebody without one."""
    with visit.services.database.reading() as session:
        life = directory.life_of(session, customer)
    if life is None:
        raise HTTPException(404)
    return life.ticket


def _read(visit: Visit, number: int, name: str, sheet: Sheet) -> Filled | None:
    with visit.services.database.reading() as session:
        limits = limits_of(opened(visit, session, number), visit.now)
    return read(FORMS[name], sheet, limits)


async def _perform(visit: Visit, number: int, sheet: Sheet, filled: Filled) -> None:
    """Ask for each fact in turn; the second one follows the version the first one made."""
    subject = sheet.line(SUBJECT, needed=False)
    form, version = sheet.typed.get("command", ""), seen_version(sheet)
    written = Written(filled.text, subject=subject if filled.text else "")
    for fact in filled.facts:
        standing = await ask(visit, number, form, fact, written, version=version)
        version, written = standing.version, Written()


def _refused(visit: Visit, number: int, attempt: Attempt, refused: Refused) -> Response:
    """Show the card as it is now, with the reason at the place where it was typed."""
    with visit.services.database.reading() as session:
        found = opened(visit, session, number)
    attempt.message = said_at_field(refused, found, attempt.sheet, visit.words)
    return show(visit, number, attempt, 409)
