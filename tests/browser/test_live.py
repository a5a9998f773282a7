"""Pages left open: what happens meanwhile is on them without a reload, also after the server was restarted."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from temporalio.client import Client

from domain.ticket.customer_facts import Acknowledged, TaskAssigned
from domain.ticket.facts import Answered, Closed, FollowUpSet
from models.tables import PersonRow
from settings import Settings
from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, PHONE, barriers
from tests.ports import free_port
from tests.web.customers.cast import customers_of_every_stage
from tests.web.shop import CHEAP, NOW, Shop
from web.app import create_app
from web.live.stream import Live
from web.serve import PageServer
from workflows.gateway import Gateway

pytestmark = pytest.mark.browser

_SHOWN = """() => ({
  lights: [...document.querySelectorAll("main li.line")].map((line) =>
    [line.querySelector(".line-subject").pathname, line.className.match(/light-\\w+/)[0],
     line.querySelector("svg.mark").getAttribute("class"), line.querySelector(".line-light span").textContent]).sort(),
  chips: [...document.querySelectorAll(".chips a")].map((chip) => chip.textContent.replace(/\\s+/g, " ").trim()),
  badges: [...document.querySelectorAll(".menu a")].map((entry) => entry.textContent.replace(/\\s+/g, " ").trim()),
  head: document.querySelector(".ticket-head")?.className ?? "",
  pill: document.querySelector(".pill")?.textContent.trim() ?? "",
  past: [...document.querySelectorAll(".past .entry-title")].map((title) => title.textContent.trim()),
  popups: [...document.querySelectorAll("[data-popup]")].map((popup) => popup.dataset.popup).sort(),
})"""


@dataclass
class House:
    """The shop's pages on one port, over several starts of the server."""

    shop: Shop
    gateway: Gateway
    port: int
    now: list[datetime] = field(default_factory=lambda: [NOW])
    _server: PageServer | None = None
    _serving: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    async def starts(self) -> None:
        """Start a server that knows nothing of the one before."""
        settings, clock = Settings(base_url=self.address), lambda: self.now[0]
        app = create_app(settings, self.shop.database, self.gateway, self.shop.ticket_service, clock, passwords=CHEAP)
        app.state.live = Live(app.state.services, every=0.1)
        config = uvicorn.Config(app, port=self.port, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
        self._server = PageServer(config, app.state.live)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.02)

    async def stops(self) -> None:
        """Stop the server, with pages open."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._server = self._serving = None


@pytest.fixture
async def house(shop: Shop, unplugged: Client) -> AsyncIterator[House]:
    """Serve the busy shop; the loop looks often."""
    opened = House(shop, Gateway(unplugged, gather_seconds=0, patience=timedelta(seconds=0.3)), free_port())
    await opened.starts()
    yield opened
    await opened.stops()


async def left_open(page: Page, path: str) -> list[str]:
    """Open a page and mark it, so that a reload would show; returns what it complains about."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(path)
    await page.evaluate("window.marker = 'never reloaded'")
    return said


async def catches_up(page: Page, fresh: Page) -> None:
    """Wait until an open page shows what a page that is opened now shows."""
    path = await page.evaluate("location.pathname + location.search")
    await fresh.goto(path)
    wanted = await fresh.evaluate(_SHOWN)
    for _ in range(60):
        shown = await page.evaluate(_SHOWN)
        if shown == wanted:
            return
        await asyncio.sleep(0.1)
    assert shown == wanted


async def test_page_left_open_for_an_hour_of_moments_shows_every_change_without_reload(
    house: House, chromium: Browser
) -> None:
    """Each five minutes something happens or comes to pass; open pages agree with pages that are opened then."""
    shop = house.shop
    async with Visits(chromium, house.address).by("dora", viewport=DESK) as browser:
        every, ticket, fresh = [await browser.new_page() for _ in range(3)]
        complaints = [await left_open(every, "/all"), await left_open(ticket, "/tickets/1")]
        await ticket.fill("#answer-text", "Ich tippe gerade")
        for minute in range(5, 65, 5):
            house.now[0] = now = NOW + timedelta(minutes=minute)
            match minute:
                case 10:
                    shop.happens(3, Answered(), now, text="Morgen um zehn.")
                case 20:
                    shop.happens(2, FollowUpSet(now + timedelta(minutes=15)), now, by="paul")
                case 45:
                    shop.happens(11, Answered(), now, by="dora", text="Ist da.")
                case 55:
                    shop.happens(5, FollowUpSet(now + timedelta(days=1)), now)
                case _:
                    for number in (1, 2, 10, 11):
                        shop.passes(number, now)
            await catches_up(every, fresh)
            await catches_up(ticket, fresh)
        house.now[0] = NOW + timedelta(minutes=75)
        shop.passes(1, house.now[0])
        await catches_up(ticket, fresh)
        await expect(ticket.locator(".ticket-head .pill")).to_have_text("Überfällig")
        for page in (every, ticket):
            assert await page.evaluate("window.marker") == "never reloaded"
        await expect(ticket.locator("#answer-text")).to_have_value("Ich tippe gerade")
        assert complaints == [[], []]


