"""Contacts that come by themselves, by web form or API: each becomes one ticket, once per key of its sender (SL-04).

Reserved, then opened and marked in one transaction. Opening may be repeated by itself; the reservation only tells
whoever asks again meanwhile that the first attempt is still under way, until it must have died.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from activities.customers.directory import kept, reached_by
from activities.intake.tickets import NewTicket, open_in
from activities.ledger.context import region_of
from domain.text.legible import LONGEST_TEXT
from domain.ticket.facts import Refused
from models.database import Database
from models.messages import TicketStart
from models.tables import ContactRow, CustomerRow, TicketRow

LEASE = timedelta(seconds=30)
"""How long an attempt may take before whoever repeats it takes over."""


@dataclass(frozen=True)
class Sending:
    """Under which key of which source a contact came, and a fingerprint of what it said."""

    source: str
    key: str
    fingerprint: str = ""


@dataclass(frozen=True)
class Contact:
    """What came: a ticket to open, and whose it is.

    A customer we know is meant by `key`, which is what another system calls them, or by their number in `ticket`;
    otherwise whoever is reached at the given address or number is found. What they have with us stays as it is: `said`
    is who they say they are, as a sentence for whoever answers.
    """

    ticket: NewTicket
    key: str = ""
    said: str = ""


@dataclass(frozen=True)
class Taken:
    """The ticket a contact became. `due_at` is when it is overdue, as promised then; `start` is for the gateway.

    `start` is None for a ticket whose workflow runs already, or has ended.
    """

    number: int
    received_at: datetime
    due_at: datetime | None
    start: TicketStart | None


class UnderWay(Exception):
    """The same contact is being taken at this moment."""


class OtherContent(Exception):
    """Something else came under this key before."""


def fingerprint(said: str) -> str:
    """Return what two contacts have in common only if they say the same."""
    return hashlib.sha256(said.encode()).hexdigest()


def reserve(database: Database, sending: Sending, at: datetime) -> Taken | None:
    """Reserve a key; what was taken under it before is returned.

    Raises UnderWay while another attempt may still be at work, OtherContent for a key that was used otherwise.
    """
    try:
        return _reserved(database, sending, at)
    except IntegrityError:  # somebody else reserved it at the same moment
        return _reserved(database, sending, at)


def take(database: Database, sending: Sending, contact: Contact, at: datetime) -> Taken:
    """Open the contact's ticket and mark its key, or return the ticket it became before.

    Raises OtherContent, Refused for a customer there is not, and what `TicketService.open_ticket` raises.
    """
    try:
        return _taken(database, sending, contact, at)
    except IntegrityError:  # the same contact came twice, and the other one was first
        return _taken(database, sending, contact, at)


def give_back(database: Database, sending: Sending) -> None:
    """Give a key back under which nothing was opened."""
    with database.writing() as session:
        row = _row(session, sending)
        if row is not None and row.ticket is None and row.fingerprint == sending.fingerprint:
            session.delete(row)


def ticket_of(session: Session, source: str, number: int) -> TicketRow | None:
    """Return a ticket that was opened by this source; None for every other one."""
    owned = select(ContactRow.ticket).where(ContactRow.source == source, ContactRow.ticket == number)
    return session.get(TicketRow, number) if session.exec(owned).first() is not None else None


def _reserved(database: Database, sending: Sending, at: datetime) -> Taken | None:
    with database.writing() as session:
        row = _row(session, sending)
        if row is None:
            session.add(_new_row(sending, at))
        elif row.fingerprint != sending.fingerprint:
            raise OtherContent(sending.key)
        elif row.ticket is not None:
            return _known(session, row, row.ticket)
        elif at < row.reserved_at + LEASE:
            raise UnderWay(sending.key)
        else:
            row.reserved_at = at
    return None


def _taken(database: Database, sending: Sending, contact: Contact, at: datetime) -> Taken:
    with database.writing() as session:
        row = _row(session, sending)
        if row is None:
            row = _new_row(sending, at)
            session.add(row)
            session.flush()
        elif row.fingerprint != sending.fingerprint:
            raise OtherContent(sending.key)
        elif row.ticket is not None:
            return _known(session, row, row.ticket)
        start = open_in(session, _addressed(session, contact), at)
        ticket = session.get_one(TicketRow, start.number)
        row.ticket, row.due_at = ticket.number, ticket.due_at
        return Taken(ticket.number, ticket.received_at, ticket.due_at, start)


def _row(session: Session, sending: Sending) -> ContactRow | None:
    """Return the row of a key, which nobody else may change before this transaction ends."""
    return session.get(ContactRow, (sending.source, sending.key), with_for_update=True)


def _new_row(sending: Sending, at: datetime) -> ContactRow:
    return ContactRow(source=sending.source, key=sending.key, fingerprint=sending.fingerprint, reserved_at=at)


def _known(session: Session, row: ContactRow, number: int) -> Taken:
    ticket = session.get_one(TicketRow, number)
    start = None if ticket.started or ticket.closed else TicketStart(number, ticket.recorded)
    return Taken(number, ticket.received_at, row.due_at, start)


def _addressed(session: Session, contact: Contact) -> NewTicket:
    """Return the ticket with its customer; of one we know, what was said differently goes into the text."""
    new, known = contact.ticket, _customer(session, contact)
    if known is None:
        return new
    same = new.customer_name in ("", known.name) and new.customer_phone in ("", known.phone)
    body = new.body if same or not contact.said else f"{new.body}\n\n{contact.said}".strip()
    return replace(new, customer_id=known.id, body=body if len(body) <= LONGEST_TEXT else new.body)


def _customer(session: Session, contact: Contact) -> CustomerRow | None:
    """Return the customer who is meant; None for somebody new.

    An address names the oldest at it; a number, without an address, only somebody who does not share it. Raises
    Refused for a key or a number that nobody has.
    """
    new = contact.ticket
    if contact.key or new.customer_id is not None:
        by_key = select(CustomerRow.id).where(CustomerRow.key == contact.key)
        number = session.exec(by_key).first() if contact.key else new.customer_id
        named = kept(session, number or 0)
        if named is None:
            raise Refused("customer_unknown", customer=contact.key or str(new.customer_id))
        return named
    if new.customer_email:
        return next(iter(reached_by(session, new.customer_email, "")), None)
    reached = reached_by(session, "", new.customer_phone, region_of(session, new.site))
    return reached[0] if len(reached) == 1 else None
