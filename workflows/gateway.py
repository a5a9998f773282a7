"""The one way in from outside Temporal: web, command line and activities speak to tickets and mailboxes through it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from domain.ticket.facts import Refused
from models.messages import (
    WEBHOOK,
    Command,
    ImportStart,
    InboxStart,
    ListTime,
    MailboxStart,
    Standing,
    TicketStart,
    WebhookStart,
)
from workflows import names, schedules
from workflows.customer import CustomerWorkflow
from workflows.importing import ImportWorkflow
from workflows.inbox import InboxWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.ticket import TicketWorkflow
from workflows.webhook import WebhookWorkflow

_SILENCE = (RPCError, RuntimeError)
"""What the client raises when nobody is there; a lazy client that never connected raises the second."""


class Unavailable(Exception):
    """Nobody answered in time: Temporal or its workers are down. The command may be sent again under the same id."""


class Gateway:
    """Speaks to workflows; holds the process's one Temporal client."""

    def __init__(self, client: Client, gather_seconds: float, patience: timedelta = timedelta(seconds=10)) -> None:
        """Take the client, how long a mailbox gathers, and how long a person is made to wait for an answer."""
        self._client = client
        self._gather_seconds = gather_seconds
        self._patience = patience

    async def start(self, ticket: TicketStart) -> None:
        """Start the workflow of a ticket, or of a customer's life, unless it runs already; raises Unavailable."""
        workflow = _workflow(ticket)
        try:
            await self._client.start_workflow(
                workflow.run,
                ticket,
                id=workflow.id,
                task_queue=names.TICKETS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=workflow.summary,
                rpc_timeout=self._patience,
            )
        except _SILENCE as problem:
            raise Unavailable(str(problem)) from problem

    async def act(self, ticket: TicketStart, command: Command, attempt: str = "") -> Standing:
        """Have a ticket accept a fact; raises Refused with the rule's code, or Unavailable.

        A ticket whose workflow was terminated is started again from the ledger in the same call. Temporal answers the
        same id with the same answer for as long as a run lasts: a command that was refused and may be accepted by now
        is sent as another `attempt`. The ledger still accepts it once.
        """
        workflow = _workflow(ticket)
        begun = WithStartWorkflowOperation(
            workflow.run,
            ticket,
            id=workflow.id,
            task_queue=names.TICKETS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=workflow.summary,
        )
        try:
            standing: Standing = await self._client.execute_update_with_start_workflow(
                "act",
                command,
                start_workflow_operation=begun,
                id=f"{command.id}{attempt}",
                result_type=Standing,
                rpc_timeout=self._patience,
            )
        except WorkflowUpdateFailedError as failed:
            raise _refusal(failed) from failed
        except (WorkflowUpdateRPCTimeoutOrCancelledError, *_SILENCE) as problem:
            raise Unavailable(str(problem)) from problem
        return standing

    async def tell(self, ticket: TicketStart, command: Command) -> None:
        """Send a ticket a command as a signal: nobody waits for its answer; raises Unavailable."""
        await self._signal(ticket, "tell", command)

    async def plan_again(self, ticket: TicketStart) -> None:
        """Have a ticket count its moments anew, by what holds now; raises Unavailable."""
        await self._signal(ticket, "plan_again")

    async def roll_over(self, ticket: TicketStart) -> None:
        """Have a ticket go on in a new run, which takes up what a new release brought; raises Unavailable."""
        await self._signal(ticket, "roll_over")

    async def _signal(self, ticket: TicketStart, signal: str, *arguments: Any) -> None:
        workflow = _workflow(ticket)
        try:
            await self._client.start_workflow(
                workflow.run,
                ticket,
                id=workflow.id,
                task_queue=names.TICKETS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=workflow.summary,
                start_signal=signal,
                start_signal_args=arguments,
                rpc_timeout=self._patience,
            )
        except _SILENCE as problem:
            raise Unavailable(str(problem)) from problem

    async def wake(self, mailboxes: Iterable[str]) -> None:
        """Tell mailboxes and webhooks that something was written for them; starts those that sleep."""
        for mailbox in mailboxes:
            outbox = self._outbox(mailbox)
            await self._stir(outbox, outbox.signal)

    async def _stir(self, outbox: "_Outbox", signal: str) -> None:
        await self._client.start_workflow(
            outbox.run,
            outbox.start,
            id=outbox.id,
            task_queue=outbox.queue,
            static_summary=outbox.summary,
            start_signal=signal,
            rpc_timeout=self._patience,
        )

    async def open_mailbox(self, mailbox: str) -> None:
        """Start the workflow of a mailbox or webhook unless it runs; one that runs is left in peace."""
        outbox = self._outbox(mailbox)
        await self._client.start_workflow(
            outbox.run,
            outbox.start,
            id=outbox.id,
            task_queue=outbox.queue,
            static_summary=outbox.summary,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            rpc_timeout=self._patience,
        )

    def _outbox(self, mailbox: str) -> "_Outbox":
        if mailbox.startswith(WEBHOOK):
            number = int(mailbox.removeprefix(WEBHOOK))
            start, identity = WebhookStart(number), names.webhook_id(number)
            return _Outbox(
                WebhookWorkflow.run, start, identity, names.WEBHOOKS, f"Webhook {number}", "delivery_written", "try_now"
            )
        return _Outbox(
            MailboxWorkflow.run,
            MailboxStart(mailbox, self._gather_seconds),
            names.mailbox_id(mailbox),
            names.MAIL,
            f"Mailbox {mailbox}",
            "notice_written",
            "notice_written",
        )

    async def start_import(self, identity: int) -> None:
        """Start an import's workflow unless it runs; raises Unavailable, and may be repeated."""
        try:
            await self._client.start_workflow(
                ImportWorkflow.run,
                ImportStart(identity),
                id=names.import_id(identity),
                task_queue=names.TICKETS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Import {identity}",
                rpc_timeout=self._patience,
            )
        except _SILENCE as problem:
            raise Unavailable(str(problem)) from problem

    async def open_inbox(self, site: str) -> None:
        """Start watching a site's mailbox unless it is watched."""
        await self._client.start_workflow(
            InboxWorkflow.run,
            InboxStart(site),
            id=names.inbox_id(site),
            task_queue=names.MAIL,
            static_summary=f"Mail in, {site}",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            rpc_timeout=self._patience,
        )

    async def look_again(self, mailbox: str) -> None:
        """Have a mailbox or webhook look again what it may deliver, though it rests: somebody is back.

        Raises Unavailable.
        """
        outbox = self._outbox(mailbox)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await self._stir(outbox, outbox.urgent)
        except (TimeoutError, *_SILENCE) as problem:
            raise Unavailable(str(problem)) from problem

    async def schedule_lists(self, times: Iterable[ListTime]) -> None:
        """Bring the schedules of all lists up to date; raises Unavailable, and may be repeated."""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await schedules.schedule_lists(self._client, times)
        except (TimeoutError, *_SILENCE) as problem:
            raise Unavailable(str(problem)) from problem


