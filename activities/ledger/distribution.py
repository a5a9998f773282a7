"""Hands out a ticket that arrived for nobody in particular, as its site wants it."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from activities.ledger.deputies import Deputies
from domain.process.roles import Role
from domain.staff.distribution import Candidate, Distribution, owner_for
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import AppointmentBooked, PackageBooked
from domain.ticket.facts import Fact
from domain.ticket.ticket import Ticket
from models.tables import PersonRow, SiteRow, TicketRow


def new_owner(session: Session, site: str, customer: int | None, at: datetime) -> str | None:
    """Return who gets a new ticket of a site; None leaves it in the pool for somebody to claim or hand out."""
    kept = session.get_one(SiteRow, site).distribution
    rule = Distribution(kept) if kept in set(Distribution) else Distribution.BY_HAND
    if rule is Distribution.BY_HAND:
        return None
    deputies = Deputies(session, at)
    people = session.exec(select(PersonRow).where(PersonRow.active, PersonRow.site == site)).all()
    here = {person.short: person for person in people if not deputies.is_away(person.short)}
    pool = [short for short, person in here.items() if Role.POOL in person.roles]
    last = dict(
        session.exec(
            select(TicketRow.owner, func.max(TicketRow.received_at))
            .where(col(TicketRow.owner).in_(pool), ~col(TicketRow.life))
            .group_by(col(TicketRow.owner))
        ).all()
    )
    known = _last_seller(session, customer)
    return owner_for(rule, known if known in here else None, [Candidate(short, last.get(short)) for short in pool])


def turns(
    session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext, fact: Fact, at: datetime
) -> dict[Role, str]:
    """Return whose turn it is where a fact may give a customer to a department; empty for all others (KD-01)."""
    rules = rule_context.process.life
    if rules is None or ticket.life is None:
        return {}
    if isinstance(fact, AppointmentBooked):
        return turn_in(session, row.site, rules.sales, at)
    if isinstance(fact, PackageBooked) and not ticket.life.packages:
        return turn_in(session, row.site, rules.care, at)
    return {}


def turn_in(session: Session, site: str, role: Role, at: datetime) -> dict[Role, str]:
    """Return whose turn it is in a department: who is here and got a customer longest ago; empty without anybody."""
    deputies = Deputies(session, at)
    people = session.exec(select(PersonRow).where(PersonRow.active, PersonRow.site == site)).all()
    here = [one.short for one in people if role in one.roles and not deputies.is_away(one.short)]
    last = dict(
        session.exec(
            select(TicketRow.owner, func.max(TicketRow.number))
            .where(col(TicketRow.owner).in_(here), col(TicketRow.life))
            .group_by(col(TicketRow.owner))
        ).all()
    )
    turn = min(here, key=lambda short: (last.get(short, 0), short), default=None)
    return {role: turn} if turn else {}


def _last_seller(session: Session, customer: int | None) -> str | None:
    """Return who had this customer's last ticket."""
    if customer is None:
        return None
    owned = select(TicketRow.owner).where(
        TicketRow.customer == customer, col(TicketRow.owner).is_not(None), ~col(TicketRow.life)
    )
    return session.exec(owned.order_by(col(TicketRow.received_at).desc(), col(TicketRow.number).desc())).first()
