"""Serves the pages. Connection, database and application live in one event loop, from start to stop."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import anyio.to_thread
import uvicorn

from activities.intake.tickets import TicketService
from models.database import Database
from settings import Settings
from web.app import create_app
from web.live.stream import Live
from worker import connect
from workflows.gateway import Gateway

_GOODBYE_SECONDS = 5
"""How long a stop waits for pages that are still being answered."""


class PageServer(uvicorn.Server):
    """A server that hangs up on the pages that listen before it waits for those that are still being answered."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        """Take the configuration, and those who listen."""
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: an open page would otherwise hold the server until its patience ends."""
        self._live.hang_up()
        await super().shutdown(sockets)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Pages are made in asyncio's threads and in the framework's: both are as many as there are connections for.
    """
    database = Database(settings.database_url, 2 * settings.web_threads)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.web_threads, "web"))
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.web_threads
    gateway = Gateway(await connect(), settings.gather_seconds)
    app = create_app(settings, database, gateway, TicketService(database), lambda: datetime.now(UTC))
    config = uvicorn.Config(
        app,
        host=settings.web_host,
        port=settings.web_port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    try:
        await PageServer(config, app.state.live).serve()
    finally:
        database.close()


if __name__ == "__main__":
    asyncio.run(serve(Settings()))
