"""Delivers to webhooks: takes what is due in order of occurrence, sends it, and writes down what became of it.

Before each attempt the next one is written down, so a worker that dies leaves nothing behind: at least once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar
from temporalio import activity

from activities.beating import beating
from activities.webhook_sending import Answer, send
from domain.webhooks import headers, pause_after
from models.database import Database
from models.messages import Delivered, Delivering
from models.tables import DeliveryRow, DeliveryStatus, WebhookRow

IN_A_ROUND = 40
"""So many attempts at most before the workflow is asked again; ten seconds each stay below the activity's time-out."""
IN_A_ROW = 5
"""So many failures in a row, and the webhook rests: others wait no longer than that for one that cannot be sent."""
REST = timedelta(minutes=1)
KEPT = timedelta(days=30)
"""How long a delivery that is over stays on the page."""
GONE = 410


@dataclass(frozen=True)
class Attempt:
    """One delivery about to be sent."""

    delivery: int
    number: int
    message: str
    url: str
    body: bytes
    secrets: tuple[str, ...]


class Webhooks:
    """Sends what was written for webhooks."""

    def __init__(self, database: Database, *, private: bool) -> None:
        """Take the database, and whether addresses of this machine and its network may be spoken to."""
        self._database = database
        self._private = private

    @activity.defn(name="deliver")
    async def deliver(self, delivering: Delivering) -> Delivered:
        """Send what is due, one after the other, and say when the next attempt is.

        What fails waits for its own next attempt while others go on. Time is the later of what the workflow saw and
        when this attempt was started, and goes on from there.
        """
        now = _clock(max(delivering.at, activity.info().started_time))
        async with beating():
            return await self._deliver(delivering.webhook, now)

    async def _deliver(self, webhook: int, now: Callable[[], datetime]) -> Delivered:
        sent = failed = in_a_row = 0
        while sent + failed < IN_A_ROUND and in_a_row < IN_A_ROW:
            attempt = await asyncio.to_thread(self._next, webhook, now())
            if attempt is None:
                break
            signed = headers(attempt.message, now(), attempt.body, attempt.secrets)
            answer = await send(attempt.url, signed, attempt.body, private=self._private)
            await asyncio.to_thread(self._settle, attempt, answer, now())
            sent, failed, in_a_row = (sent + 1, failed, 0) if answer.fine else (sent, failed + 1, in_a_row + 1)
        rests = in_a_row >= IN_A_ROW
        return await asyncio.to_thread(self._outcome, webhook, sent, failed, now() + (REST if rests else timedelta(0)))

    def _next(self, webhook: int, at: datetime) -> Attempt | None:
        """Take the first delivery that is due, and write down that it is tried and when again."""
        with self._database.writing() as session:
            hook = session.get_one(WebhookRow, webhook)
            due = _waiting(webhook).where(col(DeliveryRow.next_at) <= at)
            row = session.exec(due.order_by(col(DeliveryRow.at), col(DeliveryRow.id)).limit(1)).first()
            if hook.off or row is None:
                return None
            row.attempts += 1
            row.tried_at, row.next_at = at, at + pause_after(row.attempts)
            holds = hook.old_until is not None and at < hook.old_until
            secrets = (hook.secret, hook.old_secret) if holds else (hook.secret,)
            return Attempt(row.id, row.attempts, row.message, hook.url, row.body.encode(), secrets)

    def _settle(self, attempt: Attempt, answer: Answer, at: datetime) -> None:
        """Write down what became of an attempt; who is gone (410) is sent nothing any more."""
        with self._database.writing() as session:
            row = session.get_one(DeliveryRow, attempt.delivery)
            row.answer, row.error = answer.code, answer.error
            if answer.fine:
                row.status = DeliveryStatus.SENT
                return
            row.next_at = max(row.next_at, at + pause_after(attempt.number, answer.wait))
            if answer.code == GONE:
                session.get_one(WebhookRow, row.webhook).off = "gone"
                activity.logger.warning("webhook %s answered 410 and is switched off", row.webhook)
            elif row.next_at > row.until:
                row.status = DeliveryStatus.GIVEN_UP
                activity.logger.error("webhook %s: delivery %s was given up", row.webhook, row.id)

    def _outcome(self, webhook: int, sent: int, failed: int, earliest: datetime) -> Delivered:
        """Say when to come again, not before `earliest`; deliveries that were over a month ago are forgotten."""
        with self._database.writing() as session:
            off = session.get_one(WebhookRow, webhook).off
            over = col(DeliveryRow.status) != DeliveryStatus.WAITING
            old = col(DeliveryRow.at) < earliest - KEPT
            session.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook) == webhook, over, old))
            given_up = _count(session, webhook, DeliveryStatus.GIVEN_UP)
            ahead = _waiting(webhook).order_by(col(DeliveryRow.next_at)).limit(1)
            first = None if off else session.exec(ahead).first()
            return Delivered(sent, failed, given_up, None if first is None else max(first.next_at, earliest))


def _waiting(webhook: int) -> SelectOfScalar[DeliveryRow]:
    return select(DeliveryRow).where(DeliveryRow.webhook == webhook, DeliveryRow.status == DeliveryStatus.WAITING)


def _count(session: Session, webhook: int, status: DeliveryStatus) -> int:
    counted = select(func.count()).select_from(DeliveryRow)
    return session.exec(counted.where(DeliveryRow.webhook == webhook, DeliveryRow.status == status)).one()


def _clock(at: datetime) -> Callable[[], datetime]:
    """Return a clock that shows `at` now and goes on: a receiver refuses what was signed minutes ago."""
    began = monotonic()
    return lambda: at + timedelta(seconds=monotonic() - began)
