"""The ledger: one transaction per entry. It judges a command, lets fall due what is due, says how the ticket stands.

The truth about what happened. Idempotent by ticket and entry number, so Temporal may repeat it as often as it likes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar
from temporalio import activity

from activities import admission, catalogues, outbox, papers, projection, webhook_outbox
from activities.distributing import turns
from activities.shelf import scene_of, ticket_of
from activities.waking import Wake, wake_all
from domain.agenda import agenda, fire_due
from domain.business_time import BeyondHorizon
from domain.facts import (
    Refused,
)
from domain.judgement import accept
from domain.moments import Moment
from domain.scene import Scene
from domain.ticket import Ticket, whole_second
from domain.wording import LANGUAGES, why_sentence
from domain.wording import refusal as refusal_words
from models.codec import write_fact, write_ticket
from models.database import Database
from models.messages import Command, Entry, Recorded, Refusal, Standing
from models.tables import EventRow, TicketRow

REFUSED = "refused"
"""The code under which a refused signal stands in a ticket's history."""


class Ledger:
    """Writes entries of tickets."""

    def __init__(self, database: Database, wake: Wake, base_url: str) -> None:
        """Take the database, how to wake mailboxes, and where the ticket pages are."""
        self._database = database
        self._wake = wake
        self._base_url = base_url

    @activity.defn(name="record")
    async def record(self, entry: Entry) -> Recorded:
        """Write one entry and wake the mailboxes it wrote notices into; repeated after a crash, it wakes them again.

        That nobody can be woken changes nothing: the entry is written, and the sweep looks after the mailboxes.
        """
        recorded, mailboxes = await asyncio.to_thread(self.write, entry)
        await wake_all(self._wake, mailboxes)
        return recorded

    def write(self, entry: Entry) -> tuple[Recorded, list[str]]:
        """Write one entry in one transaction; returns the standing and the mailboxes in which its notices wait."""
        if entry.garbled is not None:
            return Recorded(self._refused(entry, entry.garbled), entry.garbled), []
        try:
            with self._database.writing() as session:
                row = session.get_one(TicketRow, entry.number, with_for_update={"key_share": True})
                begins = row.recorded == 0  # who opened the ticket wrote for webhooks too, and left the waking to us
                if row.recorded < entry.n or _was_overtaken(session, row, entry):
                    ticket, scene, webhooks = _write(session, row, entry)
                    n, again = row.recorded, False
                else:
                    (ticket, scene), webhooks = _stands(session, row), []
                    n, again = _number(session, row, entry), True
                if begins or again:
                    webhooks = webhook_outbox.waiting(session, entry.number)
                recorded = self._recorded(session, row, ticket, scene)
                return recorded, [*outbox.woken_by(session, entry.number, n), *webhooks]
        except Refused as refused:
            refusal = Refusal(refused.code, refused.context)
            return Recorded(self._refused(entry, refusal), refusal), []

    def _refused(self, entry: Entry, refusal: Refusal) -> Standing:
        """Return the standing after a refusal; of a signal it is written down, for nobody waits for an answer."""
        if entry.told:
            with self._database.writing() as session:
                _append_refusal(session, entry, refusal)
        with self._database.reading() as session:
            row = session.get_one(TicketRow, entry.number)
            return self._recorded(session, row, *_stands(session, row)).standing

    def _recorded(self, session: Session, row: TicketRow, ticket: Ticket, scene: Scene) -> Recorded:
        return Recorded(projection.standing(row, ticket, scene, self._base_url, _last_refusal(session, row)))


def _stands(session: Session, row: TicketRow) -> tuple[Ticket, Scene]:
    return ticket_of(row), scene_of(session, row)


def _write(session: Session, row: TicketRow, entry: Entry) -> tuple[Ticket, Scene, list[str]]:
    """Load, let happen what was due before, apply, append, project.

    Returns the ticket after it, its scene, and the outboxes of webhooks it was written for.
    """
    row.recorded = max(entry.n, row.recorded + 1)
    row.started = True
    command = entry.command
    ticket, scene = _stands(session, row)
    if command is not None and _known(session, row, command) is not None:
        return ticket, scene, []
    at = whole_second(entry.at)
    ticket, happened = fire_due(ticket, scene, at, inclusive=command is None)
    _append_moments(session, row, entry, happened)
    outbox.write(session, row, ticket, scene, happened)
    if command is not None:
        before, ticket = ticket, _judged(session, row, ticket, scene, command, at)
        papers.keep(session, entry.number, before, ticket, command, at)
        _append_fact(session, row, entry, command)
        outbox.write_answer(session, row, command, at)
    staged = _staged(row)
    catalogues.note(session, row, ticket, command.fact if command else None)
    row.state = write_ticket(ticket)
    row.owner = ticket.owner
    if _staged(row) != staged:
        scene = scene_of(session, row)
    outbox.withdraw(session, row, ticket, scene)
    phase = row.phase
    projection.project(session, row, ticket, scene)
    return ticket, scene, webhook_outbox.write(session, row, entry.at, phase)


