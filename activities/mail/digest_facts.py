"""What a list says at the moment it is sent: read then, so that nobody is told of what was handled meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, or_, select

from activities.ledger.context import absences_of, calendar_of, digests_of
from activities.ledger.deputies import Deputies
from activities.mail.letter_facts import Item, item_about
from domain.process.roles import Role
from domain.staff.absence import Absence
from domain.staff.digests import Content, Digest
from domain.ticket.standing import Light
from domain.time.horizon import answer
from models.tables import EscalationRow, EventRow, LifeRow, PersonRow, TicketRow

RETURN = "return"
"""The kind of the one report somebody gets when they are back."""


@dataclass(frozen=True)
class Group:
    """Lines under one heading: "overdue", "today", "later" and "pool", or the name of a colleague."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Report:
    """What a list says. `solved` is how many escalations ended since the last one; `away` what it is a return from."""

    kind: str
    groups: tuple[Group, ...]
    solved: int = 0
    away: Absence | None = None
    touched: tuple[Item, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self.groups and not self.touched


def report(session: Session, kind: str, short: str, at: datetime) -> Report:
    """Return what the list of this kind says to somebody at an instant; an unknown kind says nothing."""
    person = session.get_one(PersonRow, short)
    digest = _digest(session, kind, person)
    if digest is None:
        return Report(kind, ())
    if digest.content is Content.ESCALATED:
        return _escalated(session, digest, person, at)
    if digest.content is Content.UNWORKED:
        return Report(kind, _unworked(session, digest, person, at))
    groups = _due(session, digest, person, at)
    if kind != RETURN:
        return Report(kind, groups)
    away = last_absence(session, short, at)
    return Report(kind, groups, away=away, touched=_touched(session, short, away) if away else ())


def last_absence(session: Session, short: str, at: datetime) -> Absence | None:
    """Return the absence that ended last."""
    ended = [absence for absence in absences_of(session).get(short, ()) if absence.until <= at]
    return max(ended, key=lambda absence: absence.until, default=None)


def _digest(session: Session, kind: str, person: PersonRow) -> Digest | None:
    lists = digests_of(session, person.site)
    if kind == RETURN:
        return next((digest for digest in lists if digest.content is Content.DUE), None)
    return next((digest for digest in lists if digest.code == kind), None)


def _due(session: Session, digest: Digest, person: PersonRow, at: datetime) -> tuple[Group, ...]:
    """Return what is open, and what is due by the end of the day, most late first (reading 14)."""
    calendar = calendar_of(session, person.site)
    midnight = datetime.combine(calendar.date_of(at) + timedelta(days=1), time(), calendar.zone)
    represented = Deputies(session, at).represented_by(person.short)
    shares: dict[str, list[Item]] = {"overdue": [], "today": [], "later": []}
    for row in _rows(session, [person.short], midnight):
        shares[_share(row, at, midnight)].append(item_about(session, row, digest.code, person.short))
    groups = [Group(heading, tuple(items)) for heading, items in shares.items()]
    for away in represented:
        items = [item_about(session, row, digest.code, person.short) for row in _rows(session, [away], midnight)]
        groups.append(Group(session.get_one(PersonRow, away).name, tuple(items)))
    if Role.DISPATCHER in digest.to and Role.DISPATCHER in person.roles:
        unowned = [row for row in _rows(session, None, midnight) if row.site == person.site]
        groups.append(Group("pool", tuple(item_about(session, row, digest.code, person.short) for row in unowned)))
    return tuple(group for group in groups if group.items)


def _share(row: TicketRow, at: datetime, midnight: datetime) -> str:
    if row.due_at is not None and row.due_at <= at:
        return "overdue"
    return "today" if row.due_at is not None and row.due_at < midnight else "later"


def _rows(session: Session, owners: Sequence[str] | None, midnight: datetime) -> Sequence[TicketRow]:
    """Return the tickets a list names, those with the least time left first; without owners those of nobody."""
    owner = col(TicketRow.owner).in_(owners) if owners is not None else col(TicketRow.owner).is_(None)
    wanted = or_(TicketRow.status == "open", col(TicketRow.due_at) < midnight)
    found = select(TicketRow).where(owner, ~col(TicketRow.closed), TicketRow.light != Light.PAUSED, wanted)
    return session.exec(found.order_by(col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))).all()


def _unworked(session: Session, digest: Digest, person: PersonRow, at: datetime) -> tuple[Group, ...]:
    """Return the customers to be worked on by the end of this week: somebody's own, and those they stand in for."""
    calendar = calendar_of(session, person.site)
    until = answer(lambda: calendar.end_of_week(at, 0), at)
    groups = []
    for short in (person.short, *Deputies(session, at).represented_by(person.short)):
        rows = session.exec(
            select(TicketRow)
            .join(LifeRow, col(LifeRow.ticket) == col(TicketRow.number))
            .where(TicketRow.owner == short, ~col(TicketRow.closed), col(LifeRow.work_by) <= until)
            .order_by(col(LifeRow.work_by), col(TicketRow.number))
        ).all()
        items = tuple(item_about(session, row, digest.code, person.short) for row in rows)
        heading = "unworked" if short == person.short else session.get_one(PersonRow, short).name
        groups.append(Group(heading, items))
    return tuple(group for group in groups if group.items)


def _escalated(session: Session, digest: Digest, person: PersonRow, at: datetime) -> Report:
    """Return what is escalated to somebody now, by seller, and how much of this week's was solved (reading 17)."""
    now = session.exec(
        select(TicketRow)
        .join(EscalationRow, col(EscalationRow.ticket) == col(TicketRow.number))
        .where(EscalationRow.person == person.short)
        .order_by(col(EscalationRow.since), col(TicketRow.number))
    ).all()
    sellers: dict[str, list[Item]] = {}
    for row in now:
        item = item_about(session, row, digest.code, person.short)
        sellers.setdefault(item.owner or "pool", []).append(item)
    groups = tuple(Group(name, tuple(items)) for name, items in sorted(sellers.items()))
    return Report(
        digest.code, groups, solved=len(_escalated_since(session, digest, person, at) - {r.number for r in now})
    )


def _escalated_since(session: Session, digest: Digest, person: PersonRow, at: datetime) -> set[int]:
    """Return the tickets of the site that were escalated to somebody since the last list."""
    calendar = calendar_of(session, person.site)
    since = digest.before(calendar.date_of(at), calendar)
    events = session.exec(
        select(EventRow.ticket, EventRow.code)
        .join(TicketRow, col(TicketRow.number) == col(EventRow.ticket))
        .where(EventRow.escalates, EventRow.at > since, EventRow.at <= at, TicketRow.site == person.site)
    )
    return {ticket for ticket, code in events if code.rpartition("/")[2] == person.short or "/" not in code}


def _touched(session: Session, short: str, away: Absence) -> tuple[Item, ...]:
    """Return the tickets of somebody at which others did something while they were away."""
    numbers = session.exec(
        select(EventRow.ticket)
        .join(TicketRow, col(TicketRow.number) == col(EventRow.ticket))
        .where(TicketRow.owner == short, col(EventRow.by).is_not(None), EventRow.by != short)
        .where(EventRow.at >= away.since, EventRow.at < away.until, EventRow.code != "received")
        .distinct()
    ).all()
    rows = session.exec(select(TicketRow).where(col(TicketRow.number).in_(numbers)).order_by(col(TicketRow.number)))
    return tuple(item_about(session, row, RETURN, short) for row in rows)
