"""A ticket that somebody opened: with everything its pages are made from, as it stands now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException
from sqlmodel import Session

from domain.ticket.agenda import fire_due
from domain.ticket.context import Scene
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
    scene: Scene
    ticket: Ticket
    people: Mapping[str, PersonRow]

    @property
    def number(self) -> int:
        """The ticket's number."""
        return self.row.number or 0

    def limits(self, now: datetime) -> Limits:
        """Return what forms on this ticket may say."""
        staff = {short for short, person in self.people.items() if person.active}
        return Limits(staff, self.scene.process, self.scene.calendar, now, categories=self.scene.process.categories)


def opened(visit: Visit, session: Session, number: int) -> Opened:
    """Return a ticket as it stands now; 404 where there is none.

    Moments that are due but not yet recorded count as passed: the page is right while a worker is down.
    """
    found = queries.ticket(session, number)
    if found is None:
        raise HTTPException(404)
    row, customer = found
    scene = visit.front.desk.scene(session, row)
    ticket, _ = fire_due(visit.front.desk.ticket(row), scene, visit.now, inclusive=True)
    return Opened(row, customer, scene, ticket, directory.people(session))
