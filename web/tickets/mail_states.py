"""How the mails of a ticket stand, in a sentence beside what brought them about: waits, delayed, sent, failed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.ledger.outbox import command_of, is_customers
from activities.mail import smtp
from activities.mail.letter_facts import BROKEN, INACTIVE, NO_ADDRESS, addressee_of
from domain.words.wording import instant
from models.tables import Channel, EventRow, MailRow, NoticeRow, NoticeStatus, PersonRow
from web.shell.naming import name_of
from web.shell.translations import N_, Words

_WAITS = N_("Mail to %(to)s: waiting")
_WAITS_UNTIL = N_("Mail to %(to)s: waiting until %(at)s")
_LEAVES = N_("Mail to %(to)s: being sent")
_DELAYED = N_("Mail to %(to)s: delayed since %(at)s: %(why)s; next attempt %(next)s")
_SENT = N_("Mail to %(to)s: handed to the mail server %(at)s")
_FAILED = N_("Mail to %(to)s: undeliverable: %(why)s")
_WITHDRAWN = N_("Mail to %(to)s: withdrawn before it was sent")
_THE_CUSTOMER = N_("the customer")
REASONS = {
    NO_ADDRESS: N_("there is no valid mail address on file"),
    INACTIVE: N_("the account is no longer active"),
}
SILENCES = {
    smtp.NO_ANSWER: N_("the mail server (%(host)s) does not answer"),
    smtp.NOT_REACHED: N_("the mail server (%(host)s) cannot be reached"),
    smtp.NO_TLS: N_("the mail server (%(host)s) does not encrypt"),
    smtp.NOT_OFFERED: N_("the mail server (%(host)s) offers no encryption or login"),
    smtp.WENT_SILENT: N_("the mail server (%(host)s) went silent; it may have taken the mail"),
}
"""What we say of a mail server that said nothing itself, in the words of the pages."""
_ANSWERED = N_("the mail server (%(host)s) takes no mail for now: answer %(code)s")
_OURS = N_("it could not be written; operators have to repair that (%(why)s)")
_ABOUT_SERVER = re.compile(r"(?P<host>\S+:\d+) (?:answered (?P<code>\d{3})|(?P<silence>.+))")


@dataclass(frozen=True)
class MailState:
    """How one mail stands, in a sentence; `trouble` is what somebody should see."""

    sentence: str
    trouble: bool = False


def states(
    session: Session,
    events: Sequence[EventRow],
    people: Mapping[str, PersonRow],
    zone: ZoneInfo,
    now: datetime,
    words: Words,
) -> list[list[MailState]]:
    """Return for each event of a ticket how the mails stand that it brought about.

    Of what moments tell the staff only what is delayed or undeliverable.
    """
    said = _Said(session, people, zone, now, words)
    by_cause: dict[str, list[MailState]] = {}
    for notice, sent_at in _mails(session, {event.ticket for event in events}):
        state = said.state(notice, sent_at)
        cause = command_of(notice)
        if state is not None and (state.trouble or cause or is_customers(notice.mailbox)):
            by_cause.setdefault(cause or notice.moment, []).append(state)
    return [by_cause.get(event.command or event.moment or "", []) for event in events]


def _mails(session: Session, tickets: set[int]) -> Iterable[tuple[NoticeRow, datetime | None]]:
    """Return what was to be mailed and when it was; the mails themselves are long."""
    found = (
        select(NoticeRow, col(MailRow.sent_at))
        .select_from(NoticeRow)
        .join(MailRow, col(MailRow.id) == col(NoticeRow.mail), isouter=True)
        .where(col(NoticeRow.ticket).in_(tickets), NoticeRow.channel == Channel.MAIL)
        .order_by(col(NoticeRow.id))
    )
    return [(notice, sent_at) for notice, sent_at in session.execute(found).all()]


@dataclass(frozen=True)
class _Said:
    """Says how mails stand, in the site's time and in one language."""

    session: Session
    people: Mapping[str, PersonRow]
    zone: ZoneInfo
    now: datetime
    words: Words

    def state(self, notice: NoticeRow, sent_at: datetime | None) -> MailState | None:
        """Return how a notice's mail stands; None where nobody wanted one."""
        match NoticeStatus(notice.status):
            case NoticeStatus.OFF:
                return None
            case NoticeStatus.SENT | NoticeStatus.SEEN:
                return self._sentence(notice, _SENT, at=sent_at)
            case NoticeStatus.FAILED:
                return self._sentence(notice, _FAILED, trouble=True)
            case NoticeStatus.WITHDRAWN:
                return self._sentence(notice, _WITHDRAWN)
            case NoticeStatus.WAITING | NoticeStatus.CLAIMED if notice.delayed_at is not None:
                return self._sentence(notice, _DELAYED, at=notice.delayed_at, trouble=True)
            case NoticeStatus.CLAIMED:
                return self._sentence(notice, _LEAVES)
            case NoticeStatus.WAITING:
                until = addressee_of(self.session, notice.mailbox).next_delivery(notice, self.now)
                waits = until > self.now
                return self._sentence(notice, _WAITS_UNTIL if waits else _WAITS, at=until if waits else None)

    def _sentence(
        self, notice: NoticeRow, sentence: str, at: datetime | None = None, *, trouble: bool = False
    ) -> MailState:
        to = self.words(_THE_CUSTOMER)
        if not is_customers(notice.mailbox):
            to = name_of(notice.mailbox.partition(":")[2], self.people)
        why, following = reason(notice.error, self.words), self._when(notice.retry_at or self.now)
        return MailState(self.words(sentence, to=to, at=self._when(at), why=why, next=following), trouble)

    def _when(self, at: datetime | None) -> str:
        return instant(at, self.words.language, self.zone) if at else ""


def reason(error: str, words: Words) -> str:
    """Return why a mail was not taken: our own reasons in words of the page, the server's as it gave them."""
    if error in REASONS:
        return words(REASONS[error])
    if error.startswith(BROKEN):
        return words(_OURS, why=error.removeprefix(f"{BROKEN}: "))
    about = _ABOUT_SERVER.fullmatch(error)
    if about is None:
        return error
    if about["code"]:
        return words(_ANSWERED, host=about["host"], code=about["code"])
    silence = SILENCES.get(about["silence"])
    return words(silence, host=about["host"]) if silence else error
