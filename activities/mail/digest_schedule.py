"""When the lists of every site are due: what their schedules are made from."""

from sqlmodel import select

from activities.ledger.context import calendar_of, digests_of
from models.database import Database
from models.messages import ListTime
from models.tables import SiteRow


def list_times(database: Database) -> list[ListTime]:
    """Return when the lists of every site are due."""
    with database.reading() as session:
        return [
            ListTime(site, digest.code, digest.at, str(calendar_of(session, site).zone))
            for site in session.exec(select(SiteRow.key).order_by(SiteRow.key))
            for digest in digests_of(session, site)
        ]
