"""One look at the database for everybody whose page is open: who is still signed in, what waits, how tickets stand.

Reads rows for all of them at once; knows neither streams nor what anybody was told before.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from activities.ledger.context import calendar_of
from domain.ticket.agenda import agenda, fire_due
from domain.ticket.standing import due_at, light
from domain.time.calendar import Break, BusinessCalendar
from domain.time.horizon import answer
from models.tables import (
    EscalationRow,
    EventRow,
    NoticeRow,
    PersonRow,
    SessionRow,
    TicketRow,
)
from models.tables.notices import is_shown
from web.commands import queries
from web.me import popups
from web.shell.services import Services
from web.shell.translations import LANGUAGES

_AT_ONCE = 500
"""So many tickets are asked for in one statement."""
_SHOWN = 10
"""So many pop-ups are shown at a time, as on the pages."""


@dataclass(frozen=True)
class Wanted:
    """What the open pages are about: whose sessions and mailboxes, and which tickets they show."""

    sessions: frozenset[str]
    people: frozenset[str]
    tickets: frozenset[int]


@dataclass(frozen=True)
class PopUp:
    """A notice that waits to be confirmed, in every language."""

    id: int
    by_language: Mapping[str, popups.PopUp]


@dataclass(frozen=True)
class Stand:
    """How a ticket stands, until something happens to it or until time alone changes how it looks."""

    row: TicketRow
    calendar: BusinessCalendar
    breaks: Sequence[Break]
    acted: PersonRow | None
    until: datetime | None
    mark: tuple[Any, ...]


@dataclass(frozen=True)
class Seen:
    """What a look found."""

    now: datetime
    sessions: frozenset[str]
    pop_ups: Mapping[str, Sequence[PopUp]]
    mine: Mapping[str, int]
    customers: Mapping[str, int]
    escalated: Mapping[str, int]
    pool: int
    newest: int
    stands: Mapping[int, Stand]


@dataclass
class Looking:
    """Looks again and again; what has not changed since the last look is not worked out anew."""

    services: Services
    _stands: dict[int, Stand] = field(default_factory=dict)
    _pop_ups: dict[int, PopUp] = field(default_factory=dict)

    def look(self, wanted: Wanted) -> Seen:
        """Return what there is to see now; a stand that did not change is the same object as before."""
        now = self.services.clock()
        with self.services.database.reading() as session:
            self._stands = self._looked_at(session, wanted.tickets, now)
            return Seen(
                now=now,
                sessions=_sessions(session, wanted.sessions, now),
                pop_ups=self._waiting(session, wanted.people),
                mine=_mine(session, wanted.people),
                escalated=_escalated(session, wanted.people),
                pool=queries.pool_count(session),
                customers=_customers(session, wanted.people),
                newest=_newest(session),
                stands=self._stands,
            )

    def _looked_at(self, session: Session, tickets: Collection[int], now: datetime) -> dict[int, Stand]:
        stands = {}
        for number, mark in _marks(session, tickets):
            known = self._stands.get(number)
            if known is None or known.mark != mark or (known.until is not None and known.until <= now):
                known = self._stand(session, session.get_one(TicketRow, number), mark, now)
            stands[number] = known
        return stands

    def _stand(self, session: Session, row: TicketRow, mark: tuple[Any, ...], now: datetime) -> Stand:
        """Return how a ticket stands; one whose moments nobody wrote down yet is wound forward, as its page is."""
        calendar, ticket = calendar_of(session, row.site), self.services.ticket_service.ticket(row)
        shown = row.model_copy()
        if row.next_at is not None and row.next_at <= now:
            rule_context = self.services.ticket_service.rule_context(session, row)
            ticket, _ = fire_due(ticket, rule_context, now, inclusive=True)
            shown.light, shown.due_at = light(ticket, rule_context), due_at(ticket, rule_context)
            shown.next_at = next((moment.at for moment in agenda(ticket, rule_context)), None)
        turns = _turns(calendar, now) if shown.due_at else None
        until = min(filter(None, (shown.next_at, turns)), default=None)
        return Stand(shown, calendar, ticket.breaks, _acted(session, row), until, mark)

    def _waiting(self, session: Session, people: Collection[str]) -> dict[str, list[PopUp]]:
        ids: dict[str, list[int]] = {}
        for number, mailbox in session.execute(_waiting_pop_ups(people)).all():
            ids.setdefault(mailbox.partition(":")[2], []).append(number)
        shown = {short: found[:_SHOWN] for short, found in ids.items()}
        wanted = {number for found in shown.values() for number in found}
        self._pop_ups = {number: known for number, known in self._pop_ups.items() if number in wanted}
        for one in _pop_ups(session, wanted - set(self._pop_ups)):
            self._pop_ups[one.id] = one
        return {
            short: [self._pop_ups[number] for number in found if number in self._pop_ups]
            for short, found in shown.items()
        }


def _marks(session: Session, tickets: Collection[int]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield for every ticket what differs as soon as it was written to."""
    columns = (TicketRow.number, TicketRow.recorded, TicketRow.version, TicketRow.light)
    moving = (TicketRow.due_at, TicketRow.next_at, TicketRow.owner)
    numbers = sorted(tickets)
    for first in range(0, len(numbers), _AT_ONCE):
        some = col(TicketRow.number).in_(numbers[first : first + _AT_ONCE])
        for number, *mark in session.execute(select(*columns, *moving).where(some)).all():  # type: ignore[call-overload]
            yield number, tuple(mark)


