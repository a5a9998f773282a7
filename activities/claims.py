"""What becomes of waiting notices: claimed with their mail, sent, released, failed; one transaction each.

Claimed before sent, so that a crash leaves the finished mail behind; knows neither SMTP nor words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from activities.digest_facts import report
from activities.letter_facts import (
    ANSWER,
    NO_ADDRESS,
    UNDELIVERABLE,
    Addressee,
    Reader,
    addressee_of,
    item_of,
    reply_of,
    undeliverable_key,
)
from activities.letters import Letter, Letters
from activities.mail_message import usable_address
from activities.outbox import person_mailbox
from activities.quiet import Quiet, hand_on
from activities.receipts import receipt_of
from domain.catalogue import AUTOMATIC_LETTER, CONFIRMING_LETTER
from domain.process import Delivery
from domain.roles import Role
from models.database import Database
from models.tables import Channel, MailRow, NoticeRow, NoticeStatus, PersonRow, TicketRow
from models.tables.notices import is_claimed, is_waiting


@dataclass(frozen=True)
class Outcome:
    """How many notices were delivered and failed, and the mailboxes of those who are told about it."""

    sent: int = 0
    failed: int = 0
    told: tuple[str, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both together."""
        return Outcome(self.sent + other.sent, self.failed + other.failed, self.told + other.told)


@dataclass(frozen=True)
class Claim:
    """What one look into a mailbox found: a mail to send, and what was settled without one.

    A mail that is not fresh was left by an earlier attempt and may have been sent.
    """

    mail: MailRow | None = None
    fresh: bool = True
    settled: Outcome = Outcome()

    @property
    def found(self) -> bool:
        """Whether there was anything; if so, there may be more."""
        return self.mail is not None or self.settled != Outcome()


