"""The lists' schedules on a real Temporal server: zone, catch-up, and that they fire."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

import worker
from models.database import Database
from models.messages import ListTime
from models.tables import SiteRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import SOME_DAY, Office, furnish
from workflows.schedules import schedule_lists

MORNING = ListTime("musterstadt", "EL1", time(7), "Europe/Berlin")
FRIDAY = ListTime("musterstadt", "EL2", time(7, 30), "Europe/Berlin")

EVERY_DAY = """
[[digests]]
code = "EL1"
title = { de = "Tagesliste", en = "Daily list" }
cites = "AC-13"
weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
at = "07:00"
content = "due"
to = "owner"
"""


async def test_lists_are_scheduled_in_the_sites_zone_with_catch_up(own_server: WorkflowEnvironment) -> None:
    await schedule_lists(own_server.client, [MORNING, FRIDAY])
    described = await own_server.client.get_schedule_handle("list-musterstadt-EL1").describe()
    schedule = described.schedule
    assert schedule.spec.time_zone_name == "Europe/Berlin"
    assert schedule.policy.catchup_window == timedelta(days=3)
    berlin = SOME_DAY.tzinfo
    assert {at.astimezone(berlin).time() for at in described.info.next_action_times} == {time(7)}


async def test_list_that_is_no_more_loses_its_schedule_and_one_that_changed_follows(
    own_server: WorkflowEnvironment,
) -> None:
    client = own_server.client
    await schedule_lists(client, [MORNING, FRIDAY])
    await client.get_schedule_handle("list-musterstadt-EL1").pause()
    listed = {MORNING.id, FRIDAY.id}
    while {found.id async for found in await client.list_schedules()} != listed:
        await asyncio.sleep(0.1)
    await schedule_lists(client, [ListTime("musterstadt", "EL1", time(6, 15), "Europe/Lisbon")])
    described = await client.get_schedule_handle("list-musterstadt-EL1").describe()
    assert described.schedule.spec.time_zone_name == "Europe/Lisbon"
    assert described.schedule.state.paused
    while {found.id async for found in await client.list_schedules()} != {MORNING.id}:
        await asyncio.sleep(0.1)


async def test_schedule_fires_and_the_list_is_in_the_mail(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> None:
    """The schedule is asked to run now, as its clock would."""
    office = Office(own_server, sqlite_database, maildrop)
    furnish(sqlite_database, "around-the-clock")
    with sqlite_database.writing() as session:
        session.get_one(SiteRow, "musterstadt").digests = EVERY_DAY
    settings = Settings(var=Path("unused"), smtp_port=maildrop.port, gather_seconds=0.2)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        start = office.ticket_service.open_ticket(office.inquiry(), datetime.now(UTC) - timedelta(hours=3))
        await office.gateway.start(start)
        await schedule_lists(own_server.client, [MORNING])
        await own_server.client.get_schedule_handle("list-musterstadt-EL1").trigger()
        for _ in range(200):
            if any(str(mail["Subject"]).startswith("Heute:") for mail in office.mails("anna")):
                break
            await asyncio.sleep(0.1)
    subjects = [str(mail["Subject"]) for mail in office.mails("anna")]
    assert [subject for subject in subjects if subject.startswith("Heute:")] == ["Heute: 1 Vorgang, davon 1 überfällig"]
