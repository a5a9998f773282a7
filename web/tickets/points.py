"""What can be done about an open point: settle an objection in words, give a point to somebody until a day."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from domain.ticket.facts import Fact, PointAssigned, PointSettled, Refused
from domain.time.horizon import answer
from web.commands.loaded import Opened, opened
from web.commands.refused import said_at_field
from web.commands.send import UNAVAILABLE, Written, ask
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import Visit, Visitor
from web.shell.translations import N_
from web.tickets.page import Attempt, show
from workflows.gateway import Unavailable

router = APIRouter(prefix="/tickets/{number:row}/points/{point}")
FLASHES = {
    "settle": N_("Settled."),
    "assign": N_("The open point has its owner and its deadline."),
}
"""What is said after something was done, by what a redirect names."""


@router.post("/settle")
async def settle(visit: Visitor, form: Sent, number: int, point: str) -> Response:
    """Settle a point; of an objection it is said how it was treated."""
    ticket, sheet = await asyncio.to_thread(_opened, visit, number), Sheet.of(form)
    known = ticket.ticket.points.get(point)
    text = sheet.prose("text", needed=known is not None and not known.gate)
    return await _ask(visit, number, f"settle-{point}", sheet, PointSettled(point), text)


@router.post("/assign")
async def assign(visit: Visitor, form: Sent, number: int, point: str) -> Response:
    """Give a point to somebody, until the end of business of a day."""
    ticket, sheet = await asyncio.to_thread(_opened, visit, number), Sheet.of(form)
    limits = ticket.limits(visit.now)
    to = sheet.choice("to", limits.people)
    until = sheet.day("until", limits.zone)
    text = sheet.prose("text", needed=False)
    fact: Fact | None = None
    if until is not None:
        due_at = answer(lambda: limits.calendar.end_of_same_day(until), until)
        if due_at <= visit.now:
            sheet.wrong("until", N_("This lies in the past."))
        fact = PointAssigned(point, to, due_at)
    return await _ask(visit, number, f"assign-{point}", sheet, fact, text)


def _opened(visit: Visit, number: int) -> Opened:
    with visit.services.database.reading() as session:
        return opened(visit, session, number)


async def _ask(visit: Visit, number: int, step: str, sheet: Sheet, fact: Fact | None, text: str) -> Response:
    form_id = sheet.typed.get("command", "")
    if sheet.problems or fact is None:
        return await asyncio.to_thread(show, visit, number, Attempt(step, sheet, form_id=form_id), 422)
    try:
        await ask(visit, number, form_id, fact, Written(text))
    except Refused as refused:
        return await asyncio.to_thread(_refused, visit, number, Attempt(step, sheet), refused)
    except Unavailable:
        attempt = Attempt(step, sheet, visit.words(UNAVAILABLE), form_id)
        return await asyncio.to_thread(show, visit, number, attempt, 503)
    return visit.redirect(f"/tickets/{number}#content", step.partition("-")[0])


def _refused(visit: Visit, number: int, attempt: Attempt, refused: Refused) -> Response:
    """Show the ticket as it is now, with the reason at the place where it was typed."""
    ticket = _opened(visit, number)
    attempt.message = said_at_field(refused, ticket, attempt.sheet, visit.words)
    return show(visit, number, attempt, 409)
