"""The whole product at once: a real browser, the pages, Temporal, the workers, the ledger, and a mail server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from playwright.async_api import Browser, expect
from temporalio.testing import WorkflowEnvironment

import worker
from activities.desk import Desk, NewTicket
from models.database import Database
from models.tables import PersonRow
from settings import Settings
from tests.browser.conftest import Visits
from tests.maildrop import Maildrop
from tests.office import furnish
from tests.ports import free_port
from tests.web.shop import CHEAP, PASSWORD
from web.app import create_app
from workflows.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture
async def running(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> AsyncIterator[tuple[Gateway, str]]:
    """Run workers and pages on a site that never closes; yields the gateway and the address."""
    furnish(sqlite_database, "around-the-clock")
    with sqlite_database.writing() as session:
        session.get_one(PersonRow, "anna").password_hash = CHEAP.hash(PASSWORD)
    port = free_port()
    settings = Settings(smtp_port=maildrop.port, gather_seconds=0.2, base_url=f"http://127.0.0.1:{port}")
    gateway = Gateway(own_server.client, gather_seconds=0.2)
    app = create_app(
        settings, sqlite_database, gateway, Desk(sqlite_database), lambda: datetime.now(UTC), passwords=CHEAP
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield gateway, settings.base_url
        server.should_exit = True
        await serving


async def test_red_ticket_is_answered_its_light_changes_and_the_customer_has_the_mail(
    running: tuple[Gateway, str], sqlite_database: Database, maildrop: Maildrop, chromium: Browser
) -> None:
    gateway, address = running
    new = NewTicket(
        process="anfrage",
        site="musterstadt",
        subject="Kombi gesucht",
        body="Guten Tag, ich suche einen Kombi.",
        by="web",
        customer_name="Kim Kunde",
        customer_email="kim@kunde.example",
        owner="anna",
    )
    start = Desk(sqlite_database).open_ticket(new, datetime.now(UTC) - timedelta(hours=3))
    await gateway.start(start)
    async with Visits(chromium, address).by("anna") as browser:
        page = await browser.new_page()
        await page.goto("/")
        await expect(page.get_by_role("listitem").filter(has_text="Kombi gesucht")).to_contain_text("Überfällig")
        await page.get_by_role("link", name="Kombi gesucht", exact=True).click()
        await expect(page.locator(".ticket-head")).to_contain_text("Überfällig")
        await page.get_by_label("Ihre Antwort an Kim Kunde").fill("Gern! Wann passt Ihnen eine Probefahrt?")
        await page.get_by_role("button", name="Antwort senden").click()
        await expect(page.locator(".ticket-head")).to_contain_text("In Bearbeitung")
        await expect(page.locator("main")).to_contain_text("Wann passt Ihnen eine Probefahrt?")
    for _ in range(100):
        if maildrop.to("kim@kunde.example"):
            break
        await asyncio.sleep(0.1)
    (mail,) = maildrop.to("kim@kunde.example")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Gern! Wann passt Ihnen eine Probefahrt?" in body.get_content()
    assert mail["Auto-Submitted"] is None