async def test_customers_left_open_show_every_change_without_reload(house: House, chromium: Browser) -> None:
    """The list with its tabs, the card with its history, and the bar of the week."""
    cast = customers_of_every_stage(house.shop)
    async with Visits(chromium, house.address).by("ina", viewport=PHONE) as browser:
        tabs, card, week, fresh = [await browser.new_page() for _ in range(4)]
        complaints = [
            await left_open(tabs, "/customers?tab=first"),
            await left_open(card, f"/customers/{cast.waiting}"),
            await left_open(week, "/customers/week"),
        ]
        await card.locator("#note summary").click()
        await card.fill("#note-text", "Ich tippe gerade")
        house.shop.lives(cast.waiting, TaskAssigned("T-100", "vera"), NOW, by="dora")
        house.shop.lives(cast.waiting, Acknowledged(), NOW, by="dora")
        await catches_up(tabs, fresh)
        await catches_up(card, fresh)
        await expect(week.locator(".week progress")).to_have_attribute("value", "2")
        await expect(card.locator(".past")).to_contain_text("Aufgabe „T-100“ an Vera Pohl zugewiesen")
        await expect(card.locator(".live")).to_contain_text("Dora Lindner hat inzwischen gehandelt")
        await expect(card.locator("#note-text")).to_have_value("Ich tippe gerade")
        for page in (tabs, card, week):
            assert await page.evaluate("window.marker") == "never reloaded"
        assert complaints == [[], [], []]


async def test_stream_survives_a_restart_of_the_server(house: House, chromium: Browser) -> None:
    """The page says quietly that it is alone, takes up the line again, and shows what happened in between."""
    shop = house.shop
    async with Visits(chromium, house.address).by("anna", viewport=DESK) as browser:
        page, fresh = await browser.new_page(), await browser.new_page()
        complaints = await left_open(page, "/")
        shop.happens(3, Answered(), NOW, text="Gern.")
        await catches_up(page, fresh)
        await fresh.goto("about:blank")
        async with asyncio.timeout(2):
            await house.stops()
        shop.happens(2, Answered(), NOW, text="Gern.")
        shop.pops_up("anna")
        await expect(page.locator("#live")).to_contain_text("Nicht verbunden", timeout=14_000)
        await house.starts()
        await expect(page.locator('.line:has([href="/tickets/2"])')).to_have_class(
            re.compile("light-green"), timeout=20_000
        )
        await expect(page.locator("#live")).not_to_contain_text("Nicht verbunden")
        await expect(page.locator(".popup")).to_have_count(1)
        shop.happens(1, Answered(), NOW, text="Gern.")
        await catches_up(page, fresh)
        assert await page.evaluate("window.marker") == "never reloaded"
        assert [text for text in complaints if "net::ERR" not in text] == []


