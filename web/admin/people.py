"""The administration of people: who is there, in which roles, and with which spans of their own."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session, col, delete, select

from domain.process.roles import OF_A_TICKET, Role
from models.tables import PersonRow, SessionRow, SiteRow
from web.me.own_spans import personal_offsets, read_span
from web.shell import directory, idempotency, lost_updates
from web.shell.audit_log import PERSON, record, slug
from web.shell.csrf import Sent
from web.shell.directory import known
from web.shell.forms import Sheet
from web.shell.passwords import LONGEST_PASSWORD
from web.shell.request import ADMINS, Visit, Visitor, fresh_id
from web.shell.translations import LANGUAGES, N_
from web.tickets.redistribution import owned_by_all

router = APIRouter()

ROLES = {
    Role.SALESPERSON: N_("Salesperson"),
    Role.CASE_HANDLER: N_("Case handler"),
    Role.ASSISTANT: N_("Assistant"),
    Role.POOL: N_("Pool: takes what nobody has"),
    Role.DISPATCHER: N_("Dispatcher"),
    Role.PROJECT_MANAGER: N_("Project manager"),
    Role.TECHNICIAN: N_("Technician"),
    Role.SERVICE: N_("Service"),
    Role.CONTROLLER: N_("Controller"),
    Role.SENIOR_CONTROLLER: N_("Senior controller"),
    Role.ADMIN: N_("Administrator"),
}
SHORTEST_PASSWORD = 10
_LONGEST_SHORT = 32
_SECRETS = ("password", "password_again")


@dataclass(frozen=True)
class Wanted:
    """A form without mistakes."""

    fields: dict[str, Any]
    password: str


@router.get("/admin/people")
def people(visit: Visitor) -> Response:
    """Show everybody, those who left included."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        staff, owned = directory.people(session), owned_by_all(session)
        sites = {row.key: row.name for row in session.exec(select(SiteRow))}
    return visit.render("admin/people.html", staff=staff.values(), owned=owned, sites=sites, roles=ROLES)


@router.get("/admin/people/new")
def blank(visit: Visitor) -> Response:
    """Show the empty form."""
    visit.demand(ADMINS)
    return _show(
        visit, Sheet({"language": "de", "site": visit.person.site, "active": "on", idempotency.FORM: fresh_id()})
    )


@router.post("/admin/people/new")
def create(visit: Visitor, form: Sent) -> Response:
    """Take somebody on."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    short = slug(sheet, "short", _LONGEST_SHORT)
    with idempotency.creating(visit, sheet.typed) as form_sent:
        if not form_sent.became and _take_on(form_sent.session, visit, sheet, short):
            form_sent.became = short
    if sheet.problems:
        return _show(visit, sheet, status=422)
    return visit.redirect(f"/admin/people/{short}", "kept")


def _take_on(session: Session, visit: Visit, sheet: Sheet, short: str) -> bool:
    """Write somebody new, unless the form has problems."""
    if short and session.get(PersonRow, short) is not None:
        sheet.wrong("short", N_("Somebody has this short name already; also those who left keep theirs."))
    wanted = _read(session, sheet, {})
    if sheet.problems:
        return False
    person = PersonRow(short=short, **wanted.fields)
    person.password_hash = visit.services.passwords.hash(wanted.password) if wanted.password else ""
    session.add(person)
    record(session, visit, PERSON, short, {}, _said(person, wanted))
    return True


@router.get("/admin/people/{short}")
def person(visit: Visitor, short: str) -> Response:
    """Show somebody."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        seen = lost_updates.newest(session, PERSON, short)
        found = known(session, short)
    return _show(visit, Sheet({**_drawn(_said(found)), lost_updates.SEEN: seen}), found)


