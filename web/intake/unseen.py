"""Which mails opened nothing and nobody has looked at yet: how many they are, and that somebody has."""

from datetime import datetime

from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from activities.incoming.classify import Fate
from models.tables import IncomingRow
from models.tables.contacts import UNSEEN_ASIDE, UNSEEN_REFUSED

_WORDS_TAKEN = (Fate.NEW, Fate.REPLY, Fate.UNREADABLE)
OPENED_NOTHING = or_(
    col(IncomingRow.text).is_(None), and_(col(IncomingRow.error) != "", col(IncomingRow.fate).not_in(_WORDS_TAKEN))
)
"""It became no words of a ticket, or words that the ticket, closed at that moment, did not take."""


def unseen_count(session: Session, site: str) -> int:
    """Return how many mails of a site opened nothing and wait for somebody to look; an index each holds only those."""
    aside = select(func.count()).select_from(IncomingRow).where(IncomingRow.site == site, UNSEEN_ASIDE)
    refused = select(func.count()).select_from(IncomingRow).where(IncomingRow.site == site, UNSEEN_REFUSED)
    refused = refused.where(col(IncomingRow.fate).not_in(_WORDS_TAKEN))
    return session.exec(aside).one() + session.exec(refused).one()


def see(session: Session, site: str, identity: int, by: str, at: datetime) -> bool:
    """Note who looked at a mail, the first time; False for one that is not there, or that opened something."""
    row = session.exec(_of(site).where(IncomingRow.id == identity)).first()
    if row is not None and row.seen_at is None:
        row.seen_at, row.seen_by = at, by
    return row is not None


def see_all(session: Session, site: str, newest: int, by: str, at: datetime) -> None:
    """Note who looked at all mails up to the newest one that the page showed: what came since is not seen."""
    rows = _of(site).where(col(IncomingRow.id) <= newest, col(IncomingRow.seen_at).is_(None))
    for row in session.exec(rows):
        row.seen_at, row.seen_by = at, by


def _of(site: str) -> SelectOfScalar[IncomingRow]:
    return select(IncomingRow).where(IncomingRow.site == site, OPENED_NOTHING)
