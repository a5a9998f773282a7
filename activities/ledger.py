"""The ledger: one transaction per entry. It judges a command, lets fall due what is due, says how the ticket stands.

The truth about what happened. Idempotent by ticket and entry number, so Temporal may repeat it as often as it likes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select
from temporalio import activity

from activities import outbox, projection
from activities.shelf import scene_of, ticket_of
from domain.agenda import agenda, fire_due
from domain.business_time import BeyondHorizon
from domain.facts import Answered, Closed, Fact, PhaseSkipped, PhaseSteppedBack, Reassigned, Refused
from domain.judgement import accept
from domain.moments import Moment
from domain.scene import Scene
from domain.ticket import Ticket, whole_second
from domain.wording import LANGUAGES, why_sentence
from models.codec import write_fact, write_ticket
from models.database import Database
from models.messages import Command, Entry, Recorded, Refusal
from models.tables import CustomerRow, EventRow, PersonRow, TicketRow

Wake = Callable[[Sequence[str]], Awaitable[None]]
"""Tells mailboxes that notices were written for them."""


class Ledger:
    """Writes entries of tickets."""

    def __init__(self, database: Database, wake: Wake, base_url: str) -> None:
        """Take the database, how to wake mailboxes, and where the ticket pages are."""
        self._database = database
        self._wake = wake
        self._base_url = base_url

    @activity.defn(name="record")
    async def record(self, entry: Entry) -> Recorded:
        """Write one entry and wake the mailboxes it has notices for; repeated after a crash, it wakes them again."""
        recorded, mailboxes = await asyncio.to_thread(self.write, entry)
        await self._wake(mailboxes)
        return recorded

    def write(self, entry: Entry) -> tuple[Recorded, list[str]]:
        """Write one entry in one transaction; returns the standing and the mailboxes in which notices wait."""
        try:
            with self._database.writing() as session:
                row = session.get_one(TicketRow, entry.number, with_for_update={"key_share": True})
                if row.recorded < entry.n:
                    _write(session, row, entry)
                return self._recorded(session, row), outbox.waiting_mailboxes(session, entry.number)
        except Refused as refused:
            with self._database.reading() as session:
                row = session.get_one(TicketRow, entry.number)
                standing = self._recorded(session, row).standing
            return Recorded(standing, Refusal(refused.code, refused.context)), []

    def _recorded(self, session: Session, row: TicketRow) -> Recorded:
        return Recorded(projection.standing(row, ticket_of(row), scene_of(session, row), self._base_url))


def _write(session: Session, row: TicketRow, entry: Entry) -> None:
    """Load, let happen what was due before, apply, append, project."""
    row.recorded = entry.n
    row.started = True
    command = entry.command
    if command is not None and _known(session, row, command):
        return
    scene = scene_of(session, row)
    at = whole_second(entry.at)
    ticket, happened = fire_due(ticket_of(row), scene, at, inclusive=command is None)
    _append_moments(session, row, entry, happened)
    outbox.write(session, row, ticket, scene, happened)
    if command is not None:
        ticket = _judged(session, row, ticket, scene, command, at)
        _append_fact(session, row, entry, command)
        outbox.write_answer(session, row, command, at)
    row.state = write_ticket(ticket)
    row.owner = ticket.owner
    scene = scene_of(session, row)
    outbox.withdraw(session, row, ticket, scene)
    projection.project(session, row, ticket, scene)


def _known(session: Session, row: TicketRow, command: Command) -> bool:
    """Whether this very command was accepted before: a double click, or a form sent again after a silence."""
    known = select(EventRow.id).where(EventRow.ticket == row.number, EventRow.command == command.id)
    return session.exec(known).first() is not None


def _judged(session: Session, row: TicketRow, ticket: Ticket, scene: Scene, command: Command, at: datetime) -> Ticket:
    """Accept the fact or raise Refused: it was not up to date, names what is not there, or is against the rules."""
    if command.version is not None and command.version != row.version:
        raise _outdated(session, row)
    _check(session, row, scene, command)
    after = accept(ticket, command.fact, at, scene)
    try:
        agenda(after, scene)
    except BeyondHorizon:
        raise Refused("too_far") from None
    return after


def _outdated(session: Session, row: TicketRow) -> Refused:
    last = session.exec(
        select(EventRow)
        .where(EventRow.ticket == row.number, col(EventRow.moment).is_(None))
        .order_by(col(EventRow.id).desc())
    ).first()
    if last is None:
        return Refused("outdated")
    return Refused("outdated", by=last.by or "–", code=last.code, at=last.at.isoformat())


def _check(session: Session, row: TicketRow, scene: Scene, command: Command) -> None:
    """Check what only the ledger knows: texts, addresses, people, reasons."""
    fact: Fact = command.fact
    match fact:
        case Answered():
            if command.text is None:
                raise Refused("text_missing")
            if not session.get_one(CustomerRow, row.customer).email:
                raise Refused("no_address")
        case PhaseSkipped() | PhaseSteppedBack():
            if command.text is None:
                raise Refused("text_missing")
        case Reassigned():
            person = session.get(PersonRow, fact.to)
            if person is None or not person.active:
                raise Refused("person_unknown", person=fact.to)
        case Closed():
            if fact.reason.strip() and fact.reason not in scene.process.reasons:
                raise Refused("reason_unknown", reason=fact.reason)


def _append_moments(session: Session, row: TicketRow, entry: Entry, happened: Sequence[Moment]) -> None:
    for moment in happened:
        session.add(
            EventRow(
                ticket=row.number,
                n=entry.n,
                code=moment.code,
                at=moment.at,
                recorded_at=entry.at,
                moment=moment.key,
                why=why_of(moment),
            )
        )


def why_of(moment: Moment) -> dict[str, str]:
    """Return why a moment is when it is, in every language."""
    return {language: why_sentence(moment.why, language) for language in LANGUAGES}


def _append_fact(session: Session, row: TicketRow, entry: Entry, command: Command) -> None:
    row.version += 1
    session.add(
        EventRow(
            ticket=row.number,
            n=entry.n,
            code=command.fact.kind,
            at=whole_second(entry.at),
            recorded_at=entry.at,
            by=command.by,
            command=command.id,
            fact=write_fact(command.fact),
            text=command.text,
        )
    )
