"""The pages of gates and the steps at them. The draft is kept first, then the workflow is asked."""

import asyncio
import hashlib

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from activities.ledger import handover_papers
from domain.text.numbers import read_number
from domain.ticket.facts import (
    Fact,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    PointSettled,
    Refused,
)
from web.commands.refused import field_of
from web.commands.send import UNAVAILABLE, Written, ask
from web.gates.checklist import remarks
from web.gates.drafts import CONFLICT, Kept, keep, read, sentence, told
from web.gates.page import checklist, show
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import Visit, Visitor
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter(prefix="/tickets/{number:row}/gates/{key}")
FLASHES = {
    "draft": N_("Draft saved."),
    "submit": N_("Handed over. The other side hears of it."),
    "accept": N_("Accepted. The ticket is yours now, and the next phase has begun."),
    "reject": N_("Given back. Who handed over hears of it."),
    "override": N_("Opened without the check. The next phase has begun."),
}
"""What is said after something was done, by what a redirect names."""

_INCOMPLETE = N_("Not handed over yet: please look at the marked lines.")
_MARKED = N_("Lines are marked as not in order. Give it back, or take the marks away before you accept.")
_NOTHING_SAID = N_("What is not in order? Please mark a line, or write a remark.")
_REASON_NEEDED = N_("Please say why. This stays on the ticket for good.")


@router.get("")
def gate(visit: Visitor, number: int, key: str) -> Response:
    """Show a gate."""
    return show(visit, number, key)


@router.post("/answers")
async def save(visit: Visitor, request: Request, form: Sent, number: int, key: str) -> Response:
    """Keep the draft: a line at a time from a script, the whole form without one."""
    return await _saved(visit, request, form, number, key)


@router.post("/items/{item}/file")
async def upload(visit: Visitor, request: Request, form: Sent, number: int, key: str, item: str) -> Response:
    """Keep a file as the answer to a line, and whatever else was typed."""
    return await _saved(visit, request, form, number, key, f"item-{item}")


async def _saved(visit: Visit, request: Request, form: FormData, number: int, key: str, place: str = "") -> Response:
    kept = await keep(visit, number, key, form)
    failed = 409 if kept.conflicts or kept.refused else 422 if kept.problems else 0
    if request.headers.get("accept") == "application/json":
        answer = await asyncio.to_thread(told, visit, number, key, kept)
        return JSONResponse(answer, status_code=failed or 200)
    if kept.refused:
        return await _refused(visit, number, key, kept, "answers", form, kept.refused)
    if failed:
        return await asyncio.to_thread(show, visit, number, key, kept.attempt(visit, "answers", form), failed)
    return visit.redirect(f"/tickets/{number}/gates/{key}#{place or 'checklist'}", "draft")


@router.post("/submit")
async def submit(visit: Visitor, form: Sent, number: int, key: str) -> Response:
    """Hand over; where one may, go on at once by accepting one's own handover."""
    kept = await keep(visit, number, key, form)
    if kept.refused:
        return await _refused(visit, number, key, kept, "submit", form, kept.refused)
    status, message = await asyncio.to_thread(_unready, visit, number, key, kept)
    if status:
        attempt = kept.attempt(visit, "submit", form, message)
        return await asyncio.to_thread(show, visit, number, key, attempt, status)
    own = "own" in form
    to = visit.person.short if own else str(form.get("to", "")) or None
    edition = await asyncio.to_thread(_edition, visit, number, key, str(form.get("command", "")))
    try:
        await ask(visit, number, edition, HandoverSubmitted(key, to), Written())
        if own:
            seen = await asyncio.to_thread(_newest, visit, number, key)
            await ask(visit, number, edition, HandoverAccepted(key, seen), Written())
    except Refused as refused:
        return await _refused(visit, number, key, kept, "submit", form, refused)
    except Unavailable:
        return await _unavailable(visit, number, key, kept, "submit", form)
    return visit.redirect(f"/tickets/{number}#content", "accept") if own else _back(visit, number, key, "submit")


def _unready(visit: Visit, number: int, key: str, kept: Kept) -> tuple[int, str]:
    """Return why a checklist cannot be handed over yet; 0 when it can."""
    at = read(visit, number, key)
    lines = checklist(at, kept.attempt(visit, "submit", FormData()))
    if kept.conflicts:
        return 409, visit.words(CONFLICT)
    unfit = [line for line in lines if line.problem or (line.missing and at.gate.critical)]
    return (422, visit.words(_INCOMPLETE)) if unfit and at.may_give else (0, "")


def _edition(visit: Visit, number: int, key: str, form_id: str) -> str:
    """Return what makes this handover one: the form, and the answers it was sent with."""
    at = read(visit, number, key)
    answers = sorted((item, answer.value, answer.reason) for item, answer in at.drafted.items())
    return f"{form_id[:36]}|{hashlib.sha256(repr(answers).encode()).hexdigest()[:24]}"