async def test_page_of_a_ticket_says_who_acted_and_touches_nothing_that_is_typed(
    house: House, chromium: Browser
) -> None:
    """The form is outdated: the page says so before it is sent, with a link; the draft survives the reload."""
    async with Visits(chromium, house.address).by("anna", viewport=PHONE) as browser:
        page = await browser.new_page()
        await left_open(page, "/tickets/3")
        await page.fill("#answer-text", "Ich tippe gerade")
        house.shop.happens(3, Answered(), NOW, by="paul", text="Schon erledigt.")
        await expect(page.locator("#live")).to_contain_text("Paul Seidl hat inzwischen gehandelt.")
        await expect(page.locator(".past")).to_contain_text("Schon erledigt.")
        await expect(page.locator("#answer-text")).to_have_value("Ich tippe gerade")
        await expect(page.locator("#answer-text")).to_be_focused()
        assert await barriers(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await page.get_by_role("link", name="Neu laden").click()
        await expect(page.locator("#live")).to_be_empty()
        await expect(page.locator("#answer-text")).to_have_value("Ich tippe gerade")


async def test_list_says_that_it_grew_and_leaves_the_rows_where_they_are(house: House, chromium: Browser) -> None:
    """Nobody presses the wrong line because a new one came in above it."""
    async with Visits(chromium, house.address).by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await left_open(page, "/")
        rows = await page.locator(".line-subject").all_inner_texts()
        house.shop.inquiry("Ganz neu")
        await expect(page.locator("#live")).to_contain_text("Die Liste hat sich geändert.")
        assert await page.locator(".line-subject").all_inner_texts() == rows
        await page.get_by_role("link", name="Neu laden").click()
        await expect(page.get_by_role("link", name="Ganz neu")).to_be_visible()


async def test_pop_up_arrives_counts_in_the_title_and_tells_the_browser(house: House, chromium: Browser) -> None:
    """Only a page in the background tells the browser, and only where it was allowed to."""
    async with Visits(chromium, house.address).by("anna", viewport=DESK) as browser:
        await browser.grant_permissions(["notifications"])
        await browser.add_init_script(
            "window.told = []; const Real = Notification; window.Notification = class { static permission = 'granted';"
            " constructor(title, more) { told.push([title, more.body]); } };"
            " Object.defineProperty(document, 'hidden', { get: () => true });"
        )
        page = await browser.new_page()
        await left_open(page, "/tickets/5")
        house.shop.pops_up("anna")
        await expect(page.locator(".popup")).to_have_count(2)
        await expect(page).to_have_title(re.compile(r"^\(2\) "))
        assert ["Überfällig: #3", "Wann ist mein Wagen fertig?"] in await page.evaluate("told")


async def test_permission_is_asked_for_by_its_button_only(house: House, chromium: Browser) -> None:
    """The page of notifications offers it; pressing asks, and the answer is said."""
    async with Visits(chromium, house.address).by("anna", viewport=PHONE) as browser:
        await browser.add_init_script(
            "window.asked = 0; window.Notification = class { static permission = 'default';"
            " static requestPermission() { asked++; Notification.permission = 'granted'; return Promise.resolve(); } };"
        )
        page = await browser.new_page()
        await page.goto("/me/notifications")
        assert await page.evaluate("asked") == 0
        await page.get_by_role("button", name="Auch außerhalb dieser Seite benachrichtigen").click()
        await expect(page.locator("#browser-asks")).to_contain_text("auch außerhalb dieser Seite")
        assert await page.evaluate("asked") == 1


async def test_page_says_that_the_session_ended_and_stops_knocking(house: House, chromium: Browser) -> None:
    """With a way back to where one was."""
    async with Visits(chromium, house.address).by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        await left_open(page, "/tickets/5")
        with house.shop.database.writing() as session:
            session.get_one(PersonRow, "anna").active = False
        await expect(page.locator("#live")).to_contain_text("Sie sind abgemeldet.")
        link = page.get_by_role("link", name="Anmelden")
        assert await link.get_attribute("href") == "/sign-in?next=%2Ftickets%2F5"


async def test_fifth_tab_takes_the_line_of_the_first_until_that_is_looked_at_again(
    house: House, chromium: Browser
) -> None:
    """Browsers keep only so many connections; the tab in front has one."""
    async with Visits(chromium, house.address).by("anna", viewport=DESK) as browser:
        first = await browser.new_page()
        await left_open(first, "/")
        for _ in range(4):
            await (await browser.new_page()).goto("/tickets/5")
        await asyncio.sleep(0.5)
        house.shop.happens(3, Closed("answered"), NOW, text="Erledigt.")
        await asyncio.sleep(0.5)
        line = first.locator('.line:has([href="/tickets/3"])')
        await expect(line).to_have_class(re.compile("light-(red|escalated)"))
        await first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(line).to_have_class(re.compile("light-closed"))


async def test_link_of_a_mail_lands_on_its_kind(house: House, chromium: Browser) -> None:
    """Also where the kinds of a process are folded up."""
    async with Visits(chromium, house.address).by("anna", viewport=PHONE) as browser:
        page = await browser.new_page()
        await page.goto("/me/notifications#phase_reminder")
        await expect(page.locator('.kind:has([id="phase_reminder"])')).to_be_in_viewport()
