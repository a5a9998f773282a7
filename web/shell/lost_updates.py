"""Keeps an older page from undoing what somebody else saved since it was drawn.

A page carries the newest entry that the trail has about what it edits; whoever saves looks whether there are newer
ones. The row is locked before, so that nobody comes between this look and the writing.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from activities.ledger.context import calendar_of
from domain.text.numbers import read_number
from domain.words.wording import instant
from models.tables import AuditRow
from web.shell import directory
from web.shell.audit_log import FIELDS, changes
from web.shell.forms import Newer, Sheet, plain
from web.shell.naming import name_of
from web.shell.request import Visit
from web.shell.translations import Words

SEEN = "seen"
"""The field that carries the newest entry a page knows."""

State = Mapping[str, Any]
Drawn = Callable[[State], Mapping[str, str]]
"""Returns the fields of a form as they are drawn of a state."""


def newest(session: Session, what: str, key: str = "") -> str:
    """Return the newest entry about something, for a page; without a key about everything of its kind.

    Asked before the row is read, so that a page is never older than it says.
    """
    entries = select(func.max(AuditRow.id)).where(AuditRow.what == what)
    return str(session.exec(entries.where(AuditRow.key == key) if key else entries).one() or 0)


def check(session: Session, visit: Visit, sheet: Sheet, what: str, key: str, now: State, drawn: Drawn) -> None:
    """Note in the form what was changed of the state `now` since it was drawn.

    Then it is brought up to date, so that it may be sent again: what its writer left alone becomes what it is now, what
    they typed stays. Without a key it is about everything of its kind: a state then has one field for each key.
    """
    since = _since(session, sheet, what, key)
    before, after = _both_ends(since, whole_kind=not key)
    changed = {name for name in before.keys() & now.keys() if before[name] != after[name]}
    if changed:
        _bring_up_to_date(sheet, drawn({**now, **{name: before[name] for name in changed}}), drawn(now))
        sheet.typed[SEEN] = str(since[-1].id)
        told = [_newer(row, visit.words, whole_kind=not key, only=changed) for row in since]
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
        sheet.newer = tuple(
            Newer(name_of(row.by, people), instant(row.at, visit.words.language, zone), fields)
            for row, fields in zip(since, told, strict=True)
            if fields
        )


def _since(session: Session, sheet: Sheet, what: str, key: str) -> Sequence[AuditRow]:
    """Return the entries that the page does not know, the oldest first; one that names none knows nothing."""
    known = read_number(sheet.typed.get(SEEN, "")) or 0
    entries = select(AuditRow).where(AuditRow.what == what, col(AuditRow.id) > known).order_by(col(AuditRow.id))
    return session.exec(entries.where(AuditRow.key == key) if key else entries).all()


def _both_ends(since: Sequence[AuditRow], *, whole_kind: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields that changed, as they were before the first entry and after the last."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for row in since:
        for field in dict.fromkeys([*row.before, *row.after]):
            was, became = row.before.get(field), row.after.get(field)
            if was != became:
                name = row.key if whole_kind else field
                before.setdefault(name, was)
                after[name] = became
    return before, after


def _bring_up_to_date(sheet: Sheet, seen: Mapping[str, str], now: Mapping[str, str]) -> None:
    for name in seen.keys() | now.keys():
        if _same(sheet.typed.get(name), seen.get(name)):
            sheet.typed.pop(name, None)
            sheet.typed |= {name: now[name]} if name in now else {}


def _same(typed: str | None, drawn: str | None) -> bool:
    """Whether a field was left alone: browsers send other line ends, and a box that is not ticked they do not send."""
    if typed is None or drawn is None:
        return not typed and not drawn
    return plain(typed).strip() == plain(drawn).strip()


def _newer(
    row: AuditRow, words: Words, *, whole_kind: bool, only: Container[str]
) -> tuple[tuple[str, str | None, str | None], ...]:
    """Return what an entry changed of some fields, in words."""
    return tuple(
        (row.key if whole_kind else words(FIELDS.get(one.field, one.field)), one.before, one.after)
        for one in changes(row.before, row.after, words)
        if (row.key if whole_kind else one.field) in only
    )
