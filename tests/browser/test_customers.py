"""The customer manager in a real browser, with Temporal and workers behind it: the week, a question by template."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from activities.intake.customers import CustomerService, NewCustomer
from activities.ledger.record import Ledger
from domain.ticket.customer_facts import CustomerFact, PackageBooked, TaskAssigned, TaskPosted
from models.database import Database
from models.messages import Command, Entry
from models.tables import PersonRow
from tests.browser.conftest import Visits
from tests.maildrop import Maildrop
from tests.web.shop import CHEAP, PASSWORD, _nobody_sleeps
from workflows.gateway import Gateway

pytestmark = pytest.mark.browser


async def registered(database: Database, gateway: Gateway, name: str, *, size: int) -> int:
    """Have a customer who booked last week, with a task that vera works on; starts their life."""
    at = datetime.now(UTC) - timedelta(days=8)
    start = CustomerService(database).register(NewCustomer("musterstadt", "ina", name, owner="ina"), at)
    ledger = Ledger(database, _nobody_sleeps, "http://test")
    facts: tuple[CustomerFact, ...] = (PackageBooked(size), TaskPosted("T-1"), TaskAssigned("T-1", "vera"))
    for n, fact in enumerate(facts, 1):
        ledger.write(Entry(start.number, n, at, Command(fact, "ina", f"{name}-{n}")))
    assert start.customer is not None
    await gateway.start(start)
    return start.customer


@pytest.fixture
def ina(running: tuple[Gateway, str], sqlite_database: Database) -> str:
    """Let ina sign in."""
    with sqlite_database.writing() as session:
        session.get_one(PersonRow, "ina").password_hash = CHEAP.hash(PASSWORD)
    return "ina"


async def bar(page: Page) -> tuple[int, int]:
    """Return how far the bar is: done, and of how many."""
    progress = page.locator(".week progress")
    return int(await progress.get_attribute("value") or 0), int(await progress.get_attribute("max") or 0)


async def test_kd_13_seen_moves_the_bar_and_kd_11_the_assistant_is_asked_by_template(
    running: tuple[Gateway, str], sqlite_database: Database, maildrop: Maildrop, chromium: Browser, ina: str
) -> None:
    gateway, address = running
    ada = await registered(sqlite_database, gateway, "Ada Lang", size=10)
    await registered(sqlite_database, gateway, "Bo Kurz", size=20)
    async with Visits(chromium, address).by(ina, viewport={"width": 390, "height": 844}) as browser:
        page = await browser.new_page()
        await page.goto("/customers/week")
        await expect(page.locator(".to-do .line")).to_have_count(2)
        assert await bar(page) == (0, 2)
        await page.get_by_role("button", name="Gesehen: Bo Kurz").click()
        await expect(page.locator(".flash")).to_contain_text("Für diese Woche abgearbeitet")
        await expect(page.locator(".to-do .line")).to_have_count(1)
        assert await bar(page) == (1, 2)
        await page.get_by_role("link", name="Ada Lang").click()
        await page.wait_for_url(f"**/customers/{ada}")
        await page.locator("#ask summary").click()
        await page.get_by_role("link", name="Größeres Paket: Unterstützung?").click()
        await expect(page.locator("#ask-text")).to_have_value(re.compile("Brauchst du Unterstützung"))
        await page.locator("#ask-text").fill("Liebe Vera, brauchst du Unterstützung bei Ada Lang?")
        await page.get_by_role("button", name="Frage senden").click()
        await expect(page.locator(".past")).to_contain_text("hat den VPA gefragt, Antwort bis")
        await expect(page.locator(".past")).to_contain_text("Liebe Vera, brauchst du Unterstützung bei Ada Lang?")
        await expect(page.get_by_role("button", name="Weiter beobachten")).to_be_visible()
        await page.goto("/customers/week")
        assert await bar(page) == (2, 2)
    for _ in range(100):
        if maildrop.to("vera@musterstadt.example"):
            break
        await asyncio.sleep(0.1)
    (mail,) = maildrop.to("vera@musterstadt.example")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "brauchst du Unterstützung bei Ada Lang?" in body.get_content()
