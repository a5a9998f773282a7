"""The mailbox's workflow: bounded by signals and attempts it shows what is wrong; the sweep finds what it missed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from domain.ticket.facts import Answered, Called, Closed
from models.database import Database
from models.messages import Command, MailboxStart, TicketStart
from models.tables import Channel, NoticeRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import Office, berlin, furnish
from tests.workflows.test_killed_worker import statuses
from workflows import names
from workflows.gateway import Gateway
from workflows.mailbox import MailboxWorkflow
from workflows.names import SEARCH_ATTRIBUTES
from workflows.payloads import DATA_CONVERTER

ANNA = "person:anna"
TAKEN_BY_A_RUN = 50
BURST = 10
GATHERED = 0.05


@pytest.fixture(scope="module")
async def strict_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run a real server that takes few signals for a run; in production it is ten thousand."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        data_converter=DATA_CONVERTER,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_extra_args=["--dynamic-config-value", f"history.maximumSignalsPerExecution={TAKEN_BY_A_RUN}"],
    )
    async with environment:
        yield environment


@pytest.fixture
async def client(
    strict_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> AsyncIterator[Client]:
    """Run the workers of a furnished office on it, while the mail server is away."""
    furnish(sqlite_database, "around-the-clock")
    maildrop.close()
    settings = Settings(smtp_port=maildrop.port, gather_seconds=GATHERED)
    async with AsyncExitStack() as stack:
        for each in worker.workers(strict_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        yield strict_server.client
        with suppress(RPCError):
            await strict_server.client.get_workflow_handle(names.mailbox_id(ANNA)).terminate()


@pytest.fixture
async def office(skipping: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop) -> AsyncIterator[Office]:
    """Yield an office on the time-skipping server, opened on a Monday."""
    opened = Office(skipping, sqlite_database, maildrop)
    await opened.opens("2027-03-01 08:00")
    yield opened
    await opened.closes()


def opens(database: Database, ago: timedelta = timedelta(0)) -> TicketStart:
    """Have a request for Anna arrive."""
    new = NewTicket("anfrage", "musterstadt", "Sturm", "", "web", None, "Kim", owner="anna")
    return TicketService(database).open_ticket(new, datetime.now(UTC) - ago)


def write(database: Database, ticket: int, key: str, at: datetime) -> None:
    """Write a reminder for Anna that may go out at any hour."""
    with database.writing() as session:
        session.add(
            NoticeRow(key=key, ticket=ticket, mailbox=ANNA, channel=Channel.MAIL, kind="R1", at=at, deliver="at once")
        )


async def details(client: Client, mailbox: str) -> str:
    """Return what operators read beside a mailbox's workflow."""
    handle = client.get_workflow_handle(names.mailbox_id(mailbox))
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


async def until_details(client: Client, mailbox: str, says: str) -> str:
    """Wait until they say something, and return them."""
    async with asyncio.timeout(90):
        while says not in (found := await details(client, mailbox)):
            await asyncio.sleep(0.1)
    return found


