"""Delivers to webhooks: takes what is due in order of occurrence, sends it, and writes down what became of it.

Before each attempt the next one is written down, so a worker that dies leaves nothing behind: at least once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar
from temporalio import activity

from activities.runtime.heartbeat import beating
from activities.runtime.pools import Pool
from activities.webhooks.http import Answer, send
from domain.webhooks.messages import PATIENCE, headers, pause_after, rest_after
from models.database import Database
from models.messages import DeliverWebhookInput, DeliverWebhookResult
from models.tables import DeliveryRow, DeliveryStatus, WebhookRow
from models.tables.webhooks import is_given_up, is_waiting

IN_A_ROUND = 40
"""So many attempts at most before the workflow is asked again; ten seconds each stay below the activity's time-out."""
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
    body: str
    secrets: tuple[str, ...]


class Webhooks:
    """Sends what was written for webhooks."""

    def __init__(
        self, database: Database, pool: Pool | None = None, names: Pool | None = None, *, private: bool
    ) -> None:
        """Take the database, threads for it and for looking names up, and whether our own network may be spoken to."""
        self._database = database
        self._pool = pool or Pool("webhooks", 2)
        self._names = names or Pool("names", 4)
        self._private = private

    @activity.defn(name="deliver")
    async def deliver(self, delivering: DeliverWebhookInput) -> DeliverWebhookResult:
        """Send what is due, one after the other, and say when the next attempt is.

        What fails waits for its own next attempt while others go on. A webhook at which nobody answers, or which
        refuses again and again, rests: nothing is sent there before the rest is over, and then one by one until
        something is taken. Time is the later of what the workflow saw and when this attempt was started, and goes on
        from there.
        """
        now = _clock(max(delivering.at, activity.info().started_time))
        async with beating():
            return await self._deliver(delivering.webhook, now)

    async def _deliver(self, webhook: int, now: Callable[[], datetime]) -> DeliverWebhookResult:
        sent = failed = 0
        while sent + failed < IN_A_ROUND:
            attempt = await self._pool.run(self._next, webhook, now())
            if attempt is None:
                break
            answer = await self._sent(attempt, now())
            await self._pool.run(self._settle, attempt, answer, now())
            sent, failed = (sent + 1, failed) if answer.fine else (sent, failed + 1)
        return await self._pool.run(self._outcome, webhook, sent, failed, now())

    async def _sent(self, attempt: Attempt, at: datetime) -> Answer:
        """Sign and send one message; one that cannot be fails for itself, and stops nobody behind it."""
        try:
            body = attempt.body.encode()
            signed = headers(attempt.message, at, body, attempt.secrets)
            return await send(attempt.url, signed, body, self._names, private=self._private)
        except Exception as broken:  # noqa: BLE001 whatever is wrong with one message, the others go on
            activity.logger.exception("delivery %s cannot be sent", attempt.delivery)
            return Answer(error=f"cannot be sent: {type(broken).__name__}", ours=True)

    def _next(self, webhook: int, at: datetime) -> Attempt | None:
        """Take the first delivery that is due, and write down that it is tried and when again."""
        with self._database.writing() as session:
            hook = session.get_one(WebhookRow, webhook)
            due = _waiting(webhook).where(col(DeliveryRow.next_at) <= at)
            row = session.exec(due.order_by(col(DeliveryRow.at), col(DeliveryRow.id)).limit(1)).first()
            if hook.off or _rests(hook, at) is not None or row is None:
                return None
            row.attempts += 1
            row.tried_at, row.next_at = at, at + pause_after(row.attempts)
            holds = hook.old_until is not None and at < hook.old_until
            secrets = (hook.secret, hook.old_secret) if holds else (hook.secret,)
            return Attempt(row.id, row.attempts, row.message, hook.url, row.body, secrets)

    def _settle(self, attempt: Attempt, answer: Answer, at: datetime) -> None:
        """Write down what became of an attempt; who is gone (410) is sent nothing any more."""
        with self._database.writing() as session:
            row = session.get_one(DeliveryRow, attempt.delivery)
            hook = session.get_one(WebhookRow, row.webhook, with_for_update=True)
            row.answer, row.error = answer.code, answer.error
            if answer.fine:
                row.status = DeliveryStatus.SENT
                begin_anew(hook)
                return
            row.next_at = max(row.next_at, at + pause_after(attempt.number, answer.wait))
            _rest(hook, answer, at)
            if answer.code == GONE:
                hook.off = "gone"
                activity.logger.warning("webhook %s answered 410 and is switched off", row.webhook)
                return
            if row.next_at > row.until:
                row.status = DeliveryStatus.GIVEN_UP
            _give_up_what_waited_in_vain(session, hook, row.error, at)

    def _outcome(self, webhook: int, sent: int, failed: int, at: datetime) -> DeliverWebhookResult:
        """Say when to come again; deliveries that were over a month ago are forgotten."""
        with self._database.writing() as session:
            hook = session.get_one(WebhookRow, webhook)
            over = col(DeliveryRow.status) != DeliveryStatus.WAITING
            old = col(DeliveryRow.at) < at - KEPT
            session.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook) == webhook, over, old))
            counted = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.webhook == webhook, is_given_up())
            given_up = session.exec(counted).one()
            first = session.exec(_waiting(webhook).order_by(col(DeliveryRow.next_at)).limit(1)).first()
            if hook.off or first is None:
                return DeliverWebhookResult(sent, failed, given_up)
            rests_until = _rests(hook, at)
            next_at = rests_until or max(first.next_at, at)
            return DeliverWebhookResult(sent, failed, given_up, next_at, rests=rests_until is not None)


