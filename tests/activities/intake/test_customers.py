"""Registering customers on SQLite and PostgreSQL: whose turn it is, and what is refused."""

from datetime import datetime

import pytest
from sqlmodel import select

from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import TicketService
from activities.ledger.context import Unknown
from activities.ledger.distribution import turn_in
from activities.ledger.record import Ledger
from domain.process.roles import Role
from domain.ticket.customer_facts import AppointmentBooked, AssistantAsked, PackageBooked, TaskAssigned, TaskPosted
from domain.ticket.facts import Closed, Fact, Refused
from models.database import Database
from models.messages import Command, Entry, Recorded
from models.tables import AbsenceRow, CustomerRow, LifeRow, NoticeRow, TicketRow
from tests.activities.ledger.test_record import count, nobody
from tests.office import berlin, furnish

NOW = berlin("2027-01-11 10:00")


@pytest.fixture
def customer_service(database: Database) -> CustomerService:
    """Return the registry of a furnished office."""
    furnish(database)
    return CustomerService(database)


def kim(**changed: object) -> NewCustomer:
    """Return somebody who registers."""
    facts: dict[str, object] = {"site": "musterstadt", "by": "web", "name": "Kim Kunde"}
    return NewCustomer(**facts | changed)  # type: ignore[arg-type]


def owners(database: Database) -> list[str | None]:
    """Return the owners of all lives, in the order of their registration."""
    with database.reading() as session:
        return [session.get_one(TicketRow, n).owner for n in range(1, count(database, TicketRow) + 1)]


def records(database: Database, number: int, n: int, fact: Fact, at: datetime = NOW) -> Recorded:
    """Have the ledger record a fact."""
    ledger = Ledger(database, nobody, "https://statuskette.example")
    return ledger.write(Entry(number, n, at, Command(fact, "ina", f"c{n}")))[0]


def test_kd_01_leads_are_given_to_the_admins_in_turn(customer_service: CustomerService, database: Database) -> None:
    for _ in range(3):
        customer_service.register(kim(), NOW)
    assert owners(database) == ["ina", "ole", "ina"]


def test_kd_01_who_is_away_is_not_given_any(customer_service: CustomerService, database: Database) -> None:
    with database.writing() as session:
        session.add(AbsenceRow(person="ina", since=berlin("2027-01-11 00:00"), until=berlin("2027-01-12 00:00")))
    customer_service.register(kim(), NOW)
    assert owners(database) == ["ole"]


def test_department_without_anybody_leaves_the_lead_to_nobody(
    customer_service: CustomerService, database: Database
) -> None:
    with database.reading() as session:
        assert turn_in(session, "musterstadt", Role.POOL, NOW) == {Role.POOL: "paul"}
        assert turn_in(session, "musterstadt", Role.ADMIN, NOW) == {}


def test_kd_01_appointment_gives_the_lead_to_sales(customer_service: CustomerService, database: Database) -> None:
    start = customer_service.register(kim(), NOW)
    assert records(database, start.number, 1, AppointmentBooked()).refusal is None
    assert owners(database) == ["anna"]


def test_life_is_projected_and_its_operator_is_led_to_the_card(
    customer_service: CustomerService, database: Database
) -> None:
    start = customer_service.register(kim(company="Kunde GmbH", key="C-7"), NOW)
    standing = records(database, start.number, 1, PackageBooked(5)).standing
    assert "[Kunde 1](https://statuskette.example/customers/1)" in standing.details
    with database.reading() as session:
        life, customer = session.get_one(LifeRow, 1), session.get_one(CustomerRow, 1)
    assert (life.stage, life.packages, life.work_by) == ("first", [5], berlin("2027-01-15 18:00"))
    assert (customer.company, customer.key, customer_service.known_as("C-7"), customer_service.known_as("1")) == (
        "Kunde GmbH",
        "C-7",
        1,
        1,
    )
    assert (customer_service.known_as("2"), customer_service.known_as("nobody")) == (None, None)
    assert customer_service.customer_start(1).customer == 1


def test_customer_whom_we_know_begins_a_life_once(customer_service: CustomerService, database: Database) -> None:
    with database.writing() as session:
        session.add(CustomerRow(name="Alt Bekannt"))
    assert customer_service.register(kim(id=1), NOW).customer == 1
    with pytest.raises(Refused, match="customer_known"):
        customer_service.register(kim(id=1), NOW)
    assert count(database, LifeRow) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "  "}, "name_missing"),
        ({"name": "Kim\x00"}, "illegible"),
        ({"email": "x" * 201}, "illegible"),
        ({"note": "x" * 100_001}, "text_too_long"),
        ({"key": "x" * 65}, "text_too_long"),
        ({"key": "taken"}, "customer_known"),
        ({"registered_at": berlin("2027-01-11 10:01")}, "in_the_future"),
    ],
)
def test_what_nobody_could_read_is_refused(
    customer_service: CustomerService, database: Database, changed: dict[str, object], code: str
) -> None:
    customer_service.register(kim(key="taken"), NOW)
    with pytest.raises(Refused) as refused:
        customer_service.register(kim(**changed), NOW)
    assert refused.value.code == code
    assert count(database, CustomerRow) == 1


@pytest.mark.parametrize("changed", [{"site": "nowhere"}, {"owner": "nobody"}, {"id": 99}])
def test_what_is_not_there_is_said(customer_service: CustomerService, changed: dict[str, object]) -> None:
    with pytest.raises(Unknown):
        customer_service.register(kim(**changed), NOW)


def test_who_left_is_reached_no_more(customer_service: CustomerService, database: Database) -> None:
    start = customer_service.register(kim(), NOW)
    records(database, start.number, 1, Closed("left"))
    with pytest.raises(Refused, match="already_closed"):
        customer_service.customer_start(1)
    with pytest.raises(Unknown):
        customer_service.customer_start(2)


def test_kd_11_question_needs_words_and_goes_to_an_assistant_we_know(
    customer_service: CustomerService, database: Database
) -> None:
    start = customer_service.register(kim(), NOW)
    wordless = records(database, start.number, 1, AssistantAsked(berlin("2027-01-13 12:00")))
    assert wordless.refusal is not None
    assert wordless.refusal.code == "text_missing"
    records(database, start.number, 1, TaskPosted("T1"))
    stranger = records(database, start.number, 2, TaskAssigned("T1", "nobody"))
    assert stranger.refusal is not None
    assert stranger.refusal.code == "person_unknown"
    records(database, start.number, 2, TaskAssigned("T1", "vera"))
    text = TicketService(database).keep_text(start.number, "ina", "Kommen Sie zurecht?", NOW)
    ledger = Ledger(database, nobody, "https://statuskette.example")
    asked = Command(AssistantAsked(berlin("2027-01-13 12:00")), "ina", "ask", text=text)
    assert ledger.write(Entry(start.number, 3, NOW, asked))[0].refusal is None
    with database.reading() as session:
        questions = session.exec(select(NoticeRow.mailbox).where(NoticeRow.kind == "question")).all()
    assert questions == ["person:vera"]
