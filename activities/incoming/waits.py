"""What of mail in has waited so long that a person is told: messages for their ticket, messages in the mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from activities.incoming.stuck import TOLD_AFTER
from models.tables import IncomingRow, StuckRow

LATE = timedelta(minutes=5)
"""So long may a message wait for its ticket before people are told; it is tried all the while."""


@dataclass(frozen=True)
class Wait:
    """Messages that their ticket has not heard of: how many, the first since when, after how many tries, and why.

    `trouble` names the error of the last try; it is empty where none was made.
    """

    site: str
    ticket: int
    messages: int
    since: datetime
    tries: int
    trouble: str


def waits(session: Session, at: datetime, site: str | None = None) -> list[Wait]:
    """Return the tickets for which messages wait too long, those that wait longest first; of one site, or of all."""
    row = IncomingRow
    late = columns(
        col(row.site),
        col(row.ticket),
        func.count(),
        func.min(row.received_at),
        func.max(row.tries),
        func.max(row.trouble),
    ).where(~col(row.done), col(row.ticket).is_not(None), col(row.received_at) < at - LATE)
    if site is not None:
        late = late.where(col(row.site) == site)
    found = [Wait(*facts) for facts in session.execute(late.group_by(col(row.site), col(row.ticket))).all()]
    return sorted(found, key=lambda wait: (wait.since, wait.ticket))


def left_lying(session: Session, site: str | None = None) -> Sequence[StuckRow]:
    """Return the messages that cannot be taken from the mailbox after several tries, of one site, or of all."""
    lying = select(StuckRow).where(col(StuckRow.tries) >= TOLD_AFTER)
    if site is not None:
        lying = lying.where(StuckRow.site == site)
    return session.exec(lying.order_by(col(StuckRow.since), col(StuckRow.place))).all()
