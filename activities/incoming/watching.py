"""Watches a site's mailbox: fetch, take, let the workflow know, put away. A crash between any two loses nothing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.beating import beating
from activities.incoming.boxes import Box, Unreachable
from activities.incoming.following import Following, Way
from activities.incoming.taking import Mailroom, Taking
from activities.incoming.watch_log import WatchLog
from activities.pools import Pool
from activities.shelf import Unknown
from models.database import Database
from models.messages import InboxStart, Watched

UNREACHABLE = "InboxUnreachable"
"""Error type of what Temporal retries until somebody repairs it: the server, the login, the configuration."""
_TURN = timedelta(hours=1)


@dataclass(frozen=True)
class Inbox:
    """A mailbox to watch: how to open it, whose mail is in it, and how many seconds lie between two looks."""

    opened: Callable[[], Box]
    mailroom: Mailroom
    seconds: float = 10.0


class Watching:
    """The activity; one turn of it lasts an hour at most, and ends at once when its worker is to stop."""

    def __init__(
        self,
        database: Database,
        way: Way,
        inboxes: Mapping[str, Inbox],
        clock: Callable[[], datetime],
        pool: Pool | None = None,
    ) -> None:
        """Take the database, the way to the workflows, the mailboxes by site, a clock for long turns, and threads."""
        self._pool = pool or Pool("mail-in", 4)
        self._database = database
        self._way = way
        self._inboxes = inboxes
        self._clock = clock

    @activity.defn(name="watch_inbox")
    async def watch_inbox(self, start: InboxStart) -> Watched:
        """Take what comes, for one turn; raises ApplicationError of type InboxUnreachable to be called again."""
        inbox, log = self._inboxes.get(start.site), WatchLog(self._database, start.site)
        if inbox is None:
            await self._pool.run(log.forget)
            return Watched(goes_on=False)
        box = inbox.opened()
        async with beating():
            try:
                return Watched(await self._turn(inbox, box, log))
            except (Unreachable, Unknown) as problem:
                said = str(problem)
                await self._pool.run(log.out_of_reach, self._clock(), said)
            finally:
                await self._pool.run(box.close)
        raise ApplicationError(said, type=UNREACHABLE, category=ApplicationErrorCategory.BENIGN)

    async def _turn(self, inbox: Inbox, box: Box, log: WatchLog) -> int:
        taking = Taking(self._database, inbox.mailroom)
        await self._pool.run(taking.check)
        following = Following(taking, self._way, self._clock, self._pool)
        for left in await self._pool.run(taking.left_undone):
            await following.follow(left)
        taken = 0
        ends_at = asyncio.get_running_loop().time() + _TURN.total_seconds()
        while not activity.is_worker_shutdown() and asyncio.get_running_loop().time() < ends_at:
            found = await self._look(box, taking, following, log)
            taken += found
            if not found:
                await _rest(inbox.seconds)
        return taken

    async def _look(self, box: Box, taking: Taking, following: Following, log: WatchLog) -> int:
        """Take everything that waits; returns how many that were."""
        taken = 0
        places = await self._pool.run(box.waiting)
        await self._pool.run(log.reached, self._clock())
        for place in places:
            if activity.is_worker_shutdown():
                break
            fetched = await self._pool.run(box.fetch, place)
            if fetched is not None:
                left = await self._pool.run(taking.take, place, fetched.content, self._clock(), fetched.left_out)
                await following.follow(left)
                taken += 1
            await self._pool.run(box.put_away, place)
        return taken


async def _rest(seconds: float) -> None:
    """Wait for the next look, or until the worker is to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(activity.wait_for_worker_shutdown(), seconds)
