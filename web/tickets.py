"""The pages of one ticket, and the forms that act on it. Words are kept first, then the workflow is asked."""

import asyncio
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from domain.facts import Refused
from domain.wording import refusal
from models.messages import Command
from web import queries, timeline
from web.acting import ACTIONS, Action, Filled, read
from web.forgery import Sent
from web.forms import Sheet
from web.stepping import is_chain
from web.ticket_page import Attempt, opened, show
from web.translations import N_
from web.visits import Visit, Visitor
from workflows.gateway import Unavailable

router = APIRouter()

UNAVAILABLE = N_(
    "The engine does not answer at the moment. Nothing is lost: your text is kept below. "
    "Please send it again in a minute; it will be counted once."
)
_FIELD_OF = {
    "text_missing": "text",
    "follow_up_in_the_past": "follow_up_at",
    "too_far": "follow_up_at",
    "reason_missing": "reason",
    "reason_unknown": "reason",
    "person_unknown": "to",
    "already_owner": "to",
    "milestone_unknown": "milestone",
    "milestone_reached_already": "milestone",
    "milestone_out_of_sequence": "milestone",
    "not_an_earlier_phase": "phase",
}
_FIELD_OF_MILESTONE = {"too_far": "planned_for"}
_BACK_TO = {"/", "/escalated", "/pool", "/all"}


@router.get("/tickets/{number:int}")
def ticket(visit: Visitor, number: int) -> Response:
    """Show a ticket."""
    return show(visit, number)


@router.post("/tickets/{number:int}/{name}")
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
    return visit.go(back if back in _BACK_TO else f"/tickets/{number}#content", name)


def _read(visit: Visit, number: int, action: Action, sheet: Sheet) -> Filled | None:
    with visit.front.database.reading() as session:
        limits = opened(visit, session, number).limits(visit.now)
    if action.step and not is_chain(limits.process):
        raise HTTPException(404)
    return read(action, sheet, limits)


async def _perform(visit: Visit, number: int, sheet: Sheet, filled: Filled) -> None:
    """Ask for each fact in turn; the second one follows the version the first one made."""
    text = await asyncio.to_thread(_kept, visit, number, filled.text) if filled.text else None
    start = await asyncio.to_thread(visit.front.desk.ticket_start, number)
    version = _version(sheet)
    for fact in filled.facts:
        command = Command(fact, visit.person.short, _command_id(visit, number, sheet, fact, filled.text), version, text)
        standing = await visit.front.gateway.act(start, command)
        version, text = standing.version, None


def _kept(visit: Visit, number: int, body: str) -> int:
    """Keep the words before the command, so that no answer of the workflow can lose them."""
    author = visit.person.short
    with visit.front.database.reading() as session:
        kept = queries.kept_text(session, number, author, body)
    return kept if kept is not None else visit.front.desk.keep_text(number, author, body, visit.now)


def _command_id(visit: Visit, number: int, sheet: Sheet, fact: object, text: str) -> str:
    """Return the command's id.

    The form sent twice counts once, the form changed and sent again is a new command.
    """
    form = sheet.typed.get("command", "")[:64]
    return str(uuid5(NAMESPACE_URL, f"{number}|{visit.person.short}|{form}|{fact}|{text}"))


def _version(sheet: Sheet) -> int:
    """Return the version the person saw; a form without one has seen nothing and is refused as outdated."""
    typed = sheet.typed.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1


def _refused(visit: Visit, number: int, attempt: Attempt, refused: Refused) -> Response:
    """Show the page as it is now, with the reason at the place where it was typed."""
    with visit.front.database.reading() as session:
        ticket = opened(visit, session, number)
    context = timeline.refusal_context(refused, ticket.scene, ticket.people, visit.words)
    sentence = refusal(refused.code, context, visit.words.language)
    fields = _FIELD_OF | _FIELD_OF_MILESTONE if attempt.action == "milestone" else _FIELD_OF
    if refused.code in fields:
        attempt.sheet.wrong(fields[refused.code], "%(sentence)s", sentence=sentence)
    else:
        attempt.message = sentence
    return show(visit, number, attempt, 409)
