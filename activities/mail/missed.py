"""Finds mailboxes in which something could have gone out and did not: a signal that never reached their workflow."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, col, or_, select

from activities.ledger.context import Unknown
from activities.mail.delivery_policy import Quiet
from activities.mail.letter_facts import addressee_of
from models.tables import MailRow, NoticeRow
from models.tables.notices import is_claimed, is_waiting

_LONGEST_ATTEMPT = timedelta(minutes=10)
"""How long a mail may be claimed: an attempt that died is given to another worker long before."""
log = logging.getLogger(__name__)


def mailboxes(session: Session, at: datetime) -> list[str]:
    """Return the mailboxes in which a notice waits that could have gone out at `at`, or a mail was left by then.

    What waits for business hours, for somebody's return or for the next attempt waits rightly.
    """
    tried = or_(col(NoticeRow.retry_at).is_(None), col(NoticeRow.retry_at) < at)
    waiting = select(NoticeRow).where(is_waiting(), col(NoticeRow.at) < at, tried)
    by_mailbox: dict[str, list[NoticeRow]] = {}
    for notice in session.exec(waiting):
        by_mailbox.setdefault(notice.mailbox, []).append(notice)
    found = {mailbox for mailbox, notices in by_mailbox.items() if _is_missed(session, mailbox, notices, at)}
    return sorted(found | set(_left(session, at)))


def _is_missed(session: Session, mailbox: str, notices: Sequence[NoticeRow], at: datetime) -> bool:
    try:
        quiet = Quiet.of(session, addressee_of(session, mailbox), at)
    except (LookupError, NoResultFound, Unknown) as error:
        log.warning("mailbox %s is nobody's: %s", mailbox, error)
        return False
    return any(quiet.next_delivery(notice) <= at for notice in notices)


def _left(session: Session, at: datetime) -> Sequence[str]:
    """Return the mailboxes of mails that were claimed and never settled."""
    claimed = select(MailRow.mailbox).where(is_claimed())
    claimed = claimed.where(col(MailRow.claimed_at) < at - _LONGEST_ATTEMPT)
    return session.exec(claimed.where(or_(col(MailRow.retry_at).is_(None), col(MailRow.retry_at) < at))).all()
