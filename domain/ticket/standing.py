"""How a ticket stands: its light, its escalation level, what it is due for. Derived, never stored as truth."""

from datetime import datetime
from enum import StrEnum

from domain.ticket.agenda import agenda, in_force
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.ticket import Status, Ticket


class Light(StrEnum):
    """Yellow open, green in progress, red overdue, escalated red with a symbol; grey lights for what stands still."""

    YELLOW = "yellow"
    GREEN = "green"
    RED = "red"
    ESCALATED = "escalated"
    PAUSED = "paused"
    CLOSED = "closed"


def light(ticket: Ticket, rule_context: RuleContext) -> Light:
    """Return the light of a ticket (S2:13-16, reading 21)."""
    if ticket.status is Status.CLOSED:
        return Light.CLOSED
    if ticket.paused:
        return Light.PAUSED
    holding = in_force(ticket, rule_context)
    if any(moment.rule.escalation_level for moment in holding):
        return Light.ESCALATED
    if any(moment.rule.marks_overdue for moment in holding):
        return Light.RED
    return Light.YELLOW if ticket.status is Status.OPEN else Light.GREEN


def escalations(ticket: Ticket, rule_context: RuleContext) -> list[Moment]:
    """Return the escalations in force; handling ends them, a pause does not hide that they happened (reading 22)."""
    if ticket.status is Status.CLOSED:
        return []
    return [moment for moment in in_force(ticket, rule_context) if moment.rule.escalation_level]


def escalation_level(ticket: Ticket, rule_context: RuleContext) -> int:
    """Return the highest level reached, 0 where nothing escalated."""
    return max((moment.rule.escalation_level for moment in escalations(ticket, rule_context)), default=0)


def due_at(ticket: Ticket, rule_context: RuleContext) -> datetime | None:
    """Return when the ticket is, or became, overdue; None where no deadline runs."""
    if ticket.status is Status.CLOSED or ticket.paused:
        return None
    moments = [*in_force(ticket, rule_context), *agenda(ticket, rule_context)]
    return min((moment.at for moment in moments if moment.rule.marks_overdue), default=None)
