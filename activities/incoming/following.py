"""Lets workflows hear of what was taken: starts tickets, gives commands, wakes mailboxes. Repeating it is harmless."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from activities.incoming.undone import Taken, Undone
from activities.runtime.pools import Pool
from domain.ticket.facts import Refused
from models.messages import Command, Standing, TicketStart


class Way(Protocol):
    """What is needed of the gateway."""

    async def start(self, ticket: TicketStart) -> None:
        """Start a ticket's workflow unless it runs."""

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Have a ticket accept a fact; raises Refused."""

    async def wake(self, mailboxes: Sequence[str]) -> None:
        """Tell mailboxes that notices were written for them."""


class Following:
    """What happens after the database has a message."""

    def __init__(self, undone: Undone, way: Way, clock: Callable[[], datetime], pool: Pool | None = None) -> None:
        """Take the database side, the way to the workflows, a clock for a ticket opened late, and threads."""
        self._pool = pool or Pool("mail-in", 1)
        self._undone = undone
        self._way = way
        self._clock = clock

    async def follow(self, taken: Taken) -> None:
        """Do what is left to do; raises what the gateway raises when nobody answers."""
        if taken.done:
            return
        error = ""
        try:
            await self._go_on(taken)
        except Refused as refused:
            error = refused.code
            again = await self._pool.run(self._undone.turned_away, taken, self._clock())
            if again.start is not None:
                await self._way.start(again.start)
        await self._pool.run(self._undone.done, taken, error)

    async def _go_on(self, taken: Taken) -> None:
        if taken.start is not None:
            await self._way.start(taken.start)
        elif taken.command is not None:
            start = await self._pool.run(self._undone.start_of, taken)
            if start is not None:
                await self._way.act(start, taken.command)
