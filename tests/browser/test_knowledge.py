"""The field that finds snippets while an answer is written: by keyboard, by finger, and without scripts."""

import pytest
from playwright.async_api import Page, Route, expect

from activities.knowledge import snippets as knowledge
from activities.knowledge.snippets import Draft
from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, PHONE, barriers
from tests.web.shop import NOW, Shop

pytestmark = pytest.mark.browser
OPEN = "Wir haben von 8 bis 18 Uhr geöffnet."
FIELD, TEXT, HITS = "#answer-find", "#answer-text", "#answer-hits"


@pytest.fixture(autouse=True)
def snippets(shop: Shop) -> None:
    """Keep some snippets."""
    with shop.database.writing() as session:
        knowledge.add(session, Draft("Öffnungszeiten", OPEN), "paul", NOW)
        knowledge.add(session, Draft("Werkstatt", f"Die Öffnungszeiten der Werkstatt. {'x' * 300}"), "paul", NOW)


async def test_snippet_is_found_while_typing_and_inserted_at_the_cursor_by_enter(visits: Visits) -> None:
    """The rest of the answer stays, the draft is kept, and the browser's undo takes it back."""
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.fill(TEXT, "Guten Tag, . Bis bald!")
        await page.locator(TEXT).evaluate("field => field.setSelectionRange(11, 11)")
        await page.locator(FIELD).press_sequentially("oeffnu")
        field = page.locator(FIELD)
        await expect(page.locator(f"{HITS} [role=option]")).to_have_count(2)
        await expect(field).to_have_attribute("aria-expanded", "true")
        await expect(field).to_have_attribute("aria-activedescendant", "answer-hits-0")
        await expect(page.locator(f"{HITS} mark").first).to_have_text("Öffnungszeiten")
        assert await barriers(page) == []
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#answer-hits-1")).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page.locator(TEXT)).to_have_value(f"Guten Tag, {OPEN}. Bis bald!")
        await expect(page.locator(TEXT)).to_be_focused()
        await expect(page.locator(HITS)).to_be_hidden()
        assert page.url.endswith("/tickets/4")
        await page.reload()
        await expect(page.locator(TEXT)).to_have_value(f"Guten Tag, {OPEN}. Bis bald!")


async def test_undo_takes_an_inserted_snippet_back(visits: Visits) -> None:
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.locator(TEXT).press_sequentially("Hallo ")
        await _inserts(page)
        await expect(page.locator(TEXT)).to_have_value(f"Hallo {OPEN}")
        await page.keyboard.press("Control+z")
        await expect(page.locator(TEXT)).to_have_value("Hallo ")


async def _inserts(page: Page) -> None:
    await page.locator(FIELD).press_sequentially("öffnungsz")
    await expect(page.locator(f"{HITS} [role=option]").first).to_be_visible()
    await page.keyboard.press("Enter")


async def test_enter_without_a_hit_sends_nothing_and_escape_closes(visits: Visits) -> None:
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.locator(FIELD).press_sequentially("gibtesnicht")
        await expect(page.locator(".finder [role=status]")).to_have_text("Nichts gefunden")
        await page.keyboard.press("Enter")
        await expect(page.locator(FIELD)).to_have_value("gibtesnicht")
        await page.fill(FIELD, "werkst")
        await expect(page.locator(HITS)).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator(HITS)).to_be_hidden()


async def test_hit_is_taken_by_a_finger_on_a_phone(visits: Visits) -> None:
    async with visits.by("anna", viewport=PHONE, has_touch=True) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.tap(FIELD)
        await page.locator(FIELD).press_sequentially("öffnungsz")
        await page.locator(f"{HITS} [role=option]").first.tap()
        await expect(page.locator(TEXT)).to_have_value(OPEN)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_search_that_does_not_answer_is_said_and_loses_nothing(visits: Visits) -> None:
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.fill(TEXT, "Halb fertig")

        async def dead(route: Route) -> None:
            await route.abort()

        await page.route("**/knowledge/hits**", dead)
        await page.locator(FIELD).press_sequentially("öffn")
        await expect(page.locator(".finder [role=status]")).to_contain_text("antwortet nicht")
        await expect(page.locator(TEXT)).to_have_value("Halb fertig")


async def test_without_scripts_a_link_leads_to_the_same_search(visits: Visits) -> None:
    async with visits.by("anna", viewport=PHONE, java_script_enabled=False) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await expect(page.locator(FIELD)).to_be_hidden()
        await page.click(".finder-link")
        await page.fill("#q", "oeffnungszeiten")
        await page.keyboard.press("Enter")
        await expect(page.locator(".snippet h2 mark").first).to_have_text("Öffnungszeiten")
