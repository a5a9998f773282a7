"""Service levels on SQLite and PostgreSQL: the promise a ticket is given at registration, and keeps (SL-01, SL-06)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger import catalogues
from activities.ledger.record import Ledger
from domain.ticket.customer_facts import Tagged
from models.database import Database
from models.messages import Command, Entry
from models.tables import CatalogueRow, CustomerRow, TicketRow
from processes.loader import shipped_catalogue
from tests.activities.ledger.test_record import nobody
from tests.office import berlin, furnish

NIGHT = berlin("2027-03-02 22:00")


@pytest.fixture
def office(database: Database) -> Database:
    """Return the database of an office with the shipped table of levels."""
    furnish(database)
    use(database, shipped_catalogue())
    return database


def use(database: Database, text: str) -> None:
    """Decide by a table from now on."""
    with database.writing() as session:
        catalogues.apply(session, "musterstadt", text, "carl", NIGHT)


def customer(database: Database, tag: str) -> int:
    """Register a customer of a class."""
    start = CustomerService(database).register(NewCustomer("musterstadt", "web", name=f"Kunde {tag}"), NIGHT)
    ledger = Ledger(database, nobody, "https://statuskette.example")
    ledger.write(Entry(start.number, 1, NIGHT, Command(Tagged(tag), "ina", tag)))
    assert start.customer is not None
    return start.customer


def request(database: Database, of: int | None = None, channel: str = "mail") -> TicketRow:
    """Have a request arrive at 22:00."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", of, "Kim", owner="anna", channel=channel)
    number = TicketService(database).open_ticket(new, NIGHT).number
    with database.reading() as session:
        return session.get_one(TicketRow, number)


def test_same_request_from_an_a_and_a_c_customer_gives_two_explained_promises(office: Database) -> None:
    a, c = request(office, customer(office, "A")), request(office, customer(office, "C"))
    assert (a.due_at, a.level_why["de"]) == (
        berlin("2027-03-02 23:00"),
        "Geschäftskritisch, rund um die Uhr: Zeile 1 (Segment A)",
    )
    assert (c.due_at, c.level_why["en"]) == (
        berlin("2027-03-03 17:00"),
        "Administrative, no hurry: row 3 (segment C)",
    )


def test_sl_06_a_new_table_moves_nobody_who_has_a_promise(office: Database) -> None:
    before = request(office, customer(office, "A"))
    use(office, shipped_catalogue().replace('segment = "A"', 'segment = "Z"'))
    ledger = Ledger(office, nobody, "https://statuskette.example")
    ledger.write(Entry(before.number, 1, berlin("2027-03-02 22:30")))
    with office.reading() as session:
        kept = session.get_one(TicketRow, before.number)
        later = request(office, before.customer)
        assert session.exec(select(CatalogueRow.number)).all() == [1, 2]
    assert (kept.due_at, kept.service_level) == (berlin("2027-03-02 23:00"), "critical")
    assert (later.due_at, later.service_level) == (berlin("2027-03-03 11:00"), "standard")


def test_sl_06_without_a_table_everybody_keeps_the_old_promise(database: Database) -> None:
    furnish(database)
    plain = request(database, customer(database, "A"))
    assert (plain.due_at, plain.service_level, plain.level_why) == (berlin("2027-03-03 11:00"), "", {})


def test_table_that_is_taken_back_decides_no_more_but_is_kept(office: Database) -> None:
    first = request(office, customer(office, "A"))
    use(office, "")
    use(office, "")
    with office.reading() as session:
        assert catalogues.newest(session, "musterstadt") is None
        assert session.exec(select(CatalogueRow.number)).all() == [1, 2]
    assert (first.catalogue, request(office, first.customer).catalogue) == (1, None)


def test_sl_05_two_machines_that_answer_each_other_come_to_an_end(office: Database) -> None:
    """The fourth mail of an hour gets no answer from a machine; an hour later the next one does."""
    ledger = Ledger(office, nobody, "https://statuskette.example")
    known = customer(office, "C")
    with office.writing() as session:
        session.get_one(CustomerRow, known).email = "robot@kunde.example"
    confirmed = []
    for minutes in (0, 1, 2, 3, 61):
        at = NIGHT + timedelta(minutes=minutes)
        new = NewTicket("anfrage", "musterstadt", "Ihre Nachricht", "", "mail", known, channel="mail", owner="anna")
        number = TicketService(office).open_ticket(new, at).number
        ledger.write(Entry(number, 1, at))
        with office.reading() as session:
            confirmed.append(session.get_one(TicketRow, number).confirms)
    assert confirmed == [True, True, True, False, True]
