"""The trail: who changed what in the administration, newest first."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, func, select

from activities.ledger.context import calendar_of
from domain.words.wording import instant
from models.tables import AuditRow
from web.shell import directory
from web.shell.audit_log import FIELDS, WHATS, Change, changes
from web.shell.naming import name_of
from web.shell.paging import page_number
from web.shell.request import ADMINS, Visitor

router = APIRouter()
PAGE_SIZE = 25


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
    wanted, number = what if what in WHATS else "", page_number(page)
    with visit.services.database.reading() as session:
        rows, counted = select(AuditRow), select(func.count()).select_from(AuditRow)
        if wanted:
            rows, counted = rows.where(AuditRow.what == wanted), counted.where(AuditRow.what == wanted)
        newest = rows.order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc())
        found = session.exec(newest.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
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
    return visit.render(
        "admin/audit.html", entries=entries, whats=WHATS, fields=FIELDS, what=wanted, number=number, pages=pages
    )
