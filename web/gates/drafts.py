"""The draft of a checklist: what is typed at a gate is kept line by line, and nobody overwrites another unseen."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, UploadFile

from activities.intake.attachments import inspected
from domain.process.gates import Answer
from domain.text.legible import LONGEST_TEXT
from domain.ticket.facts import Refused
from domain.ticket.ticket import Status
from domain.words.wording import refusal
from models.tables import AnswerRow
from web.gates.checklist import FILE, Change, changes, chosen_files
from web.gates.loaded import AtGate, at_gate
from web.gates.page import GateAttempt, checklist, progress
from web.shell import naming
from web.shell.forms import Sheet
from web.shell.request import Forbidden, Visit
from web.shell.translations import N_

CONFLICT = N_("Somebody else wrote into the marked lines meanwhile. Please choose what shall stand there.")


@dataclass
class Kept:
    """What became of a checklist that was sent: lines as typed, that cannot be kept, that somebody else changed.

    `refused` is why nothing of it could be kept.
    """

    refused: Refused | None = None
    typed: dict[str, Answer] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, AnswerRow] = field(default_factory=dict)

    def attempt(self, visit: Visit, step: str, form: FormData, message: str = "") -> GateAttempt:
        """Return the form as it was typed, with what is wrong."""
        sheet = Sheet.of(form)
        if self.conflicts and not message:
            message = visit.words(CONFLICT)
        return GateAttempt(
            step, sheet.typed, self.typed, self.problems, self.conflicts, message, sheet.typed.get("command", "")
        )


async def keep(visit: Visit, number: int, key: str, form: FormData) -> Kept:
    """Save what was changed in a checklist, and the files that came with it."""
    at = await asyncio.to_thread(read, visit, number, key)
    files = {}
    for item in chosen_files(at.gate, form):
        sent = form[FILE + item]
        if isinstance(sent, UploadFile):
            files[item] = (sent.filename or "", await sent.read())
    return await asyncio.to_thread(_keep, at, changes(at.gate, form), files)


def read(visit: Visit, number: int, key: str) -> AtGate:
    """Return a gate as it stands now; 404 where there is none."""
    with visit.services.database.reading() as session:
        return at_gate(visit, session, number, key)


def _keep(at: AtGate, changed: dict[str, Change], files: dict[str, tuple[str, bytes]]) -> Kept:
    kept = Kept(typed={item: change.answer for item, change in changed.items()})
    if not at.writable >= {*changed, *files}:
        if at.is_here:
            raise Forbidden
        kept.refused = _too_late(at)
        return kept
    saved = _savable(changed)
    saved |= _filed(at, files, saved, kept)
    if saved:
        by, now = at.visit.person.short, at.visit.now
        seen = {item: change.was for item, change in changed.items() if item not in files}
        ticket_service = at.visit.services.ticket_service
        try:
            kept.conflicts = ticket_service.save_answers(at.opened.number, at.gate.key, saved, by, now, seen=seen)
        except Refused as refused:
            kept.refused = refused
    return kept


def _too_late(at: AtGate) -> Refused:
    """Return why nobody fills in this checklist any more."""
    if at.opened.ticket.status is Status.CLOSED:
        return Refused("already_closed")
    handover = at.opened.ticket.handovers.get(at.gate.key)
    if handover and at.standing.is_finished:
        return Refused("gate_passed", gate=at.gate.key, by=handover.decided_by or handover.giver)
    return Refused("not_at_gate", gate=at.gate.key, phase=at.gate.phase)


def _savable(changed: dict[str, Change]) -> dict[str, Answer]:
    """Return what fits; what is too long is told at its line."""
    answers = ((item, change.answer) for item, change in changed.items())
    return {item: answer for item, answer in answers if max(len(answer.value), len(answer.reason)) <= LONGEST_TEXT}


def _filed(at: AtGate, files: dict[str, tuple[str, bytes]], saved: dict[str, Answer], kept: Kept) -> dict[str, Answer]:
    """Keep the files; what is refused is told at its line."""
    filed = {}
    for item, (name, content) in files.items():
        try:
            attachment = inspected(name, content)
            number = at.visit.services.ticket_service.keep_file(
                at.opened.number, attachment, at.visit.person.short, at.visit.now
            )
        except Refused as refused:
            kept.problems[item] = sentence(at, refused)
        else:
            before = saved.get(item) or at.drafted.get(item, Answer())
            filed[item] = kept.typed[item] = Answer(str(number), before.reason)
    return filed


def told(visit: Visit, number: int, key: str, kept: Kept) -> dict[str, Any]:
    """Return what a script shows: how each line stands, and how much is missing."""
    at = read(visit, number, key)
    lines = checklist(at, kept.attempt(visit, "answers", FormData()))
    return {
        "progress": progress(at, lines),
        "missing": [line.key for line in lines if line.missing],
        "refused": sentence(at, kept.refused) if kept.refused else "",
        "lines": {
            line.key: {
                "problem": line.problem,
                "missing": bool(line.missing),
                "saved": line.saved,
                "value": line.was.value,
                "reason": line.was.reason,
                "file": {"name": line.file.name, "href": f"/tickets/{number}/files/{line.file.id}"}
                if line.file
                else None,
                "conflict": {"by": line.conflict.by, "shown": line.conflict.shown} if line.conflict else None,
            }
            for line in lines
        },
    }


def sentence(at: AtGate, refused: Refused) -> str:
    """Return why something was refused."""
    words = at.visit.words
    return refusal(
        refused.code, naming.refusal_context(refused, at.opened.rule_context, at.opened.people, words), words.language
    )
