"""Whatever applies can be lived with: no definition and no calendar that is accepted stops a ticket."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlmodel import select

from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.record import Ledger
from activities.mail.letter_facts import item_of
from domain.process.table import DefinitionError
from domain.ticket.facts import (
    Called,
    Closed,
    CustomerWrote,
    Fact,
    FollowUpSet,
    MilestoneSet,
    Paused,
    PhaseDone,
    Reassigned,
    Resumed,
)
from domain.time.calendar import CalendarError
from models.database import Database
from models.messages import Command, Entry
from models.tables import NoticeRow, SiteRow
from processes import loader
from tests.activities.ledger.test_record import nobody
from tests.activities.mail.writing import ANNA, LETTERS
from tests.office import berlin, furnish
from tests.processes.grammar import calendars, definitions, text_of

NOW = berlin("2027-03-02 14:00")
STORY: Sequence[tuple[str, Fact | None]] = [
    ("2027-03-02 14:30", None),
    ("2027-03-02 15:00", Called()),
    ("2027-03-02 15:01", CustomerWrote()),
    ("2027-03-03 09:00", MilestoneSet("met")),
    ("2027-03-03 09:01", MilestoneSet("paid", berlin("2027-03-10 00:00"))),
    ("2027-03-03 09:02", PhaseDone()),
    ("2027-03-03 10:00", Reassigned("paul")),
    ("2027-03-04 10:00", Paused()),
    ("2027-03-05 10:00", Resumed()),
    ("2027-03-05 10:01", FollowUpSet(berlin("2027-03-09 10:00"))),
    ("2027-03-20 10:00", None),
    ("2027-06-20 10:00", Called()),
    ("2027-06-20 10:01", Closed("won")),
]
MUST = (Called, CustomerWrote, Paused, Resumed, Reassigned, Closed)
"""What asks for no instant that a calendar might not count."""


@pytest.fixture
def office(database: Database) -> Database:
    """Return the database of an office."""
    furnish(database)
    return database


def applies(definition: dict[str, Any]) -> bool:
    """Whether a definition is accepted."""
    with suppress(DefinitionError):
        loader.read_process(text_of(definition), "own.toml")
        return True
    return False


def opens(hours: dict[str, Any]) -> bool:
    """Whether a calendar is accepted today."""
    with suppress(CalendarError):
        loader.read_calendar(text_of(hours), "own.toml", applied_at=NOW)
        return True
    return False


def opened(database: Database, definition: str, hours: str) -> int:
    """Apply both, and open a ticket."""
    ticket_service = TicketService(database)
    ticket_service.apply_definition("anfrage", definition, definition)
    with database.writing() as session:
        session.get_one(SiteRow, "musterstadt").calendar = hours
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", "kim@kunde.example", "", "anna")
    return ticket_service.open_ticket(new, NOW).number


def lives(database: Database, number: int) -> None:
    """Let a ticket live; nothing may raise, and what asks for no instant may not be refused."""
    ledger = Ledger(database, nobody, "https://statuskette.example")
    for n, (when, fact) in enumerate(STORY, 1):
        command = Command(fact, "anna", f"{number}.{n}") if fact else None
        refusal = ledger.write(Entry(number, n, berlin(when), command))[0].refusal
        assert refusal is None or not isinstance(fact, MUST), refusal


def letters(database: Database, number: int) -> int:
    """Write every letter the ticket asked for; returns how many."""
    with database.reading() as session:
        told = session.exec(select(NoticeRow).where(NoticeRow.ticket == number, NoticeRow.channel == "mail")).all()
        items = [item_of(session, notice) for notice in told]
    for some in (items, *([item] for item in items)):
        if some:
            assert LETTERS.notify(ANNA, some, NOW + timedelta(days=1), "<id@statuskette.example>").text
    return len(items)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(definition=definitions().filter(applies), hours=calendars().filter(opens))
def test_definition_that_applies_stops_no_ticket(
    office: Database, definition: dict[str, Any], hours: dict[str, Any]
) -> None:
    """It is received, called about, promised, paused, handed on and closed, with every moment on the way."""
    number = opened(office, text_of(definition), text_of(hours))
    lives(office, number)
    letters(office, number)
