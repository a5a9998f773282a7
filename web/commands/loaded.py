"""A ticket that somebody opened: with everything its pages are made from, as it stands now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException
from sqlmodel import Session

from domain.ticket.agenda import fire_due
from domain.ticket.context import RuleContext
from domain.ticket.ticket import Ticket
from models.tables import CustomerRow, PersonRow, TicketRow
from web.commands import queries
from web.commands.limits import Limits
from web.shell import directory
from web.shell.request import Visit


@dataclass(frozen=True)
class Opened:
    """A ticket with everything its page is made from."""

    row: TicketRow
    customer: CustomerRow
    rule_context: RuleContext
    ticket: Ticket
    people: Mapping[str, PersonRow]

    @property
    def number(self) -> int:
        """The ticket's number."""
        return self.row.number or 0

    def limits(self, now: datetime) -> Limits:
        """Return what forms on this ticket may say."""
        staff = {short for short, person in self.people.items() if person.active}
        return Limits(
            staff,
            self.rule_context.process,
            self.rule_context.calendar,
            now,
            categories=self.rule_context.process.categories,
        )


def opened(visit: Visit, session: Session, number: int) -> Opened:
    """Return a ticket as it stands now; 404 where there is none.

    Moments that are due but not yet recorded count as passed: the page is right while a worker is down.
    """
    found = queries.ticket(session, number)
    if found is None:
        raise HTTPException(404)
    row, customer = found
    rule_context = visit.services.ticket_service.rule_context(session, row)
    ticket, _ = fire_due(visit.services.ticket_service.ticket(row), rule_context, visit.now, inclusive=True)
    return Opened(row, customer, rule_context, ticket, directory.people(session))
