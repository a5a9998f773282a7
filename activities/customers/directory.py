"""Who we know: customers by number, address, telephone and name, those who were merged under the one that stayed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from domain.customers.matching import like_email
from domain.customers.telephone import REGION, like_phone
from models.tables import CustomerRow

_LARGEST = 2**31
_MOST_ALIKE = 8
_LOOKED_AT = 100
"""So many are looked at who have an address, a number or a name in common: more are a switchboard's, not a person's."""
_KNOWN_BY = ("name", "company", "email", "phone")
"""The fields in which customers are searched."""


@dataclass(frozen=True)
class Alike:
    """A customer who may be the same as another one, and by what: of "email", "phone" and "name"."""

    customer: CustomerRow
    by: tuple[str, ...]


def kept(session: Session, customer: int, *, lock: bool = False) -> CustomerRow | None:
    """Return a customer, or the one they were merged into; None for nobody.

    With `lock` nobody can merge or edit them before this transaction ends: for whoever writes their number down.
    """
    row = session.get(CustomerRow, customer) if 0 < customer < _LARGEST else None
    if row is not None and row.merged_into is not None:
        row = session.get_one(CustomerRow, row.merged_into)
    return _locked(session, row.id) if row is not None and lock else row


def _locked(session: Session, customer: int) -> CustomerRow:
    """Lock a customer, or the one they were merged into meanwhile.

    The savepoint lets go of who was merged: holding one while waiting for another, we could wait for a merge that
    waits for us.
    """
    attempt = session.begin_nested()
    rows = select(CustomerRow).where(CustomerRow.id == customer).with_for_update()
    row = session.exec(rows.execution_options(populate_existing=True)).one()
    if row.merged_into is None:
        attempt.commit()
        return row
    into = row.merged_into
    attempt.rollback()
    return _locked(session, into)


def family(session: Session, customer: int) -> list[int]:
    """Return a customer's number, and those of everybody who was merged into them, in their order."""
    merged = select(CustomerRow.id).where(CustomerRow.merged_into == customer).order_by(col(CustomerRow.id))
    return [customer, *session.exec(merged)]


def customer_at(session: Session, address: str) -> int | None:
    """Return the customer with a mail address, whatever its case; the first of several. Follows merges."""
    found = reached_by(session, address, "")
    return found[0].id if found else None


def speaks_for(session: Session, customer: int, address: str) -> bool:
    """Whether a mail address is a customer's, or was one of somebody's who was merged into them."""
    like = like_email(address)
    if not like:
        return False
    same = select(CustomerRow.id).where(CustomerRow.same_email == like, _of(customer))
    return session.exec(same).first() is not None


def reached_by(session: Session, email: str, phone: str, region: str = REGION) -> list[CustomerRow]:
    """Return the customers with this address or number, however it is written, the oldest first. Follows merges.

    A number without a country is one of `region`.
    """
    same: list[ColumnElement[bool]] = []
    if like := like_email(email):
        same.append(col(CustomerRow.same_email) == like)
    if like := like_phone(phone, region):
        same.append(col(CustomerRow.same_phone) == like)
    elif phone.strip():
        same.append(col(CustomerRow.phone) == phone.strip())
    if not same:
        return []
    found = session.exec(select(CustomerRow).where(or_(*same)).order_by(col(CustomerRow.id)))
    return those_kept(session, found)


def alike(session: Session, customer: int) -> list[Alike]:
    """Return who may be the same as a customer: those with most in common first, a few at most.

    What somebody was called who was merged into them counts as well.
    """
    known = session.exec(select(CustomerRow).where(col(CustomerRow.id).in_(family(session, customer)))).all()
    columns = {"email": CustomerRow.same_email, "phone": CustomerRow.same_phone, "name": CustomerRow.same_name}
    likes = {by: {getattr(row, f"same_{by}") for row in known} - {""} for by in columns}
    # One look into each index: with "or" the database would walk through all customers in their order.
    same = [select(CustomerRow.id).where(col(columns[by]).in_(values)) for by, values in likes.items() if values]
    if not same:
        return []
    ids = {number for one in same for number in session.exec(one.limit(_LOOKED_AT))} - {row.id for row in known}
    others = select(CustomerRow).where(col(CustomerRow.id).in_(ids), col(CustomerRow.merged_into).is_(None))
    found = [
        Alike(row, tuple(by for by, values in likes.items() if getattr(row, f"same_{by}") in values))
        for row in session.exec(others)
    ]
    return sorted(found, key=lambda one: (-len(one.by), -one.customer.id))[:_MOST_ALIKE]


def those_kept(session: Session, found: Iterable[CustomerRow]) -> list[CustomerRow]:
    """Return customers, each once and as the one they were merged into, in the order they were found."""
    kept_ones = (kept(session, row.id) for row in found)
    return list({row.id: row for row in kept_ones if row is not None}.values())


def called_once(column: Any, search: str, fields: Sequence[str] = _KNOWN_BY) -> ColumnElement[bool]:
    """Whether somebody who was merged into a customer, by their number in `column`, was called like this."""
    former = aliased(CustomerRow)
    matching = [getattr(former, field).icontains(search, autoescape=True) for field in fields]
    own = select(former.merged_into).where(col(former.merged_into).is_not(None), or_(*matching))
    return col(column).in_(own)


def _of(customer: int) -> ColumnElement[bool]:
    return or_(col(CustomerRow.id) == customer, col(CustomerRow.merged_into) == customer)
