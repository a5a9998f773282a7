"""How an activity tells mailboxes that something was written for them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

Wake = Callable[[Sequence[str]], Awaitable[None]]
"""Signals these mailboxes, and starts those that sleep."""

_PATIENCE_SECONDS = 10
log = logging.getLogger(__name__)


async def wake_all(wake: Wake, mailboxes: Sequence[str]) -> None:
    """Wake mailboxes whose notices are written; what cannot be woken is logged, for the sweep comes by in a minute.

    Never raises: what is recorded must not hang on who hears of it.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            for mailbox in mailboxes:
                await _wake_one(wake, mailbox)
    except TimeoutError:
        log.warning("mailboxes were not woken in time; the sweep looks after them")


async def _wake_one(wake: Wake, mailbox: str) -> None:
    try:
        await wake([mailbox])
    except Exception as error:  # noqa: BLE001 whatever it is, the notice is written and the entry stands
        log.warning("%s was not woken, the sweep looks after it: %s", mailbox, error)
