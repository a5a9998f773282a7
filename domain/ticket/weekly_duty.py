"""The weekly duty: what puts a customer's entry on the list of a week, and what works it off (KD-13, reading 34).

The mark WORKED is what the duty counts from: an entry is due by the end of the week after it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.process.definition import Anchor
from domain.process.life import LifeRules, Mark
from domain.ticket.context import RuleContext
from domain.ticket.ticket import Status, Ticket, anchored, unanchored, whole_second
from domain.time.horizon import answer

_WEEK = timedelta(days=7)


def news(ticket: Ticket, at: datetime, rule_context: RuleContext, rules: LifeRules) -> Ticket:
    """Return a customer after they did something: their entry is on the list of this week, whatever was promised.

    When the week is as good as over it is the next one's. What is on an earlier list stays there: only people work it
    off.
    """
    counts_from = at if _is_over(ticket, at, rule_context, rules) else _a_week_before(at, rule_context)
    known = ticket.anchors.get(Mark.WORKED)
    if known is not None and known.at <= counts_from:
        return ticket
    return anchored(ticket, Mark.WORKED, counts_from, at)


def begun(ticket: Ticket, at: datetime, rule_context: RuleContext, rules: LifeRules) -> Ticket:
    """Return a customer whose entry has to be worked on from now on: the first booking, the end of a no-show."""
    return news(unanchored(ticket, Mark.WORKED), at, rule_context, rules)


def worked(ticket: Ticket, at: datetime, rests_until: datetime | None = None) -> Ticket:
    """Work off an entry: it rests until next week, or until the week of its reminder; a due reminder is kept with it.

    The customer's priority is checked anew from now on (reading 31).
    """
    due = ticket.follow_up_at
    kept = unanchored(ticket, Anchor.FOLLOW_UP) if due is not None and due <= at else ticket
    rested = max(at, rests_until - _WEEK) if rests_until else at
    checked = anchored(anchored(kept, Mark.CHECKED, at, at), Mark.WORKED, rested, at)
    return replace(checked, status=Status.IN_PROGRESS)


def _is_over(ticket: Ticket, at: datetime, rule_context: RuleContext, rules: LifeRules) -> bool:
    """Whether the site opens for less time this week than somebody needs; a site that never opens again has no week."""
    calendar = rule_context.calendar
    end = answer(lambda: calendar.end_of_week(at, 0, breaks=ticket.breaks), at)
    return end <= at or calendar.between(at, end, breaks=ticket.breaks) < rules.still_this_week.time


def _a_week_before(at: datetime, rule_context: RuleContext) -> datetime:
    """Return the same time by the site's clock, a week before."""
    return whole_second(at.astimezone(rule_context.calendar.zone) - _WEEK)
