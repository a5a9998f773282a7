"""What the pages of a ticket read from the database. Nothing in here writes, nothing asks for the time by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from models.tables import CustomerRow, EscalationRow, EventRow, FileRow, IncomingRow, PersonRow, TextRow, TicketRow
from models.tables.columns import fixed
from web.shell.paging import PAGE_SIZE


def ticket(session: Session, number: int) -> tuple[TicketRow, CustomerRow] | None:
    """Return a ticket and its customer."""
    row = session.get(TicketRow, number)
    customer = session.get(CustomerRow, row.customer) if row else None
    return (row, customer) if row and customer else None


def history(session: Session, number: int) -> list[tuple[EventRow, TextRow | None]]:
    """Return what happened to a ticket, oldest first, each with what was written."""
    statement = (
        select(EventRow, TextRow)
        .select_from(EventRow)
        .join(TextRow, col(TextRow.id) == col(EventRow.text), isouter=True)
        .where(col(EventRow.ticket) == number)
        .order_by(col(EventRow.at), col(EventRow.n), col(EventRow.id))
    )
    return [(event, text) for event, text in session.execute(statement).all()]


def kept_text(
    session: Session, number: int, author: str, body: str, parts: Mapping[str, str], subject: str = ""
) -> int | None:
    """Return the text kept for a command that nobody answered: sending again keeps no second copy."""
    used = select(EventRow.text).where(col(EventRow.ticket) == number, col(EventRow.text).is_not(None))
    statement = (
        select(TextRow)
        .where(TextRow.ticket == number, TextRow.author == author, TextRow.body == body, TextRow.subject == subject)
        .where(col(TextRow.id).not_in(used))
        .order_by(col(TextRow.id).desc())
    )
    return next((text.id for text in session.execute(statement).scalars() if text.parts == parts), None)


@dataclass(frozen=True)
class FileCard:
    """A file of a ticket without its content; `size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int
    by: str
    kept_at: datetime


def files(session: Session, number: int) -> dict[str, FileCard]:
    """Return the files of a ticket by their numbers, as answers name them."""
    columns = (FileRow.id, FileRow.name, FileRow.media_type, FileRow.size, FileRow.by, FileRow.kept_at)
    rows = session.execute(select(*columns).where(col(FileRow.ticket) == number)).all()  # type: ignore[call-overload]
    return {str(row[0]): FileCard(*row) for row in rows}


def file(session: Session, number: int, identity: int) -> FileRow | None:
    """Return a file of a ticket with its content; None for another ticket's."""
    row = session.get(FileRow, identity)
    return row if row is not None and row.ticket == number else None


def mails_in(session: Session, number: int) -> dict[int, IncomingRow]:
    """Return the mails that came for a ticket, by the text that each became."""
    statement = select(IncomingRow).where(IncomingRow.ticket == number, col(IncomingRow.text).is_not(None))
    return {mail.text: mail for mail in session.execute(statement).scalars() if mail.text is not None}


def mail_in(session: Session, number: int, identity: int) -> IncomingRow | None:
    """Return a mail that came for a ticket; None for another ticket's."""
    row = session.get(IncomingRow, identity)
    return row if row is not None and row.ticket == number else None


def texts(session: Session, numbers: Iterable[int | None]) -> dict[int, TextRow]:
    """Return texts by their ids."""
    wanted = [number for number in numbers if number is not None]
    return {text.id: text for text in session.execute(select(TextRow).where(col(TextRow.id).in_(wanted))).scalars()}


def waiting_for(session: Session, person: PersonRow) -> list[tuple[TicketRow, CustomerRow]]:
    """Return the tickets whose handover waits to be accepted by a person, or by one of their departments."""
    theirs = col(TicketRow.waits_for) == person.short
    department = and_(col(TicketRow.waits_role).in_(person.roles), col(TicketRow.site) == person.site)
    statement = (
        select(TicketRow, CustomerRow)
        .select_from(TicketRow)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(col(TicketRow.gate_side) == fixed("take"), ~col(TicketRow.closed), or_(theirs, department))
        .order_by(col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))
    )
    return [(ticket, customer) for ticket, customer in session.execute(statement).all()]


def escalated(session: Session, person: str, page: int) -> list[tuple[EscalationRow, TicketRow, CustomerRow]]:
    """Return a page of what is escalated to a person: seller by seller, the oldest of each first."""
    statement = (
        select(EscalationRow, TicketRow, CustomerRow)
        .select_from(EscalationRow)
        .join(TicketRow, col(TicketRow.number) == col(EscalationRow.ticket))
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(col(EscalationRow.person) == person)
        .order_by(func.coalesce(TicketRow.owner, ""), col(EscalationRow.since), col(TicketRow.number))
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [(escalation, row, customer) for escalation, row, customer in session.execute(statement).all()]


def escalated_count(session: Session, person: str) -> int:
    """Return how many tickets and customers are escalated to a person."""
    return int(session.execute(select(func.count()).where(col(EscalationRow.person) == person)).scalar_one())


def pool_count(session: Session) -> int:
    """Return how many open tickets nobody owns."""
    unowned = (col(TicketRow.owner).is_(None), ~col(TicketRow.closed), ~col(TicketRow.life))
    return int(session.execute(select(func.count()).select_from(TicketRow).where(*unowned)).scalar_one())
