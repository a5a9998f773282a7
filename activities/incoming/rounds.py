"""Goes from ticket to ticket with what they have not heard of yet, many at a time: a silent one keeps nobody waiting.

What fails rests with a growing pause, and is tried until it is done.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from enum import Enum

from temporalio import activity

from activities.incoming.following import Following, Way
from activities.incoming.tracing import named
from activities.incoming.undone import Taken, Undone
from activities.runtime.pools import Pool

_WAKING_SECONDS = 5


class Lane(Enum):
    """Kinds of tickets to speak to: none waits behind another kind, least of all behind what failed before."""

    START = "start"
    COMMAND = "command"
    AGAIN = "again"


_MOST = {Lane.START: 8, Lane.COMMAND: 8, Lane.AGAIN: 4}
"""So many tickets of a kind are spoken to at a time."""


class Rounds:
    """One task per ticket that has something to hear; several messages of a ticket reach it in their order."""

    def __init__(
        self, undone: Undone, way: Way, clock: Callable[[], datetime], seconds: float, pool: Pool | None = None
    ) -> None:
        """Take the database side, the way to the workflows, a clock, how long to rest when idle, and threads."""
        self._pool = pool or Pool("mail-in", 1)
        self._undone = undone
        self._way = way
        self._clock = clock
        self._seconds = seconds
        self._following = Following(undone, way, clock, self._pool)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._lanes: dict[Lane, set[int]] = {lane: set() for lane in Lane}
        self._bell = asyncio.Event()
        self._is_over = False

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """Go rounds until the block ends, and let end what is under way then: the gateway's patience is short."""
        rounds = asyncio.create_task(self._go())
        try:
            yield
        finally:
            self._is_over = True
            self._bell.set()
            await rounds
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def hear(self, taken: Taken) -> None:
        """Hear that a message was taken: the next round begins at once, and who is told of it is woken.

        Where nobody answers, the sweep wakes them within a minute.
        """
        self._bell.set()
        if not taken.wake:
            return
        try:
            async with asyncio.timeout(_WAKING_SECONDS):
                await self._way.wake(taken.wake)
        except Exception as problem:  # noqa: BLE001 - a notice that waits stops no mail
            activity.logger.warning("mailboxes were not woken: %s", named(problem))

    async def _go(self) -> None:
        while not self._is_over:
            self._bell.clear()
            try:
                await self._begin()
            except Exception as problem:  # noqa: BLE001 - a store that is away comes back
                activity.logger.warning("a round of mail in failed: %s", named(problem))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):  # wait_for may swallow a cancellation
                    await self._bell.wait()

    async def _begin(self) -> None:
        """Begin with the tickets that are due, as far as there is room.

        What was under way when the ledger was asked may be done by now: the next round asks again.
        """
        busy = set(self._under_way)
        for ticket, messages in _by_ticket(await self._pool.run(self._undone.left, self._clock())).items():
            lane = _lane(messages)
            if ticket not in busy and len(self._lanes[lane]) < _MOST[lane]:
                self._lanes[lane].add(ticket)
                self._under_way[ticket] = asyncio.create_task(self._tell(ticket, messages, lane))

    async def _tell(self, ticket: int, messages: Sequence[Taken], lane: Lane) -> None:
        try:
            for message in messages:
                if self._is_over or not await self._told(message):
                    break
        except Exception as problem:  # noqa: BLE001 - the store cannot even note it: not again at once
            activity.logger.warning("message of ticket %s: %s", ticket, named(problem))
            await asyncio.sleep(self._seconds)
        finally:
            self._under_way.pop(ticket, None)
            self._lanes[lane].discard(ticket)
            self._bell.set()

    async def _told(self, message: Taken) -> bool:
        """Follow one message; where that fails it rests, and the others of its ticket with it."""
        try:
            await self._following.follow(message)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it must stop no other ticket
            trouble = named(problem)
            activity.logger.warning("message %s waits for ticket %s: %s", message.row, message.ticket, trouble)
            await self._pool.run(self._undone.postpone, message, trouble, self._clock())
            return False
        return True


def _lane(messages: Sequence[Taken]) -> Lane:
    if all(message.tries for message in messages):
        return Lane.AGAIN
    return Lane.START if messages[0].start is not None else Lane.COMMAND


def _by_ticket(messages: Sequence[Taken]) -> dict[int, list[Taken]]:
    found: dict[int, list[Taken]] = {}
    for message in messages:
        if message.ticket is not None:
            found.setdefault(message.ticket, []).append(message)
    return found
