"""What tickets were planned with, and which have to be planned again because it changed.

A ticket's next moment is counted when something is recorded. Opening hours, closing days, people, roles and their own
offsets change in between; the sweep finds the open tickets which were planned with others, and has them look again.
"""

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from sqlalchemy import and_, func
from sqlmodel import Session, col, or_, select

from models.messages import TicketStart
from models.tables import PersonRow, SiteRow, TicketRow

RULES = 1
"""Raised when a mend changes when moments are due: every open ticket is then planned again."""
_CODE = f"{RULES}|{version('holidays')}|{version('tzdata')}"


def surroundings(session: Session, site: str, owner: str | None) -> str:
    """Return a fingerprint of what the moments of an owner's tickets at a site depend on, as it is now.

    It holds the site's calendar, its people with roles and own offsets, the owner wherever they sit, and the releases
    of holidays and time zones. Who is away decides who is told, not when: that is looked up when a notice is written.
    """
    calendar = session.exec(select(SiteRow.calendar).where(SiteRow.key == site)).first() or ""
    people = session.exec(
        select(PersonRow.short, PersonRow.roles, PersonRow.offsets)
        .where(PersonRow.active, or_(col(PersonRow.site) == site, col(PersonRow.short) == owner))
        .order_by(PersonRow.short)
    )
    members = [(short, sorted(roles), sorted(offsets.items())) for short, roles, offsets in people]
    return hashlib.sha256(json.dumps([_CODE, calendar, members]).encode()).hexdigest()[:32]


def outdated(session: Session, site: str | None = None) -> dict[tuple[str, str | None, str], int]:
    """Return how many open tickets were planned with what is no more, by site, owner and what they were planned with.

    Only of one site, if named.
    """
    counted = select(TicketRow.site, TicketRow.owner, TicketRow.planned_with, func.count()).where(
        ~col(TicketRow.closed), TicketRow.started
    )
    if site is not None:
        counted = counted.where(TicketRow.site == site)
    alike = (col(TicketRow.site), col(TicketRow.owner), col(TicketRow.planned_with))
    groups = session.exec(counted.group_by(*alike)).all()
    now = {(site, owner): surroundings(session, site, owner) for site, owner in {each[:2] for each in groups}}
    return {(site, owner, planned): number for site, owner, planned, number in groups if planned != now[site, owner]}


def to_plan(session: Session, at_most: int) -> list[TicketStart]:
    """Return tickets that have to be planned again, those first whose next moment is nearest."""
    groups = outdated(session)
    if not groups:
        return []
    found = session.exec(
        select(TicketRow.number, TicketRow.recorded, TicketRow.customer, TicketRow.life)
        .where(~col(TicketRow.closed), TicketRow.started, or_(*_of(groups)))
        .order_by(col(TicketRow.next_at).is_(None), col(TicketRow.next_at), col(TicketRow.number))
        .limit(at_most)
    )
    return [
        TicketStart(number, recorded, customer=customer if life else None) for number, recorded, customer, life in found
    ]


def _of(groups: Iterable[tuple[str, str | None, str]]) -> list[Any]:
    return [
        and_(
            col(TicketRow.site) == site,
            col(TicketRow.owner).is_(None) if owner is None else col(TicketRow.owner) == owner,
            col(TicketRow.planned_with) == planned,
        )
        for site, owner, planned in groups
    ]
