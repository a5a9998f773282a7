"""Looks whether Temporal has what promises need: schedules, search attributes, and workflows whose code works."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.operation.checkup import Finding, Severity
from models.messages import ListTime, TicketStart
from workflows import names
from workflows.gateway import workflow_id
from workflows.schedules import SWEEP

_PATIENCE = 3.0
_MANY = 3
_SHOWN = 20


async def checkup(client: Client, lists: Sequence[ListTime], late: Sequence[TicketStart]) -> list[Finding]:
    """Return what is wrong in Temporal; `lists` are to be scheduled, `late` the tickets to look into.

    Every look is bounded to a few seconds; one that nobody answers says so, and stops no other.
    """
    looks: list[Callable[[], Awaitable[list[Finding]]]] = [
        lambda: _schedules(client, lists),
        lambda: _attributes(client),
        lambda: _tasks(client),
        lambda: _retries(client, late),
    ]
    found: list[Finding] = []
    for look in looks:
        try:
            async with asyncio.timeout(_PATIENCE):
                found += await look()
        except (RPCError, RuntimeError, TimeoutError) as problem:
            return [*found, Finding("temporal_silent", Severity.STANDSTILL, names=(type(problem).__name__,))]
    return found


async def _schedules(client: Client, lists: Sequence[ListTime]) -> list[Finding]:
    wanted = {SWEEP, *(each.id for each in lists)}
    paused = {}
    async for each in await client.list_schedules():
        paused[each.id] = bool(each.schedule and each.schedule.state.paused)
    missing = tuple(sorted(wanted - set(paused)))
    resting = tuple(sorted(identity for identity in wanted & set(paused) if paused[identity]))
    return [
        *([Finding("schedules_missing", Severity.STANDSTILL, len(missing), names=missing)] if missing else []),
        *([Finding("schedules_paused", Severity.STANDSTILL, len(resting), names=resting)] if resting else []),
    ]


async def _attributes(client: Client) -> list[Finding]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    listed = await client.operator_service.list_search_attributes(request)
    missing = tuple(key.name for key in names.SEARCH_ATTRIBUTES if key.name not in listed.custom_attributes)
    return [Finding("attributes_missing", Severity.STANDSTILL, len(missing), names=missing)] if missing else []


async def _tasks(client: Client) -> list[Finding]:
    query = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
    failing = [each.id async for each in client.list_workflows(query, limit=_SHOWN)]
    return [Finding("tasks_failing", Severity.STANDSTILL, len(failing), names=tuple(failing))] if failing else []


async def _retries(client: Client, late: Sequence[TicketStart]) -> list[Finding]:
    """Look into late tickets: what they wait for, and how often it has failed."""
    found: list[str] = []
    for identity in map(workflow_id, late):
        described = await client.get_workflow_handle(identity).describe()
        pending = described.raw_description.pending_activities
        found += [f"{identity}: {each.activity_type.name} × {each.attempt}" for each in pending if each.attempt > _MANY]
    return [Finding("retries", Severity.STANDSTILL, len(found), names=tuple(found))] if found else []
