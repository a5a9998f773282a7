"""Contacts on SQLite and PostgreSQL: one ticket per key, wherever somebody dies, and one face per customer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from activities.intake.contacts import (
    LEASE,
    Contact,
    OtherContent,
    Sending,
    UnderWay,
    give_back,
    reserve,
    take,
    ticket_of,
)
from activities.intake.tickets import NewTicket
from domain.ticket.facts import Refused
from models.database import Database
from models.tables import ContactRow, CustomerRow, SiteRow, TextRow, TicketRow
from tests.office import berlin, furnish

NOW = berlin("2027-03-02 14:20")
SENDING = Sending("program", "k-1", "same words")


@pytest.fixture
def office(database: Database) -> Database:
    """Return the ledger of a furnished office with two customers, of whom the second and the third share a number."""
    furnish(database)
    with database.writing() as session:
        session.add(CustomerRow(name="Kim Kunde", email="Kim@Kunde.example", phone="+49 (0)89 123456", key="k"))
        for name in ("Familie Huber", "Malerbetrieb Huber"):
            session.flush()
            session.add(CustomerRow(name=name, phone="0821/5551"))
    return database


def contact(
    name: str = "Kim", email: str = "", phone: str = "", *, customer: int | None = None, key: str = ""
) -> Contact:
    """Return somebody's contact."""
    new = NewTicket(
        process="anfrage",
        site="musterstadt",
        subject="Kombi gesucht",
        body="Guten Tag",
        by="web",
        customer_id=customer,
        customer_name=name,
        customer_email=email,
        customer_phone=phone,
    )
    return Contact(new, key, said=f"Says: {name} {email} {phone}")


def tickets(database: Database) -> list[TicketRow]:
    """Return the tickets there are."""
    with database.reading() as session:
        return list(session.exec(select(TicketRow).order_by(TicketRow.number)))  # type: ignore[arg-type]


def test_same_contact_is_one_ticket_with_the_same_promise(office: Database) -> None:
    assert reserve(office, SENDING, NOW) is None
    first = take(office, SENDING, contact(email="a@b.example"), NOW)
    later = NOW + timedelta(days=1)
    assert (first.due_at, first.received_at) == (berlin("2027-03-02 16:20"), NOW)
    for again in (reserve(office, SENDING, later), take(office, SENDING, contact(email="a@b.example"), later)):
        assert again is not None
        assert (again.number, again.due_at, again.start) == (first.number, first.due_at, first.start)
    assert len(tickets(office)) == 1


VIENNA = """
zone = "Europe/Vienna"
holidays = "{holidays}"
[hours]
tue = ["09:00-18:00"]
"""


@pytest.mark.parametrize("holidays", ["AT", "none"])
def test_number_without_a_country_is_one_of_the_country_of_the_site(office: Database, holidays: str) -> None:
    """The country whose holidays a site keeps; without any, the one of its zone. In Germany it is another number."""
    with office.writing() as session:
        session.get_one(SiteRow, "musterstadt").calendar = VIENNA.format(holidays=holidays)
    for key, phone in (("a", "0664 1234567"), ("b", "+43 664 1234567"), ("c", "+49 664 1234567")):
        take(office, replace(SENDING, key=key), contact(phone=phone), NOW)
    with office.reading() as session:
        callers = [session.get_one(CustomerRow, ticket.customer) for ticket in tickets(office)]
    assert callers[0].id == callers[1].id != callers[2].id
    assert {caller.region for caller in callers} == {"AT"}


def test_who_died_after_reserving_is_taken_over_once_the_lease_is_over(office: Database) -> None:
    """A moment before, the first attempt may still be at work."""
    assert reserve(office, SENDING, NOW) is None
    with pytest.raises(UnderWay):
        reserve(office, SENDING, NOW + LEASE - timedelta(seconds=1))
    assert reserve(office, SENDING, NOW + LEASE) is None
    take(office, SENDING, contact(email="a@b.example"), NOW + LEASE)
    assert len(tickets(office)) == 1


def test_slow_attempt_and_its_successor_open_one_ticket(office: Database) -> None:
    """The first one was not dead, only slow."""
    for at in (NOW, NOW + LEASE):
        assert reserve(office, SENDING, at) is None
    numbers = {take(office, SENDING, contact(phone="089 777777"), NOW).number for _ in range(2)}
    assert len(numbers) == len(tickets(office)) == 1


