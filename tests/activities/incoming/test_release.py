"""A person opens a ticket from a mail the rules put aside: once, with its words and files, under their name."""

from datetime import timedelta

import pytest
from sqlmodel import select

from activities.incoming.classify import Fate
from activities.incoming.release import open_by_hand
from activities.ledger.context import Unknown
from models.database import Database
from models.tables import EventRow
from tests.incoming.mails import PDF, attached, away, mail, multipart, part
from tests.incoming.office import KIM, SITE, ZOE, IncomingOffice
from tests.office import berlin

AT = berlin("2027-03-02 17:00")
LATER = AT + timedelta(minutes=30)
MACHINE = "Auto-Submitted: auto-generated"


@pytest.fixture
def office(database: Database) -> IncomingOffice:
    """Furnish an office."""
    return IncomingOffice(database, AT)


def put_aside(office: IncomingOffice, content: bytes) -> int:
    """Have a mail put aside; returns its number."""
    taken = office.taking.take("1.1", content, AT)
    assert taken.done
    return taken.row


def opened(office: IncomingOffice, identity: int, by: str = "carl") -> int:
    """Have a person open a ticket from it; returns the ticket's number."""
    return open_by_hand(office.database, SITE, "anfrage", identity, by, LATER).number


def test_ticket_has_the_mail_s_words_and_files_and_its_clock_starts_now(office: IncomingOffice) -> None:
    content = multipart(part(b"Web form", "text/plain"), part(b"<b>Web form</b>", "text/html"), attached("a.pdf", PDF))
    number = opened(office, put_aside(office, content.replace(b"MIME-Version", MACHINE.encode() + b"\r\nMIME-Version")))
    row, (incoming,) = office.row(number), office.incoming()
    assert (row.received_at, row.channel, row.owner) == (LATER, "mail", None)
    assert office.customer(number).id == office.customer(office.kim).id
    assert [text.body for text in office.texts(number)] == ["Web form\n\nWeb form"]
    assert [file.name for file in office.files(number)] == ["a.pdf"]
    assert (incoming.fate, incoming.why, incoming.ticket) == (Fate.NEW, "by_hand", number)
    assert "<b>Web form</b>" in incoming.html
    with office.database.reading() as session:
        event = session.exec(select(EventRow).where(EventRow.ticket == number)).one()
    assert (event.code, event.by) == ("received", "carl")


def test_second_press_is_the_same_ticket(office: IncomingOffice) -> None:
    identity = put_aside(office, mail(b"x", "Nora <nora@neu.example>", MACHINE))
    first = opened(office, identity)
    assert opened(office, identity, by="dora") == first
    assert len(office.tickets()) == 4


def test_mail_about_a_closed_ticket_links_it(office: IncomingOffice) -> None:
    identity = put_aside(office, away(office.mail_to("customer", office.zoe, ZOE, AT)))
    number = opened(office, identity)
    (row,) = office.incoming()
    assert (row.ticket, row.about) == (number, office.zoe)
    assert {"code": "about", "ticket": str(office.zoe)} in row.remarks


def test_reply_to_a_ticket_opened_by_hand_finds_it(office: IncomingOffice) -> None:
    number = opened(office, put_aside(office, mail(b"x", f"<{KIM}>", MACHINE, id="<form@kunde.example>")))
    taken = office.taking.take("1.2", mail(b"ja", f"<{KIM}>", "References: <form@kunde.example>"), LATER)
    assert (taken.fate, office.incoming()[-1].ticket) == (Fate.REPLY, number)


def test_what_was_not_put_aside_opens_nothing(office: IncomingOffice) -> None:
    """A mail that opened a ticket, one that is not there, one of another site."""
    taken = office.taking.take("1.1", mail(), AT)
    aside = office.taking.take("1.2", mail(b"y", "y@y.example", MACHINE), AT)
    for site, identity in ((SITE, taken.row), (SITE, 999), ("elsewhere", aside.row)):
        with pytest.raises(Unknown):
            open_by_hand(office.database, site, "anfrage", identity, "carl", LATER)
    assert len(office.tickets()) == 4


def test_of_a_large_mail_the_beginning_is_kept_and_a_remark_says_so(office: IncomingOffice) -> None:
    content = mail(b"x" * 2_000_000, "z@z.example", MACHINE)
    put_aside(office, content)
    (row,) = office.incoming()
    assert row.raw == content[: 1024 * 1024]
    assert row.remarks == [{"code": "original_cut", "size": str(len(content))}]
    opened(office, row.id)
    assert [remark["code"] for remark in office.incoming()[0].remarks] == ["original_cut", "text_continues"]
