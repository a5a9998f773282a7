"""Contacts by API: one ticket per Idempotency-Key, whatever is sent again, and nobody else's tickets in sight."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from sqlmodel import col, select

from activities.intake.contacts import Sending, fingerprint, reserve
from activities.ledger import catalogues
from domain.text.legible import is_legible
from models.tables import ApiKeyRow, ContactRow, CustomerRow, EventRow, TextRow, TicketRow
from processes.loader import shipped_catalogue
from tests.web.api.test_api import KEY, keys, program
from tests.web.shop import NOW, Shop
from web.admin.api_keys import hash_of
from web.api.contacts import Line, NewContact

PATH = "/api/contacts"
KIM = {"name": "Kim Neu", "email": "kim@neu.example"}
CONTACT: dict[str, Any] = {"subject": "Kombi gesucht", "text": "Guten Tag", "customer": KIM}


@pytest.fixture
async def caller(app: FastAPI, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """Return a program that calls a shop whose engine is down."""
    keys(shop.database)
    async with program(app) as client:
        yield client


async def sends(client: httpx.AsyncClient, body: Any = None, key: str | None = "one", **headers: str) -> httpx.Response:
    """Send a contact under a key."""
    named = {} if key is None else {"Idempotency-Key": key}
    return await client.post(PATH, json=CONTACT if body is None else body, headers=KEY | named | headers)


def opened(shop: Shop) -> list[TicketRow]:
    """Return the tickets that came by API."""
    with shop.database.reading() as session:
        numbers = select(ContactRow.ticket).where(col(ContactRow.ticket).is_not(None))
        return list(session.exec(select(TicketRow).where(col(TicketRow.number).in_(numbers))))


async def test_contact_becomes_a_ticket_although_the_engine_is_down(shop: Shop, caller: httpx.AsyncClient) -> None:
    """It is kept and queued; the answer says when we have to be back, in UTC."""
    answer = await sends(caller, CONTACT | {"channel": "phone", "category": "invoice"})
    (row,) = opened(shop)
    assert answer.status_code == 201
    assert answer.json() == {
        "number": row.number,
        "received_at": "2027-03-02T13:20:00Z",
        "due_at": "2027-03-02T15:20:00Z",
    }
    assert answer.headers["location"] == f"/api/contacts/{row.number}"
    assert (row.subject, row.site, row.channel, row.category) == ("Kombi gesucht", "musterstadt", "phone", "invoice")
    with shop.database.reading() as session:
        assert session.exec(select(EventRow.by).where(EventRow.ticket == row.number)).one() == "Buchungssystem"
        assert session.exec(select(TextRow.body).where(TextRow.ticket == row.number)).one() == "Guten Tag"
        customer = session.get_one(CustomerRow, row.customer)
    assert (customer.name, customer.email) == ("Kim Neu", "kim@neu.example")


async def test_same_key_and_body_is_the_same_answer_again(shop: Shop, caller: httpx.AsyncClient) -> None:
    """The order of fields and quotation marks around the key make no difference; nor does what happened meanwhile."""
    first = await sends(caller)
    with shop.database.writing() as session:
        session.get_one(TicketRow, first.json()["number"]).due_at = None
    turned = dict(reversed(CONTACT.items()))
    for again in (await sends(caller), await sends(caller, turned, key='"one"')):
        assert (again.status_code, again.json()) == (201, first.json())
    assert len(opened(shop)) == 1


async def test_same_key_and_other_body_is_422(shop: Shop, caller: httpx.AsyncClient) -> None:
    await sends(caller)
    answer = await sends(caller, CONTACT | {"text": "Etwas anderes"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert len(opened(shop)) == 1


async def test_what_is_under_way_is_409(shop: Shop, caller: httpx.AsyncClient) -> None:
    said = fingerprint(NewContact.model_validate(CONTACT).model_dump_json())
    reserve(shop.database, Sending(hash_of("right"), "one", said), NOW)
    answer = await sends(caller)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (409, "under_way", "5")
    assert opened(shop) == []


async def test_key_is_each_program_s_own(shop: Shop, caller: httpx.AsyncClient) -> None:
    with shop.database.writing() as session:
        session.add(ApiKeyRow(key_hash=hash_of("other"), name="Portal", site="musterstadt", by="helga", created_at=NOW))
    theirs = {"Authorization": "Bearer other"}
    first, second = await sends(caller), await sends(caller, **theirs)
    assert first.json()["number"] != second.json()["number"]
    for number, whose, status in (
        (first.json()["number"], KEY, 200),
        (first.json()["number"], theirs, 404),
        (second.json()["number"], theirs, 200),
        (1, KEY, 404),
        (999_999, KEY, 404),
    ):
        assert (await caller.get(f"{PATH}/{number}", headers=whose)).status_code == status


@pytest.mark.parametrize("key", [None, "", '""', "a b", "x" * 256, 'a"b', "\u00fc".encode("latin-1")])
async def test_without_a_key_of_its_own_nothing_is_taken(
    shop: Shop, caller: httpx.AsyncClient, key: str | bytes | None
) -> None:
    answer = await sends(caller, key=key)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert opened(shop) == []


async def test_standing_is_told_as_it_is_now(shop: Shop, caller: httpx.AsyncClient) -> None:
    number = (await sends(caller)).json()["number"]
    for status, closed in (("open", False), ("in_progress", False), ("closed", True)):
        with shop.database.writing() as session:
            row = session.get_one(TicketRow, number)
            row.status, row.closed = status, closed
            row.due_at = None if closed else row.due_at
        answer = (await caller.get(f"{PATH}/{number}", headers=KEY)).json()
        due = None if closed else "2027-03-02T15:20:00Z"
        assert answer == {"number": number, "status": status, "received_at": "2027-03-02T13:20:00Z", "due_at": due}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"subject": ""}, "body.subject"),
        ({"subject": " "}, "body.subject"),
        ({"subject": "x" * 201}, "body.subject"),
        ({"subject": "a\u202eb"}, "body.subject"),
        ({"subject": "a\nb"}, "body.subject"),
        ({"subject": None}, "body.subject"),
        ({"text": "x" * 20_001}, "body.text"),
        ({"text": "\ud800"}, "body.text"),
        ({"channel": "pigeon"}, "body.channel"),
        ({"category": "x" * 65}, "body.category"),
        ({"colour": "red"}, "body"),
        ({"customer": {}}, "body.customer.name"),
        ({"customer": {"name": "Kim"}}, "body.customer"),
        ({"customer": {"name": "Kim", "email": "kim"}}, "body.customer.name.email"),
        ({"customer": {"name": "Kim", "email": "a@b.c\n"}}, "body.customer.name.email"),
        ({"customer": {"name": "Kim", "phone": "call me"}}, "body.customer.name.phone"),
        ({"customer": {"number": "1"}}, "body.customer.number"),
        ({"customer": {"number": 0}}, "body.customer.number"),
        ({"customer": {"number": 1, "name": "Kim"}}, "body.customer.number"),
        ({"customer": "Kim"}, "body.customer"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
async def test_body_that_is_none_is_refused_with_its_place(
    shop: Shop, caller: httpx.AsyncClient, change: dict[str, Any], word: str
) -> None:
    content = json.dumps(CONTACT | change)
    headers = KEY | {"Idempotency-Key": "one", "content-type": "application/json"}
    answer = await caller.post(PATH, content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_understood")
    assert f" {word}" in answer.json()["message"]
    assert opened(shop) == []


async def test_text_of_the_longest_length_is_taken(shop: Shop, caller: httpx.AsyncClient) -> None:
    """Control characters are dropped, as those that paste along in a form."""
    answer = await sends(caller, CONTACT | {"text": "\x00" + "x" * 19_999})
    assert answer.status_code == 201
    with shop.database.reading() as session:
        assert session.exec(select(TextRow.body).where(TextRow.ticket == answer.json()["number"])).one() == "x" * 19_999


async def test_customer_that_is_not_there_is_404_and_the_key_is_free_again(
    shop: Shop, caller: httpx.AsyncClient
) -> None:
    for who in ({"number": 9999}, {"key": "nobody"}):
        answer = await sends(caller, CONTACT | {"customer": who})
        assert (answer.status_code, answer.json()["code"]) == (404, "customer_unknown")
    assert (await sends(caller, CONTACT | {"customer": {"number": 1.0}})).status_code == 201
    assert [row.customer for row in opened(shop)] == [1]


async def test_category_that_the_catalogue_does_not_know_is_404_and_the_key_is_free_again(
    shop: Shop, caller: httpx.AsyncClient
) -> None:
    with shop.database.writing() as session:
        catalogues.apply(session, "musterstadt", shipped_catalogue(), "setup", NOW)
    answer = await sends(caller, CONTACT | {"category": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (404, "category_unknown")
    assert (await sends(caller, CONTACT | {"category": "order"})).status_code == 201
    assert [row.category for row in opened(shop)] == ["order"]


async def test_without_a_key_that_holds_nothing_is_told(caller: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer old"}):
        for answer in (
            await caller.post(PATH, content="nonsense", headers=headers),
            await caller.get(f"{PATH}/1", headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


async def test_silent_database_is_503(shop: Shop, caller: httpx.AsyncClient) -> None:
    """The file is there, its tables are not: whatever is wrong, the caller may repeat."""
    with shop.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE contact")
    answer = await sends(caller)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_silent")
    assert int(answer.headers["retry-after"]) > 0


async def test_description_names_limits_errors_and_examples(caller: httpx.AsyncClient) -> None:
    described = (await caller.get("/api/openapi.json")).json()
    post = described["paths"]["/contacts"]["post"]
    assert set(post["responses"]) == {"201", "400", "401", "404", "409", "413", "422", "429", "503"}
    (header,) = post["parameters"]
    assert (header["name"], header["in"], header["required"]) == ("Idempotency-Key", "header", True)
    get = described["paths"]["/contacts/{number}"]["get"]
    assert set(get["responses"]) == {"200", "401", "404", "413", "422", "429", "503"}
    contact = described["components"]["schemas"]["NewContact"]
    assert contact["properties"]["subject"]["maxLength"] == 200
    assert contact["properties"]["text"]["maxLength"] == 20_000
    assert contact["additionalProperties"] is False
    promise = described["components"]["schemas"]["Promise"]["properties"]
    assert promise["received_at"]["format"] == "date-time"
    assert promise["due_at"]["anyOf"] == [{"type": "string", "format": "date-time"}, {"type": "null"}]


def test_pattern_of_a_line_lets_in_exactly_what_is_legible() -> None:
    """The description and the domain mean the same, for every character of the basic plane."""
    lines = TypeAdapter(Line)
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        try:
            lines.validate_python(f"a{chr(code)}")
        except ValidationError:
            assert not is_legible(chr(code)), hex(code)
        else:
            assert is_legible(chr(code)), hex(code)
