"""A ticket's page and its forms: what is shown, what is refused, and that nothing typed is lost."""

import re

import pytest
from sqlmodel import select

from domain.ticket.facts import Closed, Noted
from models.tables import CustomerRow, PersonRow, TextRow, TicketRow
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.visitor import HERE, Visitor, hidden_fields


async def test_page_shows_past_and_agenda_with_reasons(anna: Visitor) -> None:
    """History newest last, each moment with its why; then now; then what will happen, to whom and why."""
    page = (await anna.opens("/tickets/4")).text
    past, ahead = page.split('class="now"')
    assert re.findall(r'<em class="code">(\S+)</em>', past) == ["DM1", "R1", "E1", "E2.1"]
    assert re.findall(r'<em class="code">(\S+)</em>', ahead) == ["EM2.1", "E2.1", "EM2.1"]
    assert "Mo 15:30–17:30" in past
    assert "eskaliert → Helga Brandt" in ahead


async def test_customer_can_be_reached_with_one_tap(anna: Visitor) -> None:
    """tel: and mailto: links."""
    page = (await anna.opens("/tickets/1")).text
    assert 'href="tel:+4989123456"' in page
    assert 'href="mailto:kim%40kunde.example"' in page


async def test_page_is_right_while_the_worker_is_down(anna: Visitor, shop: Shop) -> None:
    """A deadline that passed without being recorded is shown as passed."""
    number = shop.inquiry(at=berlin("2027-03-02 09:00"))
    assert shop.row(number).light == "yellow"
    assert "ticket-head light-red" in (await anna.opens(f"/tickets/{number}")).text


@pytest.mark.parametrize("name", ["answer", "note"])
async def test_empty_text_is_refused_at_the_field(anna: Visitor, name: str) -> None:
    """An answer and a note need words."""
    refused = await anna.sends("/tickets/1", f"/tickets/1/{name}", text=" \r\n ")
    assert refused.status_code == 422
    assert f'id="{name}-text-problem">Bitte etwas schreiben.' in refused.text


async def test_too_long_text_is_refused_and_kept(anna: Visitor, shop: Shop) -> None:
    """20,000 characters are the limit; what was typed stays in the field, all ten million of it."""
    at_limit = await anna.sends("/tickets/1", "/tickets/1/note", text="x" * 20_000)
    assert at_limit.status_code == 503
    typed = "Wort & " * 1_430_000
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/note")
    as_browsers_send_it = {name: (None, value) for name, value in {**hidden, "text": typed}.items()}
    refused = await anna.client.post("/tickets/1/note", files=as_browsers_send_it, headers=HERE)
    assert refused.status_code == 422
    assert "Höchstens 20000 Zeichen; das sind 10010000." in refused.text
    assert refused.text.count("Wort &amp; ") == 1_430_000
    with shop.database.reading() as session:
        assert [len(body) for body in session.exec(select(TextRow.body)) if "x" in body and len(body) > 99] == [20_000]


async def test_follow_up_outside_business_hours_is_asked_about_once(anna: Visitor) -> None:
    """Sunday is allowed; Monday's opening is one click away (reading 11)."""
    asked = await anna.sends("/tickets/1", "/tickets/1/followup", follow_up_at="2027-03-07T10:00", text="Sonntag")
    assert asked.status_code == 422
    assert "So 07.03.2027 10:00 liegt außerhalb der Geschäftszeit" in asked.text
    assert "Mo 08.03.2027 09:00, die nächste Öffnung" in asked.text
    assert "Sonntag</textarea>" in asked.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Bitte Datum und Uhrzeit wählen."),
        ("2027-03-02T14:20", "Das liegt in der Vergangenheit."),
        ("2027-03-28T02:30", "Diese Uhrzeit gibt es nicht"),
        ("morgen", "Das ist kein Datum mit Uhrzeit"),
        ("0001-01-01T00:00", "Das ist kein Datum mit Uhrzeit"),
        ("9999-12-31T23:59", "Das ist kein Datum mit Uhrzeit"),
        ("2027-03-05T10:00+02:00", "Das ist kein Datum mit Uhrzeit"),
    ],
)
async def test_follow_up_that_cannot_be_is_refused_at_the_field(anna: Visitor, typed: str, sentence: str) -> None:
    """Also the hour that is skipped when the clocks are put forward."""
    refused = await anna.sends("/tickets/1", "/tickets/1/followup", follow_up_at=typed)
    assert refused.status_code == 422
    assert f'id="followup-follow-up-problem">{sentence}' in refused.text


