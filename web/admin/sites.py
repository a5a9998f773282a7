"""The administration of sites: their calendars, their lists, and how they hand out what nobody has."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, select

from activities.ledger import catalogues, planning
from activities.ledger.context import process_of
from activities.mail.digest_schedule import list_times
from domain.staff.distribution import Distribution
from models.tables import SiteRow
from processes.loader import read_calendar, read_catalogue, read_lists, shipped_catalogue, shipped_lists
from web.shell import directory, idempotency, lost_updates
from web.shell.audit_log import SITE, record, slug
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import ADMINS, Visit, Visitor, fresh_id
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {
    "unscheduled": N_(
        "Saved. The engine does not answer, so the lists still go out at their old times; save "
        "again later, or run setup."
    ),
}
"""What is said after something was done, by what a redirect names."""

DISTRIBUTIONS = {
    Distribution.BY_HAND: N_("By hand: it waits in the pool"),
    Distribution.SAME_CUSTOMER: N_("Who had this customer's last ticket, else the pool"),
    Distribution.ROUND_ROBIN: N_("In turn among the pool's people who are here"),
    Distribution.SAME_THEN_ROUND: N_("Who had this customer's last ticket, else in turn"),
}
MOST_MAILS = 999
_LONGEST_KEY = 64
CATALOGUE = "catalogue"
_FIELDS = ("name", "calendar", "digests", "distribution", "mails_per_hour")


@router.get("/admin/sites")
def sites(visit: Visitor) -> Response:
    """Show the sites."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        found = session.exec(select(SiteRow).order_by(SiteRow.name)).all()
    return visit.render("admin/sites.html", sites=found, distributions=DISTRIBUTIONS)


@router.get("/admin/sites/new")
def blank(visit: Visitor) -> Response:
    """Show the empty form, with the calendar of the visitor's own site to begin from."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        own = session.get_one(SiteRow, visit.person.site)
    return _show(visit, Sheet({"calendar": own.calendar, "mails_per_hour": "6", idempotency.FORM: fresh_id()}))


@router.post("/admin/sites/new")
async def create(visit: Visitor, form: Sent) -> Response:
    """Open a site."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    key = slug(sheet, "key", _LONGEST_KEY)
    return await _keep(visit, sheet, key, new=True)


