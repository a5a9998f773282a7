"""Opens tickets for mails, and keeps what the mails bring with them; parts of somebody else's transaction."""

from datetime import datetime

from sqlmodel import Session, select

from activities.incoming.classify import Fate
from activities.incoming.message import Incoming, Remark
from activities.intake.tickets import NewTicket, keep_file_in, open_in
from domain.text.legible import LONGEST_LINE
from models.tables import IncomingRow, TextRow

BY = "mail"
"""Who does what a mail brings about."""
CHANNEL = "mail"
NO_SUBJECT, NOBODY, UNREADABLE = "(ohne Betreff)", "Unbekannter Absender", "Unlesbare E-Mail"
"""Words for a ticket's row where the mail has none; tickets are in the office's language."""


def open_for(session: Session, row: IncomingRow, new: NewTicket, at: datetime) -> None:
    """Open the ticket of a mail; the mail's row is linked to it and to its first words."""
    row.ticket = open_in(session, new, at).number
    row.text = session.exec(select(TextRow.id).where(TextRow.ticket == row.ticket)).first()


def new_ticket(
    row: IncomingRow,
    process: str,
    customer: int | None,
    body: str,
    message: Incoming | None = None,
    by: str = BY,
    *,
    answers: bool = False,
) -> NewTicket:
    """Return the ticket a mail opens; without a known customer it brings its writer as one.

    A machine answers only what a person wrote and no rule doubted: no reply, nothing that was opened by hand.
    """
    writer = message.writer if message else None
    name = (writer.name or writer.address if writer else "") or row.sender_name or NOBODY
    return NewTicket(
        process=process,
        site=row.site,
        subject=row.subject or (UNREADABLE if row.fate == Fate.UNREADABLE else NO_SUBJECT),
        body=body,
        by=by,
        customer_id=customer,
        customer_name=name[:LONGEST_LINE],
        customer_email=writer.address if writer else "",
        channel=CHANNEL,
        message_id=row.message_id,
        answers=answers and message is not None and not message.wants_no_automatic_answer,
    )


def attach(session: Session, row: IncomingRow, message: Incoming, at: datetime) -> None:
    """Keep a mail's files with its ticket."""
    row.files = [keep_file_in(session, number_of(row), file, BY, at) for file in message.files]


def remark(row: IncomingRow, code: str, **context: str) -> None:
    """Note something about a mail."""
    row.remarks = [*row.remarks, Remark(code, context).written()]


def link(row: IncomingRow, code: str, ticket: int | None) -> None:
    """Link another ticket in a remark; the customer never sees it."""
    if ticket is not None:
        row.about = ticket
        remark(row, code, ticket=str(ticket))


def number_of(row: IncomingRow) -> int:
    """Return the number of a mail's ticket; raises LookupError where it has none."""
    if row.ticket is None:
        raise LookupError(f"incoming {row.id} has no ticket")
    return row.ticket
