"""Which promise a contact gets, as the site's newest table says; and the promise a ticket was given (SL-01, SL-06)."""

from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from domain.process import ProcessDefinition
from domain.service_levels import Criterion, Decision, LevelTable, why
from domain.wording import LANGUAGES
from models.tables import LevelTableRow, LifeRow, TicketRow
from processes.loader import read_level_table


def newest_table(session: Session, site: str) -> LevelTableRow | None:
    """Return the table a site decides by now, if it has one."""
    versions = select(LevelTableRow).where(LevelTableRow.site == site).order_by(col(LevelTableRow.number).desc())
    newest = session.exec(versions).first()
    return newest if newest is not None and newest.text.strip() else None


def apply_table(session: Session, site: str, text: str, by: str, at: datetime) -> None:
    """Keep a new version of a site's table, unless it is the newest one already; open tickets keep theirs."""
    versions = select(LevelTableRow).where(LevelTableRow.site == site).order_by(col(LevelTableRow.number).desc())
    newest = session.exec(versions).first()
    if (newest.text if newest else "") != text:
        number = newest.number + 1 if newest else 1
        session.add(LevelTableRow(site=site, number=number, text=text, by=by, applied_at=at))


def promise(session: Session, row: TicketRow) -> None:
    """Write into a new ticket's row which level it gets, and why."""
    table = newest_table(session, row.site)
    if table is None:
        return
    decision = _decide(session, _table(table.text, table.id), row)
    row.level_table, row.service_level = table.id, decision.level.key
    row.level_why = {language: why(decision, language) for language in LANGUAGES}


def levelled(session: Session, row: TicketRow, process: ProcessDefinition) -> ProcessDefinition:
    """Return a ticket's process as its level promises it."""
    if row.level_table is None:
        return process
    table = session.get_one(LevelTableRow, row.level_table)
    return _table(table.text, table.id).levels[row.service_level].applied_to(process)


def _decide(session: Session, table: LevelTable, row: TicketRow) -> Decision:
    """Decide by who asks, about what, and how it came in; a customer's segment is their class (reading 36)."""
    life = session.get(LifeRow, row.customer)
    contact = {
        Criterion.CUSTOMER: str(row.customer),
        Criterion.SEGMENT: life.tag if life else "",
        Criterion.CATEGORY: row.category,
        Criterion.CHANNEL: row.channel,
    }
    return table.decide({criterion: value for criterion, value in contact.items() if value})


@lru_cache(maxsize=256)
def _table(text: str, number: int) -> LevelTable:
    return read_level_table(text, f"service levels, version {number}")
