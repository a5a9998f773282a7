"""The ticket's workflow itself: what it costs, what it refuses, what it carries over."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from domain.ticket.facts import Called, Closed, FollowUpSet, Noted, Refused
from models.database import Database
from models.messages import Command, Standing
from tests.maildrop import Maildrop
from tests.office import Office, berlin
from workflows.ticket import TicketWorkflow


@pytest.fixture
async def office(skipping: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop) -> AsyncIterator[Office]:
    """Yield an office on the time-skipping server, opened on a Monday."""
    opened = Office(skipping, sqlite_database, maildrop)
    await opened.opens("2027-03-01 08:00")
    yield opened
    await opened.closes()


def handle_of(office: Office, number: int) -> WorkflowHandle[Any, Any]:
    """Return the handle of a ticket's workflow."""
    return office.environment.client.get_workflow_handle(f"ticket-{number}")


async def events(office: Office, number: int) -> Counter[str]:
    """Count the events in a ticket's history by their type, but for the tasks around them."""
    history = await handle_of(office, number).fetch_history()
    counted = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)
    return Counter({name: times for name, times in counted.items() if not name.startswith("WORKFLOW_TASK")})


async def test_one_recording_activity_per_fact_and_never_more_than_one_open_timer(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    for minute in range(1, 6):
        await office.acts(number, Noted(), at=f"2027-03-02 17:0{minute}")
    counted = await events(office, number)
    assert counted["ACTIVITY_TASK_SCHEDULED"] == 1 + 5
    assert counted["TIMER_STARTED"] - counted["TIMER_FIRED"] - counted["TIMER_CANCELED"] == 1


async def test_command_that_moves_no_deadline_leaves_the_timer_alone(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Noted(), at="2027-03-02 17:01")
    before = (await events(office, number))["TIMER_STARTED"]
    await office.acts(number, Noted(), at="2027-03-02 17:02")
    assert (await events(office, number))["TIMER_STARTED"] == before
    await office.acts(number, FollowUpSet(berlin("2027-03-05 10:00")), at="2027-03-02 17:03")
    assert (await events(office, number))["TIMER_STARTED"] == before + 1


async def test_every_timer_and_activity_carries_a_summary_a_person_can_read(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Noted(), at="2027-03-02 17:01")
    history = await handle_of(office, number).fetch_history()
    kinds = {EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED}
    summaries = [e.user_metadata.summary.data.decode() for e in history.events if e.event_type in kinds]
    assert all(summaries)
    assert '"R1 Erinnerung · Mi 09:30"' in summaries
    assert '"noted · anna"' in summaries


async def test_current_details_show_standing_agenda_and_link(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Noted(), at="2027-03-02 17:01")
    standing = await handle_of(office, number).query(TicketWorkflow.standing)
    assert isinstance(standing, Standing)
    assert f"https://statuskette.example/tickets/{number}" in standing.details
    assert "Mi 03.03.2027 10:00 **E1** Überfällig" in standing.details


async def test_refusal_by_the_validator_leaves_no_trace_in_the_history(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Noted(), at="2027-03-02 17:01")
    before = await events(office, number)
    with pytest.raises(WorkflowUpdateFailedError):
        await handle_of(office, number).execute_update("act", Command(Called(), by="", id="nameless"))
    assert await events(office, number) == before


async def test_closing_that_is_sent_again_gets_the_answer_of_the_first_time(office: Office) -> None:
    """Its answer was lost; neither the run that still ends nor one that begins anew calls it closed already."""
    number = await office.inquiry_arrives("2027-03-02 17:00")
    closing = Command(Closed("won"), "anna", "closing")
    first = await office.gateway.act(office.ticket_service.ticket_start(number), closing)
    again = await office.gateway.act(office.ticket_service.ticket_start(number, "closing"), closing)
    await handle_of(office, number).result()
    much_later = await office.gateway.act(office.ticket_service.ticket_start(number, "closing"), closing)
    assert first.closed
    assert (again, much_later) == (first, first)
    assert [code for code, _ in office.events(number, moments_only=False)].count("closed") == 1


async def test_signal_to_a_closed_ticket_is_answered_in_its_history(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    start = office.ticket_service.ticket_start(number)
    await office.acts(number, Closed("won"), at="2027-03-02 17:01")
    await handle_of(office, number).result()
    await office.gateway.tell(start, Command(Called(), "anna", "too-late"))
    await handle_of(office, number).result()
    assert "refused" in [code for code, _ in office.events(number, moments_only=False)]


async def test_ticket_rolls_over_on_demand_and_loses_nothing_on_its_way(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    before = (await handle_of(office, number).describe()).run_id
    await office.gateway.roll_over(office.ticket_service.ticket_start(number))
    await asyncio.gather(*(office.acts(number, Noted(), at="2027-03-02 17:01") for _ in range(5)))
    await office.fast_forward("2027-03-03 10:00")
    assert (await handle_of(office, number).describe()).run_id != before
    assert ("E1", berlin("2027-03-03 10:00")) in office.events(number)
    assert [code for code, _ in office.events(number, moments_only=False)].count("noted") == 5


async def test_closed_ticket_is_refused_without_waking_a_workflow(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Closed("won"), at="2027-03-02 17:01")
    await handle_of(office, number).result()
    before = await events(office, number)
    with pytest.raises(Refused) as refused:
        await office.acts(number, Called(), at="2027-03-02 17:02")
    assert refused.value.code == "already_closed"
    assert await events(office, number) == before


async def test_signal_takes_the_same_path_as_the_update(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await handle_of(office, number).signal(TicketWorkflow.tell, Command(Called(), "anna", "by-signal"))
    await office.fast_forward("2027-03-02 17:05")
    assert "called" in [code for code, _ in office.events(number, moments_only=False)]


async def test_unknown_fact_is_rejected_at_the_door(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    nonsense = {"fact": {"kind": "launched"}, "by": "anna", "id": "x"}
    with pytest.raises(WorkflowUpdateFailedError):
        await handle_of(office, number).execute_update("act", nonsense, rpc_timeout=timedelta(seconds=10))
    assert office.row(number).version == 1


async def test_ticket_that_an_operator_terminated_lives_on_from_the_ledger(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Noted(), at="2027-03-02 17:01")
    await handle_of(office, number).terminate("by mistake")
    await office.acts(number, Noted(), at="2027-03-02 17:10")
    await office.fast_forward("2027-03-03 10:00")
    assert ("E1", berlin("2027-03-03 10:00")) in office.events(number)


async def test_sweep_starts_what_a_crash_left_unstarted(office: Office) -> None:
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-02 17:01")
    await handle_of(office, number).terminate("crash")
    await office.fast_forward("2027-03-03 09:33")
    assert [code for code, _ in office.events(number)] == ["DM1"]
    await office.sweeps()
    await office.fast_forward("2027-03-03 09:35")
    assert ("R1", berlin("2027-03-03 09:30")) in office.events(number)
    assert len(office.mails("anna")) == 1
