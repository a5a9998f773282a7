"""The trail: who changed what in the administration, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, func, select

from activities.ledger.context import calendar_of
from domain.words.wording import instant
from models.tables import AuditRow
from web.shell import queries
from web.shell.audit_log import WHATS
from web.shell.naming import name_of
from web.shell.request import ADMINS, Visitor
from web.shell.translations import N_, Words

router = APIRouter()
PAGE_SIZE = 25

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


@dataclass(frozen=True)
class Entry:
    """One line of the trail."""

    when: str
    by: str
    what: str
    key: str
    changes: tuple[Change, ...]


@router.get("/admin")
def administration(visit: Visitor) -> Response:
    """Lead to the first page of the administration."""
    visit.demand(ADMINS)
    return RedirectResponse("/admin/people", status_code=303)


@router.get("/admin/audit")
def audit(visit: Visitor, what: str = "", page: str = "1") -> Response:
    """Show who changed what."""
    visit.demand(ADMINS)
    wanted, number = what if what in WHATS else "", _number(page)
    with visit.front.database.reading() as session:
        rows, counted = select(AuditRow), select(func.count()).select_from(AuditRow)
        if wanted:
            rows, counted = rows.where(AuditRow.what == wanted), counted.where(AuditRow.what == wanted)
        newest = rows.order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc())
        found = session.exec(newest.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
        people, zone = queries.people(session), calendar_of(session, visit.person.site).zone
        pages = max(1, -(-session.exec(counted).one() // PAGE_SIZE))
    entries = [
        Entry(
            instant(row.at, visit.words.language, zone),
            name_of(row.by, people),
            row.what,
            row.key,
            tuple(changes(row.before, row.after, visit.words)),
        )
        for row in found
    ]
    return visit.page(
        "admin/audit.html", entries=entries, whats=WHATS, fields=FIELDS, what=wanted, number=number, pages=pages
    )


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


def _number(page: str) -> int:
    return max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 7 else 1
