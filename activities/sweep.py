"""Finds what a crash left behind: tickets and imports without a workflow, moments nobody recorded, notices."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import col, or_, select
from temporalio import activity

from models.database import Database
from models.messages import TicketStart
from models.tables import ImportRow, NoticeRow, NoticeStatus, TicketRow

_PATIENCE = timedelta(minutes=2)
"""How late a moment may be before the sweep looks whether its workflow still lives."""


class Starter(Protocol):
    """What the sweep needs of the gateway."""

    async def start(self, ticket: TicketStart) -> None:
        """Start a ticket's workflow unless it runs."""

    async def open_mailbox(self, mailbox: str) -> None:
        """Start a mailbox's workflow unless it runs."""

    async def start_import(self, identity: int) -> None:
        """Start an import's workflow unless it runs."""


class Sweep:
    """Starting is idempotent, so the sweep may ask for more than is missing."""

    def __init__(self, database: Database, starter: Starter) -> None:
        """Take the database and the gateway."""
        self._database = database
        self._starter = starter

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
        return len(tickets) + len(mailboxes) + len(imports)

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
            return starts, sorted(set(session.exec(notices)))

    def _imports(self) -> list[int]:
        """Return the imports that are not done: those under way run already."""
        with self._database.reading() as session:
            return list(session.exec(select(ImportRow.id).where(~col(ImportRow.done)).order_by(col(ImportRow.id))))
