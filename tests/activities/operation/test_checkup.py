"""What stands still is found, each by what is wrong with it, and nothing where all is well."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from activities.incoming.watch_log import WatchLog
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.history import NOT_RECORDABLE
from activities.ledger.record import Ledger
from activities.operation import presence
from activities.operation.checkup import Finding, Severity, advice, quick, sentence, thorough
from domain.ticket.facts import Called
from domain.words.words_of_operation import ADVICE, FINDINGS
from models.database import Database
from models.messages import Command, Entry
from models.tables import HeartbeatRow, ImportRow, MailRow, SiteRow, TicketRow, WorkerRow
from tests.activities.ledger.test_record import nobody
from tests.office import berlin, furnish

NOW = berlin("2027-03-03 10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def healthy(database: Database) -> Database:
    """Return the database of an office in which everything works."""
    furnish(database)
    with database.writing() as session:
        session.add(worker("one"))
        presence.done(session, "sweep", NOW - MINUTE)
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", owner="anna")
    TicketService(database).open_ticket(new, berlin("2027-03-02 17:00"))
    Ledger(database, nobody, "").write(Entry(1, 1, NOW))
    return database


def worker(name: str, **values: object) -> WorkerRow:
    """Return a worker that was seen just now."""
    return WorkerRow.model_validate(
        {"build": "1", "revision": 1, "started_at": NOW, "seen_at": NOW, "name": name} | values
    )


def codes(found: list[Finding]) -> list[str]:
    """Return what was found, by code."""
    return [each.code for each in found]


def test_nothing_is_found_where_everything_works(healthy: Database) -> None:
    assert thorough(healthy, NOW) == []


def no_worker(session: Session) -> None:
    """The only worker was killed a minute ago."""
    session.get_one(WorkerRow, "one").seen_at = NOW - MINUTE


def two_releases(session: Session) -> None:
    """An older worker was forgotten."""
    session.add(worker("two", build="0"))


def late_sweep(session: Session) -> None:
    """The schedule was paused four minutes ago."""
    session.get_one(HeartbeatRow, "sweep").at = NOW - 4 * MINUTE


def late_moment(session: Session) -> None:
    """A ticket's moment should have come two minutes ago."""
    session.get_one(TicketRow, 1).next_at = NOW - 2 * MINUTE


def waiting_mail(session: Session) -> None:
    """The mail server takes nothing."""
    at = NOW - 16 * MINUTE
    session.add(MailRow(message_id="m", mailbox="person:anna", address="a@b.example", subject="S", claimed_at=at))


def undone_import(session: Session) -> None:
    """A file is not taken in."""
    session.add(ImportRow(name="kunden.csv", by="anna", site="musterstadt", started_at=NOW - 61 * MINUTE))


def other_calendar(session: Session) -> None:
    """The hours changed, and no sweep came by."""
    session.get_one(SiteRow, "musterstadt").calendar += "\n# changed"


@pytest.mark.parametrize(
    ("breaks", "code", "severity"),
    [
        (no_worker, "no_worker", Severity.STANDSTILL),
        (two_releases, "mixed_workers", Severity.WARNING),
        (late_sweep, "sweep_late", Severity.STANDSTILL),
        (late_moment, "moments_late", Severity.STANDSTILL),
        (waiting_mail, "mails_waiting", Severity.WARNING),
        (undone_import, "imports_undone", Severity.WARNING),
        (other_calendar, "plans_outdated", Severity.WARNING),
    ],
)
def test_what_stands_still_is_found(healthy: Database, breaks: object, code: str, severity: Severity) -> None:
    assert callable(breaks)
    with healthy.writing() as session:
        breaks(session)
    assert [(each.code, each.severity, each.count >= 1) for each in thorough(healthy, NOW)] == [(code, severity, True)]


def test_mail_in_out_of_reach_is_found(healthy: Database) -> None:
    WatchLog(healthy, "musterstadt").out_of_reach(NOW - MINUTE, "refused")
    assert [(each.code, each.since) for each in quick(healthy, NOW)] == [("mail_in_silent", NOW - MINUTE)]


def test_command_that_nobody_could_judge_is_found_for_a_day(healthy: Database) -> None:
    Ledger(healthy, nobody, "").give_up(Entry(1, 2, NOW, Command(Called(), "anna", "broken")), "ValueError")
    assert [(each.code, each.names) for each in thorough(healthy, NOW)] == [(NOT_RECORDABLE, ("#1",))]
    assert NOT_RECORDABLE not in codes(thorough(healthy, NOW + timedelta(days=2)))


def test_database_before_its_first_migration_is_said_to_be_behind(tmp_path: object) -> None:
    found = thorough(Database(f"sqlite:///{tmp_path}/empty.db"), NOW)
    assert {each.severity for each in found} == {Severity.STANDSTILL}
    assert {"database_silent", "schema_differs"} >= set(codes(found))


def test_database_that_does_not_answer_is_one_finding() -> None:
    found = thorough(Database("postgresql://nobody@127.0.0.1:1/none"), NOW)
    assert set(found) == {Finding("database_silent", Severity.STANDSTILL, names=("OperationalError",))}


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_says_what_is_wrong_and_what_to_do(code: str) -> None:
    for since in (NOW, None):
        finding = Finding(code, Severity.WARNING, 3, since, ("one", "two"))
        for language in ("de", "en"):
            said = sentence(finding, language, ZoneInfo("Europe/Berlin"))
            assert said
            assert "{" not in said
            assert advice(finding, language)
    assert set(ADVICE) == set(FINDINGS)
