"""Says in words how the mailboxes for mail in are found: to staff in a sentence, to operators by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.incoming.boxes import Why
from activities.incoming.waits import Wait, left_lying, waits
from activities.incoming.watch_log import in_trouble
from activities.ledger.context import calendar_of
from domain.words.wording import instant
from models.tables import InboxRow, StuckRow
from web.shell.translations import N_, Words
from workflows.gateway import Unavailable

_OUT_OF_REACH = N_("The mailbox for mail in has been out of reach since %(at)s. Mails wait there; nothing is lost.")
_UNWATCHED = N_("Nobody has looked into the mailbox for mail in since %(at)s. Mails wait there; nothing is lost.")
_WAITING = N_(
    "Messages that have been waiting for their ticket since %(at)s: %(n)s. %(why)s They are tried again and again; "
    "nothing is lost."
)
_LYING = N_(
    "Messages that cannot be taken from the mailbox since %(at)s: %(n)s. %(why)s They stay there and are tried again "
    "and again."
)
_SILENT = N_("The ticket does not answer.")
_UNTRIED = N_("It was not tried yet.")
_UNFORESEEN = N_("An error in the program: %(error)s.")
_WHY = {
    Why.NO_BODY: N_("The mail server names the message, but does not give its content."),
    Why.REFUSED: N_("The mail server refuses to give the message."),
    Why.BROKEN_OFF: N_("The mail server breaks off when it is asked for the message."),
    Why.NOT_PUT_AWAY: N_("The message was taken, but the mail server refuses to put it away."),
}
_MOST = 20


@dataclass(frozen=True)
class WaitLine:
    """A ticket that has not heard of messages, for the page."""

    ticket: int
    messages: int
    since: str
    tries: int
    why: str


@dataclass(frozen=True)
class LyingLine:
    """A message that cannot be taken, for the page; empty where its head is not known."""

    place: str
    sender: str
    subject: str
    sent: str
    since: str
    tries: int
    why: str


def warnings(session: Session, site: str, now: datetime, words: Words) -> list[str]:
    """Return what a site's staff should know; nothing while its mailbox is in order, or there is none."""
    found, waiting, lying = in_trouble(session, now, site), waits(session, now, site), left_lying(session, site)
    zone = calendar_of(session, site).zone if found or waiting or lying else ZoneInfo("UTC")
    said = [_warning(row, zone, words) for row in found]
    if waiting:
        n, first = sum(wait.messages for wait in waiting), waiting[0]
        at = instant(first.since, words.language, zone)
        said.append(words(_WAITING, at=at, n=n, why=_trouble(first.trouble, words)))
    if lying:
        at = instant(lying[0].since, words.language, zone)
        said.append(words(_LYING, at=at, n=len(lying), why=_why(lying[0].why, words)))
    return said


def _warning(row: InboxRow, zone: ZoneInfo, words: Words) -> str:
    at = row.problem_since or row.looked_at
    shown = instant(at, words.language, zone) if at else ""
    return words(_OUT_OF_REACH if row.problem else _UNWATCHED, at=shown)


def lines(
    session: Session, site: str, now: datetime, zone: ZoneInfo, words: Words
) -> tuple[list[WaitLine], list[LyingLine]]:
    """Return which messages wait for their tickets, and which lie in the mailbox, the oldest first; a few of each."""
    waiting = [_wait_line(wait, zone, words) for wait in waits(session, now, site)[:_MOST]]
    return waiting, [_lying_line(row, zone, words) for row in left_lying(session, site)[:_MOST]]


def _wait_line(wait: Wait, zone: ZoneInfo, words: Words) -> WaitLine:
    since = instant(wait.since, words.language, zone)
    return WaitLine(wait.ticket, wait.messages, since, wait.tries, _trouble(wait.trouble, words))


def _lying_line(row: StuckRow, zone: ZoneInfo, words: Words) -> LyingLine:
    return LyingLine(
        place=row.place,
        sender=row.sender,
        subject=row.subject,
        sent=instant(row.sent_at, words.language, zone) if row.sent_at else "",
        since=instant(row.since, words.language, zone),
        tries=row.tries,
        why=_why(row.why, words),
    )


def _trouble(named: str, words: Words) -> str:
    if not named:
        return words(_UNTRIED)
    is_silent = named.partition(" ")[0] == Unavailable.__name__
    return words(_SILENT) if is_silent else words(_UNFORESEEN, error=named)


def _why(named: str, words: Words) -> str:
    return words(_WHY[Why(named)]) if named in Why.__members__.values() else words(_UNFORESEEN, error=named)


def troubles(session: Session, now: datetime) -> Mapping[str, str]:
    """Return the sites whose mail in needs an operator, each with a word for it; no names of servers."""
    lying: Sequence[StuckRow] = left_lying(session)
    return (
        {row.site: "messages cannot be taken" for row in lying}
        | {wait.site: "messages wait for their tickets" for wait in waits(session, now)}
        | {row.site: "out of reach" if row.problem else "not watched" for row in in_trouble(session, now)}
    )
