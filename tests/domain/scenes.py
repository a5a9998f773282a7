"""Scenes for the domain's tests: the office of the vectors, its people, and instants said shortly."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.context import RuleContext
from domain.ticket.facts import Fact
from domain.ticket.moments import Moment
from domain.ticket.simulation import CAST, Event, play
from domain.ticket.ticket import Ticket, received
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, Span
from processes.loader import find_process, load_calendar

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = load_calendar(Path(__file__).parents[2] / "processes" / "calendars" / "musterstadt.toml")
INQUIRY = find_process("anfrage")

ANNA = Member("anna", frozenset({Role.SALESPERSON}))
POOL = Member("paul", frozenset({Role.SALESPERSON, Role.POOL}))
DISPATCHER = Member("dora", frozenset({Role.DISPATCHER}))
CONTROLLER = Member("carl", frozenset({Role.CONTROLLER}))
SENIOR = Member(
    "helga",
    frozenset({Role.SENIOR_CONTROLLER}),
    {"E2.1": Span(Clock.BUSINESS_HOURS, timedelta(hours=8)), "E2.2": Span(Clock.BUSINESS_HOURS, timedelta(hours=48))},
)
STRANGER = Member("sven", frozenset({Role.SALESPERSON}))
STAFF = Roster((ANNA, POOL, DISPATCHER, CONTROLLER, SENIOR, STRANGER))


def at(text: str) -> datetime:
    """Return an instant in Berlin from "2027-03-02 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def rule_context(roster: Roster = STAFF, calendar: BusinessCalendar = OFFICE) -> RuleContext:
    """Return the scene of the request chain."""
    return RuleContext(INQUIRY, calendar, roster)


def inquiry(received_at: str, owner: str | None = "anna") -> Ticket:
    """Return a request that was just received."""
    return received(rule_context(), at(received_at), owner)


def played(
    ticket: Ticket, *events: tuple[str, Fact], until: str | None = None, on: RuleContext | None = None
) -> list[Moment]:
    """Play a ticket through events."""
    story = [Event(at(when), fact) for when, fact in events]
    return play(ticket, on or rule_context(CAST), story, at(until) if until else None)


def times(moments: list[Moment], *codes: str) -> list[str]:
    """Return "R1 03.03. 09:30" for each moment of these codes, in the order they came to pass."""
    wanted = [moment for moment in moments if not codes or moment.code in codes]
    return [f"{moment.code} {moment.at.astimezone(BERLIN):%d.%m. %H:%M}" for moment in wanted]
