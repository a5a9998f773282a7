"""SL-03 to SL-05 on the time-skipping server: what is answered at once, what is promised, and what stays a person's."""

from email.message import EmailMessage
from typing import Any

import pytest

from activities.intake.tickets import NewTicket
from activities.ledger import catalogues
from domain.process.definition import AFTER_SILENCE, AUTOMATIC_ANSWER, CONFIRMATION
from domain.ticket.customer_facts import Tagged
from domain.ticket.facts import Answered, Categorised, CustomerWrote, Noted, Refused
from models.tables import TicketRow
from processes.loader import shipped_catalogue
from tests.office import Office, berlin

SATURDAY_NIGHT = "2027-03-06 22:00"
REACHED = shipped_catalogue().replace('open = "site"', 'open = "site"\nreach = "+49 89 1234"')
CUSTOMER = "kim@kunde.example"


async def writes(
    office: Office,
    subject: str,
    body: str = "",
    *,
    at: str = SATURDAY_NIGHT,
    known: int | None = None,
    **changed: object,
) -> int:
    """A customer writes at an instant; returns the ticket's number."""
    await office._wind_to(berlin(at))
    fields: dict[str, Any] = {"channel": "mail", "owner": "anna", **changed}
    new = NewTicket("anfrage", "musterstadt", subject, body, "web", known, "Kim Kunde", CUSTOMER, **fields)
    start = office.ticket_service.open_ticket(new, berlin(at))
    await office.gateway.start(start)
    return start.number


async def opened(office: Office, catalogue: str = REACHED, at: str = "2027-03-05 09:00") -> None:
    """Open the office with a service catalogue."""
    await office.opens(at)
    with office.database.writing() as session:
        catalogues.apply(session, "musterstadt", catalogue, "carl", berlin(at))


def mails(office: Office) -> list[EmailMessage]:
    """Return what the customer got."""
    return office.maildrop.to(CUSTOMER)


def words(mail: EmailMessage) -> str:
    """Return the text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def row(office: Office, number: int) -> TicketRow:
    """Return a ticket's row."""
    return office.row(number)


async def test_sl_05_password_is_answered_on_saturday_night_and_closes_after_silence(office: Office) -> None:
    await opened(office)
    number = await writes(office, "Hilfe", "Guten Tag, ich habe mein Passwort schon wieder vergessen.")
    await office.fast_forward("2027-03-06 22:01")
    (answer,) = mails(office)
    assert answer["Subject"] == "Ihr Passwort [#1]"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert "„Passwort vergessen?“" in words(answer)
    assert "Dann liest sie ein Mensch" in words(answer)
    assert (row(office, number).status, row(office, number).due_at) == ("in_progress", None)
    await office.fast_forward("2027-03-20 12:00")
    assert [code for code, _ in office.events(number)] == ["DM1", AUTOMATIC_ANSWER, AFTER_SILENCE]
    ended = row(office, number)
    assert (ended.closed, ended.closed_at, ended.answered_by) == (True, berlin("2027-03-12 18:00"), "automatic")
    assert mails(office) == [answer]


async def test_sl_05_reply_to_a_machine_goes_to_a_person_with_a_new_clock(office: Office) -> None:
    await opened(office)
    number = await writes(office, "Passwort vergessen")
    await office.fast_forward("2027-03-06 22:01")
    await office.acts(number, CustomerWrote(), at="2027-03-08 10:00", by="web", text="Der Link kommt nicht an.")
    again = row(office, number)
    assert (again.status, again.due_at) == ("open", berlin("2027-03-08 12:00"))
    await office.acts(number, Answered(), at="2027-03-08 11:00", text="Ich habe ihn Ihnen gesendet.")
    await office.fast_forward("2027-03-25 12:00")
    assert AFTER_SILENCE not in [code for code, _ in office.events(number)]
    assert (row(office, number).closed, row(office, number).answered_by) == (False, "people")
    assert len(mails(office)) == 2


async def test_ac_18_automatic_answer_that_settles_nothing_handles_nothing(office: Office) -> None:
    """The promise of the mail is the instant at which a person is late; the reminder comes as if nothing was sent."""
    await opened(office)
    number = await writes(office, "Wo finde ich Ihre Preisliste?")
    await office.fast_forward("2027-03-06 22:01")
    (answer,) = mails(office)
    assert "Ein Mensch meldet sich bis Mo., 8. März 2027, 11:00 Uhr" in words(answer)
    assert (row(office, number).status, row(office, number).answered_by) == ("open", "automatic")
    await office.fast_forward("2027-03-08 11:30")
    assert [code for code, _ in office.events(number)] == ["DM1", AUTOMATIC_ANSWER, "R1", "E1"]
    assert row(office, number).light == "red"


