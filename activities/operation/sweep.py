"""Finds what a crash left behind: tickets and imports without a workflow, lost moments, notices, webhooks.

Forgets the forms that nobody sends again.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlmodel import col, select
from temporalio import activity

from activities.ledger import planning, sent_forms, webhook_outbox
from activities.mail import missed
from activities.operation import presence
from activities.runtime.pools import Pool
from models.database import Database
from models.messages import SweepResult, TicketStart
from models.tables import ImportRow, NoticeRow, SiteRow, TicketRow
from models.tables.notices import is_undelivered

Item = TypeVar("Item")

SWEEP = "sweep"
"""The name under which the sweep notes that it was done."""
_PATIENCE = timedelta(minutes=2)
"""How late a moment or a notice may be before the sweep looks whether its workflow still lives and knows of it."""
_PLANNED_AT_ONCE = 1000
"""So many tickets are planned anew in one sweep: as many as a small worker records until the next one."""
log = logging.getLogger(__name__)


class Starter(Protocol):
    """What the sweep needs of the gateway."""

    async def start(self, ticket: TicketStart) -> None:
        """Start a ticket's workflow unless it runs."""

    async def open_mailbox(self, mailbox: str) -> None:
        """Start the workflow of a mailbox or webhook unless it runs."""

    async def plan_again(self, ticket: TicketStart) -> None:
        """Have a ticket count its moments anew."""

    async def look_again(self, mailbox: str) -> None:
        """Have a mailbox or webhook look again what it may deliver, whether it runs or not."""

    async def start_import(self, identity: int) -> None:
        """Start an import's workflow unless it runs."""

    async def open_inbox(self, site: str) -> None:
        """Start watching a site's mailbox unless it is watched."""


class Sweep:
    """Starting is idempotent, so the sweep may ask for more than is missing."""

    def __init__(
        self, database: Database, starter: Starter, inboxes: Sequence[str] = (), pool: Pool | None = None
    ) -> None:
        """Take the database, the gateway, the sites whose mailboxes are to be watched, and threads."""
        self._database = database
        self._starter = starter
        self._inboxes = tuple(inboxes)
        self._pool = pool or Pool("sweep", 1)

    @activity.defn(name="sweep")
    async def sweep(self, at: datetime) -> SweepResult:
        """Start what should run at `at`; what cannot be started is logged and holds up nothing behind it."""
        await self._pool.run(self._forget, at)
        tickets, mailboxes = await self._pool.run(self._left_behind, at)
        overlooked = await self._pool.run(self._overlooked, at)
        imports = await self._pool.run(self._imports)
        watched = await self._pool.run(self._watched)
        failed = await _each(self._starter.start, tickets)
        failed += await _each(self._starter.open_mailbox, [one for one in mailboxes if one not in overlooked])
        failed += await _each(self._starter.look_again, overlooked)
        failed += await _each(self._starter.start_import, imports)
        failed += await _each(self._starter.plan_again, await self._pool.run(self._to_plan))
        failed += await _each(self._starter.open_inbox, watched)
        await self._pool.run(self._done, at)
        return SweepResult(len(tickets) + len({*mailboxes, *overlooked}) + len(imports), failed)

    def _done(self, at: datetime) -> None:
        with self._database.writing() as session:
            presence.done(session, SWEEP, at)

    def _to_plan(self) -> list[TicketStart]:
        """Return open tickets that were planned with hours or people that changed since."""
        with self._database.reading() as session:
            return planning.to_plan(session, _PLANNED_AT_ONCE)

    def _forget(self, at: datetime) -> None:
        with self._database.writing() as session:
            sent_forms.forget(session, at)

    def _watched(self) -> list[str]:
        """Return the sites to watch that are there: a site may be entered after its mailbox was configured."""
        with self._database.reading() as session:
            return [site for site in self._inboxes if session.get(SiteRow, site) is not None]

    def _left_behind(self, at: datetime) -> tuple[list[TicketStart], list[str]]:
        found = select(TicketRow.number, TicketRow.recorded, TicketRow.customer, TicketRow.life)
        still_open = found.where(~col(TicketRow.closed))
        # One look into each index: with "or" the database would walk through all tickets.
        left = (still_open.where(~col(TicketRow.started)), still_open.where(col(TicketRow.next_at) < at - _PATIENCE))
        notices = select(NoticeRow.mailbox).where(is_undelivered()).distinct().order_by(NoticeRow.mailbox)
        with self._database.reading() as session:
            tickets = {row[0]: row for each in left for row in session.exec(each)}
            starts = [
                TicketStart(number, recorded, customer=customer if is_life else None)
                for number, recorded, customer, is_life in tickets.values()
            ]
            return starts, [*session.exec(notices), *webhook_outbox.waiting(session)]

    def _overlooked(self, at: datetime) -> list[str]:
        """Return where something could have gone out for a while, and did not: its workflow may not know of it."""
        with self._database.reading() as session:
            late = at - _PATIENCE
            return [*missed.mailboxes(session, late), *webhook_outbox.waiting(session, due_before=late)]

    def _imports(self) -> list[int]:
        """Return the imports that are not done: those under way run already."""
        with self._database.reading() as session:
            return list(session.exec(select(ImportRow.id).where(~col(ImportRow.done)).order_by(col(ImportRow.id))))


async def _each(ask: Callable[[Item], Awaitable[None]], items: Iterable[Item]) -> int:
    """Ask for every item, and return for how many that failed."""
    failed = 0
    for item in items:
        try:
            await ask(item)
        except Exception as error:  # noqa: BLE001 whatever is wrong with one must not hold up those behind it
            log.warning("%s is not running: %s: %s", item, type(error).__name__, error)
            failed += 1
    return failed
