"""Says in words how the mailboxes for mail in are found: to staff in a sentence, to operators by name."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.incoming.watch_log import in_trouble
from activities.shelf import calendar_of
from domain.wording import instant
from models.tables import InboxRow
from web.translations import N_, Words

_OUT_OF_REACH = N_("The mailbox for mail in has been out of reach since %(at)s. Mails wait there; nothing is lost.")
_UNWATCHED = N_("Nobody has looked into the mailbox for mail in since %(at)s. Mails wait there; nothing is lost.")


def warnings(session: Session, site: str, now: datetime, words: Words) -> list[str]:
    """Return what a site's staff should know; nothing while its mailbox is in order, or there is none."""
    found = in_trouble(session, now, site)
    zone = calendar_of(session, site).zone if found else ZoneInfo("UTC")
    return [_warning(row, zone, words) for row in found]


def _warning(row: InboxRow, zone: ZoneInfo, words: Words) -> str:
    at = row.problem_since or row.looked_at
    shown = instant(at, words.language, zone) if at else ""
    return words(_OUT_OF_REACH if row.problem else _UNWATCHED, at=shown)


def troubles(session: Session, now: datetime) -> Mapping[str, str]:
    """Return the sites whose mailbox needs an operator, each with a word for it; no names of servers."""
    return {row.site: "out of reach" if row.problem else "not watched" for row in in_trouble(session, now)}
