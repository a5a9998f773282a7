"""Takes facts that come from elsewhere, each once by the caller's own id, whatever dies in between (S3).

Reserved, acted, marked. The ledger accepts the command of an id once, so whoever finds a reservation that was never
marked may act again. A refusal gives the id back.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from activities.intake.customers import CustomerService, NewCustomer
from activities.ledger.context import Unknown, calendar_of
from activities.runtime.pools import Pool
from domain.customers.external_facts import Registration, Reported, normalised, read_record
from domain.ticket.facts import Refused
from domain.time.calendar import BusinessCalendar
from models.database import Database
from models.messages import Command, Standing, TicketStart
from models.tables import OutsideFactRow

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"
COMMAND = "outside:"
"""Prefix of the ids of commands that came from elsewhere."""


class Reaching(Protocol):
    """What is needed of the gateway; where nobody answers it raises, and the record may be sent again."""

    async def start(self, ticket: TicketStart) -> None:
        """Start the workflow of a customer's life unless it runs."""

    async def act(self, ticket: TicketStart, command: Command, attempt: str = "") -> Standing:
        """Have a customer's life accept a fact, or raise Refused."""


@dataclass(frozen=True)
class Outcome:
    """What became of a record; a refused one says why by a code and what its sentence needs."""

    what: str
    code: str = ""
    context: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sender:
    """From where records come: for which site, in whose name, and when; `at` is what "now" means in them."""

    site: str
    by: str
    at: datetime


Note = Callable[[Session, Outcome], None]
"""Writes down what became of a record, in the transaction that marks it."""


class Outside:
    """The way in for facts from elsewhere."""

    def __init__(
        self, database: Database, customer_service: CustomerService, gateway: Reaching, pool: Pool | None = None
    ) -> None:
        """Take the database, who registers customers, the way to their workflows, and threads."""
        self._database = database
        self._registry = customer_service
        self._gateway = gateway
        self._pool = pool or Pool("outside", 4)

    async def take(self, record: Mapping[str, str], sender: Sender, note: Note | None = None) -> Outcome:
        """Take a record, know it again, or refuse it; raises what the gateway raises when nobody answers."""
        content = normalised(record)
        reserved: dict[str, str] = {}
        try:
            said = read_record(content, await self._pool.run(self._calendar, sender.site), sender.at)
            reserved = content
            outcome = await self._taken(said, content, sender)
        except Refused as refused:
            outcome = Outcome(REFUSED, refused.code, dict(refused.context))
        await self._pool.run(self._settle, reserved, outcome, note)
        return outcome

    async def _taken(self, said: Registration | Reported, content: Mapping[str, str], sender: Sender) -> Outcome:
        if not await self._pool.run(self._reserve, content):
            return Outcome(KNOWN)
        command = f"{COMMAND}{content['id']}"
        try:
            if isinstance(said, Registration):
                await self._register(said, sender, command)
            else:
                await self._report(said, sender, command, _attempt(content, sender.at))
        except Refused:
            # An earlier attempt may have acted and died; since then the customer may have left.
            if not await self._pool.run(self._registry.has_recorded, said.key, command):
                raise
        return Outcome(TAKEN)

    async def _register(self, said: Registration, sender: Sender, command: str) -> None:
        new = NewCustomer(
            site=sender.site,
            by=sender.by,
            name=said.name,
            email=said.email,
            phone=said.phone,
            company=said.company,
            key=said.key,
            registered_at=said.at,
            command=command,
        )
        await self._gateway.start(await self._pool.run(self._registered, new, sender.at, command))

    def _registered(self, new: NewCustomer, at: datetime, command: str) -> TicketStart:
        """Register somebody, or recognise that this very record registered them before."""
        key = new.key or ""
        try:
            return self._registry.register(new, at)
        except (Refused, IntegrityError) as problem:
            if self._registry.has_recorded(key, command):
                return self._life_of(key)
            if isinstance(problem, Refused):
                raise
            raise Refused("customer_known", customer=key) from problem

    async def _report(self, said: Reported, sender: Sender, command: str, attempt: str) -> None:
        start = await self._pool.run(self._life_of, said.key)
        await self._gateway.act(start, Command(said.fact, sender.by, command), attempt)

    def _life_of(self, key: str) -> TicketStart:
        customer = self._registry.known_as(key)
        if customer is None:
            raise Refused("customer_unknown", customer=key)
        try:
            return self._registry.customer_start(customer)
        except Unknown:
            raise Refused("customer_unknown", customer=key) from None

    def _calendar(self, site: str) -> BusinessCalendar:
        with self._database.reading() as session:
            return calendar_of(session, site)

    def _reserve(self, content: Mapping[str, str]) -> bool:
        """Reserve a record's id; False for one that was taken already. Raises Refused for an id used otherwise."""
        try:
            return self._reserved(content)
        except IntegrityError:  # somebody else reserved it at the same moment
            return self._reserved(content)

    def _reserved(self, content: Mapping[str, str]) -> bool:
        with self._database.writing() as session:
            row = session.get(OutsideFactRow, content["id"])
            if row is None:
                session.add(OutsideFactRow(id=content["id"], content=dict(content)))
                return True
            if row.content == content:
                return not row.taken
            code = "same_id_other_content" if row.taken else "id_underway"
            raise Refused(code, id=row.id, content=_said(row.content))

    def _settle(self, content: Mapping[str, str], outcome: Outcome, note: Note | None) -> None:
        """Mark what was taken, give back what was refused, and write down what became of it.

        Of a record that could not be read the content is empty: it never had its id.
        """
        if note is None and (outcome.what == KNOWN or not content):
            return
        with self._database.writing() as session:
            row = session.get(OutsideFactRow, content["id"]) if content else None
            if outcome.what == TAKEN:
                session.merge(OutsideFactRow(id=content["id"], content=dict(content), taken=True))
            elif outcome.what == REFUSED and row is not None and not row.taken and row.content == content:
                session.delete(row)
            if note is not None:
                note(session, outcome)


def _attempt(content: Mapping[str, str], at: datetime) -> str:
    """Return what tells attempts apart: the same record, sent again later or corrected, is judged anew."""
    said = f"{at.isoformat()}|{sorted(content.items())}"
    return f"@{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _said(content: Mapping[str, str]) -> str:
    """Return what was sent under an id, in one line; a person is named by their key only."""
    return ", ".join(f"{name}={content[name]}" for name in _TELLING if name in content)


_TELLING = ("what", "customer", "at", "size", "task", "to", "tag")
