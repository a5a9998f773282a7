"""When a mailbox may be opened: in business hours, not while its owner is away, and not more often than is bearable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from activities.ledger.deputies import Deputies
from activities.mail.letter_facts import Addressee
from models.tables import Channel, MailRow, NoticeRow, NoticeStatus, PersonRow, SiteRow, TicketRow

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Quiet:
    """What keeps a mailbox shut for now: `away_until` and, for mails about tickets, `held_until`."""

    addressee: Addressee
    at: datetime
    away_until: datetime | None = None
    held_until: datetime | None = None

    @classmethod
    def of(cls, session: Session, addressee: Addressee, at: datetime) -> "Quiet":
        """Look up what keeps a mailbox shut at an instant; customers wait for nothing."""
        if addressee.is_customer:
            return cls(addressee, at)
        away_until = Deputies(session, at).back_at(addressee.short)
        return cls(addressee, at, away_until, _held_until(session, addressee, at))

    def next_delivery(self, notice: NoticeRow) -> datetime:
        """Return when a notice may go out, `at` itself if now; one the mail server refused, when it is tried again."""
        earliest = max(self.at, self.away_until or self.at, notice.retry_at or self.at)
        if Channel(notice.channel) is Channel.MAIL and notice.ticket is not None:
            earliest = max(earliest, self.held_until or earliest)
        return self.addressee.next_delivery(notice, earliest)


def _held_until(session: Session, addressee: Addressee, at: datetime) -> datetime | None:
    """Return when the next mail about tickets may go out once an hour's budget is spent; till then they gather."""
    person = session.get_one(PersonRow, addressee.short)
    budget = session.get_one(SiteRow, person.site).mails_per_hour
    if not budget:
        return None
    about_tickets = select(NoticeRow.id).where(NoticeRow.mail == MailRow.id, col(NoticeRow.ticket).is_not(None))
    sent = session.exec(
        select(MailRow.sent_at)
        .where(MailRow.mailbox == addressee.mailbox, MailRow.status == NoticeStatus.SENT)
        .where(col(MailRow.sent_at) > at - _HOUR, about_tickets.exists())
        .order_by(col(MailRow.sent_at).desc())
        .limit(budget)
    ).all()
    oldest = sent[-1] if len(sent) == budget else None
    return oldest + _HOUR if oldest is not None else None


def is_handed_on(session: Session, addressee: Addressee, waiting: Sequence[NoticeRow], at: datetime) -> bool:
    """Whether `hand_on` would move something."""
    if not waiting:
        return False
    if addressee.is_customer:
        return bool(_belonging_elsewhere(session, addressee, waiting))
    return Deputies(session, at).for_person(addressee.short) not in {None, addressee.short}


def hand_on(session: Session, addressee: Addressee, waiting: Sequence[NoticeRow], at: datetime) -> tuple[str, ...]:
    """Move what waits for somebody who is away to who acts for them; returns the mailboxes it went to.

    What waits for a customer goes to whom its ticket belongs by now.
    """
    if not waiting:
        return ()
    if addressee.is_customer:
        return _to_whom_it_belongs(session, addressee, waiting)
    deputies = Deputies(session, at)
    acting = deputies.for_person(addressee.short)
    if acting is None or acting == addressee.short:
        return ()
    for notice in waiting:
        if notice.ticket is None:
            notice.status = NoticeStatus.WITHDRAWN
        else:
            notice.mailbox, notice.instead_of = f"person:{acting}", notice.instead_of or addressee.short
    return (f"person:{acting}",)


def _to_whom_it_belongs(session: Session, addressee: Addressee, waiting: Sequence[NoticeRow]) -> tuple[str, ...]:
    """Move answers about tickets that were another customer's when they were written: merged, or taken apart again."""
    moved = _belonging_elsewhere(session, addressee, waiting)
    for notice, mailbox in moved:
        notice.mailbox = mailbox
    return tuple(sorted({mailbox for _, mailbox in moved}))


def _belonging_elsewhere(
    session: Session, addressee: Addressee, waiting: Sequence[NoticeRow]
) -> list[tuple[NoticeRow, str]]:
    """Return the notices whose ticket is another customer's by now, with that customer's mailbox."""
    about = select(TicketRow.number, TicketRow.customer).where(
        col(TicketRow.number).in_([notice.ticket for notice in waiting])
    )
    belongs = {number: f"customer:{customer}" for number, customer in session.exec(about)}
    found = [(notice, belongs.get(notice.ticket or 0, notice.mailbox)) for notice in waiting]
    return [(notice, mailbox) for notice, mailbox in found if mailbox != addressee.mailbox]
