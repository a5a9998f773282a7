"""Facts from elsewhere on SQLite and PostgreSQL: each once by its id, wherever somebody dies in between."""

import asyncio

import pytest
from sqlmodel import col, select

from activities.intake.customers import CustomerService
from activities.intake.external_facts import KNOWN, REFUSED, TAKEN, Outcome, Outside, Sender
from activities.ledger.record import Ledger
from domain.ticket.facts import Closed, Refused
from domain.words.wording import refusal
from models.database import Database
from models.messages import Command, Entry, Standing, TicketStart
from models.tables import CustomerRow, EventRow, LifeRow, OutsideFactRow, TicketRow
from tests.office import berlin, furnish

NOW = berlin("2027-03-02 14:20")
SENDER = Sender("musterstadt", "Buchungssystem", NOW)
KIM = {"id": "r-1", "what": "registered", "customer": "k-1", "name": "Kim Kunde", "at": "2027-02-01"}
BOOKING = {"id": "b-1", "what": "package", "customer": "k-1", "size": "5", "at": "2027-02-02"}


class Died(Exception):
    """The process died here."""


async def nobody(_mailboxes: object) -> None:
    """Wake nobody: these tests look at the database."""


class Straight:
    """The way to the real ledger without an engine between; `dies_at` names the step at which the process dies."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._ledger = Ledger(database, nobody, "https://statuskette.example")
        self.dies_at: str | None = None
        self.started: list[int | None] = []
        self.attempts: list[str] = []

    async def start(self, ticket: TicketStart) -> None:
        """Note that a workflow was started."""
        self._step("before start")
        self.started.append(ticket.customer)
        self._step("after start")

    async def act(self, ticket: TicketStart, command: Command, attempt: str = "") -> Standing:
        """Have the ledger judge, as the workflow would."""
        self._step("before act")
        self.attempts.append(f"{command.id}{attempt}")
        with self._database.reading() as session:
            n = session.get_one(TicketRow, ticket.number).recorded + 1
        recorded, _ = await asyncio.to_thread(self._ledger.write, Entry(ticket.number, n, NOW, command))
        if recorded.refusal is not None:
            raise Refused(recorded.refusal.code, **recorded.refusal.context)
        self._step("after act")
        return recorded.standing

    def _step(self, step: str) -> None:
        if step == self.dies_at:
            raise Died(step)


@pytest.fixture
def way(database: Database) -> Straight:
    """Return the way to the ledger of a furnished office."""
    furnish(database)
    return Straight(database)


@pytest.fixture
def outside(database: Database, way: Straight) -> Outside:
    """Return the way in."""
    return Outside(database, CustomerService(database), way)


def booked(database: Database, key: str = "k-1") -> list[int]:
    """Return the packages of a customer, from the projection; the events say the same."""
    with database.reading() as session:
        life = session.exec(select(LifeRow).join(CustomerRow).where(CustomerRow.key == key)).one()
        events = session.exec(select(EventRow).where(EventRow.ticket == life.ticket, EventRow.code == "package")).all()
    assert sorted(event.fact["size"] for event in events) == sorted(life.packages)
    return life.packages


def reservations(database: Database) -> dict[str, bool]:
    """Return the ids that are reserved, and which of them were taken."""
    with database.reading() as session:
        return {row.id: row.taken for row in session.exec(select(OutsideFactRow))}


def customers(database: Database) -> int:
    """Count the customers with a life."""
    with database.reading() as session:
        return len(session.exec(select(LifeRow.customer)).all())


async def test_record_is_taken_once_however_often_it_is_sent(database: Database, outside: Outside) -> None:
    for expected in (TAKEN, KNOWN, KNOWN):
        assert await outside.take(KIM, SENDER) == Outcome(expected)
        assert await outside.take(BOOKING, SENDER) == Outcome(expected)
    assert booked(database) == [5]
    assert customers(database) == 1


async def test_space_around_and_empty_fields_are_the_same_content(database: Database, outside: Outside) -> None:
    await outside.take(KIM, SENDER)
    await outside.take(BOOKING, SENDER)
    assert await outside.take({**BOOKING, "size": " 5 ", "tag": "", "task": " "}, SENDER) == Outcome(KNOWN)
    assert booked(database) == [5]


async def test_who_reported_it_is_in_the_history(database: Database, outside: Outside) -> None:
    await outside.take(KIM, SENDER)
    await outside.take(BOOKING, SENDER)
    with database.reading() as session:
        rows = session.exec(select(EventRow).order_by(col(EventRow.id))).all()
    assert [(row.code, row.by, row.command) for row in rows] == [
        ("registered", "Buchungssystem", "outside:r-1"),
        ("package", "Buchungssystem", "outside:b-1"),
    ]


@pytest.mark.parametrize("step", ["before act", "after act"])
async def test_booking_interrupted_by_a_crash_is_taken_once(
    database: Database, way: Straight, outside: Outside, step: str
) -> None:
    """Reserved and dead, or acted and dead: whoever sends it again goes on, and it counts once."""
    await outside.take(KIM, SENDER)
    way.dies_at = step
    with pytest.raises(Died):
        await outside.take(BOOKING, SENDER)
    assert reservations(database) == {"r-1": True, "b-1": False}
    assert booked(database) == ([5] if step == "after act" else [])
    way.dies_at = None
    assert await outside.take(BOOKING, SENDER) == Outcome(TAKEN)
    assert booked(database) == [5]
    assert reservations(database)["b-1"]


@pytest.mark.parametrize("step", ["before start", "after start"])
async def test_registration_interrupted_by_a_crash_happens_once(
    database: Database, way: Straight, outside: Outside, step: str
) -> None:
    way.dies_at = step
    with pytest.raises(Died):
        await outside.take(KIM, SENDER)
    assert customers(database) == 1
    way.dies_at = None
    assert await outside.take(KIM, SENDER) == Outcome(TAKEN)
    assert customers(database) == 1
    assert len(way.started) == (2 if step == "after start" else 1)
    assert await outside.take(KIM, SENDER) == Outcome(KNOWN)


async def test_what_was_recorded_before_a_crash_is_taken_even_if_it_would_be_refused_now(
    database: Database, way: Straight, outside: Outside
) -> None:
    """Acted and dead; then the customer leaves. What is in their history was taken, whatever the rules say now."""
    await outside.take(KIM, SENDER)
    way.dies_at = "after act"
    with pytest.raises(Died):
        await outside.take(BOOKING, SENDER)
    way.dies_at = None
    customer = CustomerService(database).known_as("k-1")
    assert customer is not None
    await way.act(CustomerService(database).customer_start(customer), Command(Closed("left"), "ina", "c-1"))
    assert await outside.take(BOOKING, SENDER) == Outcome(TAKEN)
    assert (await outside.take({**BOOKING, "id": "b-2"}, SENDER)).code == "already_closed"
    assert booked(database) == [5]


async def test_same_id_with_other_content_is_refused_with_what_was_taken(database: Database, outside: Outside) -> None:
    await outside.take(KIM, SENDER)
    await outside.take(BOOKING, SENDER)
    found = await outside.take({**BOOKING, "size": "10"}, SENDER)
    assert (found.what, found.code) == (REFUSED, "same_id_other_content")
    assert "size=5" in refusal(found.code, found.context, "de")
    assert booked(database) == [5]
    assert await outside.take(BOOKING, SENDER) == Outcome(KNOWN)
    other = await outside.take({**KIM, "name": "Kai Kunde"}, SENDER)
    assert (other.code, "Kim" in str(other.context)) == ("same_id_other_content", False)


async def test_other_content_under_an_id_on_its_way_waits_for_the_first(
    database: Database, way: Straight, outside: Outside
) -> None:
    """Nobody knows yet what became of the first: it may be in the history already."""
    await outside.take(KIM, SENDER)
    way.dies_at = "after act"
    with pytest.raises(Died):
        await outside.take(BOOKING, SENDER)
    way.dies_at = None
    assert (await outside.take({**BOOKING, "size": "10"}, SENDER)).code == "id_underway"
    assert await outside.take(BOOKING, SENDER) == Outcome(TAKEN)
    assert booked(database) == [5]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"size": "7"}, "package_unknown"),
        ({"size": "0"}, "size_wrong"),
        ({"at": "2027-01-31"}, "before_registration"),
        ({"at": "2027-03-03"}, "in_the_future"),
        ({"at": "gestern"}, "instant_unreadable"),
        ({"customer": "k-2"}, "customer_unknown"),
        ({"customer": "4711"}, "customer_unknown"),
        ({"what": "tagged", "size": "", "at": "", "tag": "Z"}, "tag_unknown"),
        ({"what": "task_posted", "size": "", "task": "§"}, "task_key"),
        ({"what": "task_assigned", "size": "", "at": "", "task": "t-9"}, "task_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_refused_record_may_be_corrected_under_the_same_id(
    database: Database, way: Straight, outside: Outside, wrong: dict[str, str], code: str
) -> None:
    await outside.take(KIM, SENDER)
    found = await outside.take(BOOKING | wrong, SENDER)
    assert (found.what, found.code) == (REFUSED, code)
    assert reservations(database) == {"r-1": True}
    assert booked(database) == []
    assert await outside.take(BOOKING, SENDER) == Outcome(TAKEN)
    assert booked(database) == [5]


async def test_record_that_was_refused_is_judged_anew_as_another_attempt(way: Straight, outside: Outside) -> None:
    """Temporal would answer the same id with the old refusal; the ledger's id stays."""
    await outside.take(KIM, SENDER)
    assigned = {"id": "a-1", "what": "task_assigned", "customer": "k-1", "task": "t-1"}
    assert (await outside.take(assigned, SENDER)).code == "task_unknown"
    await outside.take({"id": "p-1", "what": "task_posted", "customer": "k-1", "task": "t-1"}, SENDER)
    later = Sender(SENDER.site, SENDER.by, berlin("2027-03-02 14:21"))
    assert await outside.take(assigned, later) == Outcome(TAKEN)
    first, _, last = way.attempts
    assert first != last
    assert {first.partition("@")[0], last.partition("@")[0]} == {"outside:a-1"}


