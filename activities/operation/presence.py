"""Says that this worker works, and knows which others do: in the database, where everybody can see it."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from models.database import Database
from models.tables import HeartbeatRow, WorkerRow

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
GONE_AFTER = timedelta(seconds=60)
"""A worker that was not seen for so long does not work any more."""
_FORGOTTEN_AFTER = timedelta(days=1)


def at_work(session: Session, now: datetime) -> Sequence[WorkerRow]:
    """Return the workers that were seen lately, the longest serving first."""
    seen = select(WorkerRow).where(col(WorkerRow.seen_at) > now - GONE_AFTER)
    return session.exec(seen.order_by(col(WorkerRow.started_at), col(WorkerRow.name))).all()


def workers(session: Session) -> Sequence[WorkerRow]:
    """Return every worker that was not forgotten yet."""
    return session.exec(select(WorkerRow).order_by(col(WorkerRow.name))).all()


def done(session: Session, name: str, at: datetime) -> None:
    """Note that what runs by the clock under a name was done to its end."""
    session.merge(HeartbeatRow(name=name, at=at))


def last_done(session: Session, name: str) -> datetime | None:
    """Return when it was last done; None for never."""
    row = session.get(HeartbeatRow, name)
    return row.at if row else None


@dataclass
class Presence:
    """One worker process among the others. Its clock is the machine's: this is no business."""

    database: Database
    name: str
    build: str
    revision: int
    clock: Callable[[], datetime]
    oldest: int | None = None
    """The lowest revision at work when we looked last; None as long as we do not know."""

    def __post_init__(self) -> None:
        """Begin unseen."""
        self._started_at = self.clock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def begin(self) -> None:
        """Be seen once, then every few seconds from a thread of its own, whatever the worker is busy with."""
        self._beat()
        self._thread.start()

    def end(self) -> None:
        """Leave in order: nobody waits for us then."""
        self._ended.set()
        self._thread.join()
        self._try(self._leave)

    def _run(self) -> None:
        while not self._ended.wait(EVERY.total_seconds()):
            self._beat()

    def _beat(self) -> None:
        self._try(self._be_seen)

    def _try(self, doing: Callable[[], None]) -> None:
        """A database that does not answer ends no worker; but then nobody knows who works."""
        try:
            doing()
        except Exception:
            self.oldest = None
            log.warning("the database does not take that worker %s works", self.name, exc_info=True)

    def _be_seen(self) -> None:
        now = self.clock()
        row = WorkerRow(
            name=self.name, build=self.build, revision=self.revision, started_at=self._started_at, seen_at=now
        )
        with self.database.writing() as session:
            session.exec(delete(WorkerRow).where(col(WorkerRow.seen_at) < now - _FORGOTTEN_AFTER))
            session.merge(row)
        with self.database.reading() as session:
            self.oldest = min((each.revision for each in at_work(session, now)), default=None)

    def _leave(self) -> None:
        with self.database.writing() as session:
            session.exec(delete(WorkerRow).where(col(WorkerRow.name) == self.name))
