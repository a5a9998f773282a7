"""Every page in a real browser.

On a phone, in the dark, by keyboard, without scripts, and for assistive technology.
"""

import re

import pytest
from axe_core_python.async_playwright import Axe
from playwright.async_api import Page, expect

from activities.customers.contact_data import contact_of
from activities.customers.merging import merge, state_of
from activities.intake.external_facts import Outcome
from activities.intake.imports import keep_file
from activities.knowledge import snippets
from activities.knowledge.snippets import Draft
from domain.customers.import_files import read_file
from domain.ticket.customer_facts import TaskPosted
from domain.webhooks.messages import KINDS, message_id
from models.tables import ApiKeyRow, CustomerRow, DeliveryRow, DeliveryStatus, WebhookRow
from tests.browser.conftest import Visits
from tests.web.customers.cast import customers_of_every_stage
from tests.web.intake.test_imports import FILE, settles
from tests.web.shop import NOW, PASSWORD, Shop
from web.admin.api_keys import hash_of

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
PAGES = {
    None: ["/sign-in", "/contact/musterstadt", "/contact/musterstadt/thanks"],
    "anna": [
        "/",
        "/?light=red",
        "/tickets/4",
        "/tickets/6",
        "/tickets/7",
        "/tickets/12",
        "/tickets/12?proposed=1",
        "/tickets/new",
        "/me/notifications",
        "/knowledge",
        "/knowledge?q=öffn",
        "/knowledge/1",
        "/knowledge/new",
        "/nothing",
    ],
    "dora": ["/pool", "/all", "/customers/import", "/customers/import/1", "/customers/import/2"],
    "carl": ["/escalated", "/statistics"],
    "ina": [
        "/customers",
        "/customers?tab=first&owner=*",
        "/customers/week",
        "/customers/new",
        "/customers/15",
        "/customers/18?template=ask_smaller",
        "/customers/21",
        "/customers/18/contacts",
        "/customers/13/contacts?merged=10",
        "/customers/13/merge/22",
        "/customers?owner=*&q=kunde",
    ],
    "helga": ["/admin/keys", "/admin/webhooks", "/admin/webhooks/1"],
}


@pytest.fixture(autouse=True)
def from_elsewhere(shop: Shop) -> None:
    """Let files be imported, keys and a webhook be administered by helga, and snippets be known."""
    for _ in range(2):
        keep_file(shop.database, f"{'b' * 100}.csv", read_file(FILE), "dora", "musterstadt", NOW)
    refused = Outcome("refused", "what_unknown", {"what_said": "w" * 200, "whats": "offer"})
    settles(shop, 2, line2=Outcome("taken"), line3=Outcome("known"), line6=refused)
    shop.plays("helga", "admin")
    with shop.database.writing() as session:
        for name, revoked in (("B" * 64, False), ("Altsystem", True)):
            session.add(
                ApiKeyRow(
                    key_hash=hash_of(name),
                    name=name,
                    site="musterstadt",
                    by="helga",
                    created_at=NOW,
                    revoked=revoked,
                )
            )
        webhook = WebhookRow(
            title="W" * 64,
            url=f"https://{'w' * 60}.example/{'t' * 200}",
            kinds=list(KINDS),
            secret="",
            off="gone",
            by="helga",
            created_at=NOW,
        )
        session.add(webhook)
        session.flush()
        for n, status in enumerate(DeliveryStatus):
            session.add(
                DeliveryRow(
                    webhook=webhook.id,
                    message=message_id(n),
                    kind="ticket.opened",
                    ticket=4,
                    at=NOW,
                    status=status,
                    next_at=NOW,
                    until=NOW,
                    tried_at=NOW,
                    answer=500,
                    error="e" * 1000,
                )
            )
        for title in ("Öffnungszeiten", "V" * 200):
            snippets.add(session, Draft(title, f"Wir haben bis 18 Uhr geöffnet. {'x' * 900}"), "anna", NOW)


@pytest.mark.parametrize("who", PAGES)
async def test_no_page_scrolls_sideways_on_a_phone(visits: Visits, shop: Shop, who: str | None) -> None:
    """Also with a subject of 200 letters without a space, and on the smallest phones."""
    _furnish(shop, who)
    shop.inquiry("W" * 200, customer="V" * 200, body="X" * 5000)
    async with visits.by(who, viewport=SMALL_PHONE) as browser:
        page = await browser.new_page()
        widths = {}
        for path in PAGES[who]:
            await page.goto(path)
            widths[path] = await page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in widths.items() if width > SMALL_PHONE["width"]} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", PAGES)
async def test_no_page_has_serious_barriers(visits: Visits, shop: Shop, who: str | None, scheme: str) -> None:
    """Contrast in light and dark, labels, roles, order of headings: axe finds nothing serious."""
    _furnish(shop, who)
    async with visits.by(who, viewport=DESK, color_scheme=scheme, reduced_motion="reduce") as browser:
        page = await browser.new_page()
        found = {}
        for path in PAGES[who]:
            await page.goto(path)
            found[path] = await barriers(page)
    assert {path: serious for path, serious in found.items() if serious} == {}


