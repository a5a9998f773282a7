"""The heart of a long activity."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

_BEAT_SECONDS = 4


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Tell Temporal that this worker lives, so that one which died is noticed in seconds, not after the time-out."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_SECONDS)

    heart = asyncio.create_task(beat())
    try:
        yield
    finally:
        heart.cancel()