async def test_more_signals_than_a_run_may_have_lose_nothing_while_the_mail_server_is_away(
    client: Client, sqlite_database: Database, maildrop: Maildrop
) -> None:
    """Six times as many as the server takes for a run: none is refused, and afterwards one mail says it all."""
    ticket = opens(sqlite_database).number
    start = MailboxStart(ANNA, GATHERED, most_signals=BURST)
    handle = await client.start_workflow(MailboxWorkflow.run, start, id=names.mailbox_id(ANNA), task_queue=names.MAIL)
    gateway = Gateway(client, GATHERED)
    for burst in range(6 * TAKEN_BY_A_RUN // BURST):
        run = (await handle.describe()).run_id
        write(sqlite_database, ticket, f"storm-{burst}", datetime.now(UTC))
        for _ in range(BURST):
            await gateway.wake([ANNA])
        await until_another_run(handle, run)
    assert "cannot be reached" in await until_details(client, ANNA, "⛔")
    assert maildrop.mails == []
    maildrop.open()
    await client.get_workflow_handle(handle.id).result()
    assert statuses(sqlite_database) == {"sent"}
    assert len(maildrop.to("anna@musterstadt.example")) == 1


async def until_another_run(handle: WorkflowHandle[Any, Any], run: str) -> None:
    """Wait until a workflow began anew, which it does although the mail server is away."""
    async with asyncio.timeout(60):
        while (await handle.describe()).run_id == run:
            await asyncio.sleep(0.02)


async def test_mailbox_that_takes_no_more_signals_freezes_no_ticket(
    client: Client, sqlite_database: Database, maildrop: Maildrop
) -> None:
    """The server refuses to signal; the fact is recorded all the same, and its notice waits for the sweep."""
    patient = MailboxStart(ANNA, gather_seconds=600)
    await client.start_workflow(MailboxWorkflow.run, patient, id=names.mailbox_id(ANNA), task_queue=names.MAIL)
    gateway = Gateway(client, GATHERED)
    for _ in range(TAKEN_BY_A_RUN):
        await gateway.wake([ANNA])
    with pytest.raises(RPCError, match="limit for signal events"):
        await gateway.wake([ANNA])
    start = opens(sqlite_database, ago=timedelta(minutes=100))
    await gateway.start(start)
    await gateway.act(start, Command(Called(), "anna", "called"))
    standing = await gateway.act(start, Command(Closed("won"), "anna", "closed"))
    assert standing.closed


async def test_notice_whose_signal_was_lost_is_found_by_the_sweep(office: Office) -> None:
    """The mailbox runs, asleep until the opening, and knows nothing of a mail that may go out at night."""
    number = await office.inquiry_arrives("2027-03-02 17:50")
    await office.acts(number, Called(), at="2027-03-02 17:51")
    with office.database.writing() as session:
        asleep = NoticeRow(
            key="asleep",
            ticket=number,
            mailbox=ANNA,
            channel=Channel.MAIL,
            kind="R1",
            at=berlin("2027-03-02 18:30"),
            deliver="business hours",
        )
        session.add(asleep)
    await office.fast_forward("2027-03-02 18:30")
    await office.gateway.wake([ANNA])
    await office.fast_forward("2027-03-02 19:00")
    write(office.database, number, "unheard", berlin("2027-03-02 19:00"))
    await office.fast_forward("2027-03-02 19:30")
    assert office.mails("anna") == []
    await office.sweeps()
    await office.fast_forward("2027-03-02 19:31")
    assert len(office.mails("anna")) == 1
    found = {notice.key: notice.status for notice in office.notices("anna")}
    assert (found["asleep"], found["unheard"]) == ("waiting", "sent")


async def test_mailbox_that_cannot_be_read_shows_why_and_comes_round(office: Office) -> None:
    """The mailbox of a person who is not there: it does not end, and goes on once they are."""
    await office.gateway.wake(["person:nobody"])
    await office.environment.sleep(timedelta(minutes=2))
    client = office.environment.client
    assert "⛔ Unwritable." in await until_details(client, "person:nobody", "⛔")
    handle = client.get_workflow_handle(names.mailbox_id("person:nobody"))
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await handle.terminate()


async def test_customer_hears_late_and_the_owner_hears_that_they_did_not(office: Office) -> None:
    """A mail server that has been away for hours: the owner sees it on the page, without a mail of ours."""
    number = await office.inquiry_arrives("2027-03-02 10:00")
    office.maildrop.close()
    await office.acts(number, Answered(), at="2027-03-02 10:12", text="Gern.")
    await office.fast_forward("2027-03-02 14:15")
    pop_ups = [one for one in office.notices("anna") if one.kind == "delayed" and one.channel == Channel.POP_UP]
    assert [one.status for one in pop_ups] == ["sent"]
    office.maildrop.open()
    await office.fast_forward("2027-03-02 14:30")
    assert len(office.maildrop.to("kim@kunde.example")) == 1
    assert {one.status for one in office.notices("anna") if one.kind == "delayed"} <= {"withdrawn", "sent"}
