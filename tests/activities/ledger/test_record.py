"""The ledger on SQLite and on PostgreSQL: once per entry, all or nothing, and it judges finally."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import NoResultFound
from sqlmodel import col, func, select
from temporalio.service import RPCError, RPCStatusCode

from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.context import Unknown
from activities.ledger.record import Ledger
from domain.ticket.facts import Answered, Called, Closed, Fact, FollowUpSet, Noted, Reassigned, Refused
from models.codec import NewerState
from models.database import Database
from models.messages import Command, Entry, Recorded
from models.schema import differences
from models.tables import CustomerRow, EscalationRow, EventRow, NoticeRow, TicketRow
from processes.loader import SHIPPED
from tests.office import berlin, furnish


async def nobody(_mailboxes: object) -> None:
    """Wake nobody: these tests look at the database."""


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """Return the ledger of a furnished office."""
    furnish(database)
    return Ledger(database, nobody, "https://statuskette.example")


def new_ticket(database: Database, at: str = "2027-03-02 17:00", email: str = "kim@kunde.example") -> int:
    """Open a request for anna."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "Guten Tag", "web", None, "Kim", email, "", "anna")
    return TicketService(database).open_ticket(new, berlin(at)).number


def asks(fact: Fact, n: int = 1, at: str = "2027-03-02 17:10", **rest: object) -> Entry:
    """Return an entry with a command of anna's."""
    command = Command(fact, "anna", str(rest.pop("id", f"c{n}")), **rest)  # type: ignore[arg-type]
    return Entry(1, n, berlin(at), command)


def wakes(n: int, at: str) -> Entry:
    """Return an entry that lets happen what is due."""
    return Entry(1, n, berlin(at))


def count(database: Database, table: type) -> int:
    """Count the rows of a table."""
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_migrations_and_tables_agree(database: Database) -> None:
    assert differences(database) == []


