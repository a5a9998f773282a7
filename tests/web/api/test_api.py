"""The API: with a key only, each fact once by its id, in the sender's language, and nothing of the pages in it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import TicketService
from models.database import Database
from models.tables import ApiKeyRow, EventRow, OutsideFactRow
from settings import Settings
from tests.imports import packages
from tests.office import furnish
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, NOW, Shop
from web.admin.api_keys import hash_of
from web.app import create_app
from workflows.gateway import Gateway

PATH = "/api/customer-facts"
KEY = {"Authorization": "Bearer right"}
KIM = {"id": "r-1", "what": "registered", "customer": "k-1", "name": "Kim Kunde", "at": "2026-02-01"}
BOOKING = {"id": "b-1", "what": "package", "customer": "k-1", "size": 5, "at": "2026-02-02"}


def keys(database: Database) -> None:
    """Make a key, and one that is revoked."""
    with database.writing() as session:
        for key, name, revoked in (("right", "Buchungssystem", False), ("old", "Altsystem", True)):
            session.add(
                ApiKeyRow(
                    key_hash=hash_of(key), name=name, site="musterstadt", by="helga", created_at=NOW, revoked=revoked
                )
            )


def program(app: FastAPI) -> httpx.AsyncClient:
    """Return another program, which has neither cookies nor forms."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE)


@pytest.fixture
async def caller(app: FastAPI, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """Return a program that calls a shop whose engine is down."""
    keys(shop.database)
    async with program(app) as client:
        yield client


@pytest.fixture
async def living(own_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return a program that calls an office whose engine runs, at the real time."""
    furnish(sqlite_database, "around-the-clock")
    keys(sqlite_database)
    settings = Settings(base_url=BASE, gather_seconds=600)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        gateway = Gateway(own_server.client, 600)
        app = create_app(
            settings,
            sqlite_database,
            gateway,
            TicketService(sqlite_database),
            lambda: datetime.now(UTC),
            passwords=CHEAP,
        )
        yield await stack.enter_async_context(program(app))


async def reports(client: httpx.AsyncClient, *facts: object, **headers: str) -> httpx.Response:
    """Report facts."""
    return await client.post(PATH, json={"facts": facts}, headers=KEY | headers)


def results(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Return id, outcome and code of each fact."""
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["outcome"], one["code"]) for one in answer.json()["results"]]


