"""Somebody's mailbox: gathers notices that arrive together and has them delivered when they may go out.

Which notices wait is the database's knowledge; this workflow only knows that some do, and until when to sleep.
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import empty_mailbox
    from models.messages import Emptied, Emptying, MailboxStart
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
        self._alarm = Alarm()
        self._sent = 0

    @workflow.run
    async def run(self, start: MailboxStart) -> int:
        """Deliver until nothing waits; returns how many notices were delivered."""
        emptied = await self._empty()
        while self._arrived or emptied.next_at is not None:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(start)
            await self._wait(emptied)
            emptied = await self._empty()
        return self._sent

    @workflow.signal(description="A notice was written for this mailbox")
    def notice_written(self) -> None:
        """Remember that there is something to look for."""
        self._arrived += 1

    async def _wait(self, emptied: Emptied) -> None:
        summary = f"next delivery · {self._start.mailbox}"
        self._alarm.set(emptied.next_at, summary)
        await self._alarm.wait(or_until=lambda: self._arrived > 0)

    async def _empty(self) -> Emptied:
        """Gather until nothing more arrives, then deliver everything in one go."""
        await self._gather()
        workflow.set_current_details(f"Delivering to {self._start.mailbox}; retried until the mail server answers.")
        emptied = await workflow.execute_activity(
            empty_mailbox,
            Emptying(self._start.mailbox, workflow.now()),
            start_to_close_timeout=names.POST_TIMEOUT,
            heartbeat_timeout=names.POST_HEARTBEAT,
            retry_policy=names.POST_RETRY,
            task_queue=names.MAIL,
            summary=f"mail · {self._start.mailbox}",
        )
        self._sent += emptied.sent
        waiting = f"next delivery {emptied.next_at.isoformat()}" if emptied.next_at else "nothing waits"
        workflow.set_current_details(f"{self._sent} notices delivered, {waiting}.")
        return emptied

    async def _gather(self) -> None:
        """Wait for a stretch in which nothing arrived, a few stretches at the most."""
        for _ in range(_STRETCHES):
            self._arrived = 0
            await workflow.sleep(timedelta(seconds=self._start.gather_seconds), summary="gathering what comes together")
            if not self._arrived:
                return


_STRETCHES = 12
