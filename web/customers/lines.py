"""A customer as a line of a list: light, stage, what is special about them, what is due, and what was booked."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from activities.ledger.context import calendar_of, process_of
from domain.process.life import Mark
from domain.ticket.agenda import agenda, in_force
from domain.ticket.context import RuleContext
from domain.ticket.ticket import Ticket
from models.tables import LifeRow, PersonRow
from web.customers.queries import Found
from web.shell import presenting
from web.shell.naming import name_of
from web.shell.presenting import Line
from web.shell.request import Visit
from web.shell.translations import N_, Words

_FLAGS = {
    "no_show": N_("No-show"),
    "invited": N_("Invited by a colleague"),
    "priority": N_("Priority"),
    "watched": N_("Watchlist"),
    "offer": N_("Offer"),
}


@dataclass(frozen=True)
class CustomerLine:
    """A customer in a list. `why` is what the countdown counts to; `called` says that a phone appointment is booked."""

    line: Line
    id: int
    version: int
    tag: str
    called: bool
    flags: tuple[str, ...]
    tasks: int
    packages: str
    why: str


class Lines:
    """Turns what was found into lines, for one page."""

    def __init__(self, visit: Visit, session: Session, people: Mapping[str, PersonRow]) -> None:
        """Take the visit that reads them, and the staff."""
        self._visit = visit
        self._session = session
        self._people = people

    def of(self, found: Found) -> CustomerLine:
        """Return the line of a customer."""
        row, words = found.row, self._visit.words
        rule_context = RuleContext(process_of(self._session, row.definition), calendar_of(self._session, row.site))
        ticket = self._visit.services.ticket_service.ticket(row)
        shown = presenting.countdown(row, self._visit.now, rule_context.calendar, ticket.breaks, words)
        owner = name_of(row.owner, self._people) if row.owner else ""
        phase = rule_context.process.phases[row.phase].title[words.language]
        return CustomerLine(
            line=presenting.line(row, found.customer, found.light, owner, shown, phase),
            id=found.customer.id,
            version=row.version,
            tag=found.life.tag,
            called=Mark.APPOINTMENT in ticket.anchors and row.phase == rule_context.process.first_phase,
            flags=flags(found.life, words),
            tasks=found.life.open_tasks,
            packages=packages(found.life, words),
            why=_why(ticket, rule_context, row.due_at <= self._visit.now, words) if row.due_at and shown.due else "",
        )


def flags(life: LifeRow, words: Words) -> tuple[str, ...]:
    """Return what is special about a customer, in words."""
    return tuple(words(label) for name, label in _FLAGS.items() if getattr(life, name))


def packages(life: LifeRow, words: Words) -> str:
    """Return the sizes booked, in their order, the last few of them."""
    last = life.packages[-_SHOWN_PACKAGES:]
    booked = " · ".join(map(str, last))
    earlier = "… " if len(last) < len(life.packages) else ""
    return words(N_("%(sizes)s hours"), sizes=f"{earlier}{booked}") if booked else ""


_SHOWN_PACKAGES = 4


def _why(ticket: Ticket, rule_context: RuleContext, late: bool, words: Words) -> str:
    """Return what the instant that a customer is due for is about: what is so now, or what will be so otherwise."""
    moments = [
        moment
        for moment in (*in_force(ticket, rule_context), *agenda(ticket, rule_context))
        if moment.rule.marks_overdue
    ]
    first = min(moments, key=lambda moment: moment.at, default=None)
    title = first.rule.title[words.language] if first else ""
    return title if late or not title else words(N_("otherwise: %(title)s"), title=title)
