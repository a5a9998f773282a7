"""What Temporal starts by the clock: the sweep twice a minute, and each site's lists at their time of day."""

from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from models.messages import LISTS, ListStart, ListTime
from workflows import names
from workflows.digest import DigestWorkflow
from workflows.sweep import SweepWorkflow

SWEEP = "sweep"
"""Id of the schedule, and of the workflows it starts."""
_CATCH_UP = timedelta(days=3)
"""How long an outage may last for a list to come late; what a newer one replaces is not sent then."""


async def schedule_the_sweep(client: Client) -> None:
    """Create the schedule of the sweep, or bring it up to date; one that an operator paused stays paused."""
    await _keep(client, SWEEP, _twice_a_minute())


async def schedule_lists(client: Client, times: Iterable[ListTime]) -> None:
    """Create or bring up to date the schedules of these lists, and drop those of lists that are no more."""
    wanted = {each.id: _every_day(each) for each in times}
    for schedule_id, schedule in wanted.items():
        await _keep(client, schedule_id, schedule)
    async for found in await client.list_schedules():
        if found.id.startswith(LISTS) and found.id not in wanted:
            await client.get_schedule_handle(found.id).delete()


async def _keep(client: Client, schedule_id: str, schedule: Schedule) -> None:
    def keeping_state(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = found.description.schedule.state
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(keeping_state)


def _twice_a_minute() -> Schedule:
    """So that what changed or was left behind is taken up within a minute."""
    return Schedule(
        action=ScheduleActionStartWorkflow(SweepWorkflow.run, id=SWEEP, task_queue=names.TICKETS),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=30))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _every_day(each: ListTime) -> Schedule:
    clock = ScheduleCalendarSpec(hour=[ScheduleRange(each.at.hour)], minute=[ScheduleRange(each.at.minute)])
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DigestWorkflow.run,
            ListStart(each.site, each.code),
            id=each.id,
            task_queue=names.TICKETS,
            static_summary=f"{each.code} · {each.site}",
        ),
        spec=ScheduleSpec(calendars=[clock], time_zone_name=each.zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ALL, catchup_window=_CATCH_UP),
    )