async def test_second_registration_of_a_key_is_refused_and_frees_its_id(database: Database, outside: Outside) -> None:
    await outside.take(KIM, SENDER)
    found = await outside.take({**KIM, "id": "r-2"}, SENDER)
    assert (found.what, found.code) == (REFUSED, "customer_known")
    assert reservations(database) == {"r-1": True}
    assert customers(database) == 1


async def test_same_record_sent_by_many_at_once_is_taken_once(database: Database, outside: Outside) -> None:
    registered = await asyncio.gather(*(outside.take(KIM, SENDER) for _ in range(6)))
    assert {found.what for found in registered} <= {TAKEN, KNOWN}
    assert customers(database) == 1


async def test_what_is_said_about_a_customer_by_our_number_counts_too(database: Database, outside: Outside) -> None:
    await outside.take(KIM, SENDER)
    number = CustomerService(database).known_as("k-1")
    assert await outside.take({**BOOKING, "customer": str(number)}, SENDER) == Outcome(TAKEN)
    assert booked(database) == [5]


async def test_record_without_an_id_is_refused_and_leaves_nothing(database: Database, outside: Outside) -> None:
    found = await outside.take({"what": "offer", "customer": "k-1"}, SENDER)
    assert (found.what, found.code, found.context) == (REFUSED, "field_missing", {"field": "id"})
    assert reservations(database) == {}