def _waiting(webhook: int) -> SelectOfScalar[DeliveryRow]:
    return select(DeliveryRow).where(DeliveryRow.webhook == webhook, is_waiting())


def awaken(hook: WebhookRow) -> None:
    """End a webhook's rest: somebody says that it is repaired, or wants to know. Its failures stay counted."""
    hook.rests_until = None


def begin_anew(hook: WebhookRow) -> None:
    """Forget a webhook's failures: it leads to another address."""
    hook.failures, hook.failing_since, hook.rests_until = 0, None, None


def _rests(hook: WebhookRow, at: datetime) -> datetime | None:
    """Return until when a webhook rests; None if it does not."""
    return hook.rests_until if hook.rests_until is not None and hook.rests_until > at else None


def _rest(hook: WebhookRow, answer: Answer, at: datetime) -> None:
    """Count a failure, and let the webhook rest for as long as it calls for."""
    hook.failures += 1
    hook.failing_since = hook.failing_since or at
    rest = rest_after(hook.failures, answered=answer.code > 0 or answer.ours, asked=answer.wait)
    hook.rests_until = at + rest if rest else None


def _give_up_what_waited_in_vain(session: Session, hook: WebhookRow, error: str, at: datetime) -> None:
    """Give up what is past its time at a webhook that failed all that time: most of it was never tried by itself."""
    if hook.failing_since is None or hook.failing_since > at - PATIENCE:
        return
    vain = update(DeliveryRow).where(col(DeliveryRow.webhook) == hook.id, is_waiting(), col(DeliveryRow.until) < at)
    given_up = session.execute(vain.values(status=DeliveryStatus.GIVEN_UP, error=error))
    if isinstance(given_up, CursorResult) and given_up.rowcount:
        activity.logger.error("webhook %s: %s deliveries were given up", hook.id, given_up.rowcount)


def _clock(at: datetime) -> Callable[[], datetime]:
    """Return a clock that shows `at` now and goes on: a receiver refuses what was signed minutes ago."""
    began = monotonic()
    return lambda: at + timedelta(seconds=monotonic() - began)
