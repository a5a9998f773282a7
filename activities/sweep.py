"""Finds what a crash left behind: tickets and imports without a workflow, lost moments, notices, webhooks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import col, select
from temporalio import activity

from activities import planning, webhook_outbox
from activities.pools import Pool
from models.database import Database
from models.messages import TicketStart
from models.tables import ImportRow, NoticeRow, SiteRow, TicketRow
from models.tables.notices import is_undelivered

_PATIENCE = timedelta(minutes=2)
"""How late a moment may be before the sweep looks whether its workflow still lives."""
_PLANNED_AT_ONCE = 1000
"""So many tickets are planned anew in one sweep: as many as a small worker records until the next one."""


class Starter(Protocol):
    """What the sweep needs of the gateway."""

    async def start(self, ticket: TicketStart) -> None:
        """Start a ticket's workflow unless it runs."""

    async def open_mailbox(self, mailbox: str) -> None:
        """Start the workflow of a mailbox or webhook unless it runs."""

    async def plan_again(self, ticket: TicketStart) -> None:
        """Have a ticket count its moments anew."""

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
    async def sweep(self, at: datetime) -> int:
        """Start what should run at `at`; returns how many were asked."""
        tickets, mailboxes = await self._pool.run(self._left_behind, at)
        imports = await self._pool.run(self._imports)
        for ticket in tickets:
            await self._starter.start(ticket)
        for mailbox in mailboxes:
            await self._starter.open_mailbox(mailbox)
        for identity in imports:
            await self._starter.start_import(identity)
        for ticket in await self._pool.run(self._to_plan):
            await self._starter.plan_again(ticket)
        for site in await self._pool.run(self._watched):
            await self._starter.open_inbox(site)
        return len(tickets) + len(mailboxes) + len(imports)

    def _to_plan(self) -> list[TicketStart]:
        """Return open tickets that were planned with hours or people that changed since."""
        with self._database.reading() as session:
            return planning.to_plan(session, _PLANNED_AT_ONCE)

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

    def _imports(self) -> list[int]:
        """Return the imports that are not done: those under way run already."""
        with self._database.reading() as session:
            return list(session.exec(select(ImportRow.id).where(~col(ImportRow.done)).order_by(col(ImportRow.id))))
