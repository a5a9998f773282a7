"""An import in a real browser: sent without a mouse or a script, and a progress bar that moves by itself."""

import re

import pytest
from playwright.async_api import Page, expect

from activities.intake.external_facts import Outcome
from tests.browser.conftest import Visits
from tests.web.intake.test_imports import FILE, settles
from tests.web.shop import Shop

pytestmark = pytest.mark.browser


async def sends(page: Page) -> None:
    """Send the file with the form of the page."""
    await page.goto("/customers/import")
    await page.set_input_files("#file", {"name": "buchungen.csv", "mimeType": "text/csv", "buffer": FILE})
    await page.get_by_role("button", name="Einlesen").press("Enter")
    await page.wait_for_url(re.compile("/customers/import/1$"))


async def test_progress_moves_without_a_reload_until_the_page_shows_what_was_refused(
    visits: Visits, shop: Shop
) -> None:
    async with visits.by("dora") as browser:
        page = await browser.new_page()
        await sends(page)
        await expect(page.locator("progress")).to_have_js_property("value", 2)
        await page.evaluate("document.body.dataset.mine = 'still here'")
        settles(shop, 1, done=False, line2=Outcome("taken"))
        await expect(page.locator("progress")).to_have_js_property("value", 3)
        await expect(page.locator("[data-words]")).to_have_text("3 von 5 Zeilen")
        await expect(page.locator("[data-count=taken]")).to_have_text("1")
        assert await page.evaluate("document.body.dataset.mine") == "still here"
        settles(shop, 1, line3=Outcome("known"), line6=Outcome("refused", "customer_unknown", {"customer": "k-2"}))
        await expect(page.locator(".refused tbody tr")).to_have_count(3)
        assert await page.evaluate("document.body.dataset.mine") is None
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Als CSV herunterladen").click()
        assert (await download.value).suggested_filename == "abgelehnt aus buchungen.csv"


async def test_page_renews_itself_without_scripts(visits: Visits, shop: Shop) -> None:
    async with visits.by("dora", java_script_enabled=False) as browser:
        page = await browser.new_page()
        await sends(page)
        await expect(page.locator(".progress-words")).to_contain_text("2 von 5 Zeilen")
        settles(shop, 1, line2=Outcome("taken"), line3=Outcome("known"), line6=Outcome("refused", "line_empty"))
        await expect(page.locator(".progress-words")).to_contain_text("5 von 5 Zeilen · erledigt", timeout=10_000)
