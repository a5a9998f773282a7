"""Has each form that was sent create one thing only, however often it is sent, and to whichever process.

A form's key is reserved in the transaction that creates what it asks for: whoever sends it once more waits for that
transaction, and hears what came of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, update

from models.database import Database
from models.tables import SentFormRow

KEPT = timedelta(days=30)
"""So long is a form known again."""


@dataclass
class SentForm:
    """A form in the transaction that creates what it asks for; `became` is empty until it is created.

    What is written into it here is what everybody hears who sends the form again.
    """

    session: Session
    became: str = ""


@contextmanager
def creating(database: Database, key: str, at: datetime) -> Iterator[SentForm]:
    """Open the one transaction in which a form may create something; a form of which nothing came may be sent again."""
    with database.writing() as session:
        form = SentForm(session, _reserved(session, key, at))
        known = form.became
        yield form
        if not form.became:
            session.exec(delete(SentFormRow).where(col(SentFormRow.key) == key))
        elif form.became != known:
            session.exec(update(SentFormRow).where(col(SentFormRow.key) == key).values(became=form.became))


def forget(session: Session, at: datetime) -> None:
    """Forget the forms that nobody sends again any more."""
    session.exec(delete(SentFormRow).where(col(SentFormRow.at) < at - KEPT))


def _reserved(session: Session, key: str, at: datetime) -> str:
    """Return what came of a form; empty for one that is ours now. Waits for whoever is at it."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(SentFormRow).values(key=key, became="", at=at).on_conflict_do_nothing())
    return session.get_one(SentFormRow, key, with_for_update=True).became
