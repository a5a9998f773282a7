"""No command stops a ticket's clock: whatever is sent, the next good command and the next moment come in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from activities.ledger.record import Ledger
from domain.ticket.facts import Fact, Noted
from models.database import Database
from models.messages import Entry
from models.tables import EventRow
from tests.maildrop import Maildrop
from tests.office import Office, berlin
from tests.workflows import hostile

BATCH = 25


@pytest.fixture
async def office(skipping: WorkflowEnvironment, database: Database, maildrop: Maildrop) -> AsyncIterator[Office]:
    """Yield an office on the time-skipping server, on each kind of database."""
    opened = Office(skipping, database, maildrop)
    await opened.opens("2027-03-01 08:00")
    yield opened
    await opened.closes()


def handle_of(office: Office, number: int) -> WorkflowHandle[Any, Any]:
    """Return the handle of a ticket's workflow."""
    return office.environment.client.get_workflow_handle(f"ticket-{number}")


async def takes(office: Office, number: int, fact: Fact) -> None:
    """Expect a good command to be accepted within ten seconds, whatever was sent before."""
    async with asyncio.timeout(10):
        command = hostile.payload({"fact": {"kind": fact.kind}, "by": "anna", "id": f"good-{number}"})
        await handle_of(office, number).execute_update("act", command)


async def test_hostile_values_of_every_fact_stop_neither_commands_nor_moments(
    office: Office, request: pytest.FixtureRequest
) -> None:
    """Sent as signals and as updates, to a request and to a builder's project, in batches."""
    batches = max(1, request.config.getoption("--poison") // BATCH)
    drawn: list[list[dict[str, Any]]] = []

    @settings(max_examples=batches, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(hostile.commands(), min_size=BATCH, max_size=BATCH))
    def draw(batch: list[dict[str, Any]]) -> None:
        drawn.append(batch)

    await asyncio.to_thread(draw)
    for turn, batch in enumerate(drawn):
        await is_survived(office, turn, batch)


async def is_survived(office: Office, turn: int, batch: list[dict[str, Any]]) -> None:
    """Send a batch to a new ticket; then it takes a command, and its next moment comes at its own instant."""
    now = await office.now()
    start = office.ticket_service.open_ticket(
        office.inquiry("anna", "Kombi", "statuskette" if turn % 2 else "anfrage"), now
    )
    await office.gateway.start(start)
    handle = handle_of(office, start.number)
    for each, command in enumerate(batch):
        if each % 3:
            try:
                await handle.signal("tell", hostile.payload(command))
            except RPCError as completed:
                if completed.status is not RPCStatusCode.NOT_FOUND:
                    raise
                break
        else:
            with suppress(WorkflowUpdateFailedError, RPCError):
                await handle.execute_update("act", hostile.payload(command), rpc_timeout=timedelta(seconds=10))
    if office.row(start.number).closed:
        return  # one of them closed it, and a closed ticket takes no more
    await takes(office, start.number, Noted())
    await is_on_time(office, start.number)


async def is_on_time(office: Office, number: int) -> None:
    """Wind the clock to the ticket's next moment, and expect it to be recorded when it was due."""
    due = office.row(number).next_at
    if due is None:
        return
    await office.environment.sleep(due - await office.now() + timedelta(seconds=20))
    moments = [at for _, at in office.events(number)]
    assert due in moments


@pytest.mark.parametrize(
    "command",
    [
        {"fact": {"kind": "follow_up", "at": "9999-12-31T23:59:59Z"}, "by": "petra"},
        {"fact": {"kind": "follow_up", "at": "2027-03-09T10:00:00"}, "by": "petra"},
        {"fact": {"kind": "milestone", "name": "first_contact", "at": "0001-01-01T00:00:00Z"}, "by": "petra"},
        {"fact": {"kind": "noted"}, "by": "petra", "text": 4711},
        {"fact": {"kind": "noted"}, "by": "petra", "text": 2**40},
        {"fact": {"kind": "noted"}, "by": "petra\0", "id": "n"},
        {"fact": {"kind": "noted"}, "by": "petra", "id": "\0"},
        {"fact": {"kind": "reassigned", "to": "petra\0"}, "by": "anna"},
        {"fact": {"kind": "package", "size": 2**70}, "by": "anna"},
    ],
    ids=lambda command: f"{command['fact']['kind']}-{command.get('text', '')}",
)
async def test_hostile_signal_is_refused_in_writing(office: Office, command: dict[str, Any]) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await handle_of(office, number).signal("tell", hostile.payload(command))
    await takes(office, number, Noted())
    await office.fast_forward("2027-03-03 10:00")
    assert {"refused", "noted"} <= {code for code, _ in office.events(number, moments_only=False)}
    assert ("E1", berlin("2027-03-03 10:00")) in office.events(number)


async def test_command_that_nobody_can_judge_is_refused_in_writing_after_a_few_attempts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours that no bound foresaw: the standard library breaks where the ledger needs it."""
    number = await office.inquiry_arrives("2027-03-02 17:00")
    written = Ledger.write

    def breaks(self: Ledger, entry: Entry) -> Any:
        if entry.command is not None and entry.command.id == "broken":
            raise OverflowError("date value out of range")
        return written(self, entry)

    monkeypatch.setattr(Ledger, "write", breaks)
    broken = hostile.payload({"fact": {"kind": "called"}, "by": "anna", "id": "broken"})
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle_of(office, number).execute_update("act", broken)
    assert getattr(failed.value.cause, "type", "") == "not_recordable"
    await takes(office, number, Noted())
    with office.database.reading() as session:
        refused = session.exec(select(EventRow).where(EventRow.code == "refused")).one()
    assert (refused.why["code"], refused.by) == ("not_recordable", "anna")
