"""A site closes for good, on SQLite and PostgreSQL: its tickets and customers go on without what nobody can count."""

import pytest
from sqlmodel import col, select

from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.record import Ledger
from activities.mail.digests import Digests
from domain.ticket.customer_facts import Acknowledged, PackageBooked, TaskPosted
from domain.ticket.facts import Called, Closed, CustomerWrote, Fact, FollowUpSet, Noted, Paused, Reassigned, Resumed
from models.database import Database
from models.messages import Command, Entry, Recorded, WriteListInput
from models.tables import EventRow, SiteRow, TicketRow
from tests.activities.incoming.mailroom import Mailroom
from tests.activities.ledger.test_record import nobody
from tests.office import berlin, furnish

OVER = """
zone = "Europe/Berlin"
holidays = "DE"
[hours]
[exceptions]
"2027-03-01" = ["09:00-18:00"]
"""
"""Somebody took away the weekly hours, and one day that is over was left."""


def open_ticket(database: Database, at: str = "2027-03-02 15:00") -> Ledger:
    """Open ticket 1 and return the ledger."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", "kim@kunde.example", "", "anna")
    TicketService(database).open_ticket(new, berlin(at))
    return Ledger(database, nobody, "https://statuskette.example")


def close_for_good(database: Database, text: str = OVER) -> None:
    """Have the site closed by an earlier release, which asked no questions."""
    with database.writing() as session:
        session.get_one(SiteRow, "musterstadt").calendar = text


def says(ledger: Ledger, n: int, fact: Fact | None, at: str) -> Recorded:
    """Have somebody do something, or nobody anything."""
    command = Command(fact, "anna", f"c{n}") if fact else None
    return ledger.write(Entry(1, n, berlin(at), command))[0]


def codes(database: Database) -> list[str]:
    """Return what happened."""
    with database.reading() as session:
        return list(session.exec(select(EventRow.code).order_by(col(EventRow.id))))


def test_moments_calls_and_the_close_are_recorded(database: Database) -> None:
    """It stays overdue as it was; what nobody can count is not planned, and nothing is said to be due."""
    furnish(database)
    ledger = open_ticket(database)
    says(ledger, 1, None, "2027-03-02 17:30")
    close_for_good(database)
    assert says(ledger, 2, None, "2027-03-09 10:00").standing.light == "red"
    facts: list[Fact] = [Called(), CustomerWrote(), Noted(), Paused(), Resumed(), Reassigned("paul")]
    for n, fact in enumerate(facts, 3):
        assert says(ledger, n, fact, f"2027-03-09 11:0{n}").refusal is None
    assert says(ledger, 9, Closed("won"), "2027-03-09 12:00").standing.closed
    assert codes(database)[:3] == ["received", "DM1", "R1"]
    assert [code for code in codes(database) if code.islower()][1:] == [
        *("called", "customer_wrote", "noted", "paused", "resumed", "reassigned", "closed"),
    ]


def test_what_asks_for_an_instant_nobody_can_count_is_refused(database: Database) -> None:
    furnish(database)
    ledger = open_ticket(database)
    close_for_good(database)
    refusal = says(ledger, 1, FollowUpSet(berlin("2027-03-10 10:00")), "2027-03-09 10:00").refusal
    assert refusal is not None
    assert refusal.code == "too_far"


def test_request_may_arrive_after_the_site_closed(database: Database) -> None:
    """What needs no business hours comes to pass all the same."""
    furnish(database)
    close_for_good(database)
    ledger = open_ticket(database, "2027-03-09 15:00")
    says(ledger, 1, None, "2027-03-10 10:00")
    assert codes(database) == ["received", "DM1"]
    with database.reading() as session:
        row = session.get_one(TicketRow, 1)
    assert (row.light, row.due_at, row.next_at) == ("yellow", None, None)


def test_customers_go_on(database: Database) -> None:
    furnish(database)
    close_for_good(database)
    CustomerService(database).register(
        NewCustomer("musterstadt", "web", name="Kim", owner="ina"), berlin("2027-03-09 09:00")
    )
    ledger = Ledger(database, nobody, "https://statuskette.example")
    facts: list[Fact] = [PackageBooked(5), TaskPosted("T1"), Acknowledged(), Closed("left")]
    for n, fact in enumerate(facts, 1):
        assert says(ledger, n, fact, f"2027-03-09 11:0{n}").refusal is None


@pytest.mark.parametrize("code", ["EL1", "EL2", "KD13"])
def test_lists_do_not_fail(database: Database, code: str) -> None:
    """They are skipped on closed days, or looked for a working day that never comes."""
    furnish(database)
    open_ticket(database)
    close_for_good(database)
    friday = berlin("2027-03-12 08:00")
    assert Digests(database, nobody).write(WriteListInput("musterstadt", code, friday, friday)) == []


async def test_mail_in_business_hours_does_not_wait_for_what_never_opens(mailroom: Mailroom) -> None:
    mailroom.change(SiteRow, "musterstadt", calendar=OVER)
    key = mailroom.notice("R1", moment="")
    await mailroom.empty(at=berlin("2027-03-09 03:00"))
    assert mailroom.status(key) == "sent"
