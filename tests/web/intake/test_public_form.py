"""The public form: nobody signs in, one ticket per form, nothing typed is lost, and nobody learns about others."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from models.tables import ContactRow, CustomerRow, TextRow, TicketRow
from settings import Settings
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, NOW, Shop
from tests.web.visitor import HERE, Visitor, hidden_fields
from web.app import create_app
from web.intake.public_form import MAILS, TRIES
from web.intake.spam import Suspicion, suspicion

PAGE = "/contact/musterstadt"
TYPED = {"name": "Nora Neu", "email": "nora@neu.example", "phone": "", "subject": "Probefahrt", "text": "Guten Tag!"}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Begin at the shop's instant."""
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.now

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(app: FastAPI) -> Clock:
    """Return the clock of the application."""
    clock = Clock()
    app.state.services = replace(app.state.services, clock=clock)
    return clock


@pytest.fixture
def nora(visitor: Callable[[], Visitor]) -> Visitor:
    """Return somebody who works elsewhere."""
    return visitor()


async def fills_in(visitor: Visitor, clock: Clock, seconds: float = 20, /, **typed: str) -> dict[str, str]:
    """Open the form and fill it in, which takes a while; returns its fields."""
    hidden = hidden_fields((await visitor.opens(PAGE)).text, PAGE)
    clock.passes(seconds)
    return hidden | TYPED | typed


def came(shop: Shop) -> list[TicketRow]:
    """Return the tickets that came by the form."""
    with shop.database.reading() as session:
        numbers = select(ContactRow.ticket).where(ContactRow.source == "form")
        return list(session.exec(select(TicketRow).where(col(TicketRow.number).in_(numbers))))


async def test_form_becomes_a_ticket_although_the_engine_is_down(shop: Shop, nora: Visitor, clock: Clock) -> None:
    """Its writer is thanked with the number."""
    sent = await nora.posts(PAGE, **await fills_in(nora, clock))
    (row,) = came(shop)
    assert sent.status_code == 303
    page = (await nora.opens(sent.headers["location"])).text
    assert f"#{row.number}</b>" in page
    assert "nora@neu.example" not in page
    assert (row.subject, row.channel, row.site, row.received_at) == ("Probefahrt", "web", "musterstadt", clock.now)
    with shop.database.reading() as session:
        customer = session.get_one(CustomerRow, row.customer)
        assert session.exec(select(TextRow.body).where(TextRow.ticket == row.number)).one() == "Guten Tag!"
    assert (customer.name, customer.email, customer.language) == ("Nora Neu", "nora@neu.example", "de")


async def test_page_has_no_cookie_no_script_and_no_way_to_the_staff(nora: Visitor) -> None:
    page = await nora.opens(PAGE)
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert "<nav" not in page.text
    assert "Autohaus Musterstadt" in page.text
    assert 'href="/"' not in page.text


@pytest.mark.parametrize(("language", "words"), [("de", "Schreiben Sie uns"), ("en-GB,en;q=0.9", "Write to us")])
async def test_form_speaks_the_browser_s_language(nora: Visitor, language: str, words: str) -> None:
    assert words in (await nora.opens(PAGE, **{"accept-language": language})).text


async def test_site_that_is_not_there_has_no_form(nora: Visitor) -> None:
    assert (await nora.opens("/contact/nowhere")).status_code == 404
    assert (await nora.opens("/contact/nowhere/thanks")).status_code == 404
    assert (await nora.posts("/contact/nowhere", **TYPED)).status_code == 404


async def test_pressing_twice_and_at_once_opens_one_ticket(shop: Shop, nora: Visitor, clock: Clock) -> None:
    fields = await fills_in(nora, clock)
    answers = await asyncio.gather(*(nora.posts(PAGE, **fields) for _ in range(4)))
    assert len({answer.headers["location"] for answer in answers}) == len(came(shop)) == 1


async def test_pressing_again_after_a_restart_opens_no_second_ticket(
    app: FastAPI, shop: Shop, nora: Visitor, clock: Clock, visitor: Callable[[], Visitor]
) -> None:
    """What was opened, and the secret that forms are sealed with, rest in the database."""
    fields = await fills_in(nora, clock)
    first = await nora.posts(PAGE, **fields)
    services = app.state.services
    fresh = create_app(
        Settings(base_url=BASE), shop.database, services.gateway, shop.ticket_service, clock, passwords=CHEAP
    )
    app.state.services = fresh.state.services
    assert (await visitor().posts(PAGE, **fields)).headers["location"] == first.headers["location"]
    assert len(came(shop)) == 1


async def test_other_words_in_the_same_form_are_another_contact(shop: Shop, nora: Visitor, clock: Clock) -> None:
    """Somebody went back, wrote more, and sent again: nothing of it is dropped."""
    fields = await fills_in(nora, clock)
    await nora.posts(PAGE, **fields)
    await nora.posts(PAGE, **fields | {"text": "Guten Tag! Noch etwas."})
    assert len(came(shop)) == 2
    assert len({row.customer for row in came(shop)}) == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Bitte ausfüllen."),
        ({"email": "", "phone": ""}, "email", "Ohne E-Mail-Adresse oder Telefonnummer"),
        ({"email": "nora"}, "email", "keine E-Mail-Adresse"),
        ({"phone": "anrufen"}, "phone", "keine Telefonnummer"),
        ({"subject": " "}, "subject", "Bitte ausfüllen."),
        ({"subject": "x" * 201}, "subject", "Höchstens 200 Zeichen"),
        ({"text": "\r\n"}, "text", "Bitte etwas schreiben."),
        ({"text": "x" * 20_001}, "text", "Höchstens 20000 Zeichen"),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_and_the_rest_stays(
    shop: Shop, nora: Visitor, clock: Clock, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = await nora.posts(PAGE, **await fills_in(nora, clock, 20, **{"name": "Nora & Co", **typed}))
    assert answer.status_code == 422
    assert sentence in answer.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]
    assert typed.get("name", "Nora &amp; Co") in answer.text
    assert came(shop) == []


