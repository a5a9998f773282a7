"""The administration of API keys: who holds one reports facts for a site. Shown once; the table holds its hash."""

import hashlib
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, col, func, select

from activities.ledger.context import calendar_of
from domain.words.wording import instant
from models.tables import ApiKeyRow, PersonRow, SiteRow
from web.shell import directory, idempotency
from web.shell.audit_log import KEY, record
from web.shell.csrf import Sent
from web.shell.forms import Sheet, plain
from web.shell.naming import name_of
from web.shell.request import ADMINS, Visit, Visitor, fresh_id
from web.shell.signed_token import token
from web.shell.translations import N_

router = APIRouter(prefix="/admin/keys")
FLASHES = {
    "key_revoked": N_("The key is revoked. Nothing is taken under it any more."),
}
"""What is said after something was done, by what a redirect names."""
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Listed:
    """A key in the list."""

    row: ApiKeyRow
    site: str
    when: str
    by: str


@router.get("")
def keys(visit: Visitor) -> Response:
    """Show the keys there are, and the form for another one."""
    visit.demand(ADMINS)
    return _show(visit, Sheet({"site": visit.person.site}))


@router.post("")
def create(visit: Visitor, form: Sent) -> Response:
    """Make a key and show it, this once."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    name = " ".join(sheet.line("name", limit=_LONGEST_NAME).split())
    key = token(idempotency.drawn(visit, KEY, sheet.typed))
    with idempotency.creating(visit, sheet.typed) as sent:
        if not sent.became and _make(sent.session, visit, sheet, name, key):
            sent.became = name
    if sheet.problems:
        return _show(visit, sheet, status=422)
    return _show(visit, Sheet({"site": visit.person.site}), key=key, name=name)


def _make(session: Session, visit: Visit, sheet: Sheet, name: str, key: str) -> bool:
    """Write a key, unless the form has problems."""
    site = sheet.choice("site", set(session.exec(select(SiteRow.key))))
    if name and _is_somebody(session, name):
        sheet.wrong("name", N_("A key or somebody here is called that already."))
    if sheet.problems:
        return False
    row = ApiKeyRow(key_hash=hash_of(key), name=name, site=site, by=visit.person.short, created_at=visit.now)
    session.add(row)
    record(session, visit, KEY, name, {}, _said(row))
    return True


@router.post("/revoke")
def revoke(visit: Visitor, form: Sent) -> Response:
    """Revoke a key for good."""
    visit.demand(ADMINS)
    with visit.services.database.writing() as session:
        row = session.get(ApiKeyRow, plain(str(form.get("key", ""))), with_for_update=True)
        if row is None:
            raise HTTPException(404)
        before = _said(row)
        row.revoked = True
        record(session, visit, KEY, row.name, before, _said(row))
    return visit.redirect("/admin/keys", "key_revoked")


def hash_of(key: str) -> str:
    """Return what the table holds of a key; it has 256 random bits, so nobody can try them all."""
    return hashlib.sha256(key.encode()).hexdigest()


def _is_somebody(session: Session, name: str) -> bool:
    """Whether a name is taken: histories say by it who reported a fact."""
    keys = select(ApiKeyRow.key_hash).where(func.lower(ApiKeyRow.name) == name.lower())
    people = select(PersonRow.short).where(func.lower(PersonRow.short) == name.lower())
    return session.exec(keys).first() is not None or session.exec(people).first() is not None


def _said(row: ApiKeyRow) -> dict[str, Any]:
    return {"name": row.name, "site": row.site, "revoked": row.revoked}


def _show(visit: Visit, sheet: Sheet, status: int = 200, *, key: str = "", name: str = "") -> Response:
    with visit.services.database.reading() as session:
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
        sites = {row.key: row.name for row in session.exec(select(SiteRow).order_by(SiteRow.name))}
        rows = session.exec(select(ApiKeyRow).order_by(col(ApiKeyRow.revoked), col(ApiKeyRow.created_at).desc()))
        listed = [
            Listed(
                row,
                sites.get(row.site, row.site),
                instant(row.created_at, visit.words.language, zone),
                name_of(row.by, people),
            )
            for row in rows.all()
        ]
    address = f"{visit.services.settings.base_url.rstrip('/')}/api/customer-facts"
    return visit.render(
        "admin/keys.html",
        status,
        sheet=sheet,
        sites=list(sites.items()),
        keys=listed,
        key=key,
        name=name,
        form_id=fresh_id(),
        address=address,
    )
