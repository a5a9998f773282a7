"""Merging two customers and taking it back, on a phone in a real browser, without scripts and with them."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.web.shop import Shop

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("scripts", [True, False])
async def test_duplicate_is_merged_and_taken_back_on_a_phone(visits: Visits, shop: Shop, *, scripts: bool) -> None:
    """From the ticket to the customer, to the proposal, to the preview, and back again with one press."""
    first = shop.inquiry("Kombi gesucht", customer="Kim Müller", email="kim@mueller.example", phone="")
    second = shop.inquiry("Reifen", customer="Kim Mueller", email="kim@firma.example", phone="089 4711 0")
    stays, goes = shop.row(first).customer, shop.row(second).customer
    async with visits.by("ina", viewport=PHONE, java_script_enabled=scripts) as browser:
        page = await browser.new_page()
        await page.goto(f"/tickets/{first}")
        await page.get_by_role("link", name="Kim Müller").click()
        await page.wait_for_url(f"**/customers/{stays}/contacts")
        proposal = page.locator(".facts li", has_text=f"K{goes} Kim Mueller")
        await expect(proposal).to_contain_text("gleicher Name und gleiche Firma")
        await proposal.get_by_role("link", name="Vergleichen").click()
        await page.wait_for_url(f"**/customers/{stays}/merge/{goes}")
        await page.get_by_label("kim@firma.example").check()
        await page.get_by_role("button", name=f"Zusammenführen: K{stays} bleibt").click()
        await expect(page.locator(".flash")).to_contain_text("Zusammengeführt.")
        await expect(page.locator(".contacts-head")).to_contain_text("kim@firma.example")
        await expect(page.locator(".contacts-head")).to_contain_text("089 4711 0")
        history = page.locator(".contact-list")
        await expect(history.get_by_role("link", name=f"#{second} Reifen")).to_be_visible()
        assert shop.row(second).customer == stays
        await page.goto(f"/customers/{goes}/contacts")
        await expect(page.locator(".notice")).to_contain_text(f"K{goes} Kim Mueller wurde mit diesem Kunden")
        await page.get_by_role("button", name="Rückgängig machen").click()
        await expect(page.locator(".flash")).to_contain_text("Alles ist, wie es war.")
        await expect(page.locator(".contacts-head")).to_contain_text("kim@mueller.example")
        await expect(history.get_by_role("link", name=f"#{second} Reifen")).to_have_count(0)
        assert shop.row(second).customer == goes
