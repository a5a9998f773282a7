"""Registering customers on SQLite and PostgreSQL: whose turn it is, and what is refused."""

from datetime import datetime

import pytest
from sqlmodel import select

from activities.intake.customers import NewCustomer, Registry
from activities.intake.tickets import Desk
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
def registry(database: Database) -> Registry:
    """Return the registry of a furnished office."""
    furnish(database)
    return Registry(database)


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


def test_kd_01_leads_are_given_to_the_admins_in_turn(registry: Registry, database: Database) -> None:
    for _ in range(3):
        registry.register(kim(), NOW)
    assert owners(database) == ["ina", "ole", "ina"]


def test_kd_01_who_is_away_is_not_given_any(registry: Registry, database: Database) -> None:
    with database.writing() as session:
        session.add(AbsenceRow(person="ina", since=berlin("2027-01-11 00:00"), until=berlin("2027-01-12 00:00")))
    registry.register(kim(), NOW)
    assert owners(database) == ["ole"]


def test_department_without_anybody_leaves_the_lead_to_nobody(registry: Registry, database: Database) -> None:
    with database.reading() as session:
        assert turn_in(session, "musterstadt", Role.POOL, NOW) == {Role.POOL: "paul"}
        assert turn_in(session, "musterstadt", Role.ADMIN, NOW) == {}


def test_kd_01_appointment_gives_the_lead_to_sales(registry: Registry, database: Database) -> None:
    start = registry.register(kim(), NOW)
    assert records(database, start.number, 1, AppointmentBooked()).refusal is None
    assert owners(database) == ["anna"]


def test_life_is_projected_and_its_operator_is_led_to_the_card(registry: Registry, database: Database) -> None:
    start = registry.register(kim(company="Kunde GmbH", key="C-7"), NOW)
    standing = records(database, start.number, 1, PackageBooked(5)).standing
    assert "[Kunde 1](https://statuskette.example/customers/1)" in standing.details
    with database.reading() as session:
        life, customer = session.get_one(LifeRow, 1), session.get_one(CustomerRow, 1)
    assert (life.stage, life.packages, life.work_by) == ("first", [5], berlin("2027-01-15 18:00"))
    assert (customer.company, customer.key, registry.known_as("C-7"), registry.known_as("1")) == (
        "Kunde GmbH",
        "C-7",
        1,
        1,
    )
    assert (registry.known_as("2"), registry.known_as("nobody")) == (None, None)
    assert registry.customer_start(1).customer == 1


def test_customer_whom_we_know_begins_a_life_once(registry: Registry, database: Database) -> None:
    with database.writing() as session:
        session.add(CustomerRow(name="Alt Bekannt"))
    assert registry.register(kim(id=1), NOW).customer == 1
    with pytest.raises(Refused, match="customer_known"):
        registry.register(kim(id=1), NOW)
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
    registry: Registry, database: Database, changed: dict[str, object], code: str
) -> None:
    registry.register(kim(key="taken"), NOW)
    with pytest.raises(Refused) as refused:
        registry.register(kim(**changed), NOW)
    assert refused.value.code == code
    assert count(database, CustomerRow) == 1


@pytest.mark.parametrize("changed", [{"site": "nowhere"}, {"owner": "nobody"}, {"id": 99}])
def test_what_is_not_there_is_said(registry: Registry, changed: dict[str, object]) -> None:
    with pytest.raises(Unknown):
        registry.register(kim(**changed), NOW)


def test_who_left_is_reached_no_more(registry: Registry, database: Database) -> None:
    start = registry.register(kim(), NOW)
    records(database, start.number, 1, Closed("left"))
    with pytest.raises(Refused, match="already_closed"):
        registry.customer_start(1)
    with pytest.raises(Unknown):
        registry.customer_start(2)


def test_kd_11_question_needs_words_and_goes_to_an_assistant_we_know(registry: Registry, database: Database) -> None:
    start = registry.register(kim(), NOW)
    wordless = records(database, start.number, 1, AssistantAsked(berlin("2027-01-13 12:00")))
    assert wordless.refusal is not None
    assert wordless.refusal.code == "text_missing"
    records(database, start.number, 1, TaskPosted("T1"))
    stranger = records(database, start.number, 2, TaskAssigned("T1", "nobody"))
    assert stranger.refusal is not None
    assert stranger.refusal.code == "person_unknown"
    records(database, start.number, 2, TaskAssigned("T1", "vera"))
    text = Desk(database).keep_text(start.number, "ina", "Kommen Sie zurecht?", NOW)
    ledger = Ledger(database, nobody, "https://statuskette.example")
    asked = Command(AssistantAsked(berlin("2027-01-13 12:00")), "ina", "ask", text=text)
    assert ledger.write(Entry(start.number, 3, NOW, asked))[0].refusal is None
    with database.reading() as session:
        questions = session.exec(select(NoticeRow.mailbox).where(NoticeRow.kind == "question")).all()
    assert questions == ["person:vera"]