def test_entry_repeated_after_a_crash_is_written_once(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    first = ledger.write(wakes(1, "2027-03-03 16:00"))
    events, notices = count(database, EventRow), count(database, NoticeRow)
    assert ledger.write(wakes(1, "2027-03-03 16:05")) == first
    assert (count(database, EventRow), count(database, NoticeRow)) == (events, notices)


def mailboxes(ledger: Ledger, entry: Entry) -> list[str]:
    """Write an entry; return the mailboxes that are woken."""
    return ledger.write(entry)[1]


def test_only_the_entry_that_wrote_a_notice_wakes_its_mailbox(database: Database, ledger: Ledger) -> None:
    """What waited before is known there; a repeat after a crash wakes what its own entry wrote, and nothing else."""
    new_ticket(database)
    assert mailboxes(ledger, wakes(1, "2027-03-03 09:40")) == ["person:anna"]
    assert mailboxes(ledger, asks(Noted(), 2, "2027-03-03 09:41")) == []
    words = TicketService(database).keep_text(1, "anna", "Gern.", berlin("2027-03-03 09:42"))
    answer = asks(Answered(), 3, "2027-03-03 09:42", text=words)
    assert mailboxes(ledger, answer) == mailboxes(ledger, answer) == ["customer:1"]
    assert mailboxes(ledger, asks(Noted(), 2, "2027-03-03 09:41")) == []


async def test_nobody_who_can_be_woken_changes_what_is_recorded(
    database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """A mailbox that takes no more signals must not freeze a ticket."""
    tried: list[str] = []

    async def refuses(mailboxes: Sequence[str]) -> None:
        tried.extend(mailboxes)
        raise RPCError("exceeded workflow execution limit for signal events", RPCStatusCode.INVALID_ARGUMENT, b"")

    new_ticket(database)
    deaf = Ledger(database, refuses, "https://statuskette.example")
    recorded = await deaf.record(wakes(1, "2027-03-03 16:00"))
    assert recorded.standing.light == "escalated"
    assert tried == ["person:anna", "person:carl"]
    assert "person:carl was not woken" in caplog.text


def test_command_of_a_workflow_that_began_from_an_older_state_is_not_lost(database: Database, ledger: Ledger) -> None:
    """Its numbers are taken by now. Repeated it is still written once, and one that is refused stays refused."""
    new_ticket(database)
    for n in range(1, 4):
        ledger.write(asks(Noted(), n))
    late = asks(Called(), 2, id="overtaken")
    assert ledger.write(late) == ledger.write(late)
    assert ledger.write(asks(Reassigned("anna"), 2, id="refused"))[0].refusal is not None
    with database.reading() as session:
        facts = session.exec(
            select(EventRow.code, EventRow.n).where(col(EventRow.moment).is_(None)).order_by(col(EventRow.id))
        ).all()
        assert session.get_one(TicketRow, 1).recorded == 4
    assert facts == [("received", 0), ("noted", 1), ("noted", 2), ("noted", 3), ("called", 4)]


def test_repeated_entry_names_the_mailboxes_again(database: Database, ledger: Ledger) -> None:
    """The crash may have come between writing the notices and waking the mailboxes."""
    new_ticket(database)
    _, mailboxes = ledger.write(wakes(1, "2027-03-03 09:30"))
    assert mailboxes == ["person:anna"]
    assert ledger.write(wakes(1, "2027-03-03 09:30"))[1] == mailboxes


def test_two_workers_writing_the_same_entry_write_it_once(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ledger.write(wakes(1, "2027-03-03 16:00")), range(8)))
    assert count(database, EventRow) == 1 + len(["DM1", "R1", "E1", "E2.1", "EM2.1"])


def test_same_command_sent_twice_happens_once(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    first, _ = ledger.write(asks(Called(), 1, id="double-click"))
    again, _ = ledger.write(asks(Called(), 2, id="double-click"))
    assert again.refusal is None
    assert first.standing.version == again.standing.version


def test_everything_due_before_a_command_comes_to_pass_at_its_own_instant(database: Database, ledger: Ledger) -> None:
    """The worker was down from 9 to 12; the answer at noon does not undo that the request became overdue at 10."""
    new_ticket(database)
    ledger.write(asks(Called(), 1, at="2027-03-03 12:00"))
    with database.reading() as session:
        rows = session.exec(select(EventRow).order_by(col(EventRow.id))).all()
    assert [(row.code, row.at) for row in rows if row.code in {"R1", "E1", "called"}] == [
        ("R1", berlin("2027-03-03 09:30")),
        ("E1", berlin("2027-03-03 10:00")),
        ("called", berlin("2027-03-03 12:00")),
    ]


def test_notices_of_moments_that_a_command_made_pointless_are_withdrawn(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    _, mailboxes = ledger.write(asks(Called(), 1, at="2027-03-03 12:00"))
    assert mailboxes == []
    with database.reading() as session:
        assert set(session.exec(select(NoticeRow.status))) == {"withdrawn", "off"}


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (Answered(), "text_missing"),
        (Reassigned("niemand"), "person_unknown"),
        (Reassigned("anna"), "already_owner"),
        (Closed("just so"), "reason_unknown"),
        (Closed(""), "reason_missing"),
        (FollowUpSet(berlin("2027-03-01 10:00")), "follow_up_in_the_past"),
        (FollowUpSet(berlin("2999-03-01 10:00")), "too_far"),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_refused_command_leaves_no_trace(database: Database, ledger: Ledger, fact: Fact, code: str) -> None:
    new_ticket(database)
    before = ledger.write(wakes(1, "2027-03-02 17:01"))[0].standing
    events = count(database, EventRow)
    recorded, mailboxes = ledger.write(asks(fact, 2))
    assert recorded.refusal is not None
    assert recorded.refusal.code == code
    assert (recorded.standing, mailboxes) == (before, [])
    assert count(database, EventRow) == events


def test_answer_to_a_customer_without_address_is_refused(database: Database, ledger: Ledger) -> None:
    number = new_ticket(database, email="")
    text = TicketService(database).keep_text(number, "anna", "Guten Tag", berlin("2027-03-02 17:05"))
    recorded, _ = ledger.write(asks(Answered(), 1, text=text))
    assert recorded.refusal is not None
    assert recorded.refusal.code == "no_address"


def test_who_acts_on_what_somebody_else_changed_meanwhile_is_told_who(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    ledger.write(Entry(1, 1, berlin("2027-03-02 17:10"), Command(Called(), "paul", "a", version=1)))
    recorded, _ = ledger.write(asks(Called(), 2, version=1))
    assert recorded.refusal is not None
    assert recorded.refusal.code == "outdated"
    assert (recorded.refusal.context["by"], recorded.refusal.context["code"]) == ("paul", "called")


def test_moments_do_not_make_what_a_person_saw_outdated(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    ledger.write(wakes(1, "2027-03-03 14:00"))
    assert ledger.write(asks(Called(), 2, at="2027-03-03 14:01", version=1))[0].refusal is None


def test_escalation_is_listed_for_each_controller_at_their_own_offset(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    listed = []
    for n, at in enumerate(("2027-03-03 13:59", "2027-03-03 14:00", "2027-03-03 18:00"), 1):
        ledger.write(wakes(n, at))
        with database.reading() as session:
            listed.append(sorted(session.exec(select(EscalationRow.person))))
    assert listed == [[], ["carl"], ["carl", "helga"]]
    ledger.write(asks(Called(), 4, at="2027-03-04 09:00"))
    assert count(database, EscalationRow) == 0


def test_lists_read_what_the_agenda_says(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    ledger.write(wakes(1, "2027-03-03 09:30"))
    with database.reading() as session:
        row = session.get_one(TicketRow, 1)
    assert (row.light, row.due_at, row.next_at) == (
        "yellow",
        berlin("2027-03-03 10:00"),
        berlin("2027-03-03 10:00"),
    )


def test_standing_carries_no_words_of_people(database: Database, ledger: Ledger) -> None:
    """Words rest, ids travel: what goes through Temporal names neither customer nor subject."""
    new_ticket(database)
    recorded: Recorded = ledger.write(asks(Noted(), 1))[0]
    assert not any(word in repr(recorded) for word in ("Kim", "Kombi", "kunde", "Guten Tag"))


def test_unknown_ticket_is_an_error(database: Database, ledger: Ledger) -> None:
    with pytest.raises(NoResultFound):
        ledger.write(wakes(1, "2027-03-03 09:30"))


@pytest.mark.parametrize(
    ("process", "site", "owner"),
    [("nowhere", "musterstadt", None), ("anfrage", "nowhere", None), ("anfrage", "musterstadt", "niemand")],
)
def test_ticket_of_unknown_process_site_or_person_is_not_opened(
    database: Database, ledger: Ledger, process: str, site: str, owner: str | None
) -> None:
    new = NewTicket(process, site, "Kombi", "", "web", None, "Kim", owner=owner)
    with pytest.raises(Unknown):
        TicketService(database).open_ticket(new, berlin("2027-03-02 17:00"))
    assert count(database, TicketRow) == count(database, CustomerRow) == 0


def test_ticket_keeps_the_version_of_the_definition_it_was_opened_with(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    with database.reading() as session:
        pinned = session.get_one(TicketRow, 1).definition
    changed = (SHIPPED / "anfrage.toml").read_text(encoding="utf-8").replace('span = "2h"', 'span = "3h"', 1)
    assert TicketService(database).apply_definition("anfrage", changed, "changed") == 2
    recorded, _ = ledger.write(wakes(1, "2027-03-02 17:01"))
    assert recorded.standing.due_at == berlin("2027-03-02 17:00") + timedelta(hours=17)
    with database.reading() as session:
        assert session.get_one(TicketRow, 1).definition == pinned


def test_notice_that_cannot_be_written_makes_no_moment_late(database: Database, ledger: Ledger) -> None:
    """Its key is taken, which no recording could ever mend."""
    new_ticket(database)
    with database.writing() as session:
        taken = NoticeRow(key="1:R1#1:anna:mail", mailbox="person:anna", channel="mail", kind="R1", deliver="at once")
        taken.at = berlin("2027-03-01 09:00")
        session.add(taken)
    ledger.write(wakes(1, "2027-03-03 10:00"))
    with database.reading() as session:
        moments = session.exec(select(EventRow).where(col(EventRow.moment).is_not(None))).all()
        shown = session.exec(select(NoticeRow.kind).where(NoticeRow.moment != "")).all()
    assert {row.code: row.fact for row in moments} == {"DM1": {}, "R1": {"problem": "IntegrityError"}, "E1": {}}
    assert "E1" in shown
    assert "R1" not in shown


def test_moment_that_cannot_be_written_is_put_off_and_the_ticket_stays_as_it_was_shown(
    database: Database, ledger: Ledger
) -> None:
    new_ticket(database)
    stood = ledger.write(wakes(1, "2027-03-02 17:00"))[0].standing
    put_off = ledger.give_up(wakes(2, "2027-03-03 10:00"), "ValueError").standing
    assert [(due.at, due.code) for due in put_off.agenda] == [(berlin("2027-03-03 10:05"), "⚠")]
    assert (put_off.light, put_off.owner, put_off.phase) == (stood.light, stood.owner, stood.phase)
    assert ledger.write(wakes(3, "2027-03-03 10:05"))[0].standing.light == "red"


def test_state_of_a_newer_release_is_refused_instead_of_damaged(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    with database.writing() as session:
        row = session.get_one(TicketRow, 1)
        row.state = newer = row.state.replace('{"v":1,', '{"v":99,"shape":"round",')
    with pytest.raises(NewerState):
        ledger.write(asks(Called(), 1))
    with database.reading() as session:
        assert session.get_one(TicketRow, 1).state == newer


def test_command_of_a_closed_ticket_gets_the_answer_of_the_first_time(database: Database, ledger: Ledger) -> None:
    new_ticket(database)
    first, _ = ledger.write(asks(Closed("won"), 1, id="closing"))
    again, _ = ledger.write(asks(Closed("won"), 2, id="closing"))
    other, _ = ledger.write(asks(Closed("won"), 3, id="another"))
    assert again == first
    assert other.refusal is not None
    assert other.refusal.code == "already_closed"
    assert TicketService(database).ticket_start(1, "closing").number == 1
    with pytest.raises(Refused):
        TicketService(database).ticket_start(1, "another")