class Claims:
    """The outbox as the post sees it."""

    def __init__(self, database: Database, letters: Letters) -> None:
        """Take the database, and who writes the letters."""
        self._database = database
        self._letters = letters

    def claim(self, mailbox: str, at: datetime) -> Claim:
        """Take what may go out at `at`: the mail a crash left, else what waits.

        Staff get everything in one mail, customers one for each answer. The page shows pop-ups once SENT.
        """
        with self._database.writing() as session:
            left = _claimed_mail(session, mailbox)
            if left is not None:
                return Claim(left, fresh=False)
            addressee = addressee_of(session, mailbox)
            waiting = _waiting(session, mailbox)
            if moved := hand_on(session, addressee, waiting, at):
                return Claim(settled=Outcome(told=moved))
            quiet = Quiet.of(session, addressee, at)
            deliverable = [notice for notice in waiting if quiet.next_delivery(notice) <= at]
            mails = [notice for notice in deliverable if Channel(notice.channel) is Channel.MAIL]
            pop_ups = [notice for notice in deliverable if Channel(notice.channel) is Channel.POP_UP]
            shown = _show(pop_ups, addressee)
            reports = [notice for notice in mails if notice.ticket is None and _says_something(session, notice, at)]
            about_tickets = [notice for notice in mails if notice.ticket is not None]
            together = reports[:1] or (about_tickets[:1] if addressee.is_customer else about_tickets)
            if not together:
                return Claim(settled=shown)
            claim = self._claim_mail(session, addressee, together, at)
            return replace(claim, settled=claim.settled + shown)

    def release(self, mail: MailRow) -> None:
        """Let the notices of a mail nobody saw wait again, so the next one carries all there is by then."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            if row is None:
                return
            for notice in _carried(session, row):
                if notice.status == NoticeStatus.CLAIMED:
                    notice.status = NoticeStatus.WAITING
                notice.mail = None
            session.flush()
            session.delete(row)

    def sent(self, mail: MailRow, at: datetime) -> Outcome:
        """Record that the server took the mail at `at`, with all it carried."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            if row is None:
                return Outcome()
            row.status, row.sent_at = NoticeStatus.SENT, at
            carried = _carried(session, row)
            for notice in carried:
                notice.status = NoticeStatus.SENT
            return Outcome(sent=len(carried))

    def refused(self, mail: MailRow, error: str, at: datetime) -> Outcome:
        """Record that the mail will never arrive, and write notices to the controllers who should know."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            return Outcome() if row is None else fail(session, row, error, at)

    def next_at(self, mailbox: str, at: datetime) -> datetime | None:
        """Return when the next waiting notice may go out; None when nothing waits."""
        with self._database.reading() as session:
            quiet = Quiet.of(session, addressee_of(session, mailbox), at)
            return min((quiet.next_delivery(notice) for notice in _waiting(session, mailbox)), default=None)

    def _claim_mail(self, session: Session, addressee: Addressee, notices: Sequence[NoticeRow], at: datetime) -> Claim:
        row = self._mail_row(session, addressee.mailbox, notices, at)
        for notice in notices:
            notice.status, notice.mail = NoticeStatus.CLAIMED, row.id
        address = usable_address(addressee.reader.address)
        problem = addressee.problem or ("" if address else NO_ADDRESS)
        if problem or address is None:
            return Claim(settled=fail(session, row, problem, at))
        reachable = replace(addressee, reader=replace(addressee.reader, address=address))
        self._write(session, reachable, row, notices, at)
        return Claim(row)

    def _mail_row(self, session: Session, mailbox: str, notices: Sequence[NoticeRow], at: datetime) -> MailRow:
        """Return the row of the mail for these notices; one that failed and is tried again keeps its row."""
        message_id = self._letters.message_id(mailbox, [notice.key for notice in notices])
        row = session.exec(select(MailRow).where(MailRow.message_id == message_id)).first()
        row = row or MailRow(message_id=message_id, mailbox=mailbox, address="", subject="")
        row.status, row.error, row.claimed_at = NoticeStatus.CLAIMED, "", at
        session.add(row)
        session.flush()
        return row

    def _write(
        self, session: Session, addressee: Addressee, row: MailRow, notices: Sequence[NoticeRow], at: datetime
    ) -> None:
        reader = addressee.reader
        if addressee.is_customer:
            letter = self._to_customer(session, reader, notices[0], at, row.message_id)
        elif notices[0].ticket is None:
            said = report(session, notices[0].kind, addressee.short, at)
            letter = self._letters.digest(reader, said, at, row.message_id)
        else:
            items = [item_of(session, notice) for notice in notices]
            letter = self._letters.notify(reader, items, at, row.message_id)
        row.address, row.subject = reader.address, letter.subject
        row.text, row.html, row.headers = letter.text, letter.html, dict(letter.headers)

    def _to_customer(
        self, session: Session, reader: Reader, notice: NoticeRow, at: datetime, message_id: str
    ) -> Letter:
        if notice.kind == ANSWER:
            return self._letters.answer(reader, reply_of(session, notice), at, message_id)
        if notice.kind in (AUTOMATIC_LETTER, CONFIRMING_LETTER):
            receipt = receipt_of(session, notice, reader.language, at)
            return self._letters.receipt(reader, notice.kind, receipt, at, message_id)
        raise ValueError(f"notice {notice.id}: nobody writes {notice.kind!r} to a customer")


def _says_something(session: Session, notice: NoticeRow, at: datetime) -> bool:
    """Whether a list still has something to say; one that has not is withdrawn."""
    short = notice.mailbox.removeprefix("person:")
    if report(session, notice.kind, short, at).is_empty:
        notice.status = NoticeStatus.WITHDRAWN
        return False
    return True


def _show(pop_ups: Sequence[NoticeRow], addressee: Addressee) -> Outcome:
    """Let the page show pop-ups; who is no longer with us sees none."""
    for notice in pop_ups:
        notice.status = NoticeStatus.FAILED if addressee.problem else NoticeStatus.SENT
        notice.error = addressee.problem
    return Outcome(failed=len(pop_ups)) if addressee.problem else Outcome(sent=len(pop_ups))


def fail(session: Session, row: MailRow, error: str, at: datetime) -> Outcome:
    """Fail a mail with its notices.

    A lost report about a lost mail is not reported, for that would never end; nor is a list, which comes again.
    """
    row.status, row.error = NoticeStatus.FAILED, error
    failed = _carried(session, row)
    for notice in failed:
        notice.status, notice.error = NoticeStatus.FAILED, error
    news = [notice for notice in failed if notice.kind != UNDELIVERABLE and notice.ticket is not None]
    told = _report(session, row, news[0], at) if news else []
    return Outcome(failed=len(failed), told=tuple(told))


def _report(session: Session, row: MailRow, first: NoticeRow, at: datetime) -> list[str]:
    told = []
    for person in _who_hears_of_it(session, row, first):
        mailbox, key = person_mailbox(person.short), undeliverable_key(row, person.short)
        if session.exec(select(NoticeRow).where(NoticeRow.key == key)).first() is None:
            session.add(
                NoticeRow(
                    key=key,
                    ticket=first.ticket,
                    mailbox=mailbox,
                    channel=Channel.MAIL,
                    kind=UNDELIVERABLE,
                    at=at,
                    deliver=Delivery.BUSINESS_HOURS,
                )
            )
            told.append(mailbox)
    return told


def _who_hears_of_it(session: Session, row: MailRow, first: NoticeRow) -> list[PersonRow]:
    """Return the site's controllers but the addressee; its senior ones, or its administrators, where there is none."""
    site = session.get_one(TicketRow, first.ticket).site
    there = select(PersonRow).where(PersonRow.active, PersonRow.site == site).order_by(PersonRow.short)
    others = [person for person in session.exec(there) if person_mailbox(person.short) != row.mailbox]
    for role in (Role.CONTROLLER, Role.SENIOR_CONTROLLER, Role.ADMIN):
        if told := [person for person in others if role in person.roles]:
            return told
    return []


def _claimed_mail(session: Session, mailbox: str) -> MailRow | None:
    claimed = select(MailRow).where(MailRow.mailbox == mailbox, is_claimed())
    return session.exec(claimed.order_by(col(MailRow.id)).limit(1)).first()


def _waiting(session: Session, mailbox: str) -> Sequence[NoticeRow]:
    """Return what waits, oldest first, locked: who withdraws a notice at the same moment waits, or we do."""
    waiting = select(NoticeRow).where(NoticeRow.mailbox == mailbox, is_waiting())
    return session.exec(waiting.order_by(col(NoticeRow.at), col(NoticeRow.id)).with_for_update()).all()


def _still_claimed(session: Session, mail: MailRow) -> MailRow | None:
    """Return the mail's row unless another attempt, thought dead, has finished it meanwhile."""
    claimed = select(MailRow).where(MailRow.id == mail.id, MailRow.status == NoticeStatus.CLAIMED)
    return session.exec(claimed.with_for_update()).first()


def _carried(session: Session, row: MailRow) -> Sequence[NoticeRow]:
    return session.exec(select(NoticeRow).where(NoticeRow.mail == row.id).order_by(col(NoticeRow.id))).all()
