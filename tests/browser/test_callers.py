"""Taking a call by keyboard alone: find the caller, see what is open, open a ticket; and the public form on a phone."""

import re

import pytest
from playwright.async_api import expect
from sqlmodel import col, select

from models.tables import CustomerRow, TicketRow
from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, PHONE, SMALL_PHONE, barriers
from tests.web.shop import Shop

pytestmark = pytest.mark.browser


async def test_call_is_taken_by_keyboard_alone(visits: Visits, shop: Shop) -> None:
    """Alt+N, a part of the name, arrow, Enter, the subject, Ctrl+Enter."""
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.keyboard.press("Alt+n")
        await page.wait_for_url("**/tickets/new")
        field = page.locator("#find_customer")
        await expect(field).to_be_focused()
        await page.keyboard.type("huber")
        await expect(page.locator("#found [role=option]")).to_have_count(1)
        await expect(field).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("ArrowDown")
        await expect(field).to_have_attribute("aria-activedescendant", "found-0")
        assert await barriers(page) == []
        await page.keyboard.press("Enter")
        await expect(page.locator("#subject")).to_be_focused()
        await expect(page.locator("#callers .open-tickets a")).to_have_text(re.compile("Angebot Transporter"))
        await expect(page.locator("#customer_name")).to_be_hidden()
        assert await barriers(page) == []
        await page.keyboard.type("Ein vierter Transporter")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"/tickets/\d+$"))
    with shop.database.reading() as session:
        newest = session.exec(select(TicketRow).order_by(col(TicketRow.number).desc())).first()
        assert newest is not None
        customer = session.get_one(CustomerRow, newest.customer)
    assert (newest.subject, newest.channel, customer.name) == (
        "Ein vierter Transporter",
        "phone",
        "Malerbetrieb Huber",
    )


async def test_unknown_number_is_taken_over_by_enter(visits: Visits) -> None:
    async with visits.by("anna", viewport=SMALL_PHONE) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/new")
        await page.fill("#find_customer", "0171 4711")
        await expect(page.locator("#callers-status")).to_contain_text("Niemand gefunden")
        await page.keyboard.press("Enter")
        await expect(page.locator("#customer_phone")).to_have_value("0171 4711")
        await expect(page.locator("#customer_name")).to_be_focused()


async def test_escape_closes_and_enter_never_opens_a_ticket_by_accident(visits: Visits) -> None:
    async with visits.by("anna", viewport=PHONE) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/new")
        await page.locator("#find_customer").press_sequentially("nord")
        await page.keyboard.press("Enter")
        await expect(page.locator("#found")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#found")).to_be_hidden()
        assert page.url.endswith("/tickets/new")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_public_form_is_sent_from_a_phone_without_scripts(visits: Visits, shop: Shop) -> None:
    """The clock of the shop stands: too fast, asked once more; the trap cannot be seen, and is in nobody's way."""
    async with visits.by(None, viewport=PHONE, java_script_enabled=False) as browser:
        page = await browser.new_page()
        await page.goto("/contact/musterstadt")
        await expect(page.locator("#website")).to_be_hidden()
        await page.fill("#name", "Nora Neu")
        await page.fill("#phone", "0171 5550199")
        await page.fill("#subject", "Probefahrt")
        await page.fill("#text", "Am Samstag?")
        await page.click("form > button")
        await expect(page.locator("[role=alert]")).to_contain_text("schneller, als Menschen tippen")
        await expect(page.locator("#text")).to_have_value("Am Samstag?")
