"""The waiting loop: sleep until the next moment of the agenda or the next command, have it recorded, sleep again.

Knows neither calendars nor rules nor words: the ledger computes, this file waits. It hardly ever changes, so that
tickets and customers which have slept for months replay.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.signatures import record
    from domain.ticket.facts import Refused
    from models.command_json import read_command
    from models.messages import Command, Due, Entry, Recorded, Refusal, Standing, TicketStart
    from workflows import names
    from workflows.alarm import Alarm


@dataclass
class _Waiting:
    """A command in the queue, and what became of it; nobody waits for one that was told by a signal."""

    command: Command | None
    told: bool = False
    garbled: Refusal | None = None
    recorded: Recorded | None = None


class Case:
    """What a ticket and a customer's life have in common; each is a workflow of its own kind."""

    def __init__(self, start: TicketStart) -> None:
        """Take up the state another run left, or begin."""
        self._start = start
        self._n = start.recorded
        self._standing = start.standing
        self._queue: deque[_Waiting] = deque()
        self._alarm = Alarm()
        self._stale = False
        self._rolls_over = False

    async def live(self) -> str:
        """Record what comes until the case is closed; returns the light it ended with."""
        if self._standing is None:
            await self._record(None)
        self._show()
        while not self._over:
            if self._has_to_go_on and not self._queue and not self._stale:
                await self._go_on_in_new_run()
            await self._next()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._now.light

    @workflow.update(description="Ask it to accept a fact: answered, called, follow_up, reassigned, closed …")
    async def act(self, command: Command) -> Standing:
        """Queue a command and return how the ticket stands after it; refused with the rule's code as error type."""
        waiting = _Waiting(command)
        self._queue.append(waiting)
        await workflow.wait_condition(lambda: waiting.recorded is not None)
        recorded = waiting.recorded
        if recorded is None or recorded.refusal is None:
            return self._now
        raise ApplicationError(recorded.refusal.code, recorded.refusal.context, type=recorded.refusal.code)

    @act.validator
    def _may_act(self, command: Command) -> None:
        """Refuse at once, without a trace in the history, what nobody could name; the ledger judges the rest.

        Also of a closed ticket: a command that it accepted before it closed gets its answer again.
        """
        if not command.by or not command.id:
            raise ApplicationError("not_understood", {"reason": "by or id is missing"}, type="not_understood")

    @workflow.signal(
        description='As the update "act", without an answer: {"fact": {"kind": "phase_done"}, "by": "anna"}'
    )
    async def tell(self, command: Any) -> None:
        """Queue a command nobody waits for.

        Its refusal, even of one that cannot be read, is written into the ticket's history and its current details.
        """
        try:
            told = read_command(command)
        except Refused as refused:
            self._queue.append(_Waiting(None, told=True, garbled=Refusal(refused.code, refused.context)))
        else:
            self._queue.append(_Waiting(told if told.id else replace(told, id=str(workflow.uuid4())), told=True))

    @workflow.signal(description="Its calendar, people or rules changed: plan its moments anew")
    def plan_again(self) -> None:
        """Have the next moment counted anew, by what holds now."""
        self._stale = True

    @workflow.signal(description="Go on in a new run, which takes up what a new release brought")
    def roll_over(self) -> None:
        """Continue as new as soon as nothing is under way."""
        self._rolls_over = True

    @workflow.query(description="How the ticket stands, and what happens next")
    def standing(self) -> Standing | None:
        """Return the standing after the last entry."""
        return self._standing

    @property
    def _now(self) -> Standing:
        if self._standing is None:
            raise ApplicationError("nothing recorded yet", type="starting")
        return self._standing

    @property
    def _has_to_go_on(self) -> bool:
        return self._rolls_over or workflow.info().is_continue_as_new_suggested()

    @property
    def _over(self) -> bool:
        return self._now.closed and not self._queue

    async def _next(self) -> None:
        """Wait for a command, the next moment or a changed plan, and have it recorded.

        Commands first: a fact in time counts.
        """
        due = self._due()
        self._alarm.set(due.at if due else None, due.summary if due else "")
        await self._alarm.wait(or_until=lambda: bool(self._queue) or self._stale or self._rolls_over)
        if self._queue:
            waiting = self._queue[0]
            waiting.recorded = await self._record(waiting)
            self._queue.popleft()
        elif self._stale or self._alarm.rang:
            await self._record(None)
        self._show()

    def _due(self) -> Due | None:
        return next(iter(self._now.agenda), None)

    async def _record(self, waiting: _Waiting | None) -> Recorded:
        """Have one entry written. It is retried for ever under the same number, so it is written once."""
        asked = waiting or _Waiting(None)
        self._stale = False
        entry = Entry(self._start.number, self._n + 1, workflow.now(), asked.command, asked.told, asked.garbled)
        recorded = await workflow.execute_activity(
            record,
            entry,
            start_to_close_timeout=names.RECORD_TIMEOUT,
            retry_policy=names.RECORD_RETRY,
            summary=_entry_summary(asked, self._due() if self._standing else None),
        )
        if recorded.refusal is None:
            self._n += 1
        self._standing = recorded.standing
        return recorded

    def _show(self) -> None:
        """Keep what operators see current; search attributes cost an event, so only when they changed."""
        now = self._now
        workflow.set_current_details(now.details)
        shown = workflow.info().typed_search_attributes
        wanted: list[SearchAttributeUpdate[Any]] = [
            names.PHASE.value_set(now.phase),
            names.LIGHT.value_set(now.light),
            names.OWNER.value_set(now.owner),
            names.ESCALATION_LEVEL.value_set(now.level),
            names.SITE.value_set(now.site),
            names.DUE_AT.value_set(now.due_at) if now.due_at else names.DUE_AT.value_unset(),
        ]
        changed = [update for update in wanted if shown.get(update.key) != update.value]
        if changed:
            workflow.upsert_search_attributes(changed)

    async def _go_on_in_new_run(self) -> None:
        """Continue as new, after everybody who waits was answered; a command that came meanwhile is taken first."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._queue:
            carried = replace(self._start, recorded=self._n, standing=replace(self._now))
            workflow.continue_as_new(carried)


def _entry_summary(asked: _Waiting, due: Due | None) -> str:
    if asked.command is not None:
        return f"{asked.command.fact.kind} · {asked.command.by}"
    if asked.garbled is not None:
        return asked.garbled.code
    return due.summary if due else "received"