async def test_follow_up_at_closing_time_needs_no_question(anna: Visitor) -> None:
    """Closing time belongs to its day (reading 4); the engine is down, so the form gets that far."""
    sent = await anna.sends("/tickets/1", "/tickets/1/followup", follow_up_at="2027-03-05T18:00")
    assert sent.status_code == 503


async def test_follow_up_is_suggested_for_the_next_working_day(anna: Visitor) -> None:
    """In words and as the field's default."""
    page = (await anna.opens("/tickets/1")).text
    assert 'value="2027-03-03T09:00"' in page
    assert "Vorschlag: Mi 03.03.2027 09:00" in page


async def test_unknown_reason_person_and_action_are_refused(anna: Visitor) -> None:
    """Only what the page offers is accepted."""
    assert (await anna.sends("/tickets/1", "/tickets/1/close", reason="because")).status_code == 422
    assert (await anna.sends("/tickets/1", "/tickets/1/reassign", to="nobody")).status_code == 422
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/note")
    assert (await anna.posts("/tickets/1/explode", **hidden)).status_code == 404


async def test_engine_down_keeps_the_text_and_the_form(anna: Visitor, shop: Shop) -> None:
    """503, the text in the field and in the database, and the same id, so that sending again counts once."""
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/answer")
    for _ in range(2):
        failed = await anna.posts("/tickets/1/answer", **hidden, text="Ja, gern.")
        assert failed.status_code == 503
        assert "Ja, gern.</textarea>" in failed.text
        again = hidden_fields(failed.text, "/tickets/1/answer")
        assert again == hidden
    with shop.database.reading() as session:
        kept = session.exec(select(TextRow).where(TextRow.body == "Ja, gern.")).all()
    assert len(kept) == 1


async def test_closed_ticket_offers_no_forms(anna: Visitor) -> None:
    """Nothing can be done, nothing is planned, and the reason is in the history."""
    page = (await anna.opens("/tickets/7")).text
    assert '<form method="post" action="/tickets/7/' not in page
    assert "Anna Berger hat den Vorgang abgeschlossen: Anliegen erledigt" in page
    assert "nichts ist geplant" in page


async def test_form_on_a_ticket_closed_meanwhile_keeps_its_text(anna: Visitor, shop: Shop) -> None:
    """The form that went wrong stays on the page, although the ticket offers none any more."""
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/note")
    shop.happens(1, Closed("spam"), NOW, by="paul")
    failed = await anna.posts("/tickets/1/note", **hidden, text="Noch etwas")
    assert "Noch etwas</textarea>" in failed.text


async def test_long_words_and_many_notes_stay_on_the_page(anna: Visitor, shop: Shop) -> None:
    """A text of 20,000 characters is folded, not cut."""
    shop.happens(1, Noted(), NOW, text="Z" * 20_000)
    page = (await anna.opens("/tickets/1")).text
    assert "Z" * 20_000 in page
    assert "Alles zeigen" in page


async def test_new_ticket_is_opened_although_the_engine_is_down(anna: Visitor, shop: Shop) -> None:
    """The rows are written; the sweep starts the clock; the person is told that it is queued."""
    typed = {
        "customer_name": "Nora Neu",
        "customer_email": "nora@neu.example",
        "subject": "Neuwagen",
        "channel": "phone",
        "process": "anfrage",
    }
    opened = await anna.sends("/tickets/new", "/tickets/new", owner="anna", **typed)
    assert opened.status_code == 303
    assert "eingereiht" in (await anna.opens(opened.headers["location"])).text
    row = shop.row(int(opened.headers["location"].rsplit("/", 1)[1]))
    assert (row.subject, row.owner, row.channel, row.site) == ("Neuwagen", "anna", "phone", "musterstadt")


