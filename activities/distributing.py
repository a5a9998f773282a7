"""Hands out a ticket that arrived for nobody in particular, as its site wants it."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from activities.stand_ins import StandIns
from domain.distribution import Candidate, Distribution, owner_for
from domain.roles import Role
from models.tables import PersonRow, SiteRow, TicketRow


def new_owner(session: Session, site: str, customer: int | None, at: datetime) -> str | None:
    """Return who gets a new ticket of a site; None leaves it in the pool for somebody to claim or hand out."""
    rule = Distribution(session.get_one(SiteRow, site).distribution)
    if rule is Distribution.BY_HAND:
        return None
    stand_ins = StandIns(session, at)
    people = session.exec(select(PersonRow).where(PersonRow.active, PersonRow.site == site)).all()
    here = {person.short: person for person in people if not stand_ins.is_away(person.short)}
    pool = [short for short, person in here.items() if Role.POOL in person.roles]
    last = dict(
        session.exec(
            select(TicketRow.owner, func.max(TicketRow.received_at))
            .where(col(TicketRow.owner).in_(pool))
            .group_by(col(TicketRow.owner))
        ).all()
    )
    known = _last_seller(session, customer)
    return owner_for(rule, known if known in here else None, [Candidate(short, last.get(short)) for short in pool])


def _last_seller(session: Session, customer: int | None) -> str | None:
    """Return who had this customer's last ticket."""
    if customer is None:
        return None
    owned = select(TicketRow.owner).where(TicketRow.customer == customer, col(TicketRow.owner).is_not(None))
    return session.exec(owned.order_by(col(TicketRow.received_at).desc(), col(TicketRow.number).desc())).first()
