"""Webhooks end to end: a real Temporal server, worker processes that die, another system that fails and comes back."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from domain.ticket.facts import Called, Closed
from models.database import Database
from models.messages import Command, TicketStart
from models.tables import DeliveryRow, DeliveryStatus, WebhookRow
from settings import Settings
from tests.activities.webhooks.test_outbox import SECRET, hook
from tests.office import furnish
from tests.receiver import Receiver
from tests.workflows.test_killed_worker import until, worker_process
from workflows import names
from workflows.gateway import Gateway
from workflows.sweep import SweepWorkflow


def opens(database: Database) -> TicketStart:
    """Have a request arrive."""
    new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", owner="paul")
    return TicketService(database).open_ticket(new, datetime.now(UTC))


def statuses(database: Database) -> list[str]:
    """Return what became of the deliveries."""
    with database.reading() as session:
        return list(session.exec(select(DeliveryRow.status)))


async def test_what_happens_is_told_in_order_and_again_once_the_other_system_is_back(
    own_server: WorkflowEnvironment, sqlite_database: Database, receiver: Receiver
) -> None:
    """It fails, it is dead for a while, it comes back: everything arrives, under one id each, and the workflow ends."""
    furnish(sqlite_database, "around-the-clock")
    number = hook(sqlite_database, receiver.url)
    receiver.answers = [500]
    gateway = Gateway(own_server.client, 0.2)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, Settings(webhooks_private=True)):
            await stack.enter_async_context(each)
        start = opens(sqlite_database)
        await gateway.start(start)
        await until(lambda: bool(receiver.heard))
        receiver.close()
        await gateway.act(start, Command(Called(), "paul", "c1"))
        await gateway.act(start, Command(Closed("won"), "paul", "c2"))
        await until(lambda: len(statuses(sqlite_database)) == 3)
        receiver.open()
        await own_server.client.get_workflow_handle(names.webhook_id(number)).result()
    assert set(statuses(sqlite_database)) == {DeliveryStatus.SENT}
    told = {heard.id: heard.signed_with(SECRET)["type"] for heard in receiver.heard}
    assert sorted(told.values()) == ["ticket.called", "ticket.closed", "ticket.opened"]


@pytest.mark.parametrize(("dies", "copies"), [("before sending", 1), ("after sending", 2)])
async def test_killed_worker_loses_no_message_and_a_repeat_has_the_same_id(
    own_server: WorkflowEnvironment, sqlite_database: Database, receiver: Receiver, dies: str, copies: int
) -> None:
    """Between writing and sending, or when the other system has it and nobody wrote that down: at least once."""
    furnish(sqlite_database, "around-the-clock")
    hook(sqlite_database, receiver.url)
    environment = os.environ | {
        "DATABASE_URL": sqlite_database.url.render_as_string(),
        "TEMPORAL_ADDRESS": str(own_server.client.service_client.config.target_host),
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "STATUSKETTE_WEBHOOKS_PRIVATE": "true",
    }
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(worker_process(environment))
        if dies == "before sending":
            receiver.close()
        else:
            receiver.before = striking(receiver, first.pid)
        await Gateway(own_server.client, 0.2).start(opens(sqlite_database))
        if dies == "before sending":
            await until(lambda: tried(sqlite_database))
            os.kill(first.pid, signal.SIGKILL)
            receiver.open()
        assert await asyncio.wait_for(first.wait(), 60) == -signal.SIGKILL
        await stack.enter_async_context(worker_process(environment))
        await until(lambda: statuses(sqlite_database) == [DeliveryStatus.SENT])
    assert len(receiver.heard) == copies
    assert len({(heard.id, heard.body) for heard in receiver.heard}) == 1
    assert receiver.heard[-1].signed_with(SECRET)["type"] == "ticket.opened"


def striking(receiver: Receiver, victim: int) -> Callable[[object], None]:
    """Return what kills a worker once, after its message was taken."""

    def strike(_: object) -> None:
        receiver.before = None
        os.kill(victim, signal.SIGKILL)

    return strike


def tried(database: Database) -> bool:
    """Whether a delivery was tried."""
    with database.reading() as session:
        attempts: list[int] = list(session.exec(select(DeliveryRow.attempts)))
        return any(attempts)


async def test_sweep_finds_what_was_written_and_nobody_was_woken_for(
    own_server: WorkflowEnvironment, sqlite_database: Database, receiver: Receiver
) -> None:
    """What is switched off is left in peace."""
    furnish(sqlite_database, "around-the-clock")
    hook(sqlite_database, receiver.url)
    off = hook(sqlite_database, receiver.url, title="Off")
    opens(sqlite_database)
    with sqlite_database.writing() as session:
        session.get_one(WebhookRow, off).off = "by hand"
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, Settings(webhooks_private=True)):
            await stack.enter_async_context(each)
        asked = await own_server.client.execute_workflow(SweepWorkflow.run, id="sweep", task_queue=names.TICKETS)
        assert asked == 2  # the ticket and one webhook
        await own_server.client.get_workflow_handle(names.webhook_id(1)).result()
    assert [heard.said["type"] for heard in receiver.heard] == ["ticket.opened"]


async def test_webhook_that_is_owed_nothing_ends_at_once(
    own_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    furnish(sqlite_database)
    number = hook(sqlite_database)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, Settings()):
            await stack.enter_async_context(each)
        await Gateway(own_server.client, 0.2).look_again(f"webhook:{number}")
        handle = own_server.client.get_workflow_handle(names.webhook_id(number))
        await asyncio.wait_for(handle.result(), timedelta(seconds=20).total_seconds())
        assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_events_for_a_webhook_that_rests_join_the_queue(
    own_server: WorkflowEnvironment, sqlite_database: Database, receiver: Receiver
) -> None:
    """Each signals; none ends the rest, and the workflow asks nobody before it is over."""
    furnish(sqlite_database, "around-the-clock")
    number = hook(sqlite_database, receiver.url)
    receiver.close()
    gateway = Gateway(own_server.client, 0.2)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, Settings(webhooks_private=True)):
            await stack.enter_async_context(each)
        start = opens(sqlite_database)
        await gateway.start(start)
        await until(lambda: tried(sqlite_database))
        for n in range(30):
            await gateway.act(start, Command(Called(), "paul", f"c{n}"))
        workflow = own_server.client.get_workflow_handle(names.webhook_id(number))
        asked = [event async for event in workflow.fetch_history_events() if is_asked(event)]
        assert len(asked) < 12  # as many as there were rests, each twice as long as the one before
        receiver.open()
        await until(lambda: statuses(sqlite_database) == [DeliveryStatus.SENT] * 31)


def is_asked(event: HistoryEvent) -> bool:
    """Whether an activity was asked for."""
    return event.HasField("activity_task_scheduled_event_attributes")


def rests(database: Database, number: int, until_at: datetime | None) -> None:
    """Have a webhook rest, or end its rest."""
    with database.writing() as session:
        session.get_one(WebhookRow, number).rests_until = until_at


async def test_somebody_who_wants_to_know_ends_the_rest_and_a_thousand_signals_begin_a_new_run(
    own_server: WorkflowEnvironment, sqlite_database: Database, receiver: Receiver
) -> None:
    """The server takes ten thousand signals per run; nothing that was written is lost on the way."""
    furnish(sqlite_database, "around-the-clock")
    number = hook(sqlite_database, receiver.url)
    rests(sqlite_database, number, datetime.now(UTC) + timedelta(hours=1))
    await Gateway(own_server.client, 0.2).start(opens(sqlite_database))
    gateway, outbox = Gateway(own_server.client, 0.2), f"webhook:{number}"
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, Settings(webhooks_private=True)):
            await stack.enter_async_context(each)
        await until(lambda: bool(statuses(sqlite_database)))
        await gateway.wake([outbox])
        workflow = own_server.client.get_workflow_handle(names.webhook_id(number))
        first = (await workflow.describe()).run_id
        for _ in range(50):
            await asyncio.gather(*(gateway.wake([outbox]) for _ in range(25)))
        async with asyncio.timeout(90):
            while (await workflow.describe()).run_id == first:
                await asyncio.sleep(0.1)
        assert statuses(sqlite_database) == [DeliveryStatus.WAITING]
        rests(sqlite_database, number, None)
        await gateway.look_again(outbox)
        await until(lambda: statuses(sqlite_database) == [DeliveryStatus.SENT])
    old = own_server.client.get_workflow_handle(names.webhook_id(number), run_id=first)
    assert (await old.describe()).status is WorkflowExecutionStatus.CONTINUED_AS_NEW
