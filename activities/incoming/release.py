"""A person looks at what the rules put aside, and opens a ticket from a mail that they judged wrong."""

from datetime import datetime

from sqlmodel import Session, col, select

from activities.customers.directory import customer_at
from activities.incoming.classify import Fate
from activities.incoming.opening import attach, link, new_ticket, open_for
from activities.incoming.reading import read
from activities.intake.tickets import start_of
from activities.ledger.context import Unknown
from models.database import Database
from models.messages import TicketStart
from models.tables import IncomingRow, TicketRow

BY_HAND = "by_hand"
"""Why a mail opened a ticket that the rules had put aside."""


def open_by_hand(database: Database, site: str, process: str, identity: int, by: str, at: datetime) -> TicketStart:
    """Open a ticket from a mail that was put aside at a site; its clock starts now, its first words are the mail's.

    Asked again, by whomever, it is the same ticket. Raises Unknown for a mail that is not there, or not put aside,
    and what `open_in` raises.
    """
    with database.writing() as session:
        wanted = select(IncomingRow).where(col(IncomingRow.id) == identity, IncomingRow.site == site)
        row = session.exec(wanted.with_for_update()).first()
        if row is not None and row.why == BY_HAND and row.ticket is not None:
            return start_of(session.get_one(TicketRow, row.ticket))
        if row is None or row.text is not None or row.raw is None:
            raise Unknown(f"no mail {identity} was put aside at {site!r}")
        return _open(session, row, process, by, at)


def _open(session: Session, row: IncomingRow, process: str, by: str, at: datetime) -> TicketStart:
    message, about = read(row.raw or b""), row.ticket
    row.fate, row.why, row.html = Fate.NEW, BY_HAND, message.html
    row.remarks = [*row.remarks, *(each.written() for each in message.remarks)]
    customer = customer_at(session, message.writer.address)
    open_for(session, row, new_ticket(row, process, customer, message.text, message, by), at)
    attach(session, row, message, at)
    link(row, "about", about)
    return start_of(session.get_one(TicketRow, row.ticket))
