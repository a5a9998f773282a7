"""Takes facts that come from elsewhere, each once by the caller's own id, whatever dies on the way (S3).

The id is reserved with what was said under it, then the fact is recorded under a command id made of it, then the id is
marked as taken. Whoever dies in between leaves a reserved id behind; the same record sent again goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from activities.registry import NewCustomer, Registry
from activities.shelf import calendar_of
from domain.facts import Refused
from domain.outside_facts import Outside, Registration, normalised, read_record
from models.database import Database
from models.messages import Command, Standing, TicketStart
from models.tables import OutsideFactRow

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"
_AT_ONCE = 16
"""How many customers' facts are recorded at the same time."""


class Acting(Protocol):
    """What is needed of the gateway."""

    async def start(self, ticket: TicketStart) -> None:
        """Start a workflow unless it runs."""

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Have a fact recorded; raises Refused, or Unavailable."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of a record: taken now, known before, or refused under a code whose sentence `context` fills."""

    kind: str
    code: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


Report = Callable[[int, Outcome], Awaitable[None]]


class OutsideFacts:
    """The way in for facts of other systems: imports and the API."""

    def __init__(self, database: Database, gateway: Acting) -> None:
        """Take the database and the way to the workflows."""
        self._database = database
        self._gateway = gateway
        self._registry = Registry(database)

    async def take_all(
        self, records: Iterable[tuple[int, Mapping[str, str]]], site: str, by: str, at: datetime, report: Report
    ) -> None:
        """Take numbered records, those of one customer in their order, and report on each; raises Unavailable.

        What was not reported by then may be sent again.
        """
        by_customer: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
        for number, record in records:
            by_customer.setdefault(record.get("customer", "").strip(), []).append((number, record))
        places = asyncio.Semaphore(_AT_ONCE)

        async def one_after_the_other(theirs: list[tuple[int, Mapping[str, str]]]) -> None:
            async with places:
                for number, record in theirs:
                    await report(number, await self.take(record, site, by, at))

        async with asyncio.TaskGroup() as group:
            for theirs in by_customer.values():
                group.create_task(one_after_the_other(theirs))

    async def take(self, record: Mapping[str, str], site: str, by: str, at: datetime) -> Outcome:
        """Take one record; raises Unavailable, after which it may be sent again."""
        try:
            said = await asyncio.to_thread(self._read, record, site)
            if await asyncio.to_thread(self._reserve, said.id, normalised(record)):
                return Outcome(KNOWN)
            await self._happen(said, site, by, at)
        except Refused as refused:
            return Outcome(REFUSED, refused.code, refused.context)
        return Outcome(TAKEN)

    def _read(self, record: Mapping[str, str], site: str) -> Outside:
        with self._database.reading() as session:
            return read_record(record, calendar_of(session, site).zone)

    def _reserve(self, outside_id: str, content: dict[str, str]) -> bool:
        """Keep what is said under an id; returns whether that was taken before. Raises Refused for other content."""
        with self._database.writing() as session:
            row = session.get(OutsideFactRow, outside_id)
            if row is None:
                session.add(OutsideFactRow(id=outside_id, content=content))
                return False
            if row.content != content:
                before = ", ".join(f"{key} {value}" for key, value in row.content.items() if key != "id")
                raise Refused("same_id_other_content", id=outside_id, content=before)
            return row.taken

    async def _happen(self, said: Outside, site: str, by: str, at: datetime) -> None:
        """Record it; a refusal frees the id, so that the corrected record may be sent under it."""
        try:
            if isinstance(said.fact, Registration):
                await self._register(said.id, said.fact, site, by, at)
                return
            start = await asyncio.to_thread(self._start_of, said.customer)
            await self._gateway.act(start, Command(said.fact, by, f"outside:{said.id}"))
            await asyncio.to_thread(self._mark, said.id)
        except Refused:
            await asyncio.to_thread(self._free, said.id)
            raise

    async def _register(self, outside_id: str, said: Registration, site: str, by: str, at: datetime) -> None:
        new = NewCustomer(
            site=site,
            by=by,
            name=said.name,
            email=said.email,
            phone=said.phone,
            company=said.company,
            key=said.customer,
            registered_at=said.at,
            outside=outside_id,
        )
        await self._gateway.start(await asyncio.to_thread(self._registry.register, new, at))

    def _start_of(self, customer: str) -> TicketStart:
        number = self._registry.known_as(customer)
        if number is None:
            raise Refused("customer_unknown", customer=customer)
        return self._registry.customer_start(number)

    def _mark(self, outside_id: str) -> None:
        with self._database.writing() as session:
            session.get_one(OutsideFactRow, outside_id).taken = True

    def _free(self, outside_id: str) -> None:
        with self._database.writing() as session:
            row = session.get(OutsideFactRow, outside_id)
            if row is not None and not row.taken:
                session.delete(row)
