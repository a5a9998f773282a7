"""A webhook's outbox: has what waits delivered, and sleeps until the next attempt is due.

What waits, in which order, and when it is tried again is the database's knowledge, as with a mailbox.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import deliver
    from models.messages import DeliverWebhookInput, DeliverWebhookResult, WebhookStart
    from workflows import names
    from workflows.alarm import Alarm


@workflow.defn(name="Webhook")
class WebhookWorkflow:
    """Runs while deliveries wait for one webhook, ends when none does, begins with the next one."""

    @workflow.init
    def __init__(self, start: WebhookStart) -> None:
        """Begin with the delivery that woke us still to be looked for."""
        self._start = start
        self._written = 0
        self._told = 0
        self._urgent = False
        self._rolls_over = False
        self._alarm = Alarm()

    @workflow.run
    async def run(self, start: WebhookStart) -> None:
        """Deliver until nothing waits."""
        delivered = await self._deliver()
        while self._written or delivered.next_at is not None:
            if self._rolls_over or workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(start)
            await self._wait(delivered)
            if not self._rolls_over:
                delivered = await self._deliver()

    @workflow.signal(description="A delivery was written for this webhook")
    def delivery_written(self) -> None:
        """Remember that there is something to look for: at once, or when the webhook's rest is over."""
        self._written += 1
        self._count()

    @workflow.signal(description="Somebody wants what waits to be sent now: a repaired webhook, a test")
    def try_now(self) -> None:
        """Remember that somebody waits, though the webhook rests."""
        self._urgent = True
        self.delivery_written()

    def _count(self) -> None:
        """Begin a new run after a thousand signals: the server takes ten thousand per run.

        Nothing is lost by it, for a run begins with a look at what waits.
        """
        self._told += 1
        if self._told == _MOST_SIGNALS:
            self._rolls_over = workflow.patched("webhook-rolls-over")

    async def _wait(self, delivered: DeliverWebhookResult) -> None:
        """Wait for the next attempt, or for something new; what is written for a webhook that rests joins the queue."""
        self._alarm.set(delivered.next_at, f"next attempt · webhook {self._start.id}")
        rests = delivered.rests
        await self._alarm.wait(or_until=lambda: self._rolls_over or self._urgent or (self._written > 0 and not rests))

    async def _deliver(self) -> DeliverWebhookResult:
        self._written, self._urgent = 0, False
        delivered = await workflow.execute_activity(
            deliver,
            DeliverWebhookInput(self._start.id, workflow.now()),
            start_to_close_timeout=names.POST_TIMEOUT,
            heartbeat_timeout=names.POST_HEARTBEAT,
            retry_policy=names.POST_RETRY,
            task_queue=names.WEBHOOKS,
            summary=f"webhook {self._start.id}",
        )
        waiting = f"next attempt {delivered.next_at.isoformat()}" if delivered.next_at else "nothing waits"
        lost = f" ⛔ {delivered.given_up} given up after three days." if delivered.given_up else ""
        workflow.set_current_details(f"{delivered.sent} sent, {delivered.failed} failed, {waiting}.{lost}")
        return delivered


_MOST_SIGNALS = 1_000
