"""Somebody's mailbox: gathers notices that arrive together and has them delivered when they may go out.

Which notices wait is the database's knowledge; this workflow only knows that some do, and until when to sleep.
"""

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.signatures import empty_mailbox
    from models.messages import DeliverMailInput, DeliverMailResult, MailboxStart
    from workflows import names
    from workflows.alarm import Alarm


@workflow.defn(name="Mailbox")
class MailboxWorkflow:
    """Runs while notices wait for one person or customer, ends when the mailbox is empty, begins with the next one."""

    @workflow.init
    def __init__(self, start: MailboxStart) -> None:
        """Begin with the notice that woke us still to be looked for."""
        self._start = start
        self._arrived = 0
        self._signals = 0
        self._bounded = False
        self._alarm = Alarm()
        self._sent = 0
        self._mails_from = start.mails_from

    @workflow.run
    async def run(self, start: MailboxStart) -> int:
        """Deliver until nothing waits; returns how many notices were delivered."""
        # What began before runs were bounded by their signals goes on as it did: its history knows no other way.
        self._bounded = workflow.patched("bounded-attempts")
        emptied = await self._empty()
        while self._arrived or emptied.next_at is not None:
            if workflow.info().is_continue_as_new_suggested() or self._had_enough:
                # Signals that come now are not lost: every run begins with looking into the mailbox.
                workflow.continue_as_new(replace(start, mails_from=self._mails_from))
            await self._wait(emptied)
            emptied = await self._empty()
        return self._sent

    @workflow.signal(description="A notice was written for this mailbox")
    def notice_written(self) -> None:
        """Remember that there is something to look for."""
        self._arrived += 1
        self._signals += 1

    @property
    def _had_enough(self) -> bool:
        """Whether this run had as many signals as it may: a server refuses more than some thousands."""
        return self._bounded and self._signals >= self._start.most_signals

    async def _wait(self, emptied: DeliverMailResult) -> None:
        summary = f"next delivery · {self._start.mailbox}"
        self._alarm.set(emptied.next_at, summary)
        await self._alarm.wait(or_until=lambda: self._arrived > 0)

    async def _empty(self) -> DeliverMailResult:
        """Gather until nothing more arrives, then deliver everything in one go."""
        await self._gather()
        workflow.set_current_details(f"Delivering to {self._start.mailbox}.")
        emptied = await self._delivered()
        self._sent += emptied.sent
        self._mails_from = emptied.mails_from
        workflow.set_current_details(_details(self._sent, emptied))
        return emptied

    async def _delivered(self) -> DeliverMailResult:
        """Have delivered what may be; what went wrong with the whole mailbox is tried again after a while."""
        try:
            return await workflow.execute_activity(
                empty_mailbox,
                DeliverMailInput(self._start.mailbox, workflow.now(), self._mails_from),
                start_to_close_timeout=names.POST_TIMEOUT,
                heartbeat_timeout=names.POST_HEARTBEAT,
                retry_policy=names.MAILBOX_RETRY,
                task_queue=names.MAIL,
                summary=f"mail · {self._start.mailbox}",
            )
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise
            cause = failed.cause
            problem = cause.type if isinstance(cause, ApplicationError) and cause.type else type(cause).__name__
            return DeliverMailResult(
                next_at=workflow.now() + names.MAILBOX_PAUSE, problem=problem, mails_from=self._mails_from
            )

    async def _gather(self) -> None:
        """Wait for a stretch in which nothing arrived, a few stretches at the most, and no longer in a flood."""
        for _ in range(_STRETCHES):
            self._arrived = 0
            await self._pause()
            if not self._arrived or self._had_enough:
                return

    async def _pause(self) -> None:
        seconds, summary = timedelta(seconds=self._start.gather_seconds), "gathering what comes together"
        if not self._bounded:
            await workflow.sleep(seconds, summary=summary)
            return
        try:
            await workflow.wait_condition(lambda: self._had_enough, timeout=seconds, timeout_summary=summary)
        except TimeoutError:
            return


_STRETCHES = 12


def _details(sent: int, emptied: DeliverMailResult) -> str:
    """Return what operators read: what was delivered, what the mail server said, and when it goes on."""
    waiting = f"next delivery {emptied.next_at.isoformat()}" if emptied.next_at else "nothing waits"
    held = f" No mail before {emptied.mails_from.isoformat()}." if emptied.mails_from else ""
    problem = f" ⛔ {emptied.problem}.{held}" if emptied.problem else held
    return f"{sent} notices delivered, {waiting}.{problem}"
