"""Keeps parsed definitions, calendars and the roster at hand: what an agenda is computed from besides the ticket."""

from datetime import datetime
from functools import lru_cache

from babel.core import get_global
from sqlmodel import Session, col, or_, select

from activities.ledger.catalogues import read_through
from domain.customers.telephone import REGION
from domain.process.definition import MomentRule, ProcessDefinition
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.staff.absence import Absence, Absences
from domain.staff.digests import Digest
from domain.ticket.context import RuleContext
from domain.ticket.ticket import Ticket
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Span, parse_span
from models.codec import read_ticket
from models.tables import AbsenceRow, DefinitionRow, PersonRow, SiteRow, TicketRow
from processes import pinned


class Unknown(Exception):
    """Somebody asked for a process, site or ticket that is not there."""


def ticket_of(row: TicketRow) -> Ticket:
    """Return the state a ticket's row was folded to."""
    return read_ticket(row.state)


def rule_context_of(session: Session, row: TicketRow) -> RuleContext:
    """Return what the agenda of a ticket is computed from: its pinned definition, its site's calendar, its people."""
    process = read_through(session, row, process_of(session, row.definition))
    return RuleContext(process, calendar_of(session, row.site), roster_of(session, row.site, row.owner, process))


def process_of(session: Session, definition: int) -> ProcessDefinition:
    """Return the definition a ticket is pinned to."""
    row = session.get_one(DefinitionRow, definition)
    return _process(row.text, f"{row.key} version {row.number}")


def calendar_of(session: Session, site: str) -> BusinessCalendar:
    """Return the calendar of a site as it is now."""
    row = session.get(SiteRow, site)
    if row is None:
        raise Unknown(f"there is no site {site!r}")
    return _calendar(row.calendar, f"site {row.key}")


def region_of(session: Session, site: str) -> str:
    """Return the country whose telephone numbers a site means where none is said: of its holidays, else of its zone."""
    calendar = calendar_of(session, site)
    return calendar.country or get_global("zone_territories").get(calendar.zone.key, REGION)


def digests_of(session: Session, site: str) -> tuple[Digest, ...]:
    """Return the lists of a site as they are now."""
    row = session.get(SiteRow, site)
    if row is None:
        raise Unknown(f"there is no site {site!r}")
    return _lists(row.digests, f"lists of {row.key}")


def absences_of(session: Session, *, since: datetime | None = None) -> Absences:
    """Return everybody's absences; with `since` only those that end after it."""
    rows = select(AbsenceRow).order_by(col(AbsenceRow.since))
    found: dict[str, list[Absence]] = {}
    for row in session.exec(rows.where(col(AbsenceRow.until) > since) if since else rows):
        found.setdefault(row.person, []).append(Absence(row.since, row.until, row.deputy))
    return found


def roster_of(session: Session, site: str, owner: str | None, process: ProcessDefinition) -> Roster:
    """Return the active people of a site, and the owner wherever they sit."""
    people = session.exec(
        select(PersonRow)
        .where(PersonRow.active, or_(col(PersonRow.site) == site, col(PersonRow.short) == owner))
        .order_by(PersonRow.short)
    )
    return Roster(tuple(_member(person, process) for person in people))


def latest_definition(session: Session, key: str) -> DefinitionRow:
    """Return the version of a process that new tickets are pinned to."""
    row = newest_definition(session, key)
    if row is None:
        raise Unknown(f"there is no process {key!r}")
    return row


def newest_definition(session: Session, key: str) -> DefinitionRow | None:
    """Return the newest version of a process, if there is any."""
    versions = select(DefinitionRow).where(DefinitionRow.key == key).order_by(col(DefinitionRow.number).desc())
    return session.exec(versions).first()


def _member(person: PersonRow, process: ProcessDefinition) -> Member:
    """Return somebody as a process sees them; roles that are gone and offsets that fit no clock do not count."""
    known = {code: text for code, text in person.offsets.items() if code in process.by_code}
    offsets = {code: _offset(text, process.by_code[code]) for code, text in known.items()}
    roles = frozenset(Role(role) for role in person.roles if role in set(Role))
    return Member(person.short, roles, {code: span for code, span in offsets.items() if span is not None})


def _offset(text: str, rule: MomentRule) -> Span | None:
    try:
        return parse_span(text, rule.clock)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _process(text: str, name: str) -> ProcessDefinition:
    return pinned.read_process(text, name)


@lru_cache(maxsize=256)
def _lists(text: str, name: str) -> tuple[Digest, ...]:
    return pinned.read_lists(text, name)


@lru_cache(maxsize=256)
def _calendar(text: str, name: str) -> BusinessCalendar:
    return pinned.read_calendar(text, name)
