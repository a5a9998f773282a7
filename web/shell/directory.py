"""Who and what there is, for every page to name: staff, sites, customers, process definitions."""

from collections.abc import Mapping

from fastapi import HTTPException
from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from activities.customers.directory import kept, reached_by
from activities.ledger.context import process_of
from models.tables import CustomerRow, DefinitionRow, LifeRow, PersonRow, SiteRow


def known(session: Session, short: str, *, lock: bool = False) -> PersonRow:
    """Return somebody, whom with `lock` nobody else changes before this transaction ends; 404 for nobody."""
    found = session.get(PersonRow, short, with_for_update={"key_share": True} if lock else None)
    if found is None:
        raise HTTPException(404)
    return found


def life_of(session: Session, customer: int) -> LifeRow | None:
    """Return where a customer is in their life cycle; None for one without."""
    return session.get(LifeRow, customer)


def active(people: Mapping[str, PersonRow]) -> dict[str, PersonRow]:
    """Return those who can own tickets."""
    return {short: person for short, person in people.items() if person.active}


_FOUND_CUSTOMERS = 8


def people(session: Session) -> dict[str, PersonRow]:
    """Return the staff by short name, those who left included: history names them."""
    return {person.short: person for person in session.execute(select(PersonRow).order_by(PersonRow.name)).scalars()}


def site(session: Session, key: str) -> SiteRow:
    """Return a site that is there."""
    return session.get_one(SiteRow, key)


def definitions(session: Session) -> list[DefinitionRow]:
    """Return the newest version of every process definition."""
    newest = select(DefinitionRow.key, func.max(DefinitionRow.number).label("number")).group_by(DefinitionRow.key)
    found = newest.subquery()
    statement = select(DefinitionRow).join(
        found,
        and_(col(DefinitionRow.key) == found.c.key, col(DefinitionRow.number) == found.c.number),
    )
    return list(session.execute(statement.order_by(DefinitionRow.key)).scalars())


def processes_of_tickets(session: Session) -> list[DefinitionRow]:
    """Return the newest definitions that tickets follow: not the lives of customers."""
    return [row for row in definitions(session) if process_of(session, row.id).life is None]


def title(session: Session, definition: DefinitionRow, language: str) -> str:
    """Return what a process is called."""
    return process_of(session, definition.id or 0).title[language]


def known_customers(session: Session, email: str, phone: str, region: str) -> list[CustomerRow]:
    """Return the customers who already have this address or number, however it is written. Follows merges."""
    return reached_by(session, email, phone, region)[:_FOUND_CUSTOMERS]


def customer(session: Session, number: int) -> CustomerRow | None:
    """Return a customer, or the one they were merged into."""
    return kept(session, number)
