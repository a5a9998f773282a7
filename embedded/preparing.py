"""Prepares the embedded installation in one program: sets up, says so on standard output, then seeds the demo company.

One program instead of two: loading what both need takes longer than their work.
"""

import asyncio
import gc
import os
import sys
from datetime import UTC, datetime

from temporalio.client import Client

from activities.mail.digest_schedule import list_times
from embedded.constants import SET_UP
from embedded.demo import seed
from installation.errors import Failure
from installation.preparing import prepare_database, register_search_attributes
from installation.wiring import connected, ledger
from settings import Settings
from workflows.gateway import Gateway
from workflows.schedules import schedule_lists, schedule_the_sweep

_TRIES = 60
_BETWEEN_SECONDS = 0.5


async def prepare(settings: Settings, *, demo: bool) -> None:
    """Set up, and seed the demo if it is wanted; ends once what happens at its beginning has happened."""
    prepare_database(settings)
    client = await _connected_in_time()
    await register_search_attributes(client)
    await schedule_the_sweep(client)
    print(SET_UP, flush=True)  # noqa: T201 - the supervisor reads it
    if demo:
        await seed(settings, client, datetime.now(UTC))
        await Gateway(client, settings.gather_seconds).open_inbox(settings.inbox_site)
    with ledger(settings) as database:
        await schedule_lists(client, list_times(database))


async def _connected_in_time() -> Client:
    """Connect to a Temporal server that is starting beside us."""
    for _ in range(_TRIES):
        try:
            return await connected()
        except Failure:
            await asyncio.sleep(_BETWEEN_SECONDS)
    return await connected()


if __name__ == "__main__":
    try:
        asyncio.run(prepare(Settings(), demo="--demo" in sys.argv[1:]))
    except Failure as failure:
        sys.exit(str(failure))
    gc.collect()
    os._exit(0)