def test_death_while_opening_leaves_neither_a_ticket_nor_a_customer(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ticket, customer and mark are one transaction; whoever repeats gets one of each."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("activities.intake.tickets._append_received", dies)
    with pytest.raises(KeyboardInterrupt):
        take(office, SENDING, contact(email="neu@neu.example"), NOW)
    monkeypatch.undo()
    assert tickets(office) == []
    take(office, SENDING, contact(email="neu@neu.example"), NOW)
    with office.reading() as session:
        assert len(session.exec(select(CustomerRow).where(CustomerRow.email == "neu@neu.example")).all()) == 1


def test_eight_at_once_open_one_ticket(office: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take(office, SENDING, contact(phone="089 777777"), NOW), range(8)))
    assert len({one.number for one in taken}) == len(tickets(office)) == 1


def test_other_words_under_a_key_are_refused(office: Database) -> None:
    other = Sending(SENDING.source, SENDING.key, "other words")
    take(office, SENDING, contact(email="a@b.example"), NOW)
    with pytest.raises(OtherContent):
        reserve(office, other, NOW)
    with pytest.raises(OtherContent):
        take(office, other, contact(email="a@b.example"), NOW)
    elsewhere = Sending("another program", SENDING.key, "other words")
    assert reserve(office, elsewhere, NOW) is None


def test_key_that_is_given_back_may_be_used_for_something_else(office: Database) -> None:
    assert reserve(office, SENDING, NOW) is None
    with pytest.raises(Refused):
        take(office, SENDING, contact(key="nobody"), NOW)
    give_back(office, SENDING)
    assert reserve(office, Sending(SENDING.source, SENDING.key, "corrected"), NOW) is None


def test_key_of_a_ticket_is_never_given_back(office: Database) -> None:
    take(office, SENDING, contact(email="a@b.example"), NOW)
    give_back(office, SENDING)
    with office.reading() as session:
        assert len(session.exec(select(ContactRow)).all()) == 1


@pytest.mark.parametrize(
    ("who", "customer"),
    [
        (contact(email="kim@kunde.example"), 1),
        (contact("Kim Kunde", email=" KIM@kunde.example", phone="0171 1"), 1),
        (contact(phone="0049 89 12 34 56"), 1),
        (contact(email="other@kunde.example", phone="089 123456"), None),
        (contact(phone="+49 821 5551"), None),
        (contact(phone="123456"), None),
        (contact(customer=2), 2),
        (contact(key="k"), 1),
    ],
    ids=[
        "address",
        "address, whatever the number",
        "number alone",
        "other address, same number",
        "number that two share",
        "number without its area",
        "our number",
        "their key",
    ],
)
def test_contact_belongs_to_whoever_is_reached_there(office: Database, who: Contact, customer: int | None) -> None:
    number = take(office, SENDING, who, NOW).number
    with office.reading() as session:
        found = session.get_one(TicketRow, number).customer
    assert (found if found <= 3 else None) == customer


def test_contact_changes_nothing_about_a_known_customer_and_says_what_was_typed(office: Database) -> None:
    """Whoever answers sees the number that was typed; the customer's own stays."""
    number = take(office, SENDING, contact("Somebody", "kim@kunde.example", "0171 999"), NOW).number
    with office.reading() as session:
        known = session.get_one(CustomerRow, 1)
        assert (known.name, known.email, known.phone) == ("Kim Kunde", "Kim@Kunde.example", "+49 (0)89 123456")
        text = session.exec(select(TextRow.body).where(TextRow.ticket == number)).one()
    assert text == "Guten Tag\n\nSays: Somebody kim@kunde.example 0171 999"


def test_customer_that_is_not_there_is_refused(office: Database) -> None:
    for who in (contact(customer=99), contact(key="nobody")):
        with pytest.raises(Refused) as refused:
            take(office, SENDING, who, NOW)
        assert refused.value.code == "customer_unknown"
    assert tickets(office) == []


def test_ticket_is_there_for_its_own_source_only(office: Database) -> None:
    number = take(office, SENDING, contact(email="a@b.example"), NOW).number
    with office.reading() as session:
        assert ticket_of(session, SENDING.source, number) is not None
        assert ticket_of(session, "another program", number) is None
        assert ticket_of(session, SENDING.source, number + 1) is None
