"""Notes how a mailbox is found, so that people see it where they work: looked into, or out of reach since when."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.database import Database
from models.tables import InboxRow, SiteRow

EVERY = timedelta(minutes=1)
"""A mailbox in order is noted no more often than that."""
PATIENCE = timedelta(minutes=10)
"""After that long without a look nobody watches any more: the worker is down, or the workflow was ended."""


class WatchLog:
    """The notes of one site's mailbox. A site that is not there is not noted."""

    def __init__(self, database: Database, site: str) -> None:
        """Take the database, and whose mailbox it is."""
        self._database = database
        self._site = site
        self._noted_at: datetime | None = None

    def reached(self, at: datetime) -> None:
        """Note that somebody looked."""
        if self._noted_at is None or at - self._noted_at >= EVERY:
            self._note(at, "")
            self._noted_at = at

    def out_of_reach(self, at: datetime, problem: str) -> None:
        """Note what is wrong; since when is when it was first."""
        self._note(at, problem)

    def forget(self) -> None:
        """Drop the notes: nobody is meant to look any more."""
        with self._database.writing() as session:
            row = session.get(InboxRow, self._site)
            if row is not None:
                session.delete(row)

    def _note(self, at: datetime, problem: str) -> None:
        with self._database.writing() as session:
            row = session.get(InboxRow, self._site) or self._begun(session)
            if row is None:
                return
            row.looked_at = row.looked_at if problem else at
            row.problem_since = (row.problem_since or at) if problem else None
            row.problem = problem

    def _begun(self, session: Session) -> InboxRow | None:
        if session.get(SiteRow, self._site) is None:
            return None
        row = InboxRow(site=self._site)
        session.add(row)
        return row


def in_trouble(session: Session, at: datetime, site: str | None = None) -> list[InboxRow]:
    """Return the mailboxes that are out of reach or that nobody looked into for long; of one site, or of all.

    One that nobody looks into has no `problem`, only an old `looked_at`.
    """
    rows = select(InboxRow) if site is None else select(InboxRow).where(InboxRow.site == site)
    found = session.exec(rows.order_by(col(InboxRow.site))).all()
    return [row for row in found if row.problem or (row.looked_at is not None and row.looked_at < at - PATIENCE)]
