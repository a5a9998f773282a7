"""Forms about customers that are accepted: through a real Temporal server, workers and ledger, as in the office."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select
from temporalio.testing import WorkflowEnvironment

import worker
from domain.ticket.customer_facts import Acknowledged
from models.database import Database
from models.messages import Command
from models.tables import EventRow, TextRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, Shop
from tests.web.visitor import Visitor, hidden_fields
from web.app import create_app
from workflows.gateway import Gateway


def now() -> datetime:
    """Return the real time: a dev server's clock cannot be wound."""
    return datetime.now(UTC)


@pytest.fixture
async def office(
    sqlite_database: Database, own_server: WorkflowEnvironment, maildrop: Maildrop
) -> AsyncIterator[tuple[Shop, Visitor, Gateway]]:
    """Open a shop whose customers live in a real Temporal server; ina is signed in."""
    shop = Shop(sqlite_database)
    settings = Settings(var=Path("unused"), smtp_port=maildrop.port, base_url=BASE, gather_seconds=0)
    gateway = Gateway(own_server.client, gather_seconds=0)
    app = create_app(Settings(base_url=BASE), sqlite_database, gateway, shop.ticket_service, now, passwords=CHEAP)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE, timeout=30)
        )
        ina = Visitor(client)
        await ina.signs_in("ina")
        yield shop, ina, gateway


def happened(shop: Shop, customer: int) -> list[str]:
    """Return the facts of a customer's life, in order."""
    with shop.database.reading() as session:
        facts = select(EventRow.code).where(EventRow.ticket == shop.life(customer), col(EventRow.moment).is_(None))
        return list(session.exec(facts.order_by(col(EventRow.id))))


def later(**span: float) -> str:
    """Return an instant to come as a form carries it."""
    return (now() + timedelta(**span)).strftime("%Y-%m-%dT%H:%M")


async def test_every_form_of_the_card_is_accepted(office: tuple[Shop, Visitor, Gateway], maildrop: Maildrop) -> None:
    """From registration to the end, each form one fact, in the order they were sent."""
    shop, ina, _ = office
    sent = await ina.sends("/customers/new", "/customers/new", name="Ada", email="ada@x.example", phone="", owner="ina")
    page = sent.headers["location"]
    customer = int(page.rpartition("/")[2])
    assert "Kunde registriert." in (await ina.opens(page)).text
    steps: list[tuple[str, dict[str, str], str]] = [
        ("invited", {}, "invited"),
        ("appointment", {}, "appointment"),
        ("reassign", {"to": "ina"}, "reassigned"),
        ("package", {"size": "5", "day": ""}, "package"),
        ("task", {"task": "T-1", "day": ""}, "task_posted"),
        ("task_assigned", {"task": "T-1", "to": "vera", "text": "Vera kennt sich aus."}, "task_assigned"),
        ("check", {"check": "info_read"}, "milestone"),
        ("package", {"size": "50", "day": ""}, "package"),
        ("noprio", {}, "priority"),
        ("prio", {}, "priority"),
        ("watch", {}, "watched"),
        ("unwatch", {}, "watched"),
        ("offer", {}, "offer"),
        ("tag", {"tag": "B"}, "tagged"),
        ("ask", {"text": "Brauchst du Hilfe?", "answer_by": later(days=2)}, "assistant_asked"),
        ("observe", {}, "observed"),
        ("contact", {"text": "Wie geht es?", "subject": "Eine Frage"}, "answered"),
        ("call", {"text": "Alles gut."}, "called"),
        ("remind", {"follow_up_at": later(days=14), "outside": "as_typed"}, "follow_up"),
        ("note", {"text": "Notiert."}, "noted"),
        ("seen", {}, "acknowledged"),
        ("close", {"reason": "left"}, "closed"),
    ]
    for name, typed, _code in steps:
        accepted = await ina.sends(page, f"{page}/{name}", **typed)
        assert (accepted.status_code, accepted.headers.get("location")) == (303, f"{page}#content"), name
    assert happened(shop, customer) == ["registered", *(code for _, _, code in steps)]
    life = shop.stands(customer)
    assert (life.stage, life.tag, life.assistant, life.priority, life.packages) == (
        "second",
        "B",
        "vera",
        True,
        [5, 50],
    )
    shown = (await ina.opens(page)).text
    assert "Der Lebenszyklus ist beendet." in shown
    for words in ("Ina Voss: Aufgabe „T-1“ an Vera Pohl zugewiesen", "hat den VPA gefragt, Antwort bis", "Alles gut."):
        assert words in shown, words
    with shop.database.reading() as session:
        mail = session.exec(select(TextRow).where(TextRow.body == "Wie geht es?")).one()
    assert mail.subject == "Eine Frage"