@router.post("/admin/people/{short}")
def change(visit: Visitor, form: Sent, short: str) -> Response:
    """Change somebody; a deactivation or a new password ends their sessions."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    with visit.services.database.writing() as session:
        found = known(session, short, lock=True)
        wanted = _read(session, sheet, found.offsets)
        if short == visit.person.short:
            _keep_the_key(sheet, wanted)
        if not sheet.problems and _changes_something(visit, found, wanted):
            lost_updates.check(session, visit, sheet, PERSON, short, {**_said(found), "password": None}, _drawn)
            if not sheet.newer:
                _write(session, visit, found, wanted)
    if sheet.is_refused:
        return _show(visit, sheet, found, sheet.status)
    return visit.redirect(f"/admin/people/{short}", "kept")


def _changes_something(visit: Visit, found: PersonRow, wanted: Wanted) -> bool:
    same = all(getattr(found, name) == value for name, value in wanted.fields.items())
    return not same or (
        bool(wanted.password) and not visit.services.passwords.fits(found.password_hash, wanted.password)
    )


def _write(session: Session, visit: Visit, found: PersonRow, wanted: Wanted) -> None:
    before = _said(found)
    for name, value in wanted.fields.items():
        setattr(found, name, value)
    if wanted.password:
        found.password_hash = visit.services.passwords.hash(wanted.password)
    record(session, visit, PERSON, found.short, before, _said(found, wanted))
    if not found.active or (wanted.password and found.short != visit.person.short):
        session.exec(delete(SessionRow).where(col(SessionRow.person) == found.short))


def _show(visit: Visit, sheet: Sheet, found: PersonRow | None = None, status: int = 200) -> Response:
    """Make the form; a password is never sent back."""
    for name in _SECRETS:
        sheet.typed.pop(name, None)
    with visit.services.database.reading() as session:
        sites = [(row.key, row.name) for row in session.exec(select(SiteRow).order_by(SiteRow.name))]
        offsets = list(personal_offsets(session, visit.words.language))
        owned = owned_by_all(session).get(found.short) if found else None
    return visit.render(
        "admin/person.html",
        status,
        sheet=sheet,
        found=found,
        sites=sites,
        roles=ROLES,
        offsets=offsets,
        owned=owned,
        shortest=SHORTEST_PASSWORD,
    )


def _drawn(state: lost_updates.State) -> dict[str, str]:
    """Return the fields of the form as they are drawn of somebody."""
    drawn: dict[str, str] = {name: state[name] for name in ("name", "email", "language", "site")}
    drawn |= {f"role:{role}": "on" for role in state["roles"]}
    drawn |= {f"offset:{code}": span for code, span in state["offsets"].items()}
    return drawn | ({"active": "on"} if state["active"] else {})


def _read(session: Session, sheet: Sheet, offsets: dict[str, str]) -> Wanted:
    """Read the form; spans of moments that no definition has any more stay as they are."""
    sites = set(session.exec(select(SiteRow.key)))
    fields: dict[str, Any] = {
        "name": sheet.line("name"),
        "email": sheet.email("email"),
        "language": sheet.choice("language", LANGUAGES),
        "site": sheet.choice("site", sites),
        "roles": [str(role) for role in Role if role not in OF_A_TICKET and f"role:{role}" in sheet.typed],
        "active": "active" in sheet.typed,
    }
    if not fields["email"]:
        sheet.wrong("email", N_("Please fill this in."))
    fields["offsets"] = dict(offsets)
    for offset in personal_offsets(session, LANGUAGES[0]):
        fields["offsets"].pop(offset.code, None)
        if span := read_span(sheet, offset):
            fields["offsets"][offset.code] = span
    return Wanted(fields, _password(sheet))


def _password(sheet: Sheet) -> str:
    """Return a new password, or nothing where none is to be set."""
    password, again = (sheet.typed.get(name, "") for name in _SECRETS)
    if not password and not again:
        return ""
    if len(password) < SHORTEST_PASSWORD:
        sheet.wrong("password", N_("At least %(shortest)s characters."), shortest=SHORTEST_PASSWORD)
    elif len(password) > LONGEST_PASSWORD:
        sheet.wrong("password", N_("At most %(limit)s characters."), limit=LONGEST_PASSWORD)
    elif password != again:
        sheet.wrong("password_again", N_("The two passwords differ. Please type both again."))
    return password


def _keep_the_key(sheet: Sheet, wanted: Wanted) -> None:
    """Nobody locks themselves out: so there is always an administrator left."""
    if Role.ADMIN not in wanted.fields["roles"]:
        sheet.wrong("roles", N_("You cannot take the administration away from yourself. Somebody else can."))
    if not wanted.fields["active"]:
        sheet.wrong("active", N_("You cannot deactivate yourself. Somebody else can."))


def _said(person: PersonRow, wanted: Wanted | None = None) -> dict[str, Any]:
    """Return what the trail keeps of somebody: that a password was set, never the password or its hash."""
    fields = ("name", "email", "language", "site", "roles", "offsets", "active")
    said = {name: getattr(person, name) for name in fields}
    said["roles"], said["offsets"] = list(person.roles), dict(person.offsets)
    return said | ({"password": "set"} if wanted and wanted.password else {})
