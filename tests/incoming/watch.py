"""Watches a mailbox as the worker does, in the test's own process and by a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlmodel import col, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.incoming.boxes import Box
from activities.incoming.following import Way
from activities.incoming.taking import Mailroom
from activities.incoming.watching import UNREACHABLE, Inbox, Watching
from models.database import Database
from models.messages import Command, InboxStart, Standing, TicketStart
from models.tables import StuckRow
from tests.incoming.office import OURS, SITE

_PATIENCE_SECONDS = 60


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        """Set it."""
        self.now = at

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now

    def passes(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


class Open:
    """A way on which everybody answers at once."""

    async def start(self, ticket: TicketStart) -> None:
        """Start nothing."""

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Accept everything."""
        return Standing(ticket.number, "", "", "", 0, "")

    async def wake(self, mailboxes: Sequence[str]) -> None:
        """Wake nobody."""


@asynccontextmanager
async def watched(
    database: Database, opened: Callable[[], Box], clock: Clock, way: Way, *, is_patient: bool = False
) -> AsyncIterator[None]:
    """Watch a mailbox while the block lasts; if patient, look again after it was out of reach, as the workflow does."""
    environment = ActivityEnvironment()
    inbox = Inbox(opened, Mailroom(SITE, "anfrage", OURS), seconds=0.05)
    watching = Watching(database, way, {SITE: inbox}, clock)

    async def turns() -> None:
        while True:
            try:
                await environment.run(watching.watch_inbox, InboxStart(SITE))
            except ApplicationError as error:
                if not is_patient or error.type != UNREACHABLE:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    turn = asyncio.create_task(turns())
    try:
        yield
    finally:
        environment.worker_shutdown()
        await turn


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not true():
            await asyncio.sleep(0.02)


def stuck(database: Database) -> list[StuckRow]:
    """Return the messages that could not be taken."""
    with database.reading() as session:
        return list(session.exec(select(StuckRow).order_by(col(StuckRow.place))))
