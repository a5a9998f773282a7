"""The shared waiting loop: one timer, re-armed only when the instant moves."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class Alarm:
    """At most one open timer. Setting it to the same instant leaves the timer alone (TEMPORAL §1.2)."""

    def __init__(self) -> None:
        """Start without a timer."""
        self._at: datetime | None = None
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime | None, summary: str) -> None:
        """Ring at an instant, or not at all; `summary` is what the operator reads beside the timer."""
        if at == self._at and not self.rang:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._at = at
        self._timer = None if at is None else asyncio.create_task(_sleep_until(at, summary))

    @property
    def rang(self) -> bool:
        """Whether the instant has come."""
        return self._timer is not None and self._timer.done()

    async def wait(self, or_until: Callable[[], bool]) -> None:
        """Wait for the instant or for something else to do, whichever comes first."""
        await workflow.wait_condition(lambda: self.rang or or_until())


async def _sleep_until(at: datetime, summary: str) -> None:
    """Sleep at least a moment: a timer that rang a little early is armed again and must not spin."""
    left = max(at - workflow.now(), timedelta(milliseconds=1))
    await workflow.sleep(left, summary=summary)