@router.get("/admin/sites/{key}")
def site(visit: Visitor, key: str) -> Response:
    """Show a site."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        seen = lost_updates.newest(session, SITE, key)
        found = _known(session, key)
        drawn = _drawn(_said(session, found))
    return _show(visit, Sheet({**drawn, lost_updates.SEEN: seen}), found)


@router.post("/admin/sites/{key}")
async def change(visit: Visitor, form: Sent, key: str) -> Response:
    """Change a site."""
    visit.demand(ADMINS)
    return await _keep(visit, Sheet.of(form), key, new=False)


async def _keep(visit: Visit, sheet: Sheet, key: str, *, new: bool) -> Response:
    """Keep the setting first; the schedules follow, now, when it is saved again, or at the next `setup`."""
    wanted = await asyncio.to_thread(_read, visit, sheet, key)
    found = await asyncio.to_thread(_write, visit, sheet, key, wanted, new=new)
    if sheet.is_refused:
        return await asyncio.to_thread(_show, visit, sheet, found, sheet.status)
    try:
        await visit.services.gateway.schedule_lists(await asyncio.to_thread(list_times, visit.services.database))
    except Unavailable:
        return visit.redirect(f"/admin/sites/{key}", "unscheduled")
    return visit.redirect(f"/admin/sites/{key}", "kept")


def _write(visit: Visit, sheet: Sheet, key: str, wanted: dict[str, Any], *, new: bool) -> SiteRow | None:
    """Write the site unless the form has problems or is overtaken; returns the one that was there before."""
    if new:
        with idempotency.creating(visit, sheet.typed) as form:
            if not form.became and key and form.session.get(SiteRow, key) is not None:
                sheet.wrong("key", N_("A site has this key already."))
            if not form.became and not sheet.problems:
                _keep_fields(form.session, visit, key, {}, wanted)
                form.became = key
        return None
    with visit.services.database.writing() as session:
        found = _known(session, key, lock=True)
        before = _said(session, found)
        if not sheet.problems and before != wanted:
            lost_updates.check(session, visit, sheet, SITE, key, before, _drawn)
        if not sheet.is_refused:
            _keep_fields(session, visit, key, before, wanted)
        return found


def _keep_fields(session: Session, visit: Visit, key: str, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    session.merge(SiteRow(key=key, **{name: wanted[name] for name in _FIELDS}))
    session.flush()
    catalogues.apply(session, key, wanted[CATALOGUE], visit.person.short, visit.now)
    record(session, visit, SITE, key, before, wanted)


def _said(session: Session, found: SiteRow) -> dict[str, Any]:
    """Return what the trail keeps of a site."""
    return {name: getattr(found, name) for name in _FIELDS} | {CATALOGUE: _catalogue_of(session, found.key)}


def _drawn(state: lost_updates.State) -> dict[str, str]:
    """Return the fields of the form as they are drawn of a site."""
    return {name: str(value) for name, value in state.items()}


def _catalogue_of(session: Session, key: str) -> str:
    """Return the text of the service catalogue a site decides by; empty for none."""
    row = catalogues.newest(session, key)
    return row.text if row else ""


def _read(visit: Visit, sheet: Sheet, key: str) -> dict[str, Any]:
    with visit.services.database.reading() as session:
        rows = directory.definitions(session)
        processes = {row.key: process_of(session, row.id) for row in rows}
    calendar = _toml(sheet, "calendar", lambda text: read_calendar(text, f"site {key}", applied_at=visit.now))
    return {
        "name": sheet.line("name"),
        "calendar": calendar,
        "digests": _toml(sheet, "digests", lambda text: _lists(text, key), needed=False),
        "distribution": sheet.choice("distribution", set(Distribution)),
        "mails_per_hour": sheet.count("mails_per_hour", MOST_MAILS),
        CATALOGUE: _toml(
            sheet,
            CATALOGUE,
            lambda text: read_catalogue(text, f"catalogue of {key}", processes, applied_at=visit.now),
            needed=False,
        ),
    }


def _toml(sheet: Sheet, name: str, read: Callable[[str], object], *, needed: bool = True) -> str:
    """Return a text that can be read, as it was typed but for the space around it."""
    text = sheet.prose(name, needed=needed)
    if not text or name in sheet.problems:
        return ""
    try:
        read(text)
    except (ValueError, RecursionError) as problem:
        sheet.wrong(name, N_("This cannot be read: %(problem)s"), problem=problem)
    return f"{text}\n"


def _lists(text: str, key: str) -> None:
    """Read lists; raises ValueError also for a list that no mail template is there for."""
    templates = [digest.code for digest in shipped_lists()]
    for digest in read_lists(text, f"lists of {key}"):
        if digest.code not in templates:
            raise ValueError(f"digests[{digest.code}]: code: there are mails for {', '.join(templates)} only")


def _known(session: Session, key: str, *, lock: bool = False) -> SiteRow:
    found = session.get(SiteRow, key, with_for_update={"key_share": True} if lock else None)
    if found is None:
        raise HTTPException(404)
    return found


def _show(visit: Visit, sheet: Sheet, found: SiteRow | None = None, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        being_planned = sum(planning.outdated(session, found.key).values()) if found else 0
    return visit.render(
        "admin/site.html",
        status,
        sheet=sheet,
        found=found,
        being_planned=being_planned,
        distributions=DISTRIBUTIONS,
        most=MOST_MAILS,
        shipped_catalogue=shipped_catalogue(),
    )
