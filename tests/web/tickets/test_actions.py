"""Forms that are accepted: through a real Temporal server, workers and ledger, as in the office."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from models.database import Database
from models.tables import EventRow, TextRow, TicketRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, Shop
from tests.web.visitor import Visitor, hidden_fields
from web.app import create_app
from workflows import names
from workflows.gateway import Gateway

Arrive = Callable[[], Visitor]


def now() -> datetime:
    """Return the real time: a dev server's clock cannot be wound."""
    return datetime.now(UTC)


@pytest.fixture
async def office(sqlite_database: Database, dev_server: WorkflowEnvironment, maildrop: Maildrop) -> AsyncIterator[Shop]:
    """Open a shop whose tickets live in a real Temporal server; afterwards its tickets end."""
    shop = Shop(sqlite_database)
    settings = Settings(var=Path("unused"), smtp_port=maildrop.port, base_url=BASE, gather_seconds=0)
    async with AsyncExitStack() as stack:
        for each in worker.workers(dev_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        number = shop.inquiry(at=now())
        await _end(dev_server, number)
        yield shop
        await _end(dev_server, number)


async def _end(environment: WorkflowEnvironment, number: int) -> None:
    try:
        await environment.client.get_workflow_handle(names.ticket_id(number)).terminate()
    except RPCError:
        return


@pytest.fixture
async def arrive(office: Shop, dev_server: WorkflowEnvironment) -> AsyncIterator[Arrive]:
    """Return a maker of browsers."""
    gateway = Gateway(dev_server.client, gather_seconds=0)
    app = create_app(Settings(base_url=BASE), office.database, gateway, office.ticket_service, now, passwords=CHEAP)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE, timeout=30)
            )
            for _ in range(2)
        ]
        yield lambda: Visitor(clients.pop())


def happened(shop: Shop, number: int) -> list[str]:
    """Return the facts of a ticket, in order."""
    with shop.database.reading() as session:
        facts = select(EventRow.code).where(EventRow.ticket == number, col(EventRow.moment).is_(None))
        return list(session.exec(facts.order_by(col(EventRow.id))))


async def test_answer_with_follow_up_is_two_facts_however_often_it_is_pressed(office: Shop, arrive: Arrive) -> None:
    """The customer gets the answer.

    The follow-up is promised in the same step; pressing twice changes nothing.
    """
    anna = arrive()
    await anna.signs_in("anna")
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/answer")
    promised = (now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    typed = {"text": "Ja, gern.", "follow_up_at": promised, "outside": "as_typed"}
    for _ in range(2):
        accepted = await anna.posts("/tickets/1/answer", **hidden, **typed)
        assert (accepted.status_code, accepted.headers["location"]) == (303, "/tickets/1#content")
    page = (await anna.opens("/tickets/1")).text
    assert "Antwort angenommen." in page
    assert "Anna Berger hat dem Kunden geantwortet" in page
    assert happened(office, 1) == ["received", "answered", "follow_up"]
    assert office.row(1).light == "green"


async def test_somebody_else_s_action_is_told_and_the_text_kept(office: Shop, arrive: Arrive) -> None:
    """409: who did what and when; the same text can be sent again on the new state."""
    anna, paul = arrive(), arrive()
    await anna.signs_in("anna")
    await paul.signs_in("paul")
    seen = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/call")
    assert (await paul.sends("/tickets/1", "/tickets/1/note", text="Ich rufe an.")).status_code == 303
    refused = await anna.posts("/tickets/1/call", **seen, text="Alles besprochen.")
    assert refused.status_code == 409
    assert "Inzwischen hat Paul Seidl gehandelt (Notiz, " in refused.text
    assert "Alles besprochen.</textarea>" in refused.text
    assert "Ich rufe an." in refused.text
    renewed = hidden_fields(refused.text, "/tickets/1/call")
    assert renewed["command"] != seen["command"]
    assert (await anna.posts("/tickets/1/call", **renewed, text="Alles besprochen.")).status_code == 303
    assert happened(office, 1) == ["received", "noted", "called"]
    with office.database.reading() as session:
        assert len(session.exec(select(TextRow).where(TextRow.body == "Alles besprochen.")).all()) == 1


async def test_every_form_of_the_page_is_accepted(office: Shop, arrive: Arrive) -> None:
    """Call, note, call-back, pause, resume, reassign, close: each one fact, in the order they were sent."""
    anna = arrive()
    await anna.signs_in("anna")
    steps = [
        ("call", {"text": "Erreicht."}),
        ("note", {"text": "Wichtig."}),
        ("callback", {}),
        ("pause", {}),
        ("resume", {}),
        ("reassign", {"to": "paul"}),
        ("close", {"reason": "won"}),
    ]
    for name, typed in steps:
        sent = await anna.sends("/tickets/1", f"/tickets/1/{name}", **typed)
        assert sent.status_code == 303, name
    expected = ["received", "called", "noted", "call_back", "paused", "resumed", "reassigned", "closed"]
    assert happened(office, 1) == expected
    with office.database.reading() as session:
        row = session.get_one(TicketRow, 1)
    assert (row.owner, row.closed) == ("paul", True)


async def test_acting_on_a_closed_ticket_is_refused_in_words(arrive: Arrive) -> None:
    """The text stays on the page although the ticket takes no more forms."""
    anna, paul = arrive(), arrive()
    await anna.signs_in("anna")
    await paul.signs_in("paul")
    seen = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/answer")
    await paul.sends("/tickets/1", "/tickets/1/close", reason="spam")
    refused = await anna.posts("/tickets/1/answer", **seen, text="Zu spät.")
    assert refused.status_code == 409
    assert "bereits abgeschlossen" in refused.text
    assert "Zu spät.</textarea>" in refused.text


async def test_closing_whose_answer_was_lost_is_answered_when_it_is_sent_again(office: Shop, arrive: Arrive) -> None:
    anna = arrive()
    await anna.signs_in("anna")
    seen = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/close")
    for _ in range(3):
        answered = await anna.posts("/tickets/1/close", **seen, reason="won", text="Gekauft.")
        assert (answered.status_code, answered.headers["location"]) == (303, "/tickets/1#content")
    assert happened(office, 1) == ["received", "closed"]


async def test_controller_reassigns_from_the_list_and_comes_back(arrive: Arrive) -> None:
    """AC-08: `back` leads to the list it was sent from, and nowhere else."""
    anna = arrive()
    await anna.signs_in("anna")
    assert (await anna.sends("/tickets/1", "/tickets/1/note", text="a", back="/")).headers["location"] == "/"
    outside = await anna.sends("/tickets/1", "/tickets/1/note", text="b", back="https://evil.example")
    assert outside.headers["location"] == "/tickets/1#content"
