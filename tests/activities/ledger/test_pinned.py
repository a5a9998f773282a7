"""Definitions of earlier releases, on SQLite and PostgreSQL: whatever was accepted once, its tickets are recorded."""

import pytest
from sqlmodel import select

from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.record import Ledger
from activities.mail.letter_facts import item_of
from domain.ticket.facts import Called, Closed, Fact, FollowUpSet
from models.database import Database
from models.messages import Command, Entry
from models.tables import DefinitionRow, EventRow, NoticeRow, PersonRow, SiteRow, TicketRow
from processes.loader import SHIPPED
from tests.activities.incoming.mailroom import Mailroom, words
from tests.activities.ledger.test_record import nobody
from tests.activities.mail.writing import item, notify
from tests.office import berlin, furnish

ANFRAGE = (SHIPPED / "anfrage.toml").read_text(encoding="utf-8")


def pin(database: Database, text: str) -> None:
    """Have an earlier release have applied this text."""
    with database.writing() as session:
        session.exec(select(DefinitionRow).where(DefinitionRow.key == "anfrage")).one().text = text


def opened(database: Database) -> Ledger:
    """Open ticket 1 and return the ledger."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", "kim@kunde.example", "", "anna")
    TicketService(database).open_ticket(new, berlin("2027-03-02 17:00"))
    return Ledger(database, nobody, "https://statuskette.example")


def is_worked_through(ledger: Ledger) -> None:
    """Let everything happen, call, promise and close; each of it must be recorded."""
    facts: tuple[Fact, ...] = (Called(), FollowUpSet(berlin("2027-03-08 10:00")), Closed("won"))
    assert ledger.write(Entry(1, 1, berlin("2027-03-05 16:00")))[0].refusal is None
    for n, fact in enumerate(facts, 2):
        command = Command(fact, "anna", f"c{n}")
        assert ledger.write(Entry(1, n, berlin(f"2027-03-05 16:0{n}"), command))[0].refusal is None


def mails(database: Database) -> dict[str, tuple[str, str]]:
    """Return kind and moment of every mail to anna by its key."""
    with database.reading() as session:
        rows = session.exec(select(NoticeRow).where(NoticeRow.mailbox == "person:anna", NoticeRow.channel == "mail"))
        return {row.key: (row.kind, row.moment) for row in rows}


def test_moment_that_mails_twice_writes_both_and_the_first_under_its_old_key(database: Database) -> None:
    furnish(database)
    pin(database, ANFRAGE.replace('does = "mail R1"', 'does = ["mail R1", "mail DM1", "mail R1"]'))
    is_worked_through(opened(database))
    found = {key: told for key, told in mails(database).items() if told[1] == "R1#1"}
    assert found == {"1:R1#1:anna:mail": ("R1", "R1#1"), "1:R1#1:anna:mail:DM1": ("DM1", "R1#1")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"mail R1"', '"mail gone"'),
        ('code = "R1"', 'code = "R1"\ncalendar = "moon"'),
        ('to = "owner"', 'to = ["owner", "astronaut"]'),
        ('code = "R1"', 'code = "AA"'),
    ],
    ids=["mail template", "calendar", "role", "reserved code"],
)
def test_what_is_no_longer_shipped_stops_no_ticket(database: Database, old: str, new: str) -> None:
    furnish(database)
    pin(database, ANFRAGE.replace(old, new))
    is_worked_through(opened(database))
    with database.reading() as session:
        assert session.get_one(TicketRow, 1).closed
        codes = set(session.exec(select(EventRow.code)))
    assert {"E1", "E2.1", "called", "follow_up", "closed"} <= codes


def test_role_and_offset_that_mean_nothing_any_more_are_skipped(database: Database) -> None:
    """Helga had eight business hours of her own; somebody wrote a role and a span that nobody reads today."""
    furnish(database)
    with database.writing() as session:
        helga = session.get_one(PersonRow, "helga")
        helga.roles, helga.offsets = ["senior_controller", "astronaut"], {"E2.1": "eight", "E2.2": "48h"}
        session.get_one(SiteRow, "musterstadt").distribution = "by dice"
    is_worked_through(opened(database))
    with database.reading() as session:
        codes = set(session.exec(select(EventRow.code)))
    assert "E2.1" in codes
    assert "E2.1/helga" not in codes


async def test_letter_without_its_template_is_written_from_the_general_one(mailroom: Mailroom) -> None:
    """The notice says which ticket it is, which moment came to pass, and why; others of the mailbox are not held up."""
    mailroom.change(DefinitionRow, 1, text=ANFRAGE)
    gone = mailroom.notice("gone", moment="E2.1#1")
    await mailroom.empty()
    other = mailroom.notice("R1", ticket=2)
    await mailroom.empty()
    assert [mailroom.status(key) for key in (gone, other)] == ["sent", "sent"]
    (first, _) = mailroom.inbox("anna")
    assert first["Subject"] == "Hinweis (E2.1): #1 Probefahrt 1"
    assert words(first).startswith("Bitte sehen Sie sich den Vorgang von Karl Muster an: E2.1 ist eingetreten.")
    assert "Eingang Di., 17:00 Uhr, plus 1 h 30 min." in words(first)


async def test_letters_without_templates_are_bundled_with_the_others(mailroom: Mailroom) -> None:
    mailroom.change(DefinitionRow, 1, text=ANFRAGE)
    keys = [mailroom.notice("gone", moment="E2.1#1"), mailroom.notice("R1", ticket=2)]
    await mailroom.empty()
    assert [mailroom.status(key) for key in keys] == ["sent", "sent"]
    assert "Hinweis" in words(mailroom.inbox("anna")[0])


@pytest.mark.parametrize("kind", ["gone", "EL1", "bundle", "answer", "customer", "undeliverable", "confirmation"])
def test_template_that_speaks_of_something_else_is_replaced_by_the_general_one(kind: str) -> None:
    letter = notify(item(kind, lost=None, code="R1"))
    assert letter.subject == "Hinweis (R1): #7 Probefahrt"


def test_mail_kind_of_lost_mails_that_a_moment_names_is_no_lost_mail(mailroom: Mailroom) -> None:
    mailroom.change(DefinitionRow, 1, text=ANFRAGE)
    key = mailroom.notice("undeliverable", moment="R1#1")
    with mailroom.database.reading() as session:
        assert item_of(session, mailroom.notices()[key]).lost is None


@pytest.mark.parametrize("kind", ["question", "undeliverable"])
def test_what_no_moment_says_about_a_customer_fits_into_a_bundle(kind: str) -> None:
    """It has no title of a rule; two of them come in one mail."""
    lost = item("undeliverable").lost if kind == "undeliverable" else None
    two = [item(kind, life=True, lost=lost, said="Wie läuft es?", number=n) for n in (7, 8)]
    assert "2 Kunden brauchen Sie" in notify(*two).subject