async def test_mail_to_a_customer_has_the_subject_that_was_typed(
    office: tuple[Shop, Visitor, Gateway], maildrop: Maildrop
) -> None:
    shop, ina, gateway = office
    customer = shop.registers("Ada", at=now(), email="ada@x.example")
    await gateway.start(shop.customer_service.customer_start(customer))
    page = f"/customers/{customer}"
    await ina.sends(page, f"{page}/contact", text="Wie geht es?", subject="Eine Frage")
    for _ in range(100):
        if maildrop.to("ada@x.example"):
            break
        await asyncio.sleep(0.1)
    (mail,) = maildrop.to("ada@x.example")
    assert "Eine Frage" in mail["Subject"]


@pytest.mark.parametrize(
    ("form", "typed", "field", "words"),
    [
        ("package", {"size": "10", "day": "2020-01-02"}, "package-size", "vor der Registrierung"),
        ("task", {"task": "zwei Wörter", "day": ""}, "task-key", "keine Kennung einer Aufgabe"),
        ("tag", {"tag": "B"}, "tag-class", "Das ist bereits so."),
        ("reassign", {"to": "ina"}, "reassign-to", ""),
    ],
)
async def test_refusal_is_said_at_its_field_and_keeps_what_was_typed(
    office: tuple[Shop, Visitor, Gateway], form: str, typed: dict[str, str], field: str, words: str
) -> None:
    """409 with the ledger's own reason."""
    shop, ina, gateway = office
    customer = shop.registers("Ada", at=now() - timedelta(days=1))
    await gateway.start(shop.customer_service.customer_start(customer))
    page = f"/customers/{customer}"
    assert (await ina.sends(page, f"{page}/tag", tag="B")).status_code == 303
    refused = await ina.sends(page, f"{page}/{form}", **typed)
    assert refused.status_code == 409
    inside = refused.text.partition(f'id="{form}" class="action')[2].partition("</details>")[0]
    assert 'aria-invalid="true"' in inside
    assert f'id="{field}"' in inside
    assert words in inside


async def test_colleague_who_was_faster_is_named(office: tuple[Shop, Visitor, Gateway]) -> None:
    """409 for a press from a list that is out of date; nothing happens twice."""
    shop, ina, gateway = office
    customer = shop.registers("Ada", at=now())
    start = shop.customer_service.customer_start(customer)
    await gateway.start(start)
    page = f"/customers/{customer}"
    seen = hidden_fields((await ina.opens(page)).text, f"{page}/seen")
    await gateway.act(start, Command(Acknowledged(), "dora", "elsewhere"))
    refused = await ina.posts(f"{page}/seen", **seen)
    assert refused.status_code == 409
    assert "Inzwischen hat Dora Lindner gehandelt" in refused.text
    assert happened(shop, customer) == ["registered", "acknowledged"]


async def test_press_on_the_list_leads_back_to_it_and_nowhere_else(office: tuple[Shop, Visitor, Gateway]) -> None:
    shop, ina, gateway = office
    customer = shop.registers("Ada", at=now())
    await gateway.start(shop.customer_service.customer_start(customer))
    page = f"/customers/{customer}"
    back = await ina.sends(page, f"{page}/seen", back="/customers/week?person=ina")
    assert back.headers["location"] == "/customers/week?person=ina"
    outside = await ina.sends(page, f"{page}/seen", back="//evil.example/customers")
    assert outside.headers["location"] == f"{page}#content"


async def test_redistribution_takes_customers_along(office: tuple[Shop, Visitor, Gateway]) -> None:
    """One form for tickets and customers; each reaches its own workflow and is named as people call it."""
    shop, ina, gateway = office
    shop.plays("ina", "case_handler", "dispatcher")
    ticket = shop.inquiry(at=now(), owner="paul")
    customer = shop.registers("Ada", at=now(), owner="paul")
    await gateway.start(shop.ticket_service.ticket_start(ticket))
    await gateway.start(shop.customer_service.customer_start(customer))
    wishes = f"{ticket}-{shop.row(ticket).version} {shop.life(customer)}-{shop.row(shop.life(customer)).version}"
    csrf = hidden_fields((await ina.opens("/customers/new")).text, "/customers/new")["csrf"]
    moved = await ina.posts("/redistribution", csrf=csrf, every=wishes, to="anna", command="m", back="/all")
    assert moved.status_code == 200
    assert "1 Vorgang wurde umverteilt." in moved.text
    assert "1 Kunde wurde umverteilt." in moved.text
    assert f'<a href="/customers/{customer}">K{customer} Ada</a>' in moved.text
    assert {shop.row(ticket).owner, shop.row(shop.life(customer)).owner} == {"anna"}
    again = await ina.posts("/redistribution", csrf=csrf, every=wishes, to="anna", command="n", back="/all")
    assert again.status_code == 409
    assert f"K{customer} Ada" in again.text
