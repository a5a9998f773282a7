"""Keeps the papers of handovers: drafts of checklists, what was submitted, what was decided. Words rest here."""

from datetime import datetime

from sqlmodel import Session, col, select

from domain.process.gates import Answer, Gate, ItemKind, wrong
from domain.process.handovers import Handover, Stage
from domain.text.numbers import read_number
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Fact,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    PhaseDone,
    PointSettled,
    Refused,
)
from domain.ticket.handover_rules import Evidence, earliest_days
from domain.ticket.ticket import Ticket
from models.messages import Command
from models.tables import AnswerRow, FileRow, HandoverRow


def draft(session: Session, ticket: int, gate: str) -> dict[str, AnswerRow]:
    """Return what is filled in at a gate so far, by item."""
    rows = select(AnswerRow).where(AnswerRow.ticket == ticket, AnswerRow.gate == gate)
    return {row.item: row for row in session.exec(rows)}


def submissions(session: Session, ticket: int, gate: str) -> list[HandoverRow]:
    """Return what was ever submitted at a gate, the latest last."""
    rows = select(HandoverRow).where(HandoverRow.ticket == ticket, HandoverRow.gate == gate)
    return list(session.exec(rows.order_by(col(HandoverRow.id))))


def evidence(session: Session, number: int, ticket: Ticket, rule_context: RuleContext, command: Command) -> Evidence:
    """Return who asks, and what the checklist in question lacks; raises Refused for an answer that is none."""
    gate = _gate_in_question(command.fact, ticket, rule_context)
    if gate is None:
        return Evidence(command.by)
    answers = _answers(session, number, gate)
    days = earliest_days(gate, ticket, rule_context)
    broken = [item.key for item in gate.items if wrong(item, _value(answers, item.key), days.get(item.key))]
    if broken and isinstance(command.fact, HandoverSubmitted):
        raise Refused("answer_wrong", gate=gate.key, items=", ".join(broken))
    return Evidence(command.by, gate.missing(answers, days))


def _gate_in_question(fact: Fact, ticket: Ticket, rule_context: RuleContext) -> Gate | None:
    match fact:
        case HandoverSubmitted() | GateOverridden():
            return rule_context.process.gates.get(fact.gate)
        case PhaseDone():
            return rule_context.process.gate_after(ticket.phase)
        case PointSettled():
            point = ticket.points.get(fact.point)
            return rule_context.process.gates.get(point.gate) if point else None
        case _:
            return None


def _value(answers: dict[str, Answer], item: str) -> str:
    return answers[item].value if item in answers else ""


def _answers(session: Session, number: int, gate: Gate) -> dict[str, Answer]:
    """Return the draft; a file that is not there is no answer."""
    answers = {key: Answer(row.value, row.reason) for key, row in draft(session, number, gate.key).items()}
    for item in gate.items:
        answer = answers.get(item.key)
        if item.kind is ItemKind.FILE and answer and answer.value and not _is_file_of(session, number, answer.value):
            answers[item.key] = Answer("", answer.reason)
    return answers


def _is_file_of(session: Session, number: int, value: str) -> bool:
    is_number = read_number(value) is not None
    file = session.get(FileRow, int(value)) if is_number else None
    return file is not None and file.ticket == number


def keep(session: Session, number: int, before: Ticket, after: Ticket, command: Command, at: datetime) -> None:
    """Keep what was handed over as it is now, or what was decided about it; other facts leave no papers.

    A gate that was passed without an acceptance leaves its checklist as it was then, too.
    """
    fact = command.fact
    if isinstance(fact, HandoverAccepted | HandoverRejected):
        latest = submissions(session, number, fact.gate)[-1]
        latest.decision = after.handovers[fact.gate].stage
        latest.decided_by, latest.decided_at, latest.remarks = command.by, at, command.text
    for key, handover in after.handovers.items():
        if handover != before.handovers.get(key) and handover.stage in _KEPT:
            session.add(_copy(session, number, key, handover, command, at))


_KEPT = {Stage.SUBMITTED, Stage.OVERRIDDEN, Stage.WAIVED}


def _copy(session: Session, number: int, gate: str, handover: Handover, command: Command, at: datetime) -> HandoverRow:
    """Return a gate's checklist as it is now, under what happened to it."""
    submitted = handover.stage is Stage.SUBMITTED
    answers = {key: {"value": row.value, "reason": row.reason} for key, row in draft(session, number, gate).items()}
    return HandoverRow(
        ticket=number,
        gate=gate,
        submission=handover.submission,
        giver=handover.giver,
        asked=handover.receiver,
        submitted_at=at,
        answers=answers,
        decision="" if submitted else handover.stage,
        decided_by=None if submitted else command.by,
        decided_at=None if submitted else at,
        remarks=None if submitted else command.text,
    )
