"""The outbox as the post sees it: waiting notices are claimed with their mail, then sent, let wait or failed.

Claimed before sent, so that a crash leaves the finished mail behind; one short transaction each, which renders nothing.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from activities.mail import fates
from activities.mail.delivery_policy import Quiet, hand_on
from activities.mail.drafts import Draft, Drafts, waiting_in
from activities.mail.fates import Outcome
from activities.mail.letter_facts import Addressee, addressee_of
from activities.mail.render import Letter, Letters
from models.database import Database
from models.tables import Channel, MailRow, NoticeRow, NoticeStatus
from models.tables.notices import is_claimed, is_waiting

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """What one look into a mailbox found: a mail to send, and what was settled without one.

    A mail that is not fresh was left by an earlier attempt and may have been sent. `behind` are the notices that would
    have gone next.
    """

    mail: MailRow | None = None
    fresh: bool = True
    settled: Outcome = Outcome()
    behind: tuple[int, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there was anything; if so, there may be more."""
        return self.mail is not None or self.settled != Outcome()


class Claims:
    """Looks into mailboxes, and takes down what became of what it found."""

    def __init__(self, database: Database, letters: Letters) -> None:
        """Take the database, and who writes the letters."""
        self._database = database
        self._letters = letters
        self._drafts = Drafts(letters)

    def claim(self, mailbox: str, at: datetime, mails_from: datetime | None = None) -> Claim:
        """Take what may go out at `at`: a mail a crash left, else what waits. No mail goes before `mails_from`.

        The page shows pop-ups once SENT. What changed while it was drafted is drafted again.
        """
        for _ in range(_LOOKS):
            with self._database.reading() as session:
                is_held = mails_from is not None and mails_from > at
                left = None if is_held else _left(session, mailbox, at)
                if left is not None:
                    return Claim(left, fresh=False)
                draft = self._drafts.draft(session, mailbox, at, mails_from)
            if draft.is_empty:
                return Claim()
            claim = self._carry_out(draft, at)
            if claim is not None:
                return claim
        return Claim()

    def release(self, mail: MailRow) -> None:
        """Let the notices of a mail nobody saw wait again."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            if row is not None:
                fates.release(session, row)

    def sent(self, mail: MailRow, at: datetime) -> Outcome:
        """Take down that the server took the mail at `at`."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            return Outcome() if row is None else fates.deliver(session, row, at)

    def refused(self, mail: MailRow, error: str, at: datetime) -> Outcome:
        """Take down that the mail will never arrive."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            return Outcome() if row is None else fates.fail(session, row, error, at)

    def deferred(self, mail: MailRow, reply: str, at: datetime, *, fresh: bool) -> Outcome:
        """Take down that the server did not take this mail at `at`, and may take others.

        Only a mail nobody can have seen is fresh: one that may have arrived stays as it is, for its notices would
        arrive again in other words under another id.
        """
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            return Outcome() if row is None else fates.defer(session, row, reply, at, fresh=fresh)

    def held(self, claim: Claim, mail: MailRow, problem: str, at: datetime) -> Outcome:
        """Take down that the server took nothing at `at`."""
        with self._database.writing() as session:
            row = _still_claimed(session, mail)
            if row is None:
                return Outcome()
            return fates.hold(session, row, claim.behind, problem, at, fresh=claim.fresh)

    def next_at(self, mailbox: str, at: datetime, mails_from: datetime | None = None) -> datetime | None:
        """Return when the next waiting notice may go out; None when nothing waits."""
        held_until = mails_from or at
        with self._database.reading() as session:
            quiet = Quiet.of(session, addressee_of(session, mailbox), at)
            claimed = select(MailRow).where(MailRow.mailbox == mailbox, is_claimed())
            instants = [max(mail.retry_at or at, held_until) for mail in session.exec(claimed)]
            for notice in waiting_in(session, mailbox):
                ready_at = quiet.next_delivery(notice)
                instants.append(max(ready_at, held_until) if notice.channel == Channel.MAIL else ready_at)
            return min(instants, default=None)

    def _carry_out(self, draft: Draft, at: datetime) -> Claim | None:
        """Do what a draft says; None where something it carries does not wait any more."""
        with self._database.writing() as session:
            if draft.moves:
                waiting = waiting_in(session, draft.addressee.mailbox, locked=True)
                return Claim(settled=Outcome(told=hand_on(session, draft.addressee, waiting, at)))
            found = _still_waiting(session, draft)
            if not found.keys() >= set(draft.carried):
                return None
            settled = _show([found[number] for number in draft.pop_ups if number in found], draft.addressee)
            for number in draft.silent:
                if number in found:
                    found[number].status = NoticeStatus.WITHDRAWN
            for number, problem in draft.broken:
                if number in found:
                    log.error("notice %s %s", number, problem)
                    settled += fates.fail(session, self._mail(session, draft, [found[number]], at), problem, at)
            if not draft.carried:
                return Claim(settled=settled)
            mail = self._mail(session, draft, [found[number] for number in draft.carried], at)
            if draft.letter is None:
                return Claim(settled=settled + fates.fail(session, mail, draft.problem, at))
            _write(mail, draft.addressee, draft.letter)
            return Claim(mail, settled=settled, behind=draft.behind)

    def _mail(self, session: Session, draft: Draft, notices: list[NoticeRow], at: datetime) -> MailRow:
        """Return the mail that claims these notices; one that failed and is tried again keeps its row."""
        mailbox = draft.addressee.mailbox
        message_id = self._letters.message_id(mailbox, [notice.key for notice in notices])
        row = session.exec(select(MailRow).where(MailRow.message_id == message_id)).first()
        row = row or MailRow(message_id=message_id, mailbox=mailbox, address="", subject="")
        row.status, row.error, row.claimed_at = NoticeStatus.CLAIMED, "", at
        session.add(row)
        session.flush()
        for notice in notices:
            notice.status, notice.mail = NoticeStatus.CLAIMED, row.id
        session.flush()
        return row


_LOOKS = 3
"""How often a mailbox is looked into that changes while its mail is drafted; then its workflow comes round again."""


def _write(mail: MailRow, addressee: Addressee, letter: Letter) -> None:
    mail.address, mail.subject = addressee.reader.address, letter.subject
    mail.text, mail.html, mail.headers = letter.text, letter.html, dict(letter.headers)


def _show(pop_ups: Iterable[NoticeRow], addressee: Addressee) -> Outcome:
    """Let the page show pop-ups; who is no longer with us sees none."""
    outcome = Outcome()
    for notice in pop_ups:
        notice.status = NoticeStatus.FAILED if addressee.problem else NoticeStatus.SENT
        notice.error = addressee.problem
        outcome += Outcome(failed=1) if addressee.problem else Outcome(sent=1)
    return outcome


def _left(session: Session, mailbox: str, at: datetime) -> MailRow | None:
    """Return the mail that a crash or a silent server left, unless it is to be tried later."""
    claimed = select(MailRow).where(MailRow.mailbox == mailbox, is_claimed())
    due = claimed.where(or_(col(MailRow.retry_at).is_(None), col(MailRow.retry_at) <= at))
    return session.exec(due.order_by(col(MailRow.id))).first()


def _still_waiting(session: Session, draft: Draft) -> dict[int, NoticeRow]:
    """Return the notices of a draft that still wait where they did, locked."""
    numbers = [*draft.pop_ups, *draft.silent, *draft.carried, *(number for number, _ in draft.broken)]
    waiting = select(NoticeRow).where(is_waiting())
    waiting = waiting.where(NoticeRow.mailbox == draft.addressee.mailbox, col(NoticeRow.id).in_(numbers))
    return {notice.id: notice for notice in session.exec(waiting.order_by(col(NoticeRow.id)).with_for_update())}


def _still_claimed(session: Session, mail: MailRow) -> MailRow | None:
    """Return the mail's row unless another attempt, thought dead, has finished it meanwhile."""
    claimed = select(MailRow).where(MailRow.id == mail.id, MailRow.status == NoticeStatus.CLAIMED)
    return session.exec(claimed.with_for_update()).first()
