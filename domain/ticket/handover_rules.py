"""Keeps the gates: judges handovers, and what a gate lets pass. Nothing goes around a critical gate (reading 38).

Whether a checklist is complete is counted from the answers by whoever holds them, and given with the fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.process.definition import PASSED, REJECTED, SUBMITTED, Anchor
from domain.process.gates import Gate
from domain.process.handovers import Handover, Override, Point, Stage
from domain.process.roles import Role
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    CustomerWelcomed,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    ObjectionRaised,
    PointAssigned,
    PointSettled,
    Refused,
)
from domain.ticket.ticket import Ended, Status, Ticket, anchored, entered, whole_second

AtGate = HandoverSubmitted | HandoverAccepted | HandoverRejected | GateOverridden
WithPoint = ObjectionRaised | PointAssigned | PointSettled
Guarded = AtGate | WithPoint | CustomerWelcomed


@dataclass(frozen=True)
class Evidence:
    """What comes with a fact: who asks, and which required items of the gate in question have no valid answer.

    `turns` say whose turn it is in a department, where a fact gives somebody to one (KD-01).
    """

    by: str = ""
    missing: tuple[str, ...] = ()
    turns: Mapping[Role, str] = field(default_factory=dict)


NOTHING = Evidence()


def guard(ticket: Ticket, fact: Guarded, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    """Return the ticket after a step at a gate, or about an open point; raises Refused."""
    match fact:
        case HandoverSubmitted():
            return _submitted(ticket, fact, at, rule_context, evidence)
        case HandoverAccepted():
            return _accepted(ticket, fact, at, rule_context, evidence)
        case HandoverRejected():
            return _rejected(ticket, fact, at, rule_context, evidence)
        case GateOverridden():
            return _overridden(ticket, fact, at, rule_context, evidence)
        case ObjectionRaised():
            return _objected(ticket, at, rule_context, evidence)
        case PointAssigned():
            return _assigned(ticket, fact, at, rule_context)
        case PointSettled():
            return _settled(ticket, fact, evidence)
        case CustomerWelcomed():
            return _welcomed(ticket, at, rule_context)


def earliest_days(gate: Gate, ticket: Ticket, rule_context: RuleContext) -> dict[str, date]:
    """Return the first day that each line with a milestone before it may name, as the site's date."""
    milestones = {item.key: ticket.anchors.get(item.follows) for item in gate.items if item.follows}
    return {key: rule_context.calendar.date_of(anchor.at) for key, anchor in milestones.items() if anchor}


