"""A real browser in front of the busy shop, served over HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.ports import free_port
from tests.web import conftest as pages
from tests.web.shop import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

busy, shop, app, unplugged = pages.busy, pages.shop, pages.app, pages.unplugged


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Run one Chromium; without it browser tests are skipped, but never in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"there is no browser at {CHROMIUM}")
        pytest.skip(f"there is no browser at {CHROMIUM}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Serve the shop's pages; yields their address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


class Visits:
    """Opens browsers at the shop's address."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Take the browser and where the pages are."""
        self._browser = browser
        self._address = address

    @asynccontextmanager
    async def by(self, name: str | None, **device: object) -> AsyncIterator[BrowserContext]:
        """Open a browser of somebody, signed in unless the name is None."""
        context = await self._browser.new_context(base_url=self._address, locale="de-DE", **device)  # type: ignore[arg-type]
        if name is not None:
            page = await context.new_page()
            await page.goto("/sign-in")
            await page.fill("#name", name)
            await page.fill("#password", PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/")
            await page.close()
        yield context
        await context.close()


@pytest.fixture
def visits(chromium: Browser, address: str) -> Visits:
    """Return a maker of browsers."""
    return Visits(chromium, address)