async def test_sl_04_receipt_is_confirmed_with_the_promise_and_when_the_phone_is_open(office: Office) -> None:
    await opened(office)
    number = await writes(office, "Kombi gesucht", "Bis 20.000 Euro.")
    await office.fast_forward("2027-03-06 22:01")
    (confirmation,) = mails(office)
    assert confirmation["Subject"] == "Eingegangen: Kombi gesucht [#1]"
    assert "Sie hören von uns bis Mo., 8. März 2027, 11:00 Uhr." in words(confirmation)
    assert "Telefon +49 89 1234: wieder ab Mo., 8. März 2027, 09:00 Uhr" in words(confirmation)
    assert [code for code, _ in office.events(number)] == ["DM1", CONFIRMATION]
    assert (row(office, number).status, row(office, number).answered_by) == ("open", "")


async def test_sl_03_same_request_from_an_a_and_a_c_customer(office: Office) -> None:
    """The A customer hears from a person within the hour, the C customer from a machine at once."""
    await opened(office)
    known = {}
    for tag in ("A", "C"):
        life = await office.registers("2027-03-05 09:30", name=f"{tag} Kunde", owner="ina")
        await office.acts(life, Tagged(tag), at="2027-03-05 09:30", by="ina")
        known[tag] = office.row(life).customer
    a = await writes(office, "Passwort vergessen", known=known["A"])
    c = await writes(office, "Passwort vergessen", known=known["C"])
    await office.fast_forward("2027-03-06 22:01")
    assert sorted(mail["Subject"] for mail in mails(office)) == [
        f"Eingegangen: Passwort vergessen [#{a}]",
        f"Ihr Passwort [#{c}]",
    ]
    assert (row(office, a).automation, row(office, a).due_at) == ("people", berlin("2027-03-06 23:00"))
    assert (row(office, c).automation, row(office, c).due_at) == ("automatic", None)
    assert row(office, a).level_why["de"] == "Geschäftskritisch, rund um die Uhr: Zeile 1 (Segment A)"
    assert row(office, c).level_why["de"] == "Verwaltung, ohne Eile: Zeile 3 (Segment C)"


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("Das ist dringend! Passwort vergessen.", {}),
        ("Passwort vergessen", {"channel": "phone"}),
        ("Passwort vergessen", {"answers": False}),
    ],
)
async def test_sl_05_machine_proposes_only_where_it_may_not_answer(
    office: Office, body: str, changed: dict[str, Any]
) -> None:
    """Who is angry or in a hurry, who is on the phone, and who wants no mail from machines, is a person's."""
    await opened(office)
    number = await writes(office, "Frage", body, **changed)
    await office.fast_forward("2027-03-06 22:01")
    found = row(office, number)
    assert (found.category, found.automation, found.status) == ("password", "semi-automatic", "open")
    assert [mail["Subject"] for mail in mails(office)] == ([] if changed else ["Eingegangen: Frage [#1]"])
    await office.acts(number, Answered("password"), at="2027-03-08 09:30", text="So geht es: …")
    assert row(office, number).answered_by == "semi-automatic"


async def test_sl_05_wrong_category_is_put_right_and_the_matter_is_a_persons_again(office: Office) -> None:
    await opened(office)
    number = await writes(office, "Passwort vergessen und Retoure")
    await office.fast_forward("2027-03-06 22:01")
    await office.acts(number, Noted(), at="2027-03-08 09:00", text="Da stimmt etwas nicht.")
    assert row(office, number).status == "in_progress"
    with pytest.raises(Refused, match="category_unknown"):
        await office.acts(number, Categorised("nothing"), at="2027-03-08 09:30")
    await office.acts(number, Categorised("webshop"), at="2027-03-08 10:00")
    found = row(office, number)
    assert (found.category, found.category_why, found.status) == ("webshop", {}, "open")
    assert found.due_at == berlin("2027-03-08 12:00")
    assert AFTER_SILENCE not in [moment.code for moment in office.agenda(number)]