def _furnish(shop: Shop, who: str | None) -> None:
    """Have what the pages of somebody show besides the busy shop."""
    paths = PAGES[who]
    if any(path.startswith("/customers/") and "import" not in path for path in paths):
        _with_customers(shop)
    if "/statistics" in paths or "/tickets/12" in paths:
        _with_catalogue(shop)
    shop.pops_up("anna")


def _with_customers(shop: Shop) -> None:
    """Have customers in every corner of the life cycle, 12 to 21, one with words without a space; for their pages."""
    cast = customers_of_every_stage(shop)
    assert (cast.lead, cast.waiting, cast.regular, cast.left) == (12, 15, 18, 21)
    long = shop.registers("V" * 200, company="W" * 200, phone="+49 " + "1" * 36, email="e" * 60 + "@x.example")
    shop.lives(cast.regular, TaskPosted("T" * 64), NOW, text="X" * 5000)
    assert long == 22 > cast.left
    with shop.database.writing() as session:
        for number in (10, 11):
            rows = session.get_one(CustomerRow, cast.called), session.get_one(CustomerRow, number)
            merge(session, cast.called, number, contact_of(rows[1]), "ina", NOW, seen=state_of(rows))
    shop.pops_up("ina")


def _with_catalogue(shop: Shop) -> None:
    """Have a ticket 12 with an answer that is proposed, for its page and the statistics."""
    shop.serves_by_catalogue()
    assert shop.inquiry("Wann kommt meine Bestellung?") == 12


async def barriers(page: Page) -> list[str]:
    """Return what axe calls serious or critical, with the places."""
    found = await Axe().run(page)
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


async def test_keyboard_alone_signs_in_and_answers(visits: Visits) -> None:
    """Skip link, sign-in, the first ticket, its answer: no mouse.

    The engine is down, and the text survives.
    """
    async with visits.by(None, viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/sign-in")
        await expect(page.locator("#name")).to_be_focused()
        await page.keyboard.type("anna")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/")
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await until_focused(page, 'a[href="/tickets/4"]')
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/tickets/4")
        await until_focused(page, "#answer-text")
        await page.keyboard.type("Ja, gern.")
        await until_focused(page, "#answer form > button")
        await page.keyboard.press("Enter")
        await expect(page.locator("#answer .problem")).to_contain_text("Ihr Text steht unten")
        await expect(page.locator("#answer-text")).to_have_value("Ja, gern.")


async def until_focused(page: Page, selector: str) -> None:
    """Press Tab until something has the focus; every stop on the way shows where it is."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")


async def test_pages_work_without_scripts(visits: Visits, shop: Shop) -> None:
    """Sign-in, forms, choices and pop-ups need no script."""
    shop.pops_up("anna")
    async with visits.by("anna", viewport=PHONE, java_script_enabled=False) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/1")
        await expect(page.locator(".popup")).to_have_count(2)
        await page.locator(".popup button.quiet").first.click()
        await page.goto("/tickets/1")
        await expect(page.locator(".popup")).to_have_count(1)
        await page.click("#followup summary")
        await page.fill("#followup-follow-up", "2027-03-07T10:00")
        await page.click("#followup form button")
        await expect(page.locator(".outside button")).to_have_count(2)


async def test_draft_survives_leaving_the_page(visits: Visits) -> None:
    """What was typed is back after a reload, until it is accepted."""
    async with visits.by("anna", viewport=PHONE) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.fill("#answer-text", "Halb fertig")
        await page.goto("/")
        await page.goto("/tickets/4")
        await expect(page.locator("#answer-text")).to_have_value("Halb fertig")


async def test_pop_up_arrives_and_is_confirmed_without_losing_the_page(visits: Visits, shop: Shop) -> None:
    """The title counts, the text being typed stays."""
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.goto("/tickets/4")
        await page.fill("#answer-text", "Ich tippe gerade")
        shop.pops_up("anna")
        await expect(page.locator(".popup")).to_have_count(2)
        await expect(page).to_have_title(re.compile(r"^\(2\) "))
        await page.locator(".popup button.quiet").first.click()
        await expect(page.locator(".popup")).to_have_count(1)
        await expect(page.locator("#answer-text")).to_have_value("Ich tippe gerade")


async def test_countdown_ticks_in_business_time(visits: Visits) -> None:
    """An hour later an hour less is left; the script counts from the server's clock, not the browser's."""
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await page.clock.install()
        await page.goto("/tickets/1")
        shown = page.locator(".ticket-head [data-countdown]")
        await expect(shown).to_have_text(re.compile(r"noch 1 h (10|9) min"))
        await page.clock.fast_forward("01:00:00")
        await expect(shown).to_have_text(re.compile(r"noch (10|9) min"))


async def test_pages_load_nothing_from_elsewhere_and_report_no_errors(visits: Visits, address: str) -> None:
    """No request leaves the house, no script fails, the content policy is never broken."""
    async with visits.by("carl", viewport=DESK) as browser:
        page = await browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in ("/", "/escalated", "/all", "/tickets/4", "/tickets/new", "/me/notifications"):
            await page.goto(path)
        assert [url for url in asked if not url.startswith(address)] == []
        assert said == []