def _staged(row: TicketRow) -> tuple[str | None, ...]:
    """Return what a fact may change of all that a scene depends on."""
    return row.owner, row.category, row.automation


def _was_overtaken(session: Session, row: TicketRow, entry: Entry) -> bool:
    """Whether a command's number is taken although it was never written: its workflow began from an older state.

    That happens to a workflow that was terminated while somebody started it again. Its moments wait for its number to
    catch up; what a person asked for must not be taken for done.
    """
    return entry.command is not None and _known(session, row, entry.command) is None


def _known(session: Session, row: TicketRow, command: Command) -> int | None:
    """Return as which entry this very command was accepted before: a double click, or a form sent again."""
    known = select(EventRow.n).where(EventRow.ticket == row.number, EventRow.command == command.id)
    return session.exec(known).first()


def _number(session: Session, row: TicketRow, entry: Entry) -> int:
    """Return under which number an entry was written that is asked for again."""
    known = _known(session, row, entry.command) if entry.command is not None else None
    return entry.n if known is None else known


def _judged(session: Session, row: TicketRow, ticket: Ticket, scene: Scene, command: Command, at: datetime) -> Ticket:
    """Accept the fact or raise Refused: it was not up to date, names what is not there, or is against the rules."""
    if command.version is not None and command.version != row.version:
        raise _outdated(session, row)
    admission.check(session, row, ticket, scene, command)
    given = papers.given(session, row.number, ticket, scene, command)
    if ticket.life is not None:
        given = replace(given, turns=turns(session, row, ticket, scene, command.fact, at))
    after = accept(ticket, command.fact, at, scene, given)
    try:
        agenda(after, scene)
    except BeyondHorizon:
        raise Refused("too_far") from None
    return after


def _outdated(session: Session, row: TicketRow) -> Refused:
    last = session.exec(_facts(row).where(EventRow.code != REFUSED)).first()
    if last is None:
        return Refused("outdated")
    return Refused("outdated", by=last.by or "–", code=last.code, at=last.at.isoformat())


def _facts(row: TicketRow) -> SelectOfScalar[EventRow]:
    """Select what was not a moment, the latest first."""
    facts = select(EventRow).where(EventRow.ticket == row.number, col(EventRow.moment).is_(None))
    return facts.order_by(col(EventRow.id).desc())


def _last_refusal(session: Session, row: TicketRow) -> EventRow | None:
    """Return the signal that was refused, if nothing was accepted since."""
    last = session.exec(_facts(row)).first()
    return last if last is not None and last.code == REFUSED else None


def _append_moments(session: Session, row: TicketRow, entry: Entry, happened: Sequence[Moment]) -> None:
    for moment in happened:
        session.add(
            EventRow(
                ticket=row.number,
                n=row.recorded,
                code=moment.code,
                at=moment.at,
                recorded_at=entry.at,
                moment=moment.key,
                why=why_of(moment),
                escalates=bool(moment.rule.escalation_level),
            )
        )


def why_of(moment: Moment) -> dict[str, str]:
    """Return why a moment is when it is, in every language."""
    return {language: why_sentence(moment.why, language) for language in LANGUAGES}


def _append_refusal(session: Session, entry: Entry, refusal: Refusal) -> None:
    """Write down a refused signal, once however often the activity is repeated."""
    command = entry.command
    mark = f"{REFUSED}:{command.id if command else entry.at.isoformat()}"
    known = select(EventRow.id).where(EventRow.ticket == entry.number, EventRow.command == mark)
    if session.exec(known).first() is not None:
        return
    session.add(
        EventRow(
            ticket=entry.number,
            n=entry.n,
            code=REFUSED,
            at=whole_second(entry.at),
            recorded_at=entry.at,
            by=command.by if command else None,
            command=mark,
            fact=write_fact(command.fact) if command else {},
            why={language: refusal_words(refusal.code, refusal.context, language) for language in LANGUAGES},
        )
    )


def _append_fact(session: Session, row: TicketRow, entry: Entry, command: Command) -> None:
    row.version += 1
    session.add(
        EventRow(
            ticket=row.number,
            n=row.recorded,
            code=command.fact.kind,
            at=whole_second(entry.at),
            recorded_at=entry.at,
            by=command.by,
            command=command.id,
            fact=write_fact(command.fact),
            text=command.text,
        )
    )
