"""The agenda: everything that will happen to a ticket if nobody does anything. Pure; the one idea of the product.

Every surface is a reading of this list: the workflow's next wake-up, the page's countdown, `simulate`, the feed.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime

from domain.process.definition import Condition, Holding
from domain.process.handovers import Stage
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.planning import plan
from domain.ticket.ticket import Anchored, Status, Ticket


def agenda(ticket: Ticket, rule_context: RuleContext) -> list[Moment]:
    """Return what will happen, sorted by time; empty while the ticket is paused or closed."""
    if ticket.paused or ticket.status is Status.CLOSED:
        return []
    return sorted(
        (moment for moment in _holding(ticket, rule_context) if moment.key not in ticket.fired),
        key=lambda moment: moment.at,
    )


def in_force(ticket: Ticket, rule_context: RuleContext) -> list[Moment]:
    """Return the moments that came to pass and still hold: what makes a ticket overdue or escalated now."""
    return [moment for moment in _holding(ticket, rule_context) if moment.key in ticket.fired]


def fire(ticket: Ticket, moment: Moment) -> Ticket:
    """Return the ticket after the moment came to pass at its own instant, however late it was noticed."""
    rule = moment.rule
    marks = {name: Anchored(moment.at, ticket.facts, moment.at) for name in rule.sets}
    fired = replace(ticket, fired={**ticket.fired, moment.key: moment.at}, anchors={**ticket.anchors, **marks})
    if rule.closes_as is not None:
        return replace(fired, status=Status.CLOSED, closed_at=moment.at, reason=rule.closes_as)
    return replace(fired, status=Status.IN_PROGRESS) if rule.handles else fired


def fire_due(
    ticket: Ticket, rule_context: RuleContext, until: datetime, *, inclusive: bool
) -> tuple[Ticket, list[Moment]]:
    """Let everything happen that is due by `until`; a fact at that very instant is in time, so it asks exclusively."""
    happened = []
    until = until.astimezone(UTC)
    while due := agenda(ticket, rule_context):
        moment = due[0]
        if moment.at > until or (moment.at == until and not inclusive):
            break
        ticket = fire(ticket, moment)
        happened.append(moment)
    return ticket, happened


def holds(condition: Condition, ticket: Ticket, rule_context: RuleContext) -> bool:
    """Whether a condition of a rule or flag holds now."""
    match condition.kind:
        case Holding.OPEN:
            return ticket.status is Status.OPEN
        case Holding.IN_PROGRESS:
            return ticket.status is Status.IN_PROGRESS
        case Holding.UNFINISHED:
            return condition.of not in ticket.ended
        case Holding.IN_PHASE:
            return ticket.phase == condition.of
        case Holding.MISSING | Holding.SET:
            return (condition.of in ticket.anchors) is (condition.kind is Holding.SET)
        case Holding.NEW_PARTNER:
            return ticket.partner_jobs is not None and ticket.partner_jobs < rule_context.process.new_partner_jobs
        case Holding.AT_GATE:
            return _stage(ticket, condition.of) is Stage.SUBMITTED
        case Holding.NOT_GIVEN:
            return _stage(ticket, condition.of) in {None, Stage.REJECTED, Stage.REOPENED}
        case Holding.PASSED:
            handover = ticket.handovers.get(condition.of)
            return handover is not None and handover.is_passed


def _stage(ticket: Ticket, gate: str) -> Stage | None:
    handover = ticket.handovers.get(gate)
    return handover.stage if handover else None


class _Last(threading.local):
    """What a thread counted last: whoever writes or shows a ticket reads its moments a dozen times in a row."""

    asked: tuple[Ticket, RuleContext] | None = None
    found: tuple[Moment, ...] = ()


_last = _Last()


def _holding(ticket: Ticket, rule_context: RuleContext) -> tuple[Moment, ...]:
    """Return the moments whose conditions hold; neither tickets nor scenes ever change, so the same have the same."""
    if _last.asked is None or _last.asked[0] is not ticket or _last.asked[1] is not rule_context:
        found = tuple(
            moment
            for moment in plan(ticket, rule_context).moments
            if all(holds(condition, ticket, rule_context) for condition in moment.rule.conditions)
        )
        _last.asked, _last.found = (ticket, rule_context), found
    return _last.found
