"""A message is taken once, with everything it brings, whatever crashes; on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from activities.incoming.classify import Fate
from activities.incoming.following import Following
from activities.incoming.undone import Taken
from activities.ledger import catalogues
from domain.ticket.facts import Closed, CustomerWrote, Noted, Refused
from models.database import Database
from models.messages import Command, Standing, TicketStart
from processes.loader import shipped_catalogue
from tests.incoming.mails import PDF, attached, away, case, delivery_report, mail, multipart, part
from tests.incoming.office import FRITZ, KIM, ZOE, IncomingOffice
from tests.office import berlin

AT = berlin("2027-03-02 17:00")
LATER = AT + timedelta(minutes=5)


@pytest.fixture
def office(database: Database) -> IncomingOffice:
    """Furnish an office."""
    return IncomingOffice(database, AT)


def take(office: IncomingOffice, content: bytes, place: str = "1.1", at: datetime = LATER) -> Taken:
    """Take one message."""
    return office.taking.take(place, content, at)


@pytest.mark.parametrize(
    ("subject", "headers", "automation", "confirms"),
    [
        ("Passwort vergessen", (), "automatic", False),
        ("Kombi gesucht", (), "", True),
        ("Passwort vergessen", ("X-Auto-Response-Suppress: All",), "semi-automatic", False),
        ("Passwort vergessen [#1]", (), "semi-automatic", False),
    ],
)
def test_sl_05_machine_answers_only_who_asked_and_wants_it(
    office: IncomingOffice, subject: str, headers: tuple[str, ...], automation: str, confirms: bool
) -> None:
    """Not who asks machines for silence, and not who names a ticket that is not theirs."""
    with office.database.writing() as session:
        catalogues.apply(session, "musterstadt", shipped_catalogue(), "ada", AT)
    take(office, mail(b"Guten Tag", "Nora Neu <nora@neu.example>", *headers, subject=subject))
    (incoming,) = office.incoming()
    row = office.row(incoming.ticket or 0)
    assert (row.automation, row.confirms) == (automation, confirms)


def test_question_opens_a_ticket_whose_clock_starts_now_and_keeps_the_mail_s_own_date(office: IncomingOffice) -> None:
    """Reading 6: the mail was sent at 16:30, half an hour before; two hours count from when it was taken."""
    taken = take(office, mail(sender="Nora Neu <nora@neu.example>"))
    (incoming,) = office.incoming()
    ticket = office.row(incoming.ticket or 0)
    assert (taken.fate, taken.done, taken.start) == (Fate.NEW, False, TicketStart(ticket.number, 0))
    assert (ticket.received_at, ticket.due_at) == (LATER, LATER + timedelta(hours=2))
    assert incoming.sent_at == berlin("2027-03-02 16:30")
    assert (ticket.subject, ticket.channel, ticket.owner) == ("Kombi gesucht", "mail", None)
    customer = office.customer(ticket.number)
    assert (customer.name, customer.email) == ("Nora Neu", "nora@neu.example")
    (text,) = office.texts(ticket.number)
    assert (text.body, text.author, text.message_id) == ("Guten Tag, ich suche einen Kombi.", None, incoming.message_id)
    assert incoming.text == text.id
    assert office.codes(ticket.number) == ["received"]


def test_customer_is_found_by_address_whatever_its_case(office: IncomingOffice) -> None:
    taken = take(office, mail(sender="Kim <KIM@Kunde.EXAMPLE>"))
    assert taken.start is not None
    assert office.row(taken.start.number).customer == office.row(office.kim).customer


def test_web_form_s_customer_is_who_is_to_be_answered(office: IncomingOffice) -> None:
    content = mail(b"x", "Formular <web@musterstadt.example>", "Reply-To: Nora Neu <nora@neu.example>")
    taken = take(office, content)
    assert taken.start is not None
    assert office.customer(taken.start.number).email == "nora@neu.example"


def test_mail_of_nobody_about_nothing_is_a_ticket_all_the_same(office: IncomingOffice) -> None:
    taken = take(office, b"Received: x\r\n\r\n")
    assert taken.start is not None
    row = office.row(taken.start.number)
    assert (row.subject, office.customer(row.number).name) == ("(ohne Betreff)", "Unbekannter Absender")
    assert [text.body for text in office.texts(row.number)] == [""]


def test_offered_again_it_is_what_it_was(office: IncomingOffice) -> None:
    """A crash between the database and the mark in the mailbox."""
    content = multipart(part(b"x", "text/plain"), attached("a.pdf", PDF))
    first = take(office, content)
    assert take(office, content, at=LATER + timedelta(minutes=1)) == first
    assert len(office.incoming()) == 1
    assert len(office.tickets()) == 4
    assert first.start is not None
    assert [file.name for file in office.files(first.start.number)] == ["a.pdf"]


def test_place_counted_anew_hides_no_other_mail(office: IncomingOffice) -> None:
    """A mailbox that was set up again begins with uid 1; what lies there is another message."""
    take(office, mail(b"eins", id="<1@x>"))
    take(office, mail(b"zwei", id="<2@x>"))
    assert [row.fate for row in office.incoming()] == [Fate.NEW, Fate.NEW]


@pytest.mark.parametrize("again", [mail(id="<1@x>"), mail(b"Received twice, with a footer", id="<1@x>")])
def test_same_mail_at_another_place_is_a_duplicate(office: IncomingOffice, again: bytes) -> None:
    take(office, mail(id="<1@x>"))
    assert take(office, again, "1.2").fate is Fate.DUPLICATE
    assert len(office.tickets()) == 4
    assert office.incoming()[1].raw == again


def test_same_bytes_without_an_id_are_a_duplicate_too(office: IncomingOffice) -> None:
    take(office, mail())
    assert take(office, mail(), "1.2").fate is Fate.DUPLICATE


def test_program_that_gives_all_its_mails_one_id_loses_none(office: IncomingOffice) -> None:
    take(office, mail(id="<1@x>"))
    assert take(office, mail(sender="Nora <nora@neu.example>", id="<1@x>"), "1.2").fate is Fate.NEW
    assert take(office, mail(subject="Anderes", id="<1@x>"), "1.3").fate is Fate.NEW


@pytest.mark.parametrize("named", ["answer", "own", "subject", "address", "thread"])
def test_reply_finds_its_ticket(office: IncomingOffice, named: str) -> None:
    """By our mail, by the customer's own earlier one, by the number for the ticket's customer."""
    if named == "own":
        first = take(office, mail(id="<first@kunde.example>"), "1.0")
        assert first.start is not None
        number = first.start.number
    else:
        number = office.kim
    content = {
        "answer": mail(b"ja", f"<{KIM}>", f"In-Reply-To: {office.answer_to_kim}"),
        "own": mail(b"ja", f"<{KIM}>", "References: <first@kunde.example>"),
        "subject": mail(b"ja", f"<{KIM}>", subject=f"Re: Kombi [#{office.kim}]"),
        "address": mail(b"ja", f"<{KIM}>", to=f"anfragen+{office.kim}@musterstadt.example"),
        "thread": mail(b"ja", f"<{KIM}>", f"References: <ticket-{office.kim}@musterstadt.example>"),
    }[named]
    taken = take(office, content)
    assert (taken.fate, office.incoming()[-1].ticket) == (Fate.REPLY, number)
    assert taken.command == Command(CustomerWrote(), "mail", f"mail-{taken.row}", text=office.texts(number)[-1].id)
    assert office.texts(number)[-1].body == "ja"


def test_colleague_of_the_customer_may_answer_our_mail(office: IncomingOffice) -> None:
    """Nobody guesses the id of a mail."""
    taken = take(office, mail(b"ja", "Chef <chef@kunde.example>", f"In-Reply-To: {office.answer_to_kim}"))
    assert (taken.fate, office.incoming()[0].ticket) == (Fate.REPLY, office.kim)


@pytest.mark.parametrize("named", ["subject", "address", "thread"])
def test_forged_reply_touches_no_foreign_ticket(office: IncomingOffice, named: str) -> None:
    before = (office.row(office.kim), office.texts(office.kim))
    content = {
        "subject": mail(b"x", f"<{FRITZ}>", subject=f"[#{office.kim}]"),
        "address": mail(b"x", f"<{FRITZ}>", to=f"anfragen+{office.kim}@musterstadt.example"),
        "thread": mail(b"x", f"<{FRITZ}>", f"References: <ticket-{office.kim}@musterstadt.example>"),
    }[named]
    taken = take(office, content)
    (row,) = office.incoming()
    assert (taken.fate, row.why, row.about) == (Fate.NEW, "forged", office.kim)
    assert row.remarks == [{"code": "forged", "ticket": str(office.kim)}]
    assert row.ticket not in (office.kim, office.zoe, office.fritz)
    assert (office.row(office.kim), office.texts(office.kim)) == before


def test_reply_to_a_closed_ticket_opens_a_new_one_for_the_same_customer(office: IncomingOffice) -> None:
    taken = take(office, mail(b"doch noch", f"<{ZOE}>", subject=f"[#{office.zoe}]"))
    (row,) = office.incoming()
    assert taken.start is not None
    assert (row.fate, row.about) == (Fate.NEW, office.zoe)
    assert row.remarks == [{"code": "goes_on", "ticket": str(office.zoe)}]
    assert office.row(taken.start.number).customer == office.row(office.zoe).customer
    assert office.row(office.zoe).closed


def test_colleague_s_answer_to_a_reminder_is_a_note(office: IncomingOffice) -> None:
    taken = take(
        office, mail(b"erledige ich", "Anna <anna@musterstadt.example>", f"In-Reply-To: {office.reminder_to_anna}")
    )
    assert (taken.fate, taken.command and taken.command.fact) == (Fate.NOTE, Noted())


def test_out_of_office_reply_is_a_note(office: IncomingOffice) -> None:
    taken = take(office, away(office.answer_to_kim))
    assert (taken.fate, taken.command and taken.command.fact) == (Fate.AUTO_REPLY, Noted())
    assert office.texts(office.kim)[-1].body == "Ich bin bis Montag im Urlaub."


@pytest.mark.parametrize("of", ["<nobody@knows.example>", "closed"])
def test_out_of_office_reply_to_nothing_open_is_put_aside(office: IncomingOffice, of: str) -> None:
    of = office.mail_to("customer", office.zoe, ZOE, AT) if of == "closed" else of
    content = away(of)
    taken = take(office, content)
    assert (taken.fate, taken.done, len(office.tickets())) == (Fate.AUTO_REPLY, True, 3)
    assert office.incoming()[0].raw == content


def test_bounce_fails_our_mail_and_controllers_are_told_as_after_a_refusal(office: IncomingOffice) -> None:
    taken = take(office, delivery_report(office.answer_to_kim))
    mail_row = office.mail(office.answer_to_kim)
    assert (mail_row.status, mail_row.error) == ("failed", "smtp; 550 5.1.1 no such user")
    (told,) = office.notices("undeliverable")
    assert (told.mailbox, told.ticket) == ("person:carl", office.kim)
    assert (taken.fate, taken.wake, taken.done) == (Fate.BOUNCE, ("person:carl",), True)
    assert len(office.tickets()) == 3
    assert take(office, delivery_report(office.answer_to_kim) + b"\r\n", "1.2").wake == ()
    assert len(office.notices("undeliverable")) == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_report_of_a_mail_that_may_yet_arrive_fails_nothing(office: IncomingOffice, action: str) -> None:
    taken = take(office, delivery_report(office.answer_to_kim, action=action))
    assert office.mail(office.answer_to_kim).status == "sent"
    assert (taken.fate, taken.command and taken.command.fact) == (Fate.BOUNCE, Noted())


def test_bounce_of_an_old_server_is_recognised_by_the_mail_it_quotes(office: IncomingOffice) -> None:
    body = f"This is the qmail-send program.\r\n<kim>: no mailbox.\r\n\r\nMessage-ID: {office.answer_to_kim}\r\n"
    take(office, mail(body.encode(), "MAILER-DAEMON@mx.example"))
    assert office.mail(office.answer_to_kim).status == "failed"


def test_bounce_of_a_report_about_a_lost_mail_tells_nobody(office: IncomingOffice) -> None:
    take(office, delivery_report(office.answer_to_kim))
    assert take(office, delivery_report("<0000@x.example>"), "1.2").wake == ()
    assert len(office.notices("undeliverable")) == 1


def test_unreadable_mail_is_a_ticket_with_its_bytes(office: IncomingOffice) -> None:
    """It is on the agenda like any other: R1 and E1 go to whoever distributes."""
    taken = take(office, b"\x00\xff no mail at all")
    (row,) = office.incoming()
    assert taken.start is not None
    assert (taken.fate, row.raw, row.why) == (Fate.UNREADABLE, b"\x00\xff no mail at all", "no_headers")
    assert office.row(taken.start.number).subject == "Unlesbare E-Mail"
    (file,) = office.files(taken.start.number)
    assert (file.name, file.media_type, file.content) == ("mail.eml", "message/rfc822", row.raw)


def test_writer_without_end_is_slowed_down_and_nothing_is_lost(office: IncomingOffice) -> None:
    fates = [take(office, mail(b"%d" % n, id=f"<{n}@x>"), f"1.{n}").fate for n in range(35)]
    assert fates == [Fate.NEW] * 30 + [Fate.LOOP] * 5
    assert all(row.raw for row in office.incoming() if row.fate == Fate.LOOP)
    hour_later = LATER + timedelta(hours=1)
    assert take(office, mail(b"next", id="<next@x>"), "1.99", hour_later).fate is Fate.NEW


def lead(n: int, who: str) -> bytes:
    """Return the mail that a portal sends for somebody."""
    found = case("portal-lead").replace(b"88213", b"%d" % (88213 + n))
    return found.replace(b"nora@neu.example", who.encode())


def test_portal_that_writes_for_thirty_one_people_in_half_an_hour_opens_thirty_one_tickets(
    office: IncomingOffice,
) -> None:
    """The limit counts who wrote, not the address that all of them come from; no machine of ours answers them."""
    with office.database.writing() as session:
        catalogues.apply(session, "musterstadt", shipped_catalogue(), "ada", AT)
    for n in range(31):
        assert take(office, lead(n, f"n{n}@neu.example"), f"1.{n}", LATER + n * timedelta(minutes=1)).fate is Fate.NEW
    opened = [office.row(row.ticket or 0) for row in office.incoming()]
    assert len({row.number for row in opened}) == 31
    assert {office.customer(row.number).email for row in opened} == {f"n{n}@neu.example" for n in range(31)}
    assert {(row.automation, row.confirms) for row in opened} == {("", False)}


def test_one_person_who_writes_without_end_through_a_portal_is_slowed_down(office: IncomingOffice) -> None:
    fates = [take(office, lead(n, "nora@neu.example"), f"1.{n}").fate for n in range(32)]
    assert fates == [Fate.NEW] * 30 + [Fate.LOOP] * 2
    assert take(office, lead(99, "otto@ohne.example"), "1.99").fate is Fate.NEW


def test_person_who_writes_without_end_is_slowed_down_under_whichever_sender(office: IncomingOffice) -> None:
    """Half of it themselves, half of it through a form."""
    own = [mail(b"%d" % n, "Nora <nora@neu.example>", id=f"<o{n}@x>") for n in range(15)]
    fates = [take(office, content, f"1.{n}").fate for n, content in enumerate(own)]
    fates += [take(office, lead(n, "Nora@Neu.example"), f"2.{n}").fate for n in range(16)]
    assert fates == [Fate.NEW] * 30 + [Fate.LOOP]


def test_our_own_address_is_nobody_to_answer(office: IncomingOffice) -> None:
    taken = take(office, case("reply-to-ourselves"))
    assert taken.start is not None
    assert office.customer(taken.start.number).email == "nora@neu.example"


def test_hostile_words_fit_the_database(office: IncomingOffice) -> None:
    content = mail(b"a\x00b\xed\xa0\x80", "\x00" * 50 + "x" * 500 + " <a@x.example>", subject="\x00\udcff" * 300)
    assert take(office, content).fate is Fate.NEW


def test_too_large_mail_is_taken_by_its_headers(office: IncomingOffice) -> None:
    taken = office.taking.take("1.1", mail(b""), LATER, left_out=70_000_000)
    assert taken.fate is Fate.NEW
    assert office.incoming()[0].remarks == [{"code": "too_large", "size": "70000000"}]


class Ways:
    """A way to workflows that remembers what it was asked; `meanwhile` happens before a command is refused."""

    def __init__(self, meanwhile: Callable[[], None] | None = None) -> None:
        self.asked: list[object] = []
        self._meanwhile = meanwhile

    async def start(self, ticket: TicketStart) -> None:
        """Remember a start."""
        self.asked.append(ticket)

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Remember a command, or refuse it for the ticket was closed."""
        self.asked.append(command)
        if self._meanwhile:
            self._meanwhile()
            raise Refused("already_closed")
        return Standing(1, "", "", "", 0, "")

    async def wake(self, mailboxes: object) -> None:
        """Remember who is woken."""
        self.asked.append(mailboxes)


