"""What the pages of the administration share: the trail of who changed what, and keys that never change again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from activities.customers.contact_data import CUSTOMER
from activities.customers.merging import MERGE, MERGED
from models.tables import AuditRow
from web.shell.forms import Sheet
from web.shell.request import Visit
from web.shell.translations import N_, Words

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
    """Return a short name that can stand in addresses and workflow ids; empty for one that cannot."""
    value = sheet.line(name, limit=limit)
    if value and (not _SLUG.fullmatch(value) or value in _TAKEN_BY_ADDRESSES):
        sheet.wrong(name, N_("Small letters a to z, digits, and single - _ . between them, like anna or anna.berger."))
    return "" if name in sheet.problems else value


FIELDS = {
    "name": N_("Name"),
    "email": N_("E-mail"),
    "language": N_("Language"),
    "site": N_("Site"),
    "roles": N_("Roles"),
    "offsets": N_("Own spans"),
    "active": N_("Active"),
    "password": N_("Password"),
    "calendar": N_("Calendar"),
    "digests": N_("Lists"),
    "distribution": N_("Distribution"),
    "mails_per_hour": N_("Mails per hour"),
    "state": N_("State"),
    "person": N_("Person"),
    "since": N_("Away from"),
    "until": N_("Back at"),
    "deputy": N_("Deputy"),
    "revoked": N_("Revoked"),
    "company": N_("Company"),
    "phone": N_("Telephone"),
    "merged": N_("Merged customer"),
    "merged_into": N_("Merged into"),
    "tickets": N_("Tickets"),
    "url": N_("Address"),
    "kinds": N_("What it is told"),
    "words": N_("With names and texts"),
    "secret": N_("Secret"),
    "catalogue": N_("Service catalogue"),
    "sound": N_("Sound"),
}


@dataclass(frozen=True)
class Change:
    """One field: what it was, and what it became; None where there was or is nothing."""

    field: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, Any], after: Mapping[str, Any], words: Words) -> list[Change]:
    """Return the fields that differ."""
    return [
        Change(name, _text(before.get(name), words), _text(after.get(name), words))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _text(value: Any, words: Words) -> str | None:
    match value:
        case bool():
            return words(N_("yes")) if value else words(N_("no"))
        case dict():
            return ", ".join(f"{key} {each}" for key, each in value.items()) or None
        case list():
            return ", ".join(map(str, value)) or None
        case _:
            return None if value is None else str(value) or None
