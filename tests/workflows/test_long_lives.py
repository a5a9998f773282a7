"""Tickets and mailboxes that live through many runs, on the real server: continue-as-new loses nothing."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import func, select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from domain.ticket.facts import Closed, Noted
from models.database import Database
from models.messages import Command
from models.tables import EventRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import furnish
from workflows.gateway import Gateway
from workflows.names import LIGHT, OWNER, PHASE, SEARCH_ATTRIBUTES
from workflows.payloads import DATA_CONVERTER
from workflows.ticket import TicketWorkflow

SUGGESTED_AT = 60


@pytest.fixture(scope="module")
async def impatient_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run a real server that suggests a new run after a few dozen events."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        data_converter=DATA_CONVERTER,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_extra_args=[
            "--dynamic-config-value",
            f"limit.historyCount.suggestContinueAsNew={SUGGESTED_AT}",
        ],
    )
    async with environment:
        yield environment


@pytest.fixture
async def working(
    impatient_server: WorkflowEnvironment, database: Database, maildrop: Maildrop
) -> AsyncIterator[Gateway]:
    """Run the workers on it and yield the gateway."""
    furnish(database)
    settings = Settings(smtp_port=maildrop.port, gather_seconds=0.2)
    async with AsyncExitStack() as stack:
        for each in worker.workers(impatient_server.client, database, settings):
            await stack.enter_async_context(each)
        yield Gateway(impatient_server.client, gather_seconds=0.2)


async def test_command_storm_over_many_runs_is_recorded_completely_and_once(
    working: Gateway, database: Database, impatient_server: WorkflowEnvironment
) -> None:
    """60 updates and 60 signals in small bursts: every one is in the ledger once, over several runs."""
    ticket_service = TicketService(database)
    new = NewTicket("anfrage", "musterstadt", "Sturm", "", "web", None, "Kim", owner="anna")
    start = ticket_service.open_ticket(new, datetime.now(UTC))
    await working.start(start)
    handle = impatient_server.client.get_workflow_handle(f"ticket-{start.number}")
    first_run = (await handle.describe()).run_id
    for burst in range(12):
        told = [handle.signal(TicketWorkflow.tell, Command(Noted(), "anna", f"told-{burst}-{i}")) for i in range(5)]
        acted = [working.act(start, Command(Noted(), "anna", f"acted-{burst}-{i}")) for i in range(5)]
        await asyncio.gather(*told, *acted)
    await working.act(start, Command(Closed("won"), "anna", "closed"))
    assert await handle.result() == "closed"
    with database.reading() as session:
        noted = session.exec(select(func.count()).where(EventRow.code == "noted")).one()
        assert noted == 120
    description = await handle.describe()
    assert description.run_id != first_run


async def test_operators_find_tickets_by_their_search_attributes(
    working: Gateway, database: Database, impatient_server: WorkflowEnvironment
) -> None:
    ticket_service = TicketService(database)
    new = NewTicket("anfrage", "musterstadt", "Suche", "", "web", None, "Kim", owner="paul")
    start = ticket_service.open_ticket(new, datetime.now(UTC))
    await working.start(start)
    await working.act(start, Command(Noted(), "paul", "noted"))
    found = []
    for _ in range(50):
        query = 'Owner = "paul" AND Light = "yellow" AND ExecutionStatus = "Running"'
        found = [each async for each in impatient_server.client.list_workflows(query)]
        if found:
            break
        await asyncio.sleep(0.1)
    shown = next(each.typed_search_attributes for each in found if each.id == f"ticket-{start.number}")
    assert (shown[OWNER], shown[LIGHT], shown[PHASE]) == ("paul", "yellow", "inquiry")
    await working.act(start, Command(Closed("won"), "paul", "closed"))
