"""Carries messages from a mailbox into the database, each for itself: one that cannot be taken stops no other.

A message is put away only after its row is committed. What fails is noted and left where it is; where not even that
can be noted, the store is down, and the error goes on to whoever watches.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from temporalio import activity

from activities.incoming.boxes import Box, Unreachable, Why, Withheld
from activities.incoming.stuck import Stuck
from activities.incoming.taking import Taking
from activities.incoming.tracing import named
from activities.incoming.undone import Taken
from activities.runtime.pools import Pool

_MOST_BROKEN = 3
"""So many messages in a row over which the connection breaks are no fault of theirs."""
_LONGEST_HEAD = 20_000


class Carrying:
    """The way from a mailbox into the database; used by one watcher at a time."""

    def __init__(
        self,
        box: Box,
        taking: Taking,
        stuck: Stuck,
        heard: Callable[[Taken], Awaitable[None]],
        clock: Callable[[], datetime],
        pool: Pool,
    ) -> None:
        """Take the mailbox, the database side, the notes, who hears of what was taken, a clock, and threads."""
        self._pool = pool
        self._box = box
        self._taking = taking
        self._stuck = stuck
        self._heard = heard
        self._clock = clock
        self._broken = 0
        self._before: frozenset[str] = frozenset()

    async def waiting(self) -> list[str]:
        """Return the places of what waits, and of what rested long enough; raises Unreachable."""
        resting, due = await self._pool.run(self._stuck.places, self._clock())
        places = await self._pool.run(self._box.waiting, resting)
        return list(dict.fromkeys([*places, *due]))

    async def carry(self, places: Sequence[str]) -> int:
        """Take what lies at these places; returns how many were new, and not what waits although it was put away."""
        before, self._before = self._before, frozenset(places)
        new = 0
        for place in places:
            if activity.is_worker_shutdown():
                break
            new += await self._carry(place) and place not in before
        return new

    async def _carry(self, place: str) -> bool:
        """Take one message and put it away; returns whether the database has it."""
        content = b""
        try:
            fetched = await self._pool.run(self._box.fetch, place)
            if fetched is not None:
                content = fetched.content
                taken = await self._pool.run(self._taking.take, place, content, self._clock(), fetched.left_out)
                await self._heard(taken)
                await self._pool.run(self._box.put_away, place)
        except Unreachable:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it must not stop those behind this one
            await self._leave(place, problem, content)
            return False
        self._broken = 0
        await self._pool.run(self._stuck.free, place)
        return fetched is not None

    async def _leave(self, place: str, problem: Exception, content: bytes) -> None:
        """Note why a message stays where it is, and whose it is as far as that is known."""
        why = problem.why if isinstance(problem, Withheld) else named(problem)
        activity.logger.warning("a message stays in the mailbox for mail in: %s", why)
        head = content[:_LONGEST_HEAD]
        if not head and not await self._pool.run(self._stuck.has_head, place):
            with suppress(Withheld, Unreachable):
                head = await self._pool.run(self._box.head, place)
        await self._pool.run(self._stuck.note, place, why, head, self._clock())
        self._broken = self._broken + 1 if why == Why.BROKEN_OFF else 0
        if self._broken >= _MOST_BROKEN:
            raise Unreachable(f"the mailbox breaks off over {self._broken} messages in a row")
