"""How a mailbox is found is noted: out of reach since when, or not looked into for ten minutes."""

from datetime import timedelta

import pytest

from activities.incoming.watch_log import PATIENCE, WatchLog, in_trouble
from models.database import Database
from models.tables import InboxRow
from tests.office import berlin, furnish

AT = berlin("2027-03-02 17:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def log(database: Database) -> WatchLog:
    """Return the notes of a furnished site."""
    furnish(database)
    return WatchLog(database, "musterstadt")


def row(database: Database) -> InboxRow | None:
    """Return what is noted."""
    with database.reading() as session:
        return session.get(InboxRow, "musterstadt")


def troubled(database: Database, at: object) -> list[str]:
    """Return the sites in trouble at an instant."""
    with database.reading() as session:
        return [found.site for found in in_trouble(session, at)]  # type: ignore[arg-type]


def test_mailbox_in_order_is_noted_once_a_minute(database: Database, log: WatchLog) -> None:
    for seconds in (0, 30, 59):
        log.reached(AT + timedelta(seconds=seconds))
    assert (found := row(database)) is not None
    assert found.looked_at == AT
    log.reached(AT + MINUTE)
    assert (found := row(database)) is not None
    assert found.looked_at == AT + MINUTE
    assert troubled(database, AT + MINUTE) == []


def test_problem_began_when_it_was_first_and_ends_with_the_next_look(database: Database, log: WatchLog) -> None:
    log.reached(AT)
    for minutes in (1, 2, 3):
        log.out_of_reach(AT + minutes * MINUTE, "refuses the login")
    assert (found := row(database)) is not None
    assert (found.problem, found.problem_since, found.looked_at) == ("refuses the login", AT + MINUTE, AT)
    assert troubled(database, AT + 3 * MINUTE) == ["musterstadt"]
    WatchLog(database, "musterstadt").reached(AT + 4 * MINUTE)
    assert (found := row(database)) is not None
    assert (found.problem, found.problem_since) == ("", None)
    assert troubled(database, AT + 4 * MINUTE) == []


@pytest.mark.parametrize(("after", "expected"), [(PATIENCE, []), (PATIENCE + MINUTE, ["musterstadt"])])
def test_mailbox_nobody_looks_into_is_trouble_after_a_while(
    database: Database, log: WatchLog, after: timedelta, expected: list[str]
) -> None:
    log.reached(AT)
    assert troubled(database, AT + after) == expected


def test_mailbox_that_is_not_watched_any_more_is_forgotten(database: Database, log: WatchLog) -> None:
    log.out_of_reach(AT, "x")
    log.forget()
    log.forget()
    assert row(database) is None


def test_site_that_is_not_there_is_not_noted(database: Database) -> None:
    WatchLog(database, "nowhere").out_of_reach(AT, "there is no site 'nowhere'")
    assert troubled(database, AT) == []