async def test_crash_before_the_workflow_heard_is_made_good(office: IncomingOffice) -> None:
    """The same start and the same command again; once it heard, nothing is left."""
    taken = [take(office, mail(), "1.1"), take(office, mail(b"ja", f"<{KIM}>", subject=f"[#{office.kim}]"), "1.2")]
    ways = Ways()
    following = Following(office.undone, ways, lambda: LATER)
    assert office.undone.left(LATER) == taken
    for left in office.undone.left(LATER):
        await following.follow(left)
    assert ways.asked == [taken[0].start, taken[1].command]
    assert office.undone.left(LATER) == []
    assert take(office, mail(), "1.1").done


async def test_command_that_was_accepted_is_not_given_to_a_ticket_closed_since(office: IncomingOffice) -> None:
    """A crash after the workflow had heard, then somebody closes the ticket: no second ticket for the same words."""
    taken = take(office, mail(b"ja", f"<{KIM}>", subject=f"[#{office.kim}]"))
    assert taken.command is not None
    office.commands(office.kim, taken.command, LATER)
    office.does(office.kim, Closed("answered"), LATER)
    await Following(office.undone, ways := Ways(), lambda: LATER).follow(taken)
    assert ways.asked == []
    assert len(office.tickets()) == 3
    assert office.undone.left(LATER) == []


