"""Notes the messages that cannot be taken, each with why and since when: the others go on, and a person is told."""

from datetime import datetime

from sqlmodel import select

from activities.incoming.reading import read
from activities.incoming.taking import short
from activities.incoming.undone import pause
from models.database import Database
from models.tables import StuckRow

TOLD_AFTER = 3
"""So many tries may fail before a person is told."""


class Stuck:
    """The notes of one site's mailbox."""

    def __init__(self, database: Database, site: str) -> None:
        """Take the database, and whose mailbox it is."""
        self._database = database
        self._site = site
        self._noted: dict[str, datetime] | None = None

    def places(self, at: datetime) -> tuple[set[str], list[str]]:
        """Return which places rest at an instant, and which are to be tried again."""
        noted = self._places().items()
        return {place for place, again in noted if again > at}, [place for place, again in noted if again <= at]

    def has_head(self, place: str) -> bool:
        """Whether it is known who wrote what lies at a place, and what about."""
        with self._database.reading() as session:
            row = session.get(StuckRow, (self._site, short(place)))
            return row is not None and bool(row.sender or row.subject)

    def note(self, place: str, why: str, head: bytes, at: datetime) -> None:
        """Note that a message could not be taken, and have it rest; `head` are its headers if they are known."""
        with self._database.writing() as session:
            row = session.get(StuckRow, (self._site, short(place)))
            if row is None:
                row = StuckRow(site=self._site, place=short(place), since=at, again_at=at)
                session.add(row)
            row.tries += 1
            row.why, row.again_at = why, at + pause(row.tries)
            if head:
                message = read(head)
                row.sender, row.subject = message.sender.address or message.sender.name, message.subject
                row.sent_at = message.sent_at
            again = row.again_at
        self._places()[place] = again

    def free(self, place: str) -> None:
        """Forget a message that was taken, or that is gone."""
        if place not in self._places():
            return
        with self._database.writing() as session:
            row = session.get(StuckRow, (self._site, short(place)))
            if row is not None:
                session.delete(row)
        self._places().pop(place, None)

    def _places(self) -> dict[str, datetime]:
        """Return when each noted place is tried again; read once, for a mailbox has one watcher."""
        if self._noted is None:
            with self._database.reading() as session:
                rows = session.exec(select(StuckRow).where(StuckRow.site == self._site))
                self._noted = {row.place: row.again_at for row in rows}
        return self._noted