async def test_pressing_twice_opens_one_ticket(anna: Visitor) -> None:
    """The same form becomes the same ticket."""
    hidden = hidden_fields((await anna.opens("/tickets/new")).text, "/tickets/new")
    typed = {
        "customer_name": "N",
        "customer_phone": "089 1",
        "subject": "S",
        "channel": "phone",
        "owner": "-",
        "process": "anfrage",
    }
    first = await anna.posts("/tickets/new", **hidden, **{**typed, "customer_phone": "089 1111"})
    second = await anna.posts("/tickets/new", **hidden, **{**typed, "customer_phone": "089 1111"})
    assert first.headers["location"] == second.headers["location"]
    assert (await anna.opens(first.headers["location"])).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("subject", "x" * 201, "Höchstens 200 Zeichen; das sind 201."),
        ("subject", "", "Bitte ausfüllen."),
        ("subject", "a\x00b", "unsichtbare Steuerzeichen"),
        ("subject", "a\r\nBcc: evil", "unsichtbare Steuerzeichen"),
        ("subject", "a\u202eb", "unsichtbare Steuerzeichen"),
        ("customer_email", "nora", "Das ist keine E-Mail-Adresse"),
        ("customer_email", "a@b.c, d@e.f", "Das ist keine E-Mail-Adresse"),
        ("customer_phone", "call me", "Das ist keine Telefonnummer"),
        ("owner", "nobody", "Bitte etwas auswählen."),
        ("channel", "pigeon", "Bitte etwas auswählen."),
        ("body", "x" * 20_001, "Höchstens 20000 Zeichen"),
    ],
)
async def test_new_ticket_says_at_the_field_what_is_wrong(anna: Visitor, field: str, value: str, sentence: str) -> None:
    """Everything else that was typed stays typed."""
    typed = {
        "customer_name": "Nora Neu",
        "customer_email": "nora@neu.example",
        "subject": "Neuwagen",
        "channel": "phone",
        "process": "anfrage",
    }
    refused = await anna.sends("/tickets/new", "/tickets/new", **{"owner": "anna", **typed, field: value})
    assert refused.status_code == 422
    assert re.search(rf'id="{field}-problem">[^<]*{re.escape(sentence)}', refused.text)
    assert 'value="Nora Neu"' in refused.text


async def test_known_address_is_asked_about_once(anna: Visitor, shop: Shop) -> None:
    """One customer is not two by accident; a second one at the same address is possible on purpose."""
    with shop.database.writing() as session:
        session.get_one(CustomerRow, 1).email = "Miriam@osterkamp.example"
    typed = {
        "customer_name": "M. Osterkamp",
        "customer_email": "miriam@osterkamp.example",
        "subject": "Rad",
        "channel": "mail",
        "owner": "anna",
        "process": "anfrage",
    }
    asked = await anna.sends("/tickets/new", "/tickets/new", **typed)
    assert asked.status_code == 422
    assert "schon bekannt" in asked.text
    opened = await anna.sends("/tickets/new", "/tickets/new", **typed, customer="1")
    assert shop.row(int(opened.headers["location"].rsplit("/", 1)[1])).customer == 1
    opened = await anna.sends("/tickets/new", "/tickets/new", **typed, customer="new")
    assert shop.row(int(opened.headers["location"].rsplit("/", 1)[1])).customer > 1


async def test_customers_are_found_without_losing_what_was_typed(anna: Visitor) -> None:
    """Searching sends the whole form and brings it back."""
    found = await anna.sends("/tickets/new", "/tickets/new", find_customer="huber", find="1", subject="Schon getippt")
    assert found.status_code == 200
    assert "Malerbetrieb Huber" in found.text
    assert 'value="Schon getippt"' in found.text
    nobody = await anna.sends("/tickets/new", "/tickets/new", find_customer="xyz", find="1")
    assert "Niemand gefunden" in nobody.text


async def test_english_person_reads_english(anna: Visitor, shop: Shop) -> None:
    """Pages, moments and reasons alike."""
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").language = "en"
    page = (await anna.opens("/tickets/4")).text
    assert "overdue for 5 h 50 min" in page
    assert "Escalation mail" in page
    assert "Mon 01.03.2027 17:30" in page


async def test_ticket_of_nobody_can_be_taken(dora: Visitor, shop: Shop) -> None:
    """The pool offers each ticket with one button; the engine is down, so the page says so."""
    hidden = hidden_fields((await dora.opens("/pool")).text, "/tickets/11/reassign")
    failed = await dora.posts("/tickets/11/reassign", **hidden, to="dora")
    assert failed.status_code == 503
    with shop.database.reading() as session:
        assert session.get_one(TicketRow, 11).owner is None
