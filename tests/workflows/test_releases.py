"""Two releases side by side: tickets that began at the old one go on at the new one, and nothing is lost between."""

import asyncio
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment

from activities.intake.tickets import NewTicket, TicketService
from activities.operation import presence
from domain.ticket.facts import Noted
from models.database import Database
from models.messages import Command
from models.tables import EventRow, TicketRow
from tests.office import furnish
from tests.workflows import next_release
from workflows.gateway import Gateway, Unavailable
from workflows.names import ticket_id

OWES = SearchAttributeKey.for_keyword(next_release.ATTRIBUTE)


@asynccontextmanager
async def releases(server: WorkflowEnvironment, database: Database) -> AsyncIterator["Releases"]:
    """Yield what begins and ends workers of releases; in the end none is left."""
    running = Releases(server, database)
    try:
        yield running
    finally:
        for folder in list(running.processes):
            await running.ends(folder)


class Releases:
    """The workers of releases, each its own process from its own folder."""

    def __init__(self, server: WorkflowEnvironment, database: Database) -> None:
        """Begin without any."""
        self._database = database
        self.processes: dict[Path, Process] = {}
        self._environment = os.environ | {
            "DATABASE_URL": database.url.render_as_string(hide_password=False),
            "TEMPORAL_ADDRESS": str(server.client.service_client.config.target_host),
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }

    async def begins(self, folder: Path) -> None:
        """Start a release's worker and wait until it says that it works."""
        before = at_work(self._database)
        environment = self._environment | {"STATUSKETTE_BUILD": folder.name}
        self.processes[folder] = await create_subprocess_exec(sys.executable, "worker.py", cwd=folder, env=environment)
        await until(lambda: at_work(self._database) > before)

    async def ends(self, folder: Path) -> None:
        """Ask a release's worker to end, as a deployment does."""
        process = self.processes.pop(folder)
        process.terminate()
        assert await process.wait() == 0


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(90):
        while not true():
            await asyncio.sleep(0.2)


def at_work(database: Database) -> int:
    """Return how many workers say that they work."""
    with database.reading() as session:
        return len(presence.at_work(session, datetime.now(UTC)))


class Company:
    """Tickets, and people who note something at each of them again and again, whoever's worker answers."""

    def __init__(self, server: WorkflowEnvironment, database: Database) -> None:
        """Take the parts."""
        self.client = server.client
        self.database = database
        self.ticket_service = TicketService(database)
        self.gateway = Gateway(server.client, 0.2)
        self.noted: Counter[int] = Counter()

    async def opens(self, tickets: int) -> list[int]:
        """Open tickets which become overdue within the next seconds, on a site that never closes."""
        numbers = []
        for each in range(tickets):
            received = datetime.now(UTC) - timedelta(hours=2) + timedelta(seconds=5 + each)
            new = NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", owner="anna")
            start = self.ticket_service.open_ticket(new, received)
            await self.gateway.start(start)
            numbers.append(start.number)
        return numbers

    async def works(self, numbers: Sequence[int], times: int) -> None:
        """Note something at all tickets at once, so many times each."""
        await asyncio.gather(*(self.notes(number, times) for number in numbers))

    async def change_is_taken(self, numbers: Sequence[int]) -> None:
        """Roll tickets over until each has taken the change: the new worker learns in seconds that it is alone."""
        left = set(numbers)
        async with asyncio.timeout(90):
            while left:
                for number in left:
                    await self.gateway.roll_over(self.ticket_service.ticket_start(number))
                await asyncio.sleep(2)
                left = {number for number in left if await self.owes(number) != "anna"}

    def states(self) -> Sequence[str]:
        """Return the states of all tickets."""
        with self.database.reading() as session:
            return session.exec(select(TicketRow.state)).all()

    async def notes(self, number: int, times: int) -> None:
        """Note something so many times, each until it is answered."""
        for _ in range(times):
            command = Command(Noted(), "anna", f"note-{number}-{self.noted[number]}")
            await self._answered(number, command)
            self.noted[number] += 1

    async def _answered(self, number: int, command: Command) -> None:
        """Send a command until it is answered: a person whose page says "not at the moment" presses again."""
        async with asyncio.timeout(120):
            while True:
                try:
                    await self.gateway.act(self.ticket_service.ticket_start(number), command)
                except Unavailable:
                    continue
                return

    def events(self, number: int, code: str) -> int:
        """Count what happened to a ticket under a code."""
        with self.database.reading() as session:
            found = select(EventRow.id).where(EventRow.ticket == number, EventRow.code == code)
            return len(session.exec(found).all())

    async def owes(self, number: int) -> object:
        """Return the search attribute that only the next release knows."""
        description = await self.client.get_workflow_handle(ticket_id(number)).describe()
        return description.typed_search_attributes.get(OWES)


async def test_two_releases_side_by_side_lose_nothing_and_the_change_waits_for_the_older_one(
    own_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    """The old one alone, both, the new one alone, then all tickets roll over; people and clocks go on all the while."""
    furnish(sqlite_database, "around-the-clock")
    await register(own_server, OWES)
    older, newer = next_release.ROOT, next_release.make(tmp_path / "next")
    company = Company(own_server, sqlite_database)
    async with releases(own_server, sqlite_database) as running:
        await running.begins(older)
        tickets = await company.opens(4)
        await company.works(tickets, 2)
        await running.begins(newer)
        tickets += await company.opens(4)
        await company.works(tickets, 5)
        assert [await company.owes(number) for number in tickets] == [None] * 8
        await asyncio.gather(company.works(tickets, 5), running.ends(older))
        await company.change_is_taken(tickets)
        await company.works(tickets, 1)
    for number in tickets:
        assert company.events(number, "noted") == company.noted[number]
        assert company.events(number, "E1") == 1
    assert {version_of(state) for state in company.states()} == {"101"}


async def register(server: WorkflowEnvironment, key: SearchAttributeKey[str]) -> None:
    """Register a search attribute, as `setup` of the next release would."""
    request = AddSearchAttributesRequest(namespace=server.client.namespace)
    request.search_attributes[key.name] = key.indexed_value_type.value  # type: ignore[assignment]  # a plain int
    await server.client.operator_service.add_search_attributes(request)


def version_of(state: str) -> str:
    """Return the version in front of a ticket's state."""
    return state.removeprefix('{"v":').split(",", 1)[0]
