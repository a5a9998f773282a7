"""A real browser in front of the busy shop, served over HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, async_playwright
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import TicketService
from models.database import Database
from models.tables import PersonRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import furnish
from tests.ports import free_port
from tests.web import conftest as pages
from tests.web.shop import CHEAP, PASSWORD
from web.app import create_app
from workflows.gateway import Gateway

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
        try:
            if name is not None:
                page = await context.new_page()
                await page.goto("/sign-in")
                await page.fill("#name", name)
                await page.fill("#password", PASSWORD)
                await page.keyboard.press("Enter")
                await page.wait_for_url("**/")
                await page.close()
            yield context
        finally:
            await context.close()  # an open page holds the server, and the tests after it


@pytest.fixture
def visits(chromium: Browser, address: str) -> Visits:
    """Return a maker of browsers."""
    return Visits(chromium, address)


@pytest.fixture
async def running(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> AsyncIterator[tuple[Gateway, str]]:
    """Run workers and pages on a site that never closes; yields the gateway and the address."""
    furnish(sqlite_database, "around-the-clock")
    with sqlite_database.writing() as session:
        session.get_one(PersonRow, "anna").password_hash = CHEAP.hash(PASSWORD)
    port = free_port()
    settings = Settings(smtp_port=maildrop.port, gather_seconds=0.2, base_url=f"http://127.0.0.1:{port}")
    gateway = Gateway(own_server.client, gather_seconds=0.2)
    app = create_app(
        settings, sqlite_database, gateway, TicketService(sqlite_database), lambda: datetime.now(UTC), passwords=CHEAP
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield gateway, settings.base_url
        server.should_exit = True
        await serving