@pytest.mark.parametrize("asked", [False, True], ids=["before it is asked", "while it is asked"])
async def test_reply_to_a_ticket_that_is_closed_meanwhile_becomes_a_new_one(
    office: IncomingOffice, asked: bool
) -> None:
    content = multipart(part(b"doch noch", "text/plain"), attached("a.pdf", PDF))
    content = content.replace(b"Kombi gesucht", b"[#%d]" % office.kim)
    taken = take(office, content)
    ways = Ways(lambda: office.does(office.kim, Closed("answered"), LATER))
    if not asked:
        office.does(office.kim, Closed("answered"), LATER)
    await Following(office.undone, ways, lambda: LATER).follow(taken)
    (row,) = office.incoming()
    assert (row.fate, row.about, row.done) == (Fate.NEW, office.kim, True)
    assert row.ticket is not None
    assert ways.asked == [*([taken.command] if asked else []), TicketStart(row.ticket, 0)]
    assert [text.body for text in office.texts(row.ticket)] == ["doch noch"]
    assert [file.name for file in office.files(row.ticket)] == ["a.pdf"]
    assert office.row(row.ticket).customer == office.row(office.kim).customer
    assert "doch noch" not in [text.body for text in office.texts(office.kim)]


def test_nothing_automatic_goes_to_who_writes(office: IncomingOffice) -> None:
    """Not to somebody who asks for silence, nor to anybody else: customers get what people write."""
    before = set(office.mailboxes())
    take(office, mail(b"x", "Nora <nora@neu.example>", "X-Auto-Response-Suppress: All"))
    take(office, away(office.answer_to_kim), "1.2")
    assert all(mailbox.startswith("person:") for mailbox in set(office.mailboxes()) - before)
