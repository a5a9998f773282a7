"""What the ledger knows about a message: taken before, whose thread it belongs to, who may speak there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from activities.customers.directory import speaks_for
from activities.incoming.classify import Fate, Known, Ours, numbers_named
from activities.incoming.message import Incoming
from models.tables import IncomingRow, MailRow, NoticeRow, NoticeStatus, PersonRow, TextRow, TicketRow

_HOUR = timedelta(hours=1)
_UNCOUNTED = (Fate.DUPLICATE, Fate.LOOP)
"""A writer who writes too much is slowed down, not shut out: what was turned away does not count again."""


@dataclass(frozen=True)
class _Thread:
    """Where a mail id leads: a ticket, and whether the mail was for somebody of the staff."""

    ticket: int
    of_staff: bool = False


def known(session: Session, site: str, message: Incoming, ours: Ours, at: datetime) -> Known:
    """Return what the ledger knows about a message that arrived at a site at an instant."""
    thread = _thread(session, message)
    named = _named(session, numbers_named(message, ours))
    staff = _is_staff(session, message.sender.address)
    return Known(
        taken=_is_taken(session, site, message),
        recent=_recent(session, site, col(IncomingRow.writer), message.writer.address, at),
        sent=_recent(session, site, col(IncomingRow.sender), message.sender.address, at),
        thread=thread.ticket if thread else None,
        named=named.number if named else None,
        may_speak=named is not None and (staff or speaks_for(session, named.customer, message.sender.address)),
        is_staff=staff or (thread is not None and thread.of_staff),
    )


def ids_named(message: Incoming) -> tuple[str, ...]:
    """Return every id a message names: what it answers, its thread, and the mail that came back with it."""
    returned = message.returned.message_ids if message.returned else ()
    return tuple(dict.fromkeys([*returned, *message.references]))


def sent_mail(session: Session, message: Incoming) -> MailRow | None:
    """Return the mail of ours that a message reports about, if it is one that we think arrived."""
    for named in ids_named(message):
        mail = session.exec(select(MailRow).where(MailRow.message_id == named)).first()
        if mail is not None:
            return mail if mail.status == NoticeStatus.SENT else None
    return None


def _thread(session: Session, message: Incoming) -> _Thread | None:
    for named in ids_named(message):
        found = _of_a_mail_we_sent(session, named) or _of_a_mail_we_got(session, named)
        if found is not None:
            return found
    return None


def _of_a_mail_we_sent(session: Session, named: str) -> _Thread | None:
    """Return the ticket a mail of ours was about; None for a mail about several."""
    mail = session.exec(select(MailRow).where(MailRow.message_id == named)).first()
    if mail is None:
        return None
    tickets = set(session.exec(select(NoticeRow.ticket).where(NoticeRow.mail == mail.id)))
    number = tickets.pop() if len(tickets) == 1 else None
    return None if number is None else _Thread(number, of_staff=mail.mailbox.startswith("person:"))


def _of_a_mail_we_got(session: Session, named: str) -> _Thread | None:
    written = select(TextRow.ticket).where(TextRow.message_id == named, col(TextRow.author).is_(None))
    number = session.exec(written.order_by(col(TextRow.id).desc()).limit(1)).first()
    return None if number is None else _Thread(number)


def _named(session: Session, numbers: Iterable[int]) -> TicketRow | None:
    found = (session.get(TicketRow, number) for number in numbers)
    return next((row for row in found if row is not None and not row.life), None)


def _is_staff(session: Session, address: str) -> bool:
    same = select(PersonRow.short).where(PersonRow.active, func.lower(PersonRow.email) == address.lower())
    return bool(address) and session.exec(same).first() is not None


def _is_taken(session: Session, site: str, message: Incoming) -> bool:
    """Whether the same bytes came before, or the same mail on another way.

    A program that gives all its mails one id does not lose them: sender and subject have to be the same as well.
    """
    here = select(IncomingRow.id).where(IncomingRow.site == site).limit(1)
    same_bytes = here.where(IncomingRow.digest == message.digest)
    same_mail = here.where(
        IncomingRow.message_id == message.message_id,
        IncomingRow.sender == message.sender.address.lower(),
        IncomingRow.subject == message.subject,
    )
    # One look into each index: with "or" the database would walk through all mails of the site.
    return any(session.exec(same).first() is not None for same in (same_bytes, same_mail))


def _recent(session: Session, site: str, column: Mapped[str], address: str, at: datetime) -> int:
    """Return how many messages an address wrote, or sent, in the last hour."""
    if not address:
        return 0
    counted = select(func.count()).where(
        col(IncomingRow.site) == site,
        column == address.lower(),
        col(IncomingRow.received_at) > at - _HOUR,
        col(IncomingRow.fate).not_in(_UNCOUNTED),
    )
    return session.exec(counted).one()