def _turns(calendar: BusinessCalendar, now: datetime) -> datetime | None:
    """Return when the site opens or closes next, if ever: countdowns stand still outside its hours."""
    if calendar.is_open(now):
        return calendar.segments(now, now + timedelta(days=1))[0].closes_at
    return answer(lambda: calendar.next_open(now), None)


def _acted(session: Session, row: TicketRow) -> PersonRow | None:
    """Return who did something to the ticket last, if it was somebody of the staff."""
    by = session.execute(
        select(EventRow.by)
        .where(EventRow.ticket == row.number, col(EventRow.moment).is_(None), EventRow.code != "refused")
        .order_by(col(EventRow.id).desc())
        .limit(1)
    ).scalar()
    return session.get(PersonRow, by) if by else None


def _sessions(session: Session, keys: Collection[str], now: datetime) -> frozenset[str]:
    alive = (
        select(SessionRow.token_hash)
        .join(PersonRow, col(PersonRow.short) == col(SessionRow.person))
        .where(col(SessionRow.token_hash).in_(keys), col(SessionRow.expires_at) > now, PersonRow.active)
    )
    return frozenset(session.execute(alive).scalars())


def _waiting_pop_ups(people: Collection[str]) -> Any:
    return (
        select(NoticeRow.id, NoticeRow.mailbox)
        .where(col(NoticeRow.mailbox).in_([f"person:{short}" for short in people]))
        .where(is_shown(), col(NoticeRow.ticket).is_not(None))
        .order_by(col(NoticeRow.at))
    )


def _pop_ups(session: Session, ids: Collection[int]) -> Iterator[PopUp]:
    if not ids:
        return
    found = (
        select(NoticeRow, TicketRow)
        .join(TicketRow, col(TicketRow.number) == col(NoticeRow.ticket))
        .where(col(NoticeRow.id).in_(ids))
    )
    for notice, ticket in session.execute(found).all():
        told = {language: popups.pop_up(session, notice, ticket, language) for language in LANGUAGES}
        yield PopUp(notice.id, told)


def _mine(session: Session, people: Collection[str]) -> dict[str, int]:
    owned = (col(TicketRow.owner).in_(people), ~col(TicketRow.closed), ~col(TicketRow.life))
    counted = select(TicketRow.owner, func.count()).where(*owned).group_by(col(TicketRow.owner))
    return {owner: n for owner, n in session.execute(counted).all() if owner is not None}


def _customers(session: Session, people: Collection[str]) -> dict[str, int]:
    """Return for everybody a number that changes whenever something happens to one of their customers."""
    owned = (col(TicketRow.owner).in_(people), ~col(TicketRow.closed), col(TicketRow.life))
    changes = select(TicketRow.owner, func.sum(TicketRow.recorded + 1)).where(*owned).group_by(col(TicketRow.owner))
    return {owner: int(n) for owner, n in session.execute(changes).all() if owner is not None}


def _newest(session: Session) -> int:
    newest = select(TicketRow.number).where(~col(TicketRow.life)).order_by(col(TicketRow.number).desc()).limit(1)
    return session.execute(newest).scalar() or 0


def _escalated(session: Session, people: Collection[str]) -> dict[str, int]:
    theirs = col(EscalationRow.person).in_(people)
    counted = select(EscalationRow.person, func.count()).where(theirs).group_by(col(EscalationRow.person))
    return {person: int(n) for person, n in session.execute(counted).all()}
