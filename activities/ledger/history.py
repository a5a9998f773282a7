"""What stands in a ticket's history: facts, moments, refusals; appended here, once each, and read back."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.text.legible import LONGEST_LINE, is_legible
from domain.ticket.bounds import check_fact
from domain.ticket.facts import Refused
from domain.ticket.moments import Moment
from domain.ticket.ticket import whole_second
from domain.words.wording import LANGUAGES, why_sentence
from domain.words.wording import refusal as refusal_words
from models.codec import write_fact
from models.messages import Command, Entry, Refusal
from models.tables import EventRow, TicketRow

REFUSED = "refused"
"""The code under which a refused signal, or a command that could not be judged, stands in a ticket's history."""
NOT_RECORDABLE = "not_recordable"
"""Why a command was refused that nobody could judge: a fault of ours, for operators to look at."""


def is_known(session: Session, row: TicketRow, command: str) -> bool:
    """Whether the command of this id was accepted before: a double click, or a form sent again after a silence."""
    return number_of(session, row, command) is not None


def number_of(session: Session, row: TicketRow, command: str) -> int | None:
    """Return as which entry the command of this id was accepted; None if it was not."""
    known = select(EventRow.n).where(EventRow.ticket == row.number, EventRow.command == command)
    return session.exec(known).first()


def outdated(session: Session, row: TicketRow) -> Refused:
    """Return the refusal of a command whose sender had not seen the latest fact, which it names."""
    last = session.exec(_facts(row).where(EventRow.code != REFUSED).limit(1)).first()
    if last is None:
        return Refused("outdated")
    return Refused("outdated", by=last.by or "–", code=last.code, at=last.at.isoformat())


def last_refusal(session: Session, row: TicketRow) -> EventRow | None:
    """Return the signal that was refused, if nothing was accepted since."""
    last = session.exec(_facts(row).limit(1)).first()
    return last if last is not None and last.code == REFUSED else None


def append_moment(session: Session, row: TicketRow, moment: Moment, recorded_at: datetime) -> EventRow:
    """Write down that a moment came to pass, noticed at `recorded_at`."""
    event = EventRow(
        ticket=row.number,
        n=row.recorded,
        code=moment.code,
        at=moment.at,
        recorded_at=recorded_at,
        moment=moment.key,
        why=why_of(moment),
        escalates=bool(moment.rule.escalation_level),
    )
    session.add(event)
    return event


def why_of(moment: Moment) -> dict[str, str]:
    """Return why a moment is when it is, in every language."""
    return {language: why_sentence(moment.why, language) for language in LANGUAGES}


def append_fact(session: Session, row: TicketRow, command: Command, at: datetime) -> None:
    """Write down an accepted fact of workflow time `at`, and count the ticket's version."""
    row.version += 1
    session.add(
        EventRow(
            ticket=row.number,
            n=row.recorded,
            code=command.fact.kind,
            at=whole_second(at),
            recorded_at=at,
            by=command.by,
            command=command.id,
            fact=write_fact(command.fact),
            text=command.text,
        )
    )


def append_refusal(session: Session, entry: Entry, refusal: Refusal) -> None:
    """Write down a refusal, once however often the activity is repeated; what no database holds is left out."""
    command = entry.command
    mark = f"{REFUSED}:{_held(command.id) if command else entry.at.isoformat()}"
    known = select(EventRow.id).where(EventRow.ticket == entry.number, EventRow.command == mark)
    if session.exec(known).first() is not None:
        return
    context = {name: _held(value) for name, value in refusal.context.items()}
    session.add(
        EventRow(
            ticket=entry.number,
            n=entry.n,
            code=REFUSED,
            at=whole_second(entry.at),
            recorded_at=entry.at,
            by=_held(command.by) if command else None,
            command=mark,
            fact=_held_fact(command) if command else {},
            why={"code": refusal.code}
            | {language: refusal_words(refusal.code, context, language) for language in LANGUAGES},
        )
    )


def _held_fact(command: Command) -> dict[str, Any]:
    """Return a fact as every database holds it: out of bounds it says only what it was about."""
    try:
        check_fact(command.fact)
    except Refused:
        return {"kind": command.fact.kind}
    return write_fact(command.fact)


def _held(text: str) -> str:
    """Return a text as every database holds it."""
    return "".join(character if is_legible(character) else "\ufffd" for character in text[:LONGEST_LINE])


def _facts(row: TicketRow) -> SelectOfScalar[EventRow]:
    """Select what was not a moment, the latest first."""
    facts = select(EventRow).where(EventRow.ticket == row.number, col(EventRow.moment).is_(None))
    return facts.order_by(col(EventRow.id).desc())