def _newest(visit: Visit, number: int, key: str) -> int | None:
    with visit.services.database.reading() as session:
        rows = handover_papers.submissions(session, number, key)
    return rows[-1].submission if rows else None


@router.post("/accept")
async def accept(visit: Visitor, form: Sent, number: int, key: str) -> Response:
    """Take over what was seen."""
    at = await asyncio.to_thread(read, visit, number, key)
    items, _ = remarks(at.gate, form)
    if items:
        return await _again(visit, number, key, "accept", form, visit.words(_MARKED))
    return await _decide(visit, number, key, form, HandoverAccepted(key, _seen(form)), Written(_words(form)))


@router.post("/reject")
async def reject(visit: Visitor, form: Sent, number: int, key: str) -> Response:
    """Give back what was seen, with what is not in order."""
    at = await asyncio.to_thread(read, visit, number, key)
    items, parts = remarks(at.gate, form)
    written = Written(_words(form), parts)
    if not items and not written.body:
        return await _again(visit, number, key, "reject", form, visit.words(_NOTHING_SAID))
    return await _decide(visit, number, key, form, HandoverRejected(key, items, _seen(form)), written)


@router.post("/override")
async def override(visit: Visitor, form: Sent, number: int, key: str) -> Response:
    """Let the ticket pass as it is, with a reason."""
    await asyncio.to_thread(read, visit, number, key)
    if not _words(form):
        return await _again(visit, number, key, "override", form, visit.words(_REASON_NEEDED))
    return await _decide(visit, number, key, form, GateOverridden(key), Written(_words(form)))


@router.post("/items/{item}/settle")
async def settle(visit: Visitor, form: Sent, number: int, key: str, item: str) -> Response:
    """Fill in a line that is still owed, and settle its open point."""
    kept = await keep(visit, number, key, form)
    if kept.refused:
        return await _refused(visit, number, key, kept, "settle", form, kept.refused)
    if kept.problems or kept.conflicts:
        attempt = kept.attempt(visit, "settle", form)
        return await asyncio.to_thread(show, visit, number, key, attempt, 409 if kept.conflicts else 422)
    try:
        await ask(visit, number, str(form.get("command", "")), PointSettled(f"{key}.{item}"), Written())
    except Refused as refused:
        return await _refused(visit, number, key, kept, "settle", form, refused)
    except Unavailable:
        return await _unavailable(visit, number, key, kept, "settle", form)
    return _back(visit, number, key, "settle")


async def _decide(visit: Visit, number: int, key: str, form: FormData, fact: Fact, written: Written) -> Response:
    step = {"handover_accepted": "accept", "handover_rejected": "reject"}.get(fact.kind, "override")
    try:
        await ask(visit, number, str(form.get("command", "")), fact, written)
    except Refused as refused:
        return await _refused(visit, number, key, Kept(), step, form, refused)
    except Unavailable:
        return await _unavailable(visit, number, key, Kept(), step, form)
    if step == "reject":
        return _back(visit, number, key, step)
    return visit.redirect(f"/tickets/{number}#content", step)


def _back(visit: Visit, number: int, key: str, flash: str) -> Response:
    return visit.redirect(f"/tickets/{number}/gates/{key}#content", flash)


async def _again(visit: Visit, number: int, key: str, step: str, form: FormData, message: str) -> Response:
    attempt = Kept().attempt(visit, step, form, message)
    return await asyncio.to_thread(show, visit, number, key, attempt, 422)


async def _unavailable(visit: Visit, number: int, key: str, kept: Kept, step: str, form: FormData) -> Response:
    attempt = kept.attempt(visit, step, form, visit.words(UNAVAILABLE))
    return await asyncio.to_thread(show, visit, number, key, attempt, 503)


async def _refused(
    visit: Visit, number: int, key: str, kept: Kept, step: str, form: FormData, refused: Refused
) -> Response:
    """Show the page as it is now, with the reason at the place where it was typed."""
    at = await asyncio.to_thread(read, visit, number, key)
    attempt = kept.attempt(visit, step, form)
    attempt.form_id = ""
    said_why = sentence(at, refused)
    if refused.code in {"checklist_incomplete", "answer_wrong"}:
        attempt.message = visit.words(_INCOMPLETE)
    elif refused.code == "point_still_missing":
        attempt.problems[refused.context.get("item", "")] = said_why
    elif field := field_of(refused.code, form):
        attempt.problems[field] = said_why
    else:
        attempt.message = said_why
    return await asyncio.to_thread(show, visit, number, key, attempt, 409)


def _seen(form: FormData) -> int:
    """Return the submission the person saw; a form without one has seen nothing."""
    return read_number(str(form.get("submission", ""))) or 0


def _words(form: FormData) -> str:
    return Sheet.of(form).prose("text", needed=False)
