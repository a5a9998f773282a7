"""Mails that came in, in a real browser: readable by everybody, and nothing in them acts."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from activities.incoming.boxes import Why
from activities.incoming.stuck import TOLD_AFTER, Stuck
from activities.incoming.waits import LATE
from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, SMALL_PHONE, barriers
from tests.incoming.mails import mail
from tests.web.intake.test_mail_health import waits
from tests.web.shop import NOW, Shop
from tests.web.tickets.test_mails import ASIDE, EVIL, rows, take, ticket_of

pytestmark = pytest.mark.browser


def post_comes(shop: Shop) -> int:
    """Have mails come in, good and bad, and some wait; returns the number of the ticket one of them opened."""
    waits(shop, LATE + timedelta(minutes=1))
    for _ in range(TOLD_AFTER):
        Stuck(shop.database, "musterstadt").note("7.4711", Why.NO_BODY, mail(b"", subject="W" * 200), NOW)
    for n, (content, _, _) in enumerate(ASIDE):
        take(shop, content, f"2.{n}")
    take(shop, mail(b"x", "b@m.example", "Auto-Submitted: auto-generated", subject="W" * 200), "2.9")
    return ticket_of(shop, mail(EVIL, "Nora <nora@neu.example>", kind="text/html; charset=utf-8"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_have_no_serious_barriers_and_fit_a_phone(visits: Visits, shop: Shop, scheme: str) -> None:
    number = post_comes(shop)
    for viewport in (DESK, SMALL_PHONE):
        async with visits.by("carl", viewport=viewport, color_scheme=scheme, reduced_motion="reduce") as browser:
            page = await browser.new_page()
            for path in ("/mails-in", f"/tickets/{number}"):
                await page.goto(path)
                assert await page.locator(".waits, .lying").count() == (2 if path == "/mails-in" else 0)
                assert await barriers(page) == []
                assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


async def test_mail_as_designed_runs_nothing_and_loads_nothing(visits: Visits, shop: Shop) -> None:
    number = post_comes(shop)
    row = next(row for row in rows(shop) if row.ticket == number)
    async with visits.by("anna", viewport=DESK) as browser:
        page = await browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        await page.goto(f"/tickets/{number}/mails/{row.id}")
        await expect(page.locator("body")).to_contain_text("Guten Tag")
        assert [url for url in asked if not url.endswith((f"/mails/{row.id}", "/favicon.ico"))] == []


async def test_one_click_opens_the_ticket(visits: Visits, shop: Shop) -> None:
    """The engine is down; the ticket is there, and waits for it."""
    take(shop, mail(b"Vom Formular", "b@m.example", "Auto-Submitted: auto-generated"))
    async with visits.by("carl", viewport=DESK, java_script_enabled=False) as browser:
        page = await browser.new_page()
        await page.goto("/mails-in")
        await page.click(".aside-open button")
        await expect(page.locator(".flash")).to_contain_text("Vorgang")
        await expect(page.locator(".past")).to_contain_text("Vom Formular")
