"""Looks whether promises are kept: what stands still, and since when. Reads the database only, and changes nothing.

Who asks says what time it is. Pages and the load balancer ask `quick`, operators `thorough`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlmodel import Session, col, select

from activities.incoming.watch_log import in_trouble
from activities.ledger import planning
from activities.ledger.history import NOT_RECORDABLE, REFUSED
from activities.operation import presence
from activities.operation.sweep import SWEEP
from domain.words.wording import instant
from domain.words.words_of_operation import ADVICE, FINDINGS
from models.database import Database
from models.schema import current_and_newest
from models.tables import (
    DeliveryRow,
    DeliveryStatus,
    EventRow,
    ImportRow,
    MailRow,
    TicketRow,
    WorkerRow,
)
from models.tables.notices import is_claimed

LATE = timedelta(minutes=1)
"""A moment may be noticed so much later; the rest of the minute belongs to the queue."""
SWEEP_LATE = timedelta(minutes=3)
MAIL_LATE = timedelta(minutes=15)
IMPORT_LATE = timedelta(hours=1)
_RECENT = timedelta(days=1)
_GIVEN_UP = timedelta(days=7)
_MANY_ATTEMPTS = 10


class Severity(StrEnum):
    """How bad a finding is. STANDSTILL: promises are broken while it lasts."""

    WARNING = "warning"
    STANDSTILL = "standstill"


@dataclass(frozen=True)
class Finding:
    """What is wrong, by its code; how much of it, and since when, where that is known. `names` says which."""

    code: str
    severity: Severity
    count: int = 1
    since: datetime | None = None
    names: tuple[str, ...] = ()


Check = Callable[[Session, datetime], Iterator[Finding]]


def quick(database: Database, now: datetime) -> list[Finding]:
    """Return what indexes answer at once: whether somebody works, and what is late."""
    return [finding for check in _QUICK for finding in _checked(database, check, now)]


def thorough(database: Database, now: datetime) -> list[Finding]:
    """Return everything that the database knows to be wrong."""
    return [finding for check in (*_QUICK, *_SLOW) for finding in _checked(database, check, now)]


def sentence(finding: Finding, language: str, zone: ZoneInfo) -> str:
    """Return what is wrong, as people read it."""
    since = instant(finding.since, language, zone) if finding.since else "?"
    return FINDINGS[finding.code][language].format(count=finding.count, since=since, names=", ".join(finding.names))


def advice(finding: Finding, language: str) -> str:
    """Return what to do about it."""
    return ADVICE[finding.code][language]


def _checked(database: Database, check: Check, now: datetime) -> list[Finding]:
    """Look with a session of its own; that a look fails is a finding too, and stops no other."""
    try:
        with database.reading() as session:
            return list(check(session, now))
    except SQLAlchemyError as problem:
        code = "database_silent" if isinstance(problem, OperationalError | InterfaceError) else "schema_differs"
        return [Finding(code, Severity.STANDSTILL, names=(type(problem).__name__,))]


def _workers(session: Session, now: datetime) -> Iterator[Finding]:
    working = presence.at_work(session, now)
    if not working:
        yield Finding("no_worker", Severity.STANDSTILL, since=session.exec(select(func.max(WorkerRow.seen_at))).one())
    if len({worker.build for worker in working}) > 1:
        builds = tuple(sorted({worker.build for worker in working}))
        yield Finding("mixed_workers", Severity.WARNING, len(builds), min(w.started_at for w in working), builds)


def _sweep(session: Session, now: datetime) -> Iterator[Finding]:
    last = presence.last_done(session, SWEEP)
    if last is None or last < now - SWEEP_LATE:
        yield Finding("sweep_late", Severity.STANDSTILL, since=last)


def _moments(session: Session, now: datetime) -> Iterator[Finding]:
    late = select(TicketRow.number, TicketRow.next_at).where(
        col(TicketRow.next_at) < now - LATE, ~col(TicketRow.closed)
    )
    found = session.exec(late.order_by(col(TicketRow.next_at)).limit(_SHOWN)).all()
    if found:
        count = session.exec(select(func.count()).select_from(late.subquery())).one()
        yield Finding("moments_late", Severity.STANDSTILL, count, found[0][1], tuple(f"#{each[0]}" for each in found))


_SHOWN = 20


def _mails(session: Session, now: datetime) -> Iterator[Finding]:
    claimed = select(func.count(), func.min(MailRow.claimed_at)).where(
        is_claimed(), col(MailRow.claimed_at) < now - MAIL_LATE
    )
    count, since = session.exec(claimed).one()
    if count:
        yield Finding("mails_waiting", Severity.WARNING, count, since)


def _mail_in(session: Session, now: datetime) -> Iterator[Finding]:
    if rows := in_trouble(session, now):
        since = min((at for row in rows if (at := row.problem_since or row.looked_at)), default=None)
        yield Finding("mail_in_silent", Severity.STANDSTILL, len(rows), since, tuple(row.site for row in rows))


def _webhooks(session: Session, now: datetime) -> Iterator[Finding]:
    delivery = col(DeliveryRow.status)
    for code, wanted in (
        ("webhooks_failing", (delivery == DeliveryStatus.WAITING, col(DeliveryRow.attempts) > _MANY_ATTEMPTS)),
        ("webhooks_given_up", (delivery == DeliveryStatus.GIVEN_UP, col(DeliveryRow.until) > now - _GIVEN_UP)),
    ):
        counted = select(DeliveryRow.webhook, func.min(DeliveryRow.at), func.count()).where(*wanted)
        found = session.exec(counted.group_by(col(DeliveryRow.webhook))).all()
        if found:
            names = tuple(str(webhook) for webhook, _, _ in found)
            yield Finding(code, Severity.WARNING, sum(each[2] for each in found), min(each[1] for each in found), names)


def _imports(session: Session, now: datetime) -> Iterator[Finding]:
    undone = select(ImportRow).where(~col(ImportRow.done), col(ImportRow.started_at) < now - IMPORT_LATE)
    if rows := session.exec(undone.order_by(col(ImportRow.id))).all():
        yield Finding("imports_undone", Severity.WARNING, len(rows), rows[0].started_at, tuple(r.name for r in rows))


def _plans(session: Session, _now: datetime) -> Iterator[Finding]:
    if waiting := sum(planning.outdated(session).values()):
        yield Finding("plans_outdated", Severity.WARNING, waiting)


def _refusals(session: Session, now: datetime) -> Iterator[Finding]:
    recent = select(EventRow).where(EventRow.code == REFUSED, col(EventRow.recorded_at) > now - _RECENT)
    rows = [row for row in session.exec(recent) if row.why.get("code") == NOT_RECORDABLE]
    if rows:
        names = tuple(dict.fromkeys(f"#{row.ticket}" for row in rows))
        yield Finding("not_recordable", Severity.WARNING, len(rows), min(row.recorded_at for row in rows), names)


def _unwritten(session: Session, now: datetime) -> Iterator[Finding]:
    recent = select(EventRow).where(col(EventRow.moment).is_not(None), col(EventRow.recorded_at) > now - _RECENT)
    rows = [row for row in session.exec(recent) if row.fact]
    if rows:
        names = tuple(dict.fromkeys(f"#{row.ticket}" for row in rows))
        yield Finding("notices_unwritten", Severity.WARNING, len(rows), min(row.recorded_at for row in rows), names)


def _schema(session: Session, _now: datetime) -> Iterator[Finding]:
    current, newest = current_and_newest(session)
    if current != newest:
        yield Finding("schema_differs", Severity.STANDSTILL, names=(current or "none", newest))


_QUICK: tuple[Check, ...] = (_workers, _sweep, _moments, _mails, _mail_in)
_SLOW: tuple[Check, ...] = (_webhooks, _imports, _plans, _refusals, _unwritten, _schema)