class _Workflow(NamedTuple):
    """Which workflow a case is."""

    run: Callable[[Any, TicketStart], Awaitable[str]]
    id: str
    summary: str


class _Outbox(NamedTuple):
    """Which workflow empties a mailbox, or delivers to a webhook.

    `signal` says that something was written, `urgent` that a person wants it to look now.
    """

    run: Callable[[Any, Any], Awaitable[Any]]
    start: MailboxStart | WebhookStart
    id: str
    queue: str
    summary: str
    signal: str
    urgent: str


def workflow_id(ticket: TicketStart) -> str:
    """Return the id of a ticket's workflow, or of a customer's."""
    return _workflow(ticket).id


def _workflow(ticket: TicketStart) -> _Workflow:
    if ticket.customer is None:
        return _Workflow(TicketWorkflow.run, names.ticket_id(ticket.number), f"Ticket {ticket.number}")
    return _Workflow(CustomerWorkflow.run, names.customer_id(ticket.customer), f"Customer {ticket.customer}")


def _refusal(failed: WorkflowUpdateFailedError) -> Refused:
    cause = failed.cause
    if isinstance(cause, ApplicationError) and cause.type:
        context = cause.details[0] if cause.details and isinstance(cause.details[0], dict) else {}
        return Refused(cause.type, **{str(key): str(value) for key, value in context.items()})
    return Refused("not_understood", reason=str(cause))
