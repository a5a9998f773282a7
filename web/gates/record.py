"""The record of a handover: what was asked, what was answered, who stood for it and when. In words, not in shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import HTTPException
from sqlmodel import Session

from domain.process.definition import PASSED
from domain.process.handovers import Stage
from models.tables import CustomerRow, HandoverRow, TextRow
from web.commands import queries
from web.gates.checklist import Line
from web.gates.loaded import AtGate, answers_of, at_gate
from web.gates.page import site_time
from web.gates.standing import GateState
from web.shell import directory
from web.shell.request import Visit
from web.shell.roles import role_title
from web.shell.translations import N_


@dataclass(frozen=True)
class Signature:
    """Somebody who stood for a step: what they did, their name, the site's time."""

    label: str
    name: str
    at: str


@dataclass(frozen=True)
class Earlier:
    """A submission before the one that counts: who handed over when, who gave it back when, and with which remarks."""

    handed_over: Signature
    decided: Signature | None
    remarks: list[tuple[str, str]]


@dataclass(frozen=True)
class Record:
    """A finished handover, in words."""

    title: str
    number: int
    subject: str
    customer: CustomerRow
    site: str
    process: str
    giver: str
    receiver: str
    lines: list[Line]
    added: dict[str, str]
    signatures: list[Signature]
    special: str
    remark: str
    earlier: list[Earlier]
    made_at: str


def record_of(visit: Visit, number: int, key: str) -> Record:
    """Return the record of a gate that was passed; 404 while it was not."""
    with visit.services.database.reading() as session:
        at = at_gate(visit, session, number, key)
        texts = queries.texts(session, [row.remarks for row in at.submissions])
        counting = _counting(at)
        if counting is None and not at.standing.is_finished:
            raise HTTPException(404)
        return _made(at, session, counting, texts)


def _counting(at: AtGate) -> HandoverRow | None:
    """Return the submission that counts: the one accepted last; None where a gate was passed without one."""
    if at.state in (GateState.OVERRIDDEN, GateState.WAIVED):
        return None
    accepted = [row for row in at.submissions if row.decision == Stage.ACCEPTED]
    return accepted[-1] if accepted else None


def _passed_without(at: AtGate) -> HandoverRow | None:
    """Return the checklist as it was when the gate was passed without an acceptance."""
    without = (Stage.OVERRIDDEN, Stage.WAIVED)
    return next((row for row in reversed(at.submissions) if row.decision in without), None)


def _made(at: AtGate, session: Session, counting: HandoverRow | None, texts: dict[int, TextRow]) -> Record:
    words, opened = at.visit.words, at.opened
    passed = counting or _passed_without(at)
    answers = answers_of(passed) if passed else at.drafted
    lines = at.reader.lines(answers)
    remark = texts.get(counting.remarks or 0) if counting else None
    return Record(
        title=at.standing.title,
        number=opened.number,
        subject=opened.row.subject,
        customer=opened.customer,
        site=directory.site(session, opened.row.site).name,
        process=opened.rule_context.process.title[words.language],
        giver=role_title(at.gate.giver, words),
        receiver=role_title(at.gate.receiver, words),
        lines=lines,
        added=_added(at, lines) if passed else {},
        signatures=_signatures(at, counting),
        special="" if counting else at.standing.sentence,
        remark=remark.body if remark else "",
        earlier=[_earlier(at, row, texts.get(row.remarks or 0)) for row in at.submissions if row is not passed],
        made_at=site_time(at, at.visit.now),
    )


def _added(at: AtGate, lines: Sequence[Line]) -> dict[str, str]:
    """Return what was filled in after the handover, by line: open points that were settled."""
    later = {line.key: line.shown for line in at.reader.lines(at.drafted)}
    return {line.key: later[line.key] for line in lines if not line.shown and later[line.key]}


def _signatures(at: AtGate, counting: HandoverRow | None) -> list[Signature]:
    words = at.visit.words
    if counting is None:
        handover = at.opened.ticket.handovers[at.gate.key]
        label = words(N_("Opened without its check") if handover.decided_by else N_("Passed without a handover"))
        name = at.telling.name(handover.decided_by or handover.giver)
        return [Signature(label, name, at.telling.at(f"{PASSED}{at.gate.key}"))]
    return [_handed_over(at, counting), *([decided] if (decided := _decided(at, counting)) else [])]


def _handed_over(at: AtGate, row: HandoverRow) -> Signature:
    return Signature(at.visit.words(N_("Handed over")), at.telling.name(row.giver), site_time(at, row.submitted_at))


def _decided(at: AtGate, row: HandoverRow) -> Signature | None:
    if row.decided_at is None:
        return None
    label = at.visit.words(N_("Accepted") if row.decision == Stage.ACCEPTED else N_("Given back"))
    return Signature(label, at.telling.name(row.decided_by), site_time(at, row.decided_at))


def _earlier(at: AtGate, row: HandoverRow, text: TextRow | None) -> Earlier:
    titles = {item.key: item.title[at.visit.words.language] for item in at.gate.items}
    remarks = [("", text.body)] if text and text.body else []
    remarks += [(titles.get(key, key), said) for key, said in (text.parts if text else {}).items()]
    return Earlier(_handed_over(at, row), _decided(at, row), remarks)
