"""What the pages of the administration share: the trail of who changed what, and keys that never change again."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from activities.customers.contact_data import CUSTOMER
from activities.customers.merging import MERGE, MERGED
from models.tables import AuditRow
from web.shell.forms import Sheet
from web.shell.request import Visit
from web.shell.translations import N_

PERSON, SITE, LOCK, ABSENCE, KEY, WEBHOOK = "person", "site", "lock", "absence", "key", "webhook"
WHATS = {
    PERSON: N_("Person"),
    SITE: N_("Site"),
    LOCK: N_("Notice lock"),
    ABSENCE: N_("Absence"),
    KEY: N_("API key"),
    CUSTOMER: N_("Customer"),
    MERGE: N_("Merge of customers"),
    MERGED: N_("Customer merged away"),
    WEBHOOK: N_("Webhook"),
}
"""What the trail speaks of."""

_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_TAKEN_BY_ADDRESSES = {"new", "unassigned"}


def record(
    session: Session, visit: Visit, what: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write down what the visitor changed, in the transaction that changes it; what changes nothing leaves no trace."""
    if before != after:
        session.add(
            AuditRow(at=visit.now, by=visit.person.short, what=what, key=key, before=dict(before), after=dict(after))
        )


def slug(sheet: Sheet, name: str, limit: int) -> str:
    """Return a short name that can stand in addresses and workflow ids."""
    value = sheet.line(name, limit=limit)
    if value and (not _SLUG.fullmatch(value) or value in _TAKEN_BY_ADDRESSES):
        sheet.wrong(name, N_("Small letters a to z, digits, and single - _ . between them, like anna or anna.berger."))
    return value