def phase_over(ticket: Ticket, how: Ended, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    """End the present phase; refused by a critical gate, while a gate that is not leaves open points behind."""
    gate = rule_context.process.gate_after(ticket.phase)
    if rule_context.process.phases[ticket.phase].settles_points and ticket.points:
        raise Refused("points_open", points=str(len(ticket.points)))
    if gate is None:
        return _over(ticket, how, at, rule_context)
    if gate.critical:
        raise Refused("gate_blocks", gate=gate.key)
    if how is Ended.SKIPPED:
        return _over(ticket, how, at, rule_context)
    waived = Handover(Stage.WAIVED, evidence.by, _last_submission(ticket, gate), missing=evidence.missing)
    return _passed(ticket, gate, waived, at, rule_context)


def _submitted(
    ticket: Ticket, fact: HandoverSubmitted, at: datetime, rule_context: RuleContext, evidence: Evidence
) -> Ticket:
    """Hand over to whoever was named, else to the department; where one may go on oneself, to oneself."""
    gate = _gate_here(ticket, fact.gate, rule_context)
    if evidence.by != ticket.owner and not rule_context.roster.plays(evidence.by, gate.giver):
        raise Refused("not_giver", gate=gate.key, role=gate.giver)
    if fact.to is not None:
        _check_receiver(gate, fact.to, rule_context)
        if fact.to == evidence.by and not gate.own:
            raise Refused("own_handover", gate=gate.key)
    if evidence.missing and gate.critical:
        raise Refused("checklist_incomplete", gate=gate.key, items=", ".join(evidence.missing))
    number = _last_submission(ticket, gate) + 1
    asked = fact.to or (evidence.by if gate.own else None)
    handover = Handover(Stage.SUBMITTED, evidence.by, number, asked, evidence.missing)
    return anchored(_with(ticket, gate, handover), f"{SUBMITTED}{gate.key}", at, at)


def _accepted(
    ticket: Ticket, fact: HandoverAccepted, at: datetime, rule_context: RuleContext, evidence: Evidence
) -> Ticket:
    gate, handover = _decidable(ticket, fact.gate, fact.submission, rule_context, evidence)
    decided = replace(handover, stage=Stage.ACCEPTED, decided_by=evidence.by)
    after = _passed(ticket, gate, decided, at, rule_context)
    return (
        after if ticket.owner == evidence.by else replace(anchored(after, Anchor.ASSIGNED, at, at), owner=evidence.by)
    )


def _rejected(
    ticket: Ticket, fact: HandoverRejected, at: datetime, rule_context: RuleContext, evidence: Evidence
) -> Ticket:
    gate, handover = _decidable(ticket, fact.gate, fact.submission, rule_context, evidence)
    for item in fact.items:
        if gate.item(item) is None:
            raise Refused("item_unknown", gate=gate.key, item=item)
    decided = replace(handover, stage=Stage.REJECTED, decided_by=evidence.by)
    return anchored(_with(ticket, gate, decided), f"{REJECTED}{gate.key}", at, at)


def _overridden(
    ticket: Ticket, fact: GateOverridden, at: datetime, rule_context: RuleContext, evidence: Evidence
) -> Ticket:
    gate = _gate_here(ticket, fact.gate, rule_context)
    if not rule_context.roster.plays(evidence.by, gate.override):
        raise Refused("may_not_override", gate=gate.key, role=gate.override)
    before = ticket.handovers.get(gate.key)
    giver = before.giver if before else ticket.owner or evidence.by
    number = _last_submission(ticket, gate)
    handover = Handover(Stage.OVERRIDDEN, giver, number, missing=evidence.missing, decided_by=evidence.by)
    noted = replace(ticket, overrides=(*ticket.overrides, Override(gate.key, evidence.by, at)))
    return _passed(noted, gate, handover, at, rule_context)


def _gate_here(ticket: Ticket, key: str, rule_context: RuleContext) -> Gate:
    """Return a gate the ticket stands before."""
    gate = rule_context.process.gates.get(key)
    if gate is None:
        raise Refused("gate_unknown", gate=key)
    before = ticket.handovers.get(key)
    if before is not None and before.is_passed:
        raise Refused("gate_passed", gate=key, by=before.decided_by or before.giver)
    if ticket.phase != gate.phase:
        raise Refused("not_at_gate", gate=key, phase=gate.phase)
    return gate


def _decidable(
    ticket: Ticket, key: str, submission: int | None, rule_context: RuleContext, evidence: Evidence
) -> tuple[Gate, Handover]:
    """Return what this person may decide now: what was submitted last, unless it is their own."""
    gate = _gate_here(ticket, key, rule_context)
    handover = ticket.handovers.get(key)
    if handover is None or handover.stage is not Stage.SUBMITTED:
        raise Refused("nothing_submitted", gate=key)
    if submission is not None and submission != handover.submission:
        raise Refused("submission_replaced", gate=key, by=handover.giver)
    if handover.giver == evidence.by and not gate.own:
        raise Refused("own_handover", gate=key)
    _check_receiver(gate, evidence.by, rule_context)
    return gate, handover


def _check_receiver(gate: Gate, short: str, rule_context: RuleContext) -> None:
    if not rule_context.roster.plays(short, gate.receiver):
        raise Refused("not_receiver", gate=gate.key, person=short, role=gate.receiver)


def _last_submission(ticket: Ticket, gate: Gate) -> int:
    before = ticket.handovers.get(gate.key)
    return before.submission if before else 0


def _with(ticket: Ticket, gate: Gate, handover: Handover) -> Ticket:
    return replace(ticket, handovers={**ticket.handovers, gate.key: handover})


def _passed(ticket: Ticket, gate: Gate, handover: Handover, at: datetime, rule_context: RuleContext) -> Ticket:
    """Go through the gate into the next phase; what was missing becomes an open point of the giver's (reading 38)."""
    due_at = whole_second(gate.points.after(at, rule_context.calendar, ticket.breaks))
    owed = {
        f"{gate.key}.{item}": Point(handover.giver, due_at, at, ticket.facts, gate.key, item)
        for item in handover.missing
    }
    through = replace(_with(ticket, gate, handover), points={**ticket.points, **owed})
    return _over(anchored(through, f"{PASSED}{gate.key}", at, at), Ended.DONE, at, rule_context)


def _over(ticket: Ticket, how: Ended, at: datetime, rule_context: RuleContext) -> Ticket:
    following = rule_context.process.after(ticket.phase)
    if following is None:
        raise Refused("last_phase")
    return entered(replace(ticket, ended={**ticket.ended, ticket.phase: how}), following, at)


def _objected(ticket: Ticket, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    if rule_context.process.objections is None:
        raise Refused("no_objections_here")
    due_at = whole_second(rule_context.process.objections.after(at, rule_context.calendar, ticket.breaks))
    point = Point(ticket.owner or evidence.by, due_at, at, ticket.facts)
    return replace(ticket, points={**ticket.points, f"objection.{ticket.facts}": point})


def _assigned(ticket: Ticket, fact: PointAssigned, at: datetime, rule_context: RuleContext) -> Ticket:
    point = _point(ticket, fact.point)
    due_at = whole_second(fact.due_at)
    if due_at <= at:
        raise Refused("point_due_in_the_past")
    if not rule_context.roster.knows(fact.to):
        raise Refused("person_unknown", person=fact.to)
    changed = replace(point, owner=fact.to, due_at=due_at, set_at=at, n=ticket.facts)
    return replace(ticket, points={**ticket.points, fact.point: changed})


def _settled(ticket: Ticket, fact: PointSettled, evidence: Evidence) -> Ticket:
    """An item that was missing is settled by its answer, not by saying so."""
    point = _point(ticket, fact.point)
    if point.gate and point.item in evidence.missing:
        raise Refused("point_still_missing", gate=point.gate, item=point.item)
    return replace(ticket, points={key: one for key, one in ticket.points.items() if key != fact.point})


def _point(ticket: Ticket, key: str) -> Point:
    if key not in ticket.points:
        raise Refused("point_unknown", point=key)
    return ticket.points[key]


def _welcomed(ticket: Ticket, at: datetime, rule_context: RuleContext) -> Ticket:
    """The customer was welcomed into service, by mail or call; that handles the ticket, too (QG-02)."""
    welcome = rule_context.process.welcome
    if welcome is None:
        raise Refused("no_welcome_here")
    known = ticket.anchors.get(welcome)
    if known is not None and not known.planned:
        raise Refused("milestone_reached_already", milestone=welcome)
    return anchored(replace(ticket, status=Status.IN_PROGRESS), welcome, at, at)
