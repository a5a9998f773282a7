"""Watches a site's mailbox: fetch, take, put away; and lets workflows know. A crash between any two loses nothing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.incoming.boxes import Box, Unreachable
from activities.incoming.carrying import Carrying
from activities.incoming.following import Way
from activities.incoming.rounds import Rounds
from activities.incoming.stuck import Stuck
from activities.incoming.taking import Mailroom, Taking
from activities.incoming.undone import Undone
from activities.incoming.watch_log import WatchLog
from activities.ledger.context import Unknown
from activities.runtime.heartbeat import beating
from activities.runtime.pools import Pool
from models.database import Database
from models.messages import InboxStart, WatchInboxResult

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
    async def watch_inbox(self, start: InboxStart) -> WatchInboxResult:
        """Take what comes, for one turn; raises ApplicationError of type InboxUnreachable to be called again."""
        inbox, log = self._inboxes.get(start.site), WatchLog(self._database, start.site)
        if inbox is None:
            await self._pool.run(log.forget)
            return WatchInboxResult(goes_on=False)
        box = inbox.opened()
        async with beating():
            try:
                return WatchInboxResult(await self._turn(inbox, box, log))
            except (Unreachable, Unknown) as problem:
                said = str(problem)
                await self._pool.run(log.out_of_reach, self._clock(), said)
            finally:
                await self._pool.run(box.close)
        raise ApplicationError(said, type=UNREACHABLE, category=ApplicationErrorCategory.BENIGN)

    async def _turn(self, inbox: Inbox, box: Box, log: WatchLog) -> int:
        """Carry what comes into the database, and meanwhile let its tickets hear of it, each at its own pace."""
        room = inbox.mailroom
        taking = Taking(self._database, room)
        await self._pool.run(taking.check)
        undone, stuck = Undone(self._database, room.site, room.process), Stuck(self._database, room.site)
        rounds = Rounds(undone, self._way, self._clock, inbox.seconds, self._pool)
        carrying = Carrying(box, taking, stuck, rounds.hear, self._clock, self._pool)
        taken = 0
        ends_at = asyncio.get_running_loop().time() + _TURN.total_seconds()
        async with rounds.going():
            while not activity.is_worker_shutdown() and asyncio.get_running_loop().time() < ends_at:
                places = await carrying.waiting()
                await self._pool.run(log.reached, self._clock())
                found = await carrying.carry(places)
                taken += found
                if not found:
                    await _rest(inbox.seconds)
        return taken


async def _rest(seconds: float) -> None:
    """Wait for the next look, or until the worker is to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(activity.wait_for_worker_shutdown(), seconds)