async def test_facts_are_taken_in_order_and_once(living: httpx.AsyncClient, sqlite_database: Database) -> None:
    other = {"id": "r-2", "what": "registered", "customer": "k-2", "name": "Kai"}
    answer = await reports(living, KIM, BOOKING, other, {**BOOKING, "id": "b-2", "size": 7}, BOOKING)
    assert results(answer) == [
        ("r-1", "taken", ""),
        ("b-1", "taken", ""),
        ("r-2", "taken", ""),
        ("b-2", "refused", "package_unknown"),
        ("b-1", "known", ""),
    ]
    again = await reports(living, KIM, BOOKING, {**BOOKING, "id": "b-2", "size": "10"}, {**BOOKING, "size": 10})
    assert results(again) == [
        ("r-1", "known", ""),
        ("b-1", "known", ""),
        ("b-2", "taken", ""),
        ("b-1", "refused", "same_id_other_content"),
    ]
    sizes, commands = packages(sqlite_database)
    assert sizes == {"k-1": 2, "k-2": 0}
    assert commands == {"outside:b-1": 1, "outside:b-2": 1}
    with sqlite_database.reading() as session:
        assert set(session.exec(select(EventRow.by).where(EventRow.code == "package"))) == {"Buchungssystem"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Einen Kunden „k-1“ gibt es nicht."), ("en-GB,en;q=0.9", "There is no customer “k-1”.")],
)
async def test_refusal_speaks_the_sender_s_language(caller: httpx.AsyncClient, language: str, sentence: str) -> None:
    answer = await reports(caller, BOOKING, **{"accept-language": language})
    assert results(answer) == [("b-1", "refused", "customer_unknown")]
    assert answer.json()["results"][0]["message"] == sentence


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer old", "Basic right", "right"]
)
async def test_without_a_key_that_holds_nothing_is_taken(
    shop: Shop, caller: httpx.AsyncClient, authorization: str | None
) -> None:
    """Also where the body is none: who has no key learns nothing about it."""
    headers = {} if authorization is None else {"Authorization": authorization}
    for content in (json.dumps({"facts": [KIM]}), "nonsense"):
        answer = await caller.post(PATH, content=content, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "key_unknown"
    with shop.database.reading() as session:
        assert session.exec(select(OutsideFactRow)).all() == []


@pytest.mark.parametrize(
    ("body", "status", "code", "word"),
    [
        (b"", 422, "not_understood", "body"),
        (b"nonsense", 422, "not_understood", "body"),
        (b"[]", 422, "not_understood", "body"),
        (b"{}", 422, "not_understood", "facts"),
        (b'{"facts": {}}', 422, "not_understood", "body.facts"),
        (b'{"facts": [1]}', 422, "not_understood", "body.facts.0"),
        (b'{"facts": [{"id": "1"}, {"id": true}]}', 422, "not_understood", "body.facts.1.id"),
        (b'{"facts": [{"id": ["1"]}]}', 422, "not_understood", "body.facts.0.id"),
        (b'{"facts": [{"size": 5.5}]}', 422, "not_understood", "body.facts.0.size"),
        (b'{"facts": [{"id": "\\ud800"}]}', 422, "not_understood", "body.facts.0.id"),
        (b"\xff\xfe", 422, "not_understood", "JSON"),
        (b"[" * 200_000, 422, "not_understood", ""),
        (json.dumps({"facts": [BOOKING] * 1001}).encode(), 422, "too_many_facts", "1000"),
        (b" " * (12 * 1024 * 1024 + 1), 413, "too_large", "12 MB"),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else "",
)
async def test_body_that_is_none_is_refused_in_words(
    caller: httpx.AsyncClient, body: bytes, status: int, code: str, word: str
) -> None:
    answer = await caller.post(PATH, content=body, headers=KEY | {"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert word in answer.json()["message"]


async def test_body_without_an_announced_length_is_counted_while_it_is_read(caller: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(13):
            yield b" " * 1024 * 1024

    answer = await caller.post(PATH, content=endless(), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ({}, "field_missing"),
        ({"id": None, "what": "offer", "customer": "k"}, "field_missing"),
        ({**BOOKING, "colour": "red"}, "field_unknown"),
        ({**BOOKING, "gr\u00f6\u00dfe": 5}, "field_unknown"),
        ({**BOOKING, "size": 0}, "size_wrong"),
        ({**BOOKING, "at": "gestern"}, "instant_unreadable"),
        ({**BOOKING, "id": "a\u0000b"}, "id_wrong"),
        ({**BOOKING, "what": "priority"}, "what_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_one_wrong_fact_is_refused_by_itself(caller: httpx.AsyncClient, fact: dict[str, Any], code: str) -> None:
    answer = await reports(caller, fact, BOOKING)
    assert [one[2] for one in results(answer)] == [code, "customer_unknown"]


async def test_thousand_facts_and_none_are_looked_at(caller: httpx.AsyncClient) -> None:
    many = results(await reports(caller, *({"id": str(n)} for n in range(1000))))
    assert [one[0] for one in many] == [str(n) for n in range(1000)]
    assert results(await reports(caller)) == []


async def test_silent_engine_is_503_and_the_same_may_be_sent_again(shop: Shop, caller: httpx.AsyncClient) -> None:
    """The customer is registered, their workflow could not be started: nothing is reported as taken."""
    answer = await reports(caller, KIM, BOOKING)
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_silent")
    assert int(answer.headers["retry-after"]) > 0
    with shop.database.reading() as session:
        rows = {row.id: row.taken for row in session.exec(select(OutsideFactRow))}
    assert rows == {"r-1": False}


async def test_who_comes_too_often_is_asked_to_wait(app: FastAPI, caller: httpx.AsyncClient) -> None:
    """Without a key after thirty times; a key that holds is not kept out by that, and has a limit of its own."""
    stati = [(await caller.post(PATH)).status_code for _ in range(31)]
    assert (set(stati[:30]), stati[30]) == ({401}, 429)
    assert (await reports(caller)).status_code == 200
    stati = [(await reports(caller)).status_code for _ in range(600)]
    assert (set(stati[:599]), stati[599]) == ({200}, 429)
    answer = await reports(caller)
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("too_often", "300")


async def test_description_names_the_api_and_none_of_the_pages(caller: httpx.AsyncClient) -> None:
    described = (await caller.get("/api/openapi.json")).json()
    assert set(described["paths"]) == {"/contacts", "/contacts/{number}", "/customer-facts"}
    assert described["servers"] == [{"url": "/api"}]
    post = described["paths"]["/customer-facts"]["post"]
    assert set(post["responses"]) == {"200", "401", "413", "422", "429", "503"}
    assert post["security"] == [{"HTTPBearer": []}]
    assert set(described["components"]["schemas"]["Result"]["properties"]) == {"id", "outcome", "code", "message"}
    for page in ("/api/docs", "/api/redoc", "/openapi.json", "/docs"):
        assert (await caller.get(page)).status_code == 404


async def test_elsewhere_under_api_there_is_nothing_in_json(caller: httpx.AsyncClient) -> None:
    for answer in (await caller.get("/api/nothing"), await caller.get(PATH)):
        assert answer.status_code in (404, 405)
        assert answer.json()["code"] == "nothing_here"


async def test_session_of_a_person_is_no_key(caller: httpx.AsyncClient, anna: Any) -> None:
    """And a key is no session: it opens no page."""
    assert (await anna.client.post(PATH, json={"facts": []})).status_code == 401
    assert (await caller.get("/customers/import", headers=KEY)).status_code == 303
