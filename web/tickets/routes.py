"""The pages of one ticket, and the forms that act on it. Words are kept first, then the workflow is asked."""

import asyncio

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from domain.text.numbers import read_number
from domain.ticket.facts import Refused
from web.commands import queries
from web.commands.loaded import opened
from web.commands.refused import said_at_field
from web.commands.send import UNAVAILABLE, Written, ask
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import Visit, Visitor
from web.shell.urls import page_of
from web.tickets.actions import ACTIONS, Action, Filled, read
from web.tickets.page import Attempt, show
from web.tickets.steps import is_chain
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {name: action.flash for name, action in ACTIONS.items() if action.flash}

_BACK_TO = {"/", "/escalated", "/pool", "/all"}


@router.get("/tickets/{number:row}")
def ticket(visit: Visitor, number: int, proposed: str = "") -> Response:
    """Show a ticket, with any `proposed` its answer begun; a customer's life is shown on that customer's card."""
    with visit.services.database.reading() as session:
        found = queries.ticket(session, number)
    if found is not None and found[0].life:
        return visit.redirect(page_of(found[0]))
    return show(visit, number, proposed=bool(proposed))


@router.post("/tickets/{number:row}/{name}")
async def act(visit: Visitor, form: Sent, number: int, name: str) -> Response:
    """Do something to a ticket: read the form, keep the words, ask the workflow, go back to the page."""
    if name not in ACTIONS:
        raise HTTPException(404)
    action, sheet = ACTIONS[name], Sheet.of(form)
    filled = await asyncio.to_thread(_read, visit, number, action, sheet)
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
    back = sheet.typed.get("back", "")
    # The fragment takes the place of the form's own, so that the reader sees what was accepted.
    return visit.redirect(back if back in _BACK_TO else f"/tickets/{number}#content", name)


def _read(visit: Visit, number: int, action: Action, sheet: Sheet) -> Filled | None:
    with visit.services.database.reading() as session:
        ticket = opened(visit, session, number)
        limits = ticket.limits(visit.now)
    if ticket.row.life:
        raise HTTPException(404)
    if action.step and not is_chain(limits.process):
        raise HTTPException(404)
    return read(action, sheet, limits)


async def _perform(visit: Visit, number: int, sheet: Sheet, filled: Filled) -> None:
    """Ask for each fact in turn; the second one follows the version the first one made."""
    form, version, written = sheet.typed.get("command", ""), seen_version(sheet), Written(filled.text)
    for fact in filled.facts:
        standing = await ask(visit, number, form, fact, written, version=version)
        version, written = standing.version, Written()


def seen_version(sheet: Sheet) -> int:
    """Return the version the person saw; a form without one has seen nothing and is refused as outdated."""
    seen = read_number(sheet.typed.get("version", ""))
    return -1 if seen is None else seen


def _refused(visit: Visit, number: int, attempt: Attempt, refused: Refused) -> Response:
    """Show the page as it is now, with the reason at the place where it was typed."""
    with visit.services.database.reading() as session:
        ticket = opened(visit, session, number)
    attempt.message = said_at_field(refused, ticket, attempt.sheet, visit.words)
    return show(visit, number, attempt, 409)
