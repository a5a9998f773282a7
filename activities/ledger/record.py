"""The ledger: one transaction per entry. It judges a command, lets fall due what is due, says how the ticket stands.

The truth about what happened. Idempotent by ticket and entry number, so Temporal may repeat it as often as it likes.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session
from temporalio import activity

from activities.ledger import (
    catalogues,
    handover_papers,
    history,
    outbox,
    planning,
    preconditions,
    projection,
    webhook_outbox,
)
from activities.ledger.context import rule_context_of, ticket_of
from activities.ledger.distribution import turns
from activities.runtime.notify import Wake, wake_all
from activities.runtime.pools import Pool
from domain.ticket.agenda import fire_due
from domain.ticket.context import RuleContext
from domain.ticket.facts import Refused
from domain.ticket.moments import Moment
from domain.ticket.ticket import Ticket, whole_second
from domain.ticket.transitions import apply
from models.codec import NewerState, write_ticket
from models.database import Database, is_unreachable
from models.messages import Command, Entry, Recorded, Refusal, Standing
from models.tables import TicketRow

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often an entry is tried before its failure is taken for its own and not for its surroundings'."""
_AGAIN = timedelta(minutes=5)
"""When a moment that could not be written is tried again; what people do is heard meanwhile."""


class Ledger:
    """Writes entries of tickets."""

    def __init__(self, database: Database, wake: Wake, base_url: str, pool: Pool | None = None) -> None:
        """Take the database, how to wake mailboxes, where the ticket pages are, and threads."""
        self._database = database
        self._wake = wake
        self._base_url = base_url
        self._pool = pool or Pool("ledger", 4)

    @activity.defn(name="record")
    async def record(self, entry: Entry) -> Recorded:
        """Write one entry and wake the mailboxes it wrote notices into; repeated after a crash, it wakes them again.

        That nobody can be woken changes nothing: the entry is written, and the sweep looks after the mailboxes.

        Raises while the store is out of reach, or the ticket was written by a newer release. Any other failure raises
        a few times and is then this entry's own: it must not stop the ticket's clock.
        """
        try:
            recorded, mailboxes = await self._pool.run(self.write, entry)
        except Exception as broken:
            if _is_elsewhere(broken) or activity.info().attempt < ATTEMPTS:
                raise
            log.exception("entry %s of ticket %s cannot be written", entry.n, entry.number)
            return await self._pool.run(self.give_up, entry, type(broken).__name__)
        await wake_all(self._wake, mailboxes)
        return recorded

    def give_up(self, entry: Entry, problem: str) -> Recorded:
        """Refuse a command that nobody can judge, in writing; put off a moment that cannot be written."""
        if entry.command is None:
            return Recorded(self._put_off(entry, problem))
        refusal = Refusal(history.NOT_RECORDABLE, {"problem": problem})
        with self._database.writing() as session:
            history.append_refusal(session, entry, refusal)
        try:
            with self._database.reading() as session:
                row = session.get_one(TicketRow, entry.number)
                standing = self._recorded(session, row, *_stands(session, row)).standing
        except Exception as broken:
            if _is_elsewhere(broken):
                raise
            standing = self._put_off(entry, problem)
        return Recorded(standing, refusal)

    def _put_off(self, entry: Entry, problem: str) -> Standing:
        with self._database.reading() as session:
            row = session.get_one(TicketRow, entry.number)
            return projection.standing_put_off(row, entry.at + _AGAIN, problem)

    def write(self, entry: Entry) -> tuple[Recorded, list[str]]:
        """Write one entry in one transaction; returns the standing and the mailboxes in which its notices wait."""
        if entry.garbled is not None:
            return Recorded(self._refused(entry, entry.garbled), entry.garbled), []
        try:
            if entry.command is not None:
                preconditions.check_bounds(entry.command)
            with self._database.writing() as session:
                row = session.get_one(TicketRow, entry.number, with_for_update={"key_share": True})
                begins = row.recorded == 0  # who opened the ticket wrote for webhooks too, and left the waking to us
                if row.recorded < entry.n or _was_overtaken(session, row, entry):
                    ticket, rule_context, webhooks = _write(session, row, entry)
                    n, again = row.recorded, False
                else:
                    (ticket, rule_context), webhooks = _stands(session, row), []
                    n, again = _number(session, row, entry), True
                if begins or again:
                    webhooks = webhook_outbox.waiting(session, entry.number)
                recorded = self._recorded(session, row, ticket, rule_context)
                return recorded, [*outbox.woken_by(session, entry.number, n), *webhooks]
        except Refused as refused:
            refusal = Refusal(refused.code, refused.context)
            return Recorded(self._refused(entry, refusal), refusal), []

    def _refused(self, entry: Entry, refusal: Refusal) -> Standing:
        """Return the standing after a refusal; of a signal it is written down, for nobody waits for an answer."""
        if entry.told:
            with self._database.writing() as session:
                history.append_refusal(session, entry, refusal)
        with self._database.reading() as session:
            row = session.get_one(TicketRow, entry.number)
            return self._recorded(session, row, *_stands(session, row)).standing

    def _recorded(self, session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> Recorded:
        refused = history.last_refusal(session, row)
        return Recorded(projection.standing(row, ticket, rule_context, self._base_url, refused))


def _is_elsewhere(broken: BaseException) -> bool:
    """Whether a failure lies in the surroundings, so that only trying again helps."""
    return is_unreachable(broken) or isinstance(broken, NewerState)


def _stands(session: Session, row: TicketRow) -> tuple[Ticket, RuleContext]:
    return ticket_of(row), rule_context_of(session, row)


def _write(session: Session, row: TicketRow, entry: Entry) -> tuple[Ticket, RuleContext, list[str]]:
    """Load, let happen what was due before, apply, append, project.

    Returns the ticket after it, its scene, and the outboxes of webhooks it was written for.
    """
    row.recorded = max(entry.n, row.recorded + 1)
    row.started = True
    command = entry.command
    ticket, rule_context = _stands(session, row)
    if command is not None and history.is_known(session, row, command.id):
        return ticket, rule_context, []
    at = whole_second(entry.at)
    ticket, happened = fire_due(ticket, rule_context, at, inclusive=command is None)
    _append_moments(session, row, entry, ticket, rule_context, happened)
    if command is not None:
        before, ticket = ticket, _judged(session, row, ticket, rule_context, command, at)
        handover_papers.keep(session, entry.number, before, ticket, command, at)
        history.append_fact(session, row, command, entry.at)
        outbox.write_answer(session, row, command, at)
    staged = _staged(row)
    catalogues.note(session, row, ticket, command.fact if command else None)
    row.state = write_ticket(ticket)
    row.owner = ticket.owner
    if _staged(row) != staged:
        rule_context = rule_context_of(session, row)
    _aside(session, row, partial(outbox.withdraw, session, row, ticket, rule_context))
    phase = row.phase
    projection.project(session, row, ticket, rule_context)
    row.planned_with = planning.surroundings(session, row.site, row.owner)
    woken: list[str] = []
    _aside(session, row, lambda: woken.extend(webhook_outbox.write(session, row, entry.at, phase)))
    return ticket, rule_context, woken


def _append_moments(
    session: Session,
    row: TicketRow,
    entry: Entry,
    ticket: Ticket,
    rule_context: RuleContext,
    happened: Sequence[Moment],
) -> None:
    """Write down what came to pass, and whom it tells; that a notice fails makes no moment late."""
    for moment in happened:
        event = history.append_moment(session, row, moment, entry.at)
        problem = _aside(session, row, partial(outbox.write, session, row, ticket, rule_context, [moment]))
        if problem:
            event.fact = {"problem": problem}


def _aside(session: Session, row: TicketRow, doing: Callable[[], None]) -> str:
    """Do what follows from an entry without deciding about it; returns the kind of failure, empty for none."""
    session.flush()  # what the entry itself writes is not aside: its failure is the entry's
    try:
        with session.begin_nested():
            doing()
    except Exception as broken:
        if is_unreachable(broken):
            raise
        log.exception("what follows from an entry of ticket %s failed", row.number)
        return type(broken).__name__
    return ""


def _staged(row: TicketRow) -> tuple[str | None, ...]:
    """Return what a fact may change of all that a scene depends on."""
    return row.owner, row.category, row.automation


def _was_overtaken(session: Session, row: TicketRow, entry: Entry) -> bool:
    """Whether a command's number is taken although it was never written: its workflow began from an older state.

    That happens to a workflow that was terminated while somebody started it again. Its moments wait for its number to
    catch up; what a person asked for must not be taken for done.
    """
    return entry.command is not None and not history.is_known(session, row, entry.command.id)


def _number(session: Session, row: TicketRow, entry: Entry) -> int:
    """Return under which number an entry was written that is asked for again."""
    known = history.number_of(session, row, entry.command.id) if entry.command is not None else None
    return entry.n if known is None else known


def _judged(
    session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext, command: Command, at: datetime
) -> Ticket:
    """Accept the fact or raise Refused: it was not up to date, names what is not there, or is against the rules."""
    if command.version is not None and command.version != row.version:
        raise history.outdated(session, row)
    preconditions.check(session, row, ticket, rule_context, command)
    given = handover_papers.evidence(session, row.number, ticket, rule_context, command)
    if ticket.life is not None:
        given = replace(given, turns=turns(session, row, ticket, rule_context, command.fact, at))
    return apply(ticket, command.fact, at, rule_context, given)
