"""Finds what a crash left behind: tickets and imports without a workflow, lost moments, notices, webhooks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import col, or_, select
from temporalio import activity

from activities import planning, presence, webhook_outbox
from models.database import Database
from models.messages import TicketStart
from models.tables import ImportRow, NoticeRow, NoticeStatus, SiteRow, TicketRow

SWEEP = "sweep"
"""The name under which the sweep notes that it was done."""
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

    def __init__(self, database: Database, starter: Starter, inboxes: Sequence[str] = ()) -> None:
        """Take the database, the gateway, and the sites whose mailboxes are to be watched."""
        self._database = database
        self._starter = starter
        self._inboxes = tuple(inboxes)

    @activity.defn(name="sweep")
    async def sweep(self, at: datetime) -> int:
        """Start what should run at `at`; returns how many were asked."""
        tickets, mailboxes = await asyncio.to_thread(self._left_behind, at)
        imports = await asyncio.to_thread(self._imports)
        for ticket in tickets:
            await self._starter.start(ticket)
        for mailbox in mailboxes:
            await self._starter.open_mailbox(mailbox)
        for identity in imports:
            await self._starter.start_import(identity)
        for ticket in await asyncio.to_thread(self._to_plan):
            await self._starter.plan_again(ticket)
        for site in await asyncio.to_thread(self._watched):
            await self._starter.open_inbox(site)
        await asyncio.to_thread(self._done, at)
        return len(tickets) + len(mailboxes) + len(imports)

    def _done(self, at: datetime) -> None:
        with self._database.writing() as session:
            presence.done(session, SWEEP, at)

    def _to_plan(self) -> list[TicketStart]:
        """Return open tickets that were planned with hours or people that changed since."""
        with self._database.reading() as session:
            return planning.to_plan(session, _PLANNED_AT_ONCE)

    def _watched(self) -> list[str]:
        """Return the sites to watch that are there: a site may be entered after its mailbox was configured."""
        with self._database.reading() as session:
            return [site for site in self._inboxes if session.get(SiteRow, site) is not None]

    def _left_behind(self, at: datetime) -> tuple[list[TicketStart], list[str]]:
        late = at - _PATIENCE
        with self._database.reading() as session:
            tickets = session.exec(
                select(TicketRow.number, TicketRow.recorded, TicketRow.customer, TicketRow.life).where(
                    ~col(TicketRow.closed), or_(~col(TicketRow.started), col(TicketRow.next_at) < late)
                )
            )
            notices = select(NoticeRow.mailbox).where(
                col(NoticeRow.status).in_([NoticeStatus.WAITING, NoticeStatus.CLAIMED])
            )
            starts = [
                TicketStart(number, recorded, customer=customer if is_life else None)
                for number, recorded, customer, is_life in tickets
            ]
            return starts, [*sorted(set(session.exec(notices))), *webhook_outbox.waiting(session)]

    def _imports(self) -> list[int]:
        """Return the imports that are not done: those under way run already."""
        with self._database.reading() as session:
            return list(session.exec(select(ImportRow.id).where(~col(ImportRow.done)).order_by(col(ImportRow.id))))
