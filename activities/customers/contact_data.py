"""Edits how a customer is reached; who edits what somebody else has changed since is told so first."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from activities.customers.directory import kept
from activities.ledger.context import Unknown
from models.tables import AuditRow, CustomerRow

CONTACT = ("name", "company", "email", "phone")
"""The fields of a customer that people edit, and choose from when two are merged."""
CUSTOMER = "customer"
"""What the trail speaks of."""


class Overtaken(Exception):
    """Somebody changed a customer since the form was opened."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Take the fields that changed, as they are now."""
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


def contact_of(row: CustomerRow) -> dict[str, str]:
    """Return the contact data of a customer by field."""
    return {field: getattr(row, field) for field in CONTACT}


def change(
    session: Session, customer: int, typed: Mapping[str, str], seen: Mapping[str, str], by: str, at: datetime
) -> CustomerRow:
    """Write contact data, in the caller's transaction; `seen` is what it was when the form was opened.

    Follows merges. Raises Overtaken where it is not as seen any more and not as typed either, Unknown for nobody.
    """
    row = kept(session, customer, lock=True)
    if row is None:
        raise Unknown(f"there is no customer {customer}")
    before = contact_of(row)
    after = {field: typed[field] for field in CONTACT}
    if after == before:
        return row
    overtaken = {field: before[field] for field in CONTACT if before[field] != seen.get(field, "")}
    if overtaken:
        raise Overtaken(overtaken)
    for field, value in after.items():
        setattr(row, field, value)
    session.add(AuditRow(at=at, by=by, what=CUSTOMER, key=str(row.id), before=before, after=after))
    return row
