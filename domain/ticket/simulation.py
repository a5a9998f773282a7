"""Plays a ticket that does not exist: the same rules as the ledger's, over a list of events instead of a database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.process.recipients import Member, Roster
from domain.process.roles import OF_A_TICKET, Role
from domain.ticket.agenda import agenda, fire_due
from domain.ticket.context import RuleContext
from domain.ticket.facts import Fact, HandoverAccepted, HandoverRejected, HandoverSubmitted, PhaseDone
from domain.ticket.handover_rules import NOTHING, Evidence
from domain.ticket.moments import Moment
from domain.ticket.ticket import Ticket
from domain.ticket.transitions import apply

OWNER, COLLEAGUE = "owner", "colleague"
"""Who works on a ticket that does not exist: its owner, and who it is handed to."""
CAST = Roster(tuple(Member(short, frozenset(Role) - OF_A_TICKET) for short in (OWNER, COLLEAGUE)))


@dataclass(frozen=True)
class Event:
    """A fact at an instant, and what came with it."""

    at: datetime
    fact: Fact
    evidence: Evidence = NOTHING


def steps(ticket: Ticket, event: Event, rule_context: RuleContext) -> list[Event]:
    """Return the facts an event stands for, each with who of the cast asks for it.

    A phase that ends at a critical gate is done by going through it: one hands over, the other accepts.
    """
    giver = ticket.owner or OWNER
    receiver = COLLEAGUE if giver == OWNER else OWNER
    if event.evidence is not NOTHING:
        return [event]
    if isinstance(event.fact, HandoverAccepted | HandoverRejected):
        return [replace(event, evidence=Evidence(receiver))]
    gate = rule_context.process.gate_after(ticket.phase)
    if gate is None or not gate.critical or not isinstance(event.fact, PhaseDone):
        return [replace(event, evidence=Evidence(giver))]
    submitted = Event(event.at, HandoverSubmitted(gate.key), Evidence(giver))
    return [submitted, Event(event.at, HandoverAccepted(gate.key), Evidence(receiver))]


def play(ticket: Ticket, rule_context: RuleContext, events: Sequence[Event], until: datetime | None) -> list[Moment]:
    """Return every moment that comes to pass, given the events, sorted by time.

    Without `until` it plays until nothing more would happen; what repeats for ever then happens once. Events need not
    be sorted. A fact the ticket does not accept raises Refused. A fact at the instant of a moment is in time: it
    comes first.
    """
    happened: list[Moment] = []
    for event in sorted(events, key=lambda event: event.at.astimezone(UTC)):
        if until is not None and event.at.astimezone(UTC) > until.astimezone(UTC):
            break
        ticket, moments = fire_due(ticket, rule_context, event.at, inclusive=False)
        happened += moments
        for step in steps(ticket, event, rule_context):
            ticket = apply(ticket, step.fact, step.at, rule_context, step.evidence)
    while due := agenda(ticket, rule_context):
        if until is None and all(moment.round > 1 for moment in due):
            break
        if until is not None and due[0].at > until:
            break
        ticket, moments = fire_due(ticket, rule_context, due[0].at, inclusive=True)
        happened += moments
    return happened
