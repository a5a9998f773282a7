"""Facts from elsewhere on SQLite and PostgreSQL: each once by its own id, wherever somebody dies."""

from collections.abc import Mapping

import pytest
from sqlmodel import col, select

from activities.ledger import Ledger
from activities.outside import KNOWN, REFUSED, TAKEN, Outcome, OutsideFacts
from domain.facts import Closed, Refused
from models.database import Database
from models.messages import Command, Entry, Standing, TicketStart
from models.tables import CustomerRow, EventRow, LifeRow, OutsideFactRow, TicketRow
from tests.activities.test_ledger import count, nobody
from tests.office import berlin, furnish

NOW = berlin("2027-01-11 10:00")
KIM = {"id": "r-1", "what": "registered", "customer": "C-7", "name": "Kim Kunde", "at": "2027-01-04"}
PACKAGE = {"id": "b-1", "what": "package", "customer": "C-7", "size": "5", "at": "2027-01-05"}


class Died(Exception):
    """The process died here."""


class Hand:
    """Has the ledger record what a workflow would have it record; dies where a test says so."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._ledger = Ledger(database, nobody, "https://statuskette.example")
        self._database = database
        self.dies = ""

    async def start(self, ticket: TicketStart) -> None:
        """Start nothing; the ledger needs no workflow."""
        assert ticket.customer is not None
        self._die("starting")

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Record a command as the next entry."""
        self._die("before acting")
        with self._database.reading() as session:
            n = session.get_one(TicketRow, ticket.number).recorded + 1
        recorded, _ = self._ledger.write(Entry(ticket.number, n, NOW, command))
        if recorded.refusal is not None:
            raise Refused(recorded.refusal.code, **recorded.refusal.context)
        self._die("after acting")
        return recorded.standing

    def _die(self, where: str) -> None:
        if self.dies == where:
            self.dies = ""
            raise Died


@pytest.fixture
def hand(database: Database) -> Hand:
    """Return the way to the ledger of a furnished office."""
    furnish(database)
    return Hand(database)


async def take(hand: Hand, database: Database, record: Mapping[str, str]) -> Outcome:
    """Take one record."""
    return await OutsideFacts(database, hand).take(record, "musterstadt", "import", NOW)


async def code_of(hand: Hand, database: Database, record: Mapping[str, str]) -> str:
    """Return the code under which a record is refused."""
    outcome = await take(hand, database, record)
    assert outcome.kind == REFUSED
    return outcome.code


def bookings(database: Database) -> list[int]:
    """Return the packages of the only customer."""
    with database.reading() as session:
        events = session.exec(select(EventRow.id).where(EventRow.code == "package")).all()
        packages = session.get_one(LifeRow, 1).packages
    assert len(events) == len(packages)
    return packages


async def test_record_is_taken_once_and_known_afterwards(hand: Hand, database: Database) -> None:
    assert await take(hand, database, KIM) == Outcome(TAKEN)
    assert await take(hand, database, KIM) == Outcome(KNOWN)
    assert await take(hand, database, PACKAGE) == Outcome(TAKEN)
    assert await take(hand, database, {**PACKAGE, "size": " 5"}) == Outcome(KNOWN)
    assert (count(database, CustomerRow), bookings(database)) == (1, [5])
    with database.reading() as session:
        assert session.get_one(TicketRow, 1).received_at == berlin("2027-01-04 00:00")


@pytest.mark.parametrize("dies", ["before acting", "after acting"])
async def test_who_dies_around_the_recording_is_repeated_harmlessly(hand: Hand, database: Database, dies: str) -> None:
    await take(hand, database, KIM)
    hand.dies = dies
    with pytest.raises(Died):
        await take(hand, database, PACKAGE)
    assert await take(hand, database, PACKAGE) == Outcome(TAKEN)
    assert await take(hand, database, PACKAGE) == Outcome(KNOWN)
    assert bookings(database) == [5]


async def test_who_dies_after_registering_somebody_is_repeated_harmlessly(hand: Hand, database: Database) -> None:
    """The workflow was not started: the sweep does it."""
    hand.dies = "starting"
    with pytest.raises(Died):
        await take(hand, database, KIM)
    assert await take(hand, database, KIM) == Outcome(KNOWN)
    assert count(database, CustomerRow) == 1
    with database.reading() as session:
        assert not session.get_one(TicketRow, 1).started


async def test_same_id_with_other_content_is_refused_and_says_what_was_taken(hand: Hand, database: Database) -> None:
    await take(hand, database, KIM)
    await take(hand, database, PACKAGE)
    outcome = await take(hand, database, {**PACKAGE, "size": "10"})
    assert (outcome.kind, outcome.code) == (REFUSED, "same_id_other_content")
    assert "size 5" in outcome.context["content"]
    assert bookings(database) == [5]


async def test_corrected_record_is_taken_under_the_id_of_the_refused_one(hand: Hand, database: Database) -> None:
    await take(hand, database, KIM)
    assert await code_of(hand, database, {**PACKAGE, "size": "7"}) == "package_unknown"
    assert await take(hand, database, {**PACKAGE, "size": "50"}) == Outcome(TAKEN)
    assert bookings(database) == [50]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"size": "0"}, "package_unknown"),
        ({"size": "7"}, "package_unknown"),
        ({"size": "x"}, "size_unreadable"),
        ({"at": "2027-01-03"}, "before_registration"),
        ({"at": "2027-02-01"}, "in_the_future"),
        ({"customer": "C-8"}, "customer_unknown"),
        ({"what": "tagged", "size": "", "at": "", "tag": "Z"}, "tag_unknown"),
        ({"what": "task_assigned", "size": "", "at": "", "task": "T-9"}, "task_unknown"),
        ({"what": "registered", "size": "", "name": "Kim"}, "customer_known"),
    ],
)
async def test_what_cannot_be_is_refused_and_leaves_nothing(
    hand: Hand, database: Database, wrong: dict[str, str], code: str
) -> None:
    await take(hand, database, KIM)
    assert await code_of(hand, database, {**PACKAGE, **wrong}) == code
    with database.reading() as session:
        assert session.exec(select(OutsideFactRow.id)).all() == ["r-1"]
        facts = session.exec(select(EventRow.code).where(col(EventRow.moment).is_(None))).all()
    assert facts == ["registered"]


async def test_customer_who_left_gets_no_more_facts(hand: Hand, database: Database) -> None:
    await take(hand, database, KIM)
    await hand.act(TicketStart(1, customer=1), Command(Closed("left"), "ina", "c1"))
    assert await code_of(hand, database, PACKAGE) == "already_closed"


async def test_records_of_one_customer_are_taken_in_their_order(hand: Hand, database: Database) -> None:
    """Others need not wait for them; each is reported on, whatever becomes of it."""
    records = [KIM, PACKAGE, {**PACKAGE, "id": "b-2", "size": "7"}]
    records += [{**KIM, "id": f"r-{n}", "customer": f"C-{n}"} for n in range(20, 40)]
    records.append({**PACKAGE, "id": "b-3", "size": "50"})
    outcomes: dict[int, str] = {}

    async def report(number: int, outcome: Outcome) -> None:
        outcomes[number] = outcome.kind

    await OutsideFacts(database, hand).take_all(enumerate(records), "musterstadt", "import", NOW, report)
    assert outcomes == {0: TAKEN, 1: TAKEN, 2: REFUSED} | dict.fromkeys(range(3, 24), TAKEN)
    with database.reading() as session:
        (kim,) = session.exec(select(CustomerRow.id).where(CustomerRow.key == "C-7")).all()
        assert session.get_one(LifeRow, kim).packages == [5, 50]
