"""Two people hand over to each other: real browsers, the pages, Temporal, the workers and the ledger at once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from temporalio.testing import WorkflowEnvironment

import worker
from models.database import Database
from settings import Settings
from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, barriers
from tests.maildrop import Maildrop
from tests.ports import free_port
from tests.web.shop import CHEAP, PDF, Shop
from tests.web.site import project_in_sales
from web.app import create_app
from workflows.gateway import Gateway

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}
GATE = "sales_to_project"
FILE: Any = {"name": "Auftrag Yıldız.pdf", "mimeType": "application/pdf", "buffer": PDF}
DROP = """([name, bytes]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
  const place = document.querySelector('[data-item="drawings"] [data-drop]');
  for (const kind of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
async def works(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> AsyncIterator[tuple[Shop, str]]:
    """Run workers and pages of a shop at the real time; yields the shop and its address."""
    shop = Shop(sqlite_database)
    port = free_port()
    settings = Settings(smtp_port=maildrop.port, gather_seconds=0.2, base_url=f"http://127.0.0.1:{port}")
    gateway = Gateway(own_server.client, gather_seconds=0.2)
    app = create_app(
        settings, sqlite_database, gateway, shop.ticket_service, lambda: datetime.now(UTC), passwords=CHEAP
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield shop, settings.base_url
        server.should_exit = True
        await serving


def listening(page: Page) -> list[str]:
    """Return what the page will complain about; a request that fails without a connection is no complaint."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "ERR_INTERNET" not in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


async def looks_right(page: Page, device: dict[str, int]) -> None:
    """Nothing scrolls sideways, and axe finds nothing serious."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= device["width"]
    assert await barriers(page) == []


async def fills_in(page: Page) -> None:
    """Fill in what is typed and chosen, one line after the other, each saved by itself."""
    await page.fill("#item-site_address", "Lindenweg 4, Zufahrt über den Hof")
    await page.fill("#item-contact_on_site", "Frau Şahin, 0170 1234567")
    await page.fill("#item-order_value", "48.750,00")
    await page.select_option("#item-payment", "stages")
    await page.fill("#item-wanted_start", f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}")
    await page.press("#item-wanted_start", "Tab")
    await expect(page.locator("[data-progress]")).to_have_text("3 von 8 Zeilen fehlen")


async def attaches(page: Page) -> None:
    """Choose one file, and drop another."""
    await page.set_input_files("#item-order_confirmation", FILE)
    await expect(page.get_by_role("link", name="Auftrag Yıldız.pdf")).to_be_visible()
    await page.evaluate(DROP, ["Pläne.pdf", list(PDF)])
    await expect(page.get_by_role("link", name="Pläne.pdf")).to_be_visible()


async def types_while_cut_off(page: Page, device: dict[str, int]) -> None:
    """What is typed without a connection is told to be kept, and sent when there is one again."""
    await page.context.set_offline(True)
    await page.fill("#item-promises", "Gerüst zahlt der Kunde")
    await page.press("#item-promises", "Tab")
    promises = page.locator('[data-item="promises"] [data-saved]')
    await expect(promises).to_contain_text("auf diesem Gerät aufgehoben")
    await looks_right(page, device)
    await page.context.set_offline(False)
    await expect(promises).to_contain_text("gespeichert")


@pytest.mark.parametrize("device", [NARROW, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_two_people_hand_over(
    works: tuple[Shop, str], chromium: Browser, device: dict[str, int], scheme: str
) -> None:
    """Filled in, uploaded, dropped, cut off and back, handed over, given back, corrected, accepted, on the record."""
    shop, address = works
    number = project_in_sales(shop, datetime.now(UTC) - timedelta(hours=4))
    gate, visits = f"/tickets/{number}/gates/{GATE}", Visits(chromium, address)
    look: dict[str, Any] = {"viewport": device, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with visits.by("anna", **look) as hers, visits.by("mia", **look) as theirs:
        anna, mia = await hers.new_page(), await theirs.new_page()
        said = listening(anna), listening(mia)

        await anna.goto(f"/tickets/{number}")
        await anna.get_by_role("link", name="Zur Checkliste").click()
        await looks_right(anna, device)
        await fills_in(anna)

        await attaches(anna)
        await types_while_cut_off(anna, device)
        await expect(anna.locator("[data-progress]")).to_have_text("Die Checkliste ist vollständig.")

        await anna.get_by_role("button", name="Übergeben", exact=True).click()
        await expect(anna.locator(".gate-head")).to_contain_text("wartet auf Annahme")

        await mia.goto("/")
        await looks_right(mia, device)
        await mia.locator(".handovers a").click()
        await looks_right(mia, device)
        await mia.get_by_label("nicht in Ordnung: Was wir zugesagt haben").check()
        await mia.fill("#remark-promises", "Bis wann steht es?")
        await mia.get_by_role("button", name="Zurückgeben").click()
        await expect(mia.locator(".gate-head")).to_contain_text("zurückgegeben")

        await anna.goto(gate)
        await expect(anna.locator("#item-promises-remark")).to_contain_text("Bis wann steht es?")
        await looks_right(anna, device)
        await anna.fill("#item-promises", "Gerüst zahlt der Kunde, es steht bis Mai")
        await anna.get_by_role("button", name="Übergeben", exact=True).click()
        await expect(anna.locator(".gate-head")).to_contain_text("wartet auf Annahme")

        await mia.goto(gate)
        await expect(mia.locator(".review")).to_contain_text("es steht bis Mai")
        await mia.get_by_role("button", name="Annehmen und übernehmen").click()
        await mia.wait_for_url(re.compile(rf"/tickets/{number}(#.*)?$"))
        await expect(mia.locator(".customer")).to_contain_text("Mia Yıldız")
        await looks_right(mia, device)
        await mia.locator(".records").get_by_role("link", name="Vertrieb an Projekt").click()
        await expect(mia.locator(".signatures")).to_contain_text("Anna Berger")
        await expect(mia.locator(".signatures")).to_contain_text("Mia Yıldız")
        await looks_right(mia, device)
        assert [*said[0], *said[1]] == []
    assert shop.row(number).owner == "mia"


async def test_what_was_typed_without_a_connection_survives_a_reload(
    works: tuple[Shop, str], chromium: Browser
) -> None:
    """Kept on the device and sent later; what somebody else wrote meanwhile is shown beside it, not overwritten."""
    shop, address = works
    number = project_in_sales(shop, datetime.now(UTC) - timedelta(hours=4))
    gate = f"/tickets/{number}/gates/{GATE}"
    async with Visits(chromium, address).by("anna", viewport=NARROW) as browser:
        page = await browser.new_page()
        await page.goto(gate)
        await browser.set_offline(True)
        await page.fill("#item-promises", "Annas Fassung")
        await page.fill("#item-site_address", "Lindenweg 4")
        await page.press("#item-site_address", "Tab")
        await expect(page.locator('[data-item="site_address"] [data-saved]')).to_contain_text("aufgehoben")
        await page.close()
        shop.fills_in(number, GATE, datetime.now(UTC), by="paul", promises="Pauls Fassung", site_address="")
        await browser.set_offline(False)
        page = await browser.new_page()
        await page.goto(gate)
        await expect(page.locator("#item-promises")).to_have_value("Annas Fassung")
        conflict = page.locator('[data-item="promises"] [data-conflict]')
        await expect(conflict).to_contain_text("Paul Seidl hat hier inzwischen geschrieben: ")
        await expect(conflict).to_contain_text("Pauls Fassung")
        assert await barriers(page) == []
        await conflict.get_by_role("button", name="Meines behalten").click()
        await expect(page.locator('[data-item="promises"] [data-saved]')).to_contain_text("Anna Berger")
        await expect(page.locator('[data-item="site_address"] [data-saved]')).to_contain_text("Anna Berger")
        await page.reload()
        await expect(page.locator("#item-promises")).to_have_value("Annas Fassung")
        await expect(page.locator("#item-site_address")).to_have_value("Lindenweg 4")
        assert await page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':gate:')).length") == 0


async def test_handing_over_needs_no_script(works: tuple[Shop, str], chromium: Browser) -> None:
    """Save draft, upload, hand over: every step is a form."""
    shop, address = works
    number = project_in_sales(shop, datetime.now(UTC) - timedelta(hours=4))
    gate = f"/tickets/{number}/gates/{GATE}"
    async with Visits(chromium, address).by("anna", viewport=NARROW, java_script_enabled=False) as browser:
        page = await browser.new_page()
        await page.goto(gate)
        await page.fill("#item-site_address", "Lindenweg 4")
        await page.get_by_role("button", name="Entwurf speichern").click()
        await expect(page.locator(".flash")).to_have_text("Entwurf gespeichert.")
        await page.fill("#item-contact_on_site", "Frau Şahin")
        await page.set_input_files("#item-drawings", FILE)
        await page.locator('[data-item="drawings"]').get_by_role("button", name="Hochladen").click()
        await expect(page.get_by_role("link", name="Auftrag Yıldız.pdf")).to_be_visible()
        await expect(page.locator("#item-contact_on_site")).to_have_value("Frau Şahin")
        await page.get_by_role("button", name="Übergeben", exact=True).click()
        await expect(page.locator("#item-promises-problem")).to_have_text("Bitte ausfüllen.")
