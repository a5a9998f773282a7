"""Serves the pages. Connection, database and application live in one event loop, from start to stop."""

import asyncio
from datetime import UTC, datetime

import uvicorn

from activities.desk import Desk
from models.database import Database
from settings import Settings
from web.app import create_app
from worker import connect
from workflows.gateway import Gateway

_GOODBYE_SECONDS = 5
"""How long a stop waits for pages that are still being answered."""


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    database = Database(settings.database_url)
    gateway = Gateway(await connect(), settings.gather_seconds)
    app = create_app(settings, database, gateway, Desk(database), lambda: datetime.now(UTC))
    config = uvicorn.Config(
        app,
        host=settings.web_host,
        port=settings.web_port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        database.close()


if __name__ == "__main__":
    asyncio.run(serve(Settings()))
