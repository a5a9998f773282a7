"""What becomes of a claimed mail: sent, failed, refused for now, or held because the server took nothing.

Each is a change of rows in the caller's transaction; knows no SMTP.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from activities.ledger.outbox import is_customers
from activities.mail.reports import tell_of_delay, tell_of_loss, withdraw_delays
from domain.staff.mail_patience import (
    GIVEN_UP_AFTER,
    MAIL_TRIED_AT_LEAST_EVERY,
    SERVER_ASKED_AT_LEAST_EVERY,
    next_try,
    told_after,
)
from models.tables import MailRow, NoticeRow, NoticeStatus


@dataclass(frozen=True)
class Outcome:
    """How many notices were delivered and failed, and the mailboxes of those who are told about it.

    `problem` is what the server said to a mail it did not take, as far as it may travel; where it took nothing,
    `mails_from` is when it is asked again.
    """

    sent: int = 0
    failed: int = 0
    told: tuple[str, ...] = ()
    problem: str = ""
    mails_from: datetime | None = None

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both together, `other` being the later one."""
        return Outcome(
            self.sent + other.sent,
            self.failed + other.failed,
            self.told + other.told,
            other.problem or self.problem,
            other.mails_from or self.mails_from,
        )


def deliver(session: Session, mail: MailRow, at: datetime) -> Outcome:
    """Take down that the server took the mail at `at`, with all it carried."""
    mail.status, mail.sent_at, mail.retry_at = NoticeStatus.SENT, at, None
    notices = _carried(session, mail)
    for notice in notices:
        notice.status, notice.retry_at = NoticeStatus.SENT, None
    withdraw_delays(session, notices)
    return Outcome(sent=len(notices))


def fail(session: Session, mail: MailRow, error: str, at: datetime) -> Outcome:
    """Fail a mail with its notices, and tell those who should know."""
    mail.status, mail.error, mail.retry_at = NoticeStatus.FAILED, error, None
    failed = _carried(session, mail)
    withdraw_delays(session, failed)
    for notice in failed:
        notice.status, notice.error = NoticeStatus.FAILED, error
        notice.delayed_at = notice.refused_at = notice.retry_at = None
    return Outcome(failed=len(failed), told=tuple(tell_of_loss(session, mail, failed, at)))


def defer(session: Session, mail: MailRow, reply: str, at: datetime, *, fresh: bool) -> Outcome:
    """Let the notices of a mail that was refused for now wait; what was refused for days has failed."""
    notices = [notice for notice in _carried(session, mail) if notice.status == NoticeStatus.CLAIMED]
    given_up = [notice for notice in notices if notice.refused_at and at - notice.refused_at >= GIVEN_UP_AFTER]
    if given_up and not fresh:
        return fail(session, mail, reply, at)
    late = [notice for notice in notices if notice not in given_up]
    for notice in late:
        notice.refused_at = notice.refused_at or at
    since = min((notice.refused_at for notice in late if notice.refused_at), default=at)
    told_at = _late_since(late, at) + told_after(customer=is_customers(mail.mailbox))
    retry_at = next_try(since, at, MAIL_TRIED_AT_LEAST_EVERY, told_at, since + GIVEN_UP_AFTER)
    _delay(late, reply, at, retry_at)
    told = tell_of_delay(session, mail.mailbox, late, at)
    if not fresh:
        mail.retry_at = retry_at
    elif given_up:
        _let_wait(late)
        return fail(session, mail, reply, at) + Outcome(told=tuple(told))
    else:
        release(session, mail)
    return Outcome(told=tuple(told))


def hold(session: Session, mail: MailRow, behind: Sequence[int], problem: str, at: datetime, *, fresh: bool) -> Outcome:
    """Hold all mails of a mailbox until the server is asked again; those `behind` it are late too.

    However long the server is away, nothing fails: nobody knows what it would say to a mail.
    """
    waiting = select(NoticeRow).where(col(NoticeRow.id).in_(behind), NoticeRow.status == NoticeStatus.WAITING)
    claimed = [notice for notice in _carried(session, mail) if notice.status == NoticeStatus.CLAIMED]
    late = [*claimed, *session.exec(waiting)]
    since = _late_since(late, at)
    told_at = since + told_after(customer=is_customers(mail.mailbox))
    mails_from = next_try(since, at, SERVER_ASKED_AT_LEAST_EVERY, told_at)
    _delay(late, problem, at, mails_from)
    told = tell_of_delay(session, mail.mailbox, late, at)
    if fresh:
        release(session, mail)
    return Outcome(told=tuple(told), mails_from=mails_from)


def release(session: Session, mail: MailRow) -> None:
    """Let the notices of a mail nobody saw wait again, so the next one carries all there is by then."""
    _let_wait(_carried(session, mail))
    session.flush()
    session.delete(mail)


def _let_wait(notices: Iterable[NoticeRow]) -> None:
    """Let notices wait without their mail; what was withdrawn meanwhile stays withdrawn."""
    for notice in notices:
        if notice.status == NoticeStatus.CLAIMED:
            notice.status = NoticeStatus.WAITING
        notice.mail = None


def _delay(notices: Iterable[NoticeRow], error: str, at: datetime, retry_at: datetime) -> None:
    for notice in notices:
        notice.delayed_at, notice.retry_at, notice.error = notice.delayed_at or at, retry_at, error


def _late_since(notices: Sequence[NoticeRow], at: datetime) -> datetime:
    return min((notice.delayed_at for notice in notices if notice.delayed_at is not None), default=at)


def _carried(session: Session, mail: MailRow) -> Sequence[NoticeRow]:
    return session.exec(select(NoticeRow).where(NoticeRow.mail == mail.id).order_by(col(NoticeRow.id))).all()
