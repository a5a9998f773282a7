"""Judges facts: accepts one and returns the ticket after it, or refuses it with the rule's code."""

from dataclasses import fields, replace
from datetime import datetime

from domain.process.definition import SELF_ANSWERED, Anchor
from domain.ticket.bounds import check_fact
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import CustomerFact
from domain.ticket.customer_transitions import check_kind, live, worked_on
from domain.ticket.facts import (
    Answered,
    CallBackNoted,
    Called,
    Categorised,
    Closed,
    CustomerWrote,
    Fact,
    FollowUpSet,
    Noted,
    Paused,
    Reassigned,
    Refused,
    Resumed,
)
from domain.ticket.handover_rules import NOTHING, Evidence, Guarded, guard
from domain.ticket.phases import Step, walk
from domain.ticket.planning import plan
from domain.ticket.standing import escalations
from domain.ticket.ticket import Pause, Status, Ticket, anchored, unanchored, whole_second
from domain.time.calendar import BeyondHorizon

Aside = Noted | Reassigned | Paused | Resumed
"""What people do without taking the matter up: an automatic answer is still the last word."""
Service = Answered | Called | FollowUpSet | CustomerWrote | CallBackNoted | Categorised | Aside


def apply(ticket: Ticket, fact: Fact, at: datetime, rule_context: RuleContext, evidence: Evidence = NOTHING) -> Ticket:
    """Return the ticket after `fact` at the instant `at`; raises Refused with the rule's code.

    `evidence` says who asks, and what the checklist in question lacks. What asks for an instant that no calendar can
    count is too far; a ticket of a site that closed for good hears everything else.
    """
    check_fact(fact)
    at = whole_second(at)
    counted = _counted(ticket)
    check_kind(fact, rule_context)
    try:
        after = _judged(counted, fact, at, rule_context, evidence)
    except BeyondHorizon:
        raise Refused("too_far") from None
    if _names_an_instant(fact) and plan(after, rule_context).uncountable - plan(ticket, rule_context).uncountable:
        raise Refused("too_far")
    return after if isinstance(fact, Aside) else unanchored(after, SELF_ANSWERED)


def _names_an_instant(fact: Fact) -> bool:
    return any(isinstance(getattr(fact, each.name), datetime) for each in fields(fact))


def _judged(counted: Ticket, fact: Fact, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    if isinstance(fact, CustomerFact):
        return live(counted, fact, at, rule_context, evidence)
    if isinstance(fact, Step):
        return walk(counted, fact, at, rule_context, evidence)
    if isinstance(fact, Guarded):
        return guard(counted, fact, at, rule_context, evidence)
    if isinstance(fact, Closed):
        return _closed(counted, fact, at, rule_context)
    return worked_on(_served(counted, fact, at, rule_context), fact, at)


def _served(counted: Ticket, fact: Service, at: datetime, rule_context: RuleContext) -> Ticket:
    """Return the ticket after what people do for the customer, whatever the chain."""
    match fact:
        case Answered() | Called():
            return _handled(counted, at)
        case FollowUpSet():
            return _followed_up(counted, fact, at)
        case CustomerWrote() | CallBackNoted():
            return _reopened(counted, at)
        case Noted():
            return counted
        case Categorised():
            return _reopened(counted, at) if SELF_ANSWERED in counted.anchors else counted
        case Reassigned():
            return _reassigned(counted, fact, at, rule_context)
        case Paused():
            return _paused(counted, at)
        case Resumed():
            return _resumed(counted, at)


def _counted(ticket: Ticket) -> Ticket:
    """Number the fact; a closed ticket accepts none."""
    if ticket.status is Status.CLOSED:
        raise Refused("already_closed")
    return replace(ticket, facts=ticket.facts + 1)


def _handled(ticket: Ticket, at: datetime) -> Ticket:
    """Handling consumes a follow-up whose time has come; one that lies ahead stays promised (reading 8)."""
    due = ticket.follow_up_at
    anchors = dict(ticket.anchors)
    if due is not None and due <= at:
        del anchors[Anchor.FOLLOW_UP]
    return replace(ticket, status=Status.IN_PROGRESS, anchors=anchors)


def _followed_up(ticket: Ticket, fact: FollowUpSet, at: datetime) -> Ticket:
    promised = whole_second(fact.at)
    if promised <= at:
        raise Refused("follow_up_in_the_past")
    return replace(anchored(ticket, Anchor.FOLLOW_UP, promised, at), status=Status.IN_PROGRESS)


def _reopened(ticket: Ticket, at: datetime) -> Ticket:
    """A new clock starts unless the customer is waiting already; a pause ends, for somebody must look (reading 8)."""
    resumed = _resumed(ticket, at) if ticket.paused else ticket
    if resumed.status is Status.OPEN:
        return resumed
    return replace(anchored(resumed, Anchor.OPENED, at, at), status=Status.OPEN)


def _reassigned(ticket: Ticket, fact: Reassigned, at: datetime, rule_context: RuleContext) -> Ticket:
    """No clock starts anew, for the customer has waited since receipt; what is escalated counts as redistributed."""
    if fact.to == ticket.owner:
        raise Refused("already_owner", owner=fact.to)
    assigned = replace(anchored(ticket, Anchor.ASSIGNED, at, at), owner=fact.to)
    return anchored(assigned, Anchor.REDISTRIBUTED, at, at) if escalations(ticket, rule_context) else assigned


def _paused(ticket: Ticket, at: datetime) -> Ticket:
    if ticket.paused:
        raise Refused("already_paused")
    return replace(ticket, pauses=(*ticket.pauses, Pause(at)))


def _resumed(ticket: Ticket, at: datetime) -> Ticket:
    if not ticket.paused:
        raise Refused("not_paused")
    return replace(ticket, pauses=(*ticket.pauses[:-1], Pause(ticket.pauses[-1].since, at)))


def _closed(ticket: Ticket, fact: Closed, at: datetime, rule_context: RuleContext) -> Ticket:
    """A reason that says the work is done needs what the work was for; any other may end a ticket in any phase."""
    if not fact.reason.strip():
        raise Refused("reason_missing")
    needs = rule_context.process.needs.get(fact.reason, ())
    for anchor in needs:
        if anchor not in ticket.anchors or ticket.anchors[anchor].planned:
            raise Refused("not_done_yet", reason=fact.reason, needed=anchor)
    if needs and ticket.points:
        raise Refused("points_open", points=str(len(ticket.points)))
    return replace(ticket, status=Status.CLOSED, closed_at=at, reason=fact.reason)