@pytest.mark.parametrize(
    ("seconds", "typed", "sentence"),
    [
        (1, {}, "schneller, als Menschen tippen"),
        (2 * 86_400, {}, "war lange offen"),
        (20, {"website": "http://spam.example"}, "das Menschen nicht sehen"),
        (20, {"text": "http://a http://b https://c www.d"}, "mehr als 3 Links"),
        (20, {"form": "form.musterstadt.x.1.first.00"}, "war lange offen"),
        (20, {"form": ""}, "war lange offen"),
    ],
    ids=["too fast", "too old", "trap", "links", "not our seal", "no seal"],
)
async def test_what_looks_like_a_program_is_asked_once_more_and_then_taken(
    shop: Shop, nora: Visitor, clock: Clock, seconds: float, typed: dict[str, str], sentence: str
) -> None:
    """Nobody is turned away: everything typed is there, and a person presses the button once more."""
    asked = await nora.posts(PAGE, **await fills_in(nora, clock, seconds, **typed))
    assert asked.status_code == 422
    assert sentence in asked.text
    assert 'value="Probefahrt"' in asked.text
    assert came(shop) == []
    clock.passes(5)
    text = {"text": typed["text"]} if "text" in typed else {}
    assert (await nora.posts(PAGE, **hidden_fields(asked.text, PAGE) | TYPED | text)).status_code == 303
    assert len(came(shop)) == 1


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(seconds=3) - timedelta(microseconds=1), Suspicion.TOO_FAST),
        (timedelta(seconds=3), None),
        (timedelta(days=1), None),
        (timedelta(days=1, microseconds=1), Suspicion.TOO_OLD),
    ],
)
def test_forms_are_neither_too_fast_nor_too_old_at_the_edge(after: timedelta, expected: Suspicion | None) -> None:
    assert suspicion(NOW, NOW + after, "", "", insists=False) == expected


async def test_known_address_leads_to_the_customer_and_changes_nothing(shop: Shop, nora: Visitor, clock: Clock) -> None:
    """Nor does the page betray that somebody is known."""
    with shop.database.writing() as session:
        session.get_one(CustomerRow, 5).email = "Nora@Neu.example"
    with shop.database.reading() as session:
        before = session.get_one(CustomerRow, 5).model_dump()
    sent = await nora.posts(PAGE, **await fills_in(nora, clock, phone="0171 5550199", name="Eve"))
    thanks = (await nora.opens(sent.headers["location"])).text
    with shop.database.reading() as session:
        assert session.get_one(CustomerRow, 5).model_dump() == before
        text = session.exec(select(TextRow.body).where(TextRow.ticket == came(shop)[0].number)).one()
    assert came(shop)[0].customer == 5
    assert text == "Guten Tag!\n\nAngaben im Formular: Eve · nora@neu.example · 0171 5550199"
    assert before["name"] not in thanks


async def test_number_of_somebody_else_is_not_confirmed(nora: Visitor) -> None:
    """Only an address that we made shows a number; and a number opens nothing."""
    for of in ("1", "thanks.musterstadt.1", "thanks.musterstadt.1.00", ""):
        page = await nora.opens(f"{PAGE}/thanks?of={of}")
        assert page.status_code == 200
        assert "#1" not in page.text
    assert (await nora.opens("/tickets/1")).status_code == 303


async def test_who_sends_too_often_is_asked_to_wait_and_keeps_what_was_typed(
    shop: Shop, nora: Visitor, clock: Clock
) -> None:
    fields = await fills_in(nora, clock)
    for n in range(MAILS):
        assert (await nora.posts(PAGE, **fields | {"subject": f"Nr. {n}"})).status_code == 303
    kept = await nora.posts(PAGE, **fields | {"subject": "Eine zu viel"})
    assert kept.status_code == 429
    assert 'value="Eine zu viel"' in kept.text
    assert "60 Minuten" in kept.text
    for n in range(TRIES - MAILS - 1):
        other = fields | {"email": f"n{n}@neu.example"}
        assert (await nora.posts(PAGE, **other)).status_code == 303
    assert (await nora.posts(PAGE, **fields | {"email": "last@neu.example"})).status_code == 429
    assert len(came(shop)) == TRIES - 1


async def test_form_of_another_site_on_the_web_is_refused(shop: Shop, nora: Visitor, clock: Clock) -> None:
    fields = await fills_in(nora, clock)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await nora.client.post(PAGE, data=fields, headers=HERE | headers)).status_code == 403
    assert came(shop) == []


async def test_staff_may_use_the_form_as_well(shop: Shop, anna: Visitor, clock: Clock) -> None:
    assert (await anna.posts(PAGE, **await fills_in(anna, clock))).status_code == 303
    assert len(came(shop)) == 1
