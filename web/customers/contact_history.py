"""Everything that passed between a customer and us, over all channels and all tickets, as one list, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, union_all
from sqlmodel import Session, col, select

from activities.customers.contact_data import CUSTOMER
from activities.customers.directory import family
from activities.customers.merging import MERGE, MERGED
from activities.intake.external_facts import COMMAND
from domain.process.definition import AUTOMATIC_ANSWER, CONFIRMATION
from domain.service.catalogue import TITLES
from domain.words.wording import fact_words, instant
from models.tables import AuditRow, EventRow, MailRow, NoticeRow, PersonRow, TextRow, TicketRow
from web.shell import presenting
from web.shell.audit_log import Change, changes
from web.shell.fact_views import Speaker, sent_by, spoken_by
from web.shell.naming import name_of
from web.shell.paging import PAGE_SIZE
from web.shell.translations import N_, Words
from web.shell.urls import called, page_of


class Direction(StrEnum):
    """Who spoke: the customer, one of us to them, a program, or one of us to colleagues; or who they are changed."""

    FROM_CUSTOMER = "from_customer"
    FROM_US = "from_us"
    AUTOMATIC = "automatic"
    INTERNAL = "internal"
    CHANGE = "change"


DIRECTIONS = {
    Direction.FROM_CUSTOMER: N_("from the customer"),
    Direction.FROM_US: N_("from us"),
    Direction.AUTOMATIC: N_("automatic"),
    Direction.INTERNAL: N_("internal"),
    Direction.CHANGE: N_("changed"),
}
API = "api"
CHANNELS = presenting.CHANNELS

_FROM_US, _FROM_CUSTOMER = spoken_by(Speaker.US), spoken_by(Speaker.CUSTOMER)
_AUTOMATIC = frozenset({AUTOMATIC_ANSWER, CONFIRMATION})
_CONTACTS = _FROM_US | _FROM_CUSTOMER | _AUTOMATIC
_CHANGED = {
    CUSTOMER: N_("Contact data changed"),
    MERGE: N_("Merged with another customer"),
    MERGED: N_("Merged into another customer"),
}
_UNDONE = {MERGE: N_("Merge undone"), MERGED: N_("Merge undone")}
_EVENT, _AUDIT = "event", "audit"


@dataclass(frozen=True)
class Asked:
    """Which entries are shown: of one channel, only words with the customer, which page."""

    customer: int
    channel: str = ""
    only_customer: bool = False
    page: int = 1

    def url(self, *, channel: str | None = None, only_customer: bool | None = None, page: int = 1) -> str:
        """Return the address of the list; everything that narrows it is in there."""
        narrowed = {
            "channel": self.channel if channel is None else channel,
            "only": "customer" if (self.only_customer if only_customer is None else only_customer) else "",
            "page": page if page > 1 else "",
        }
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return f"/customers/{self.customer}/contacts{'?' if query else ''}{query}"


@dataclass(frozen=True)
class Entry:
    """One contact, note or change; `mark` and `href` name the ticket it belongs to, empty where it belongs to none."""

    at: datetime
    when: str
    direction: Direction
    title: str
    channel: str = ""
    by: str = ""
    mark: str = ""
    subject: str = ""
    href: str = ""
    text: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Contacts:
    """A page of the history, how many pages there are, and the channels that have entries."""

    entries: Sequence[Entry]
    pages: int
    channels: Sequence[str]


def contacts(session: Session, asked: Asked, zone: ZoneInfo, people: Mapping[str, PersonRow], words: Words) -> Contacts:
    """Return a page of a customer's contacts, with those of everybody who was merged into them."""
    members = family(session, asked.customer)
    found = _found(members, asked).subquery()
    page = select(found.c.kind, found.c.id, found.c.channel).order_by(
        found.c.at.desc(), found.c.kind, found.c.id.desc()
    )
    rows = session.execute(page.limit(PAGE_SIZE).offset((asked.page - 1) * PAGE_SIZE)).all()
    total = session.execute(select(func.count()).select_from(found)).scalar_one()
    reader = _Reader(session, zone, people, words)
    return Contacts(
        entries=reader.entries([(kind, number, channel) for kind, number, channel in rows]),
        pages=max(1, -(-total // PAGE_SIZE)),
        channels=_channels(session, members),
    )


def _found(members: Sequence[int], asked: Asked) -> Any:
    """Return kind, id, instant and channel of everything that is asked for."""
    events = _events(members, only_customer=asked.only_customer)
    if asked.channel:
        events = events.where(_channel() == asked.channel)
    if asked.channel or asked.only_customer:
        return events
    keys = [str(number) for number in members]
    mine = and_(col(AuditRow.what).in_([CUSTOMER, MERGE]), col(AuditRow.key).in_(keys))
    own = and_(col(AuditRow.what) == MERGED, col(AuditRow.key) == str(asked.customer))
    changed: Any = select(
        literal(_AUDIT).label("kind"), col(AuditRow.id), col(AuditRow.at).label("at"), literal("").label("channel")
    ).where(or_(mine, own))
    return union_all(events, changed)


def _events(members: Sequence[int], *, only_customer: bool) -> Any:
    contact = col(EventRow.code).in_(_CONTACTS)
    noted = and_(col(EventRow.text).is_not(None), col(EventRow.code) != "refused")
    return (
        select(
            literal(_EVENT).label("kind"), col(EventRow.id), col(EventRow.at).label("at"), _channel().label("channel")
        )
        .join(TicketRow, col(TicketRow.number) == col(EventRow.ticket))
        .where(col(TicketRow.customer).in_(members), contact if only_customer else or_(contact, noted))
    )


def _channel() -> ColumnElement[str]:
    """Return through which channel something came or went; empty where nothing did, or nobody knows."""
    code, by_call = col(EventRow.code), col(EventRow.fact)["by"].as_string() == "call"
    return case(
        (code == "received", col(TicketRow.channel)),
        (and_(code.in_(_CONTACTS), col(EventRow.command).startswith(COMMAND)), API),
        (or_(code.in_(sent_by("phone")), and_(code == "welcomed", by_call)), "phone"),
        (code.in_(sent_by("mail") | _AUTOMATIC), "mail"),
        else_="",
    )


def _channels(session: Session, members: Sequence[int]) -> list[str]:
    every = _events(members, only_customer=True).subquery()
    there = set(session.execute(select(every.c.channel).distinct()).scalars()) - {""}
    return [channel for channel in CHANNELS if channel in there] + sorted(there - set(CHANNELS))


@dataclass(frozen=True)
class _Reader:
    """Makes entries of what was found, in the site's time and in one language."""

    session: Session
    zone: ZoneInfo
    people: Mapping[str, PersonRow]
    words: Words

    def entries(self, found: Sequence[tuple[str, int, str]]) -> list[Entry]:
        """Return the entries in the order in which they were found."""
        events = dict(self._events([number for kind, number, _ in found if kind == _EVENT]))
        changed = dict(self._changed([number for kind, number, _ in found if kind == _AUDIT]))
        return [
            self._contact(*events[number], channel) if kind == _EVENT else self._change(changed[number])
            for kind, number, channel in found
        ]

    def _events(self, ids: Sequence[int]) -> Iterator[tuple[int, tuple[EventRow, TicketRow, TextRow | None]]]:
        rows = (
            select(EventRow, TicketRow, TextRow)
            .select_from(EventRow)
            .join(TicketRow, col(TicketRow.number) == col(EventRow.ticket))
            .join(TextRow, col(TextRow.id) == col(EventRow.text), isouter=True)
            .where(col(EventRow.id).in_(ids))
        )
        for event, ticket, text in self.session.execute(rows).all():
            yield event.id, (event, ticket, text)

    def _changed(self, ids: Sequence[int]) -> Iterator[tuple[int, AuditRow]]:
        for row in self.session.exec(select(AuditRow).where(col(AuditRow.id).in_(ids))):
            yield row.id, row

    def _contact(self, event: EventRow, ticket: TicketRow, text: TextRow | None, channel: str) -> Entry:
        title = TITLES.get(event.code, {}).get(self.words.language) or fact_words(event.code, self.words.language)
        label = CHANNELS.get(channel)
        return Entry(
            at=event.at,
            when=instant(event.at, self.words.language, self.zone),
            direction=_direction(event.code, channel),
            title=title[:1].upper() + title[1:],
            channel=self.words(label) if label else channel,
            by=name_of(event.by, self.people) if event.by in self.people else "",
            mark=called(ticket),
            subject="" if ticket.life else ticket.subject,
            href=page_of(ticket),
            text=self._sent(event) if event.code in _AUTOMATIC else text.body if text else "",
        )

    def _sent(self, event: EventRow) -> str:
        """Return what a machine wrote to the customer; empty until it is written."""
        notice = col(NoticeRow.ticket) == event.ticket, col(NoticeRow.moment) == event.moment
        sent = select(MailRow.text).join(NoticeRow, col(NoticeRow.mail) == col(MailRow.id)).where(*notice)
        return self.session.exec(sent).first() or ""

    def _change(self, row: AuditRow) -> Entry:
        undone = row.what in _UNDONE and "tickets" in row.before
        return Entry(
            at=row.at,
            when=instant(row.at, self.words.language, self.zone),
            direction=Direction.CHANGE,
            title=self.words(_UNDONE[row.what] if undone else _CHANGED[row.what]),
            by=name_of(row.by, self.people),
            changes=tuple(changes(row.before, row.after, self.words)),
        )


def _direction(code: str, channel: str) -> Direction:
    if code not in _CONTACTS:
        return Direction.INTERNAL
    if code in _AUTOMATIC or (channel == API and code != "received"):
        return Direction.AUTOMATIC
    return Direction.FROM_US if code in _FROM_US else Direction.FROM_CUSTOMER
