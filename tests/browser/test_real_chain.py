"""The whole product at once: a real browser, the pages, Temporal, the workers, the ledger, and a mail server."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from activities.intake.tickets import NewTicket, TicketService
from models.database import Database
from tests.browser.conftest import Visits
from tests.maildrop import Maildrop
from workflows.gateway import Gateway

pytestmark = pytest.mark.browser


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
    start = TicketService(sqlite_database).open_ticket(new, datetime.now(UTC) - timedelta(hours=3))
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
