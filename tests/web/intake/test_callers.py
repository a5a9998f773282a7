"""Who is on the line: found while typing, by everything people say of themselves, and what is open with them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from domain.ticket.facts import Closed
from models.database import Database
from models.tables import CustomerRow, TextRow, TicketRow
from tests.office import furnish
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor, hidden_fields
from web.intake.callers import MOST, find

PEOPLE = [
    ("Selin Özdemir", "selin@post.example", "+49 (0)89 / 123 45-67", "Bäckerei Ähre", "k-17"),
    ("Jan Huber", "huber@maler.example", "0821 5551", "Malerbetrieb Huber GmbH", None),
    ("Anna Ångström", "", "+43 1 5551234", "", None),
    ("100 % Sauber_Rein", "info@rein.example", "", "", None),
]


@pytest.fixture
def office(database: Database) -> Database:
    """Return the ledger of an office that knows four customers, 1 to 4."""
    furnish(database)
    with database.writing() as session:
        for name, email, phone, company, key in PEOPLE:
            session.add(CustomerRow(name=name, email=email, phone=phone, company=company, key=key))
            session.flush()
    return database


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("özd", [1]),
        ("ÖZDEMIR", [1]),
        ("selin öz", [1]),
        ("ähre", [1]),
        ("089 123", [1]),
        ("+49 89 12", [1]),
        ("0049(0)89123", [1]),
        ("89/1234567", [1]),
        ("234567", [1]),
        ("k-17", [1]),
        ("1", [1, 4]),
        ("5551", [3, 2]),
        ("0821 5551", [2]),
        ("+43 1 555", [3]),
        ("huber maler", [2]),
        ("huber 0821", [2]),
        ("maler.example", [2]),
        ("ångst", [3]),
        ("100 %", [4]),
        ("r_r", [4]),
        ("%", []),
        ("h", []),
        ("", []),
        ("nobody", []),
        ("huber nobody", []),
        ("\x00", []),
        ("9" * 300, []),
    ],
)
def test_caller_is_found_by_what_they_say(office: Database, typed: str, found: list[int]) -> None:
    with office.reading() as session:
        assert [row.id for row in find(session, typed)] == found


async def test_at_most_eight_are_shown_those_that_begin_so_first(shop: Shop, anna: Visitor) -> None:
    for n in range(10):
        shop.inquiry(customer=f"Firma Zander {n}", email=f"f{n}@z.example")
    shop.inquiry(customer="Zander, Ute", email="ute@z.example", phone="0171 1")
    found: list[dict[str, Any]] = (await anna.opens("/callers?q=zander", accept="application/json")).json()
    assert len(found) == MOST
    assert (found[0]["name"], found[0]["reach"]) == ("Zander, Ute", "ute@z.example · 0171 1")


async def test_callers_are_for_people_who_are_signed_in(visitor: Callable[[], Visitor]) -> None:
    stranger = visitor()
    assert (await stranger.opens("/callers?q=huber", accept="application/json")).status_code == 401
    assert (await stranger.opens("/callers/1")).status_code == 303


async def test_caller_is_shown_with_what_is_open(shop: Shop, anna: Visitor) -> None:
    """Not with what is closed, nor with somebody else's."""
    customer = shop.row(1).customer
    shop.happens(1, Closed("spam"), NOW)
    with shop.database.writing() as session:
        for number in (2, 3):
            session.get_one(TicketRow, number).customer = customer
    shown = (await anna.opens(f"/callers/{customer}")).text
    assert "Inzahlungnahme" in shown
    assert 'name="callback" value="3"' in shown
    assert "Probefahrt" not in shown
    assert "checked" in shown.partition("new")[0]
    assert (await anna.opens("/callers/99999")).status_code == 404


async def test_button_finds_without_scripts_and_shows_what_is_open(anna: Visitor) -> None:
    found = await anna.sends("/tickets/new", "/tickets/new", find_customer="nordlicht", find="1", subject="Schon da")
    assert "Bitte um Rückruf wegen Leasingrückgabe" in found.text
    assert 'name="callback" value="4"' in found.text
    assert 'value="Schon da"' in found.text


async def test_number_written_in_another_way_is_known(shop: Shop, anna: Visitor) -> None:
    """+49 89 123456 of the shop's customers is 089/12 34-56."""
    typed = {"customer_name": "M", "customer_phone": "089/12 34-56", "subject": "Rad", "channel": "phone"}
    asked = await anna.sends("/tickets/new", "/tickets/new", owner="anna", process="anfrage", **typed)
    assert asked.status_code == 422
    assert "schon bekannt" in asked.text


async def test_call_back_on_an_open_ticket_keeps_what_was_typed(shop: Shop, anna: Visitor) -> None:
    """The engine is down: the words are in the field and in the database, once, and nothing new is opened."""
    hidden = hidden_fields((await anna.opens("/tickets/new")).text, "/tickets/new")
    typed = {"callback": "4", "customer": str(shop.row(4).customer), "subject": "Rückruf", "body": "Ab 15 Uhr"}
    for _ in range(2):
        answer = await anna.posts("/tickets/new", **hidden, **typed)
        assert answer.status_code == 409
        assert "Ihr Text steht unten" in answer.text
        assert "Ab 15 Uhr</textarea>" in answer.text
        assert 'name="callback" value="4"' in answer.text
    with shop.database.reading() as session:
        assert session.exec(select(TextRow.ticket).where(TextRow.body == "Rückruf\n\nAb 15 Uhr")).all() == [4]


@pytest.mark.parametrize(("number", "status"), [("7", 409), ("999", 404), ("x", 404), ("-1", 404)])
async def test_call_back_on_what_is_closed_or_not_there_is_refused(anna: Visitor, number: str, status: int) -> None:
    answer = await anna.sends("/tickets/new", "/tickets/new", callback=number, body="Bitte anrufen")
    assert answer.status_code == status
    assert status == 404 or "Bitte anrufen</textarea>" in answer.text
