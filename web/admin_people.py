"""The administration of people: who is there, in which roles, and with which spans of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, col, delete, select

from activities.shelf import process_of
from domain.process import MomentRule, ProcessDefinition
from domain.roles import OF_A_TICKET, Role
from domain.spans import Clock, Span, parse_span
from models.tables import DefinitionRow, PersonRow, SessionRow, SiteRow
from web import queries
from web.administration import PERSON, record, slug
from web.forgery import Sent
from web.forms import Sheet
from web.passwords import LONGEST_PASSWORD
from web.preferences import LONGEST_REMINDER, REMINDER
from web.redistribution import owned_by_all
from web.translations import LANGUAGES, N_
from web.visits import ADMINS, Visit, Visitor

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
CLOCKS = {
    Clock.BUSINESS_HOURS: N_("business time"),
    Clock.WORKING_DAYS: N_("working days"),
    Clock.WALL: N_("clock time"),
    Clock.CALENDAR_DAYS: N_("calendar days"),
    Clock.SAME_DAY: N_("the same day"),
    Clock.WORKING_WEEKS: N_("working weeks"),
}
SHORTEST_PASSWORD = 10
_LONGEST_SHORT = 32
_LONGEST_SPAN = Span(Clock.WALL, timedelta(days=31), days=366)
_SECRETS = ("password", "password_again")


@dataclass(frozen=True)
class Offset:
    """A personal moment, for which somebody may have a span of their own (AC-09, AC-16)."""

    rule: MomentRule
    title: str
    clocks: frozenset[Clock]

    @property
    def code(self) -> str:
        """The moment's code."""
        return self.rule.code

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"offset:{self.code}"

    @property
    def clock(self) -> str:
        """The clock it is counted on, as a sentence of the catalog."""
        return CLOCKS[self.rule.clock]


@dataclass(frozen=True)
class Wanted:
    """A form without mistakes."""

    fields: dict[str, Any]
    password: str


@router.get("/admin/people")
def people(visit: Visitor) -> Response:
    """Show everybody, those who left included."""
    visit.demand(ADMINS)
    with visit.front.database.reading() as session:
        staff, owned = queries.people(session), owned_by_all(session)
        sites = {row.key: row.name for row in session.exec(select(SiteRow))}
    return visit.page("admin_people.html", staff=staff.values(), owned=owned, sites=sites, roles=ROLES)


@router.get("/admin/people/new")
def blank(visit: Visitor) -> Response:
    """Show the empty form."""
    visit.demand(ADMINS)
    return _show(visit, Sheet({"language": "de", "site": visit.person.site, "active": "on"}))


@router.post("/admin/people/new")
def create(visit: Visitor, form: Sent) -> Response:
    """Take somebody on."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    short = slug(sheet, "short", _LONGEST_SHORT)
    with visit.front.database.writing() as session:
        if short and session.get(PersonRow, short) is not None:
            sheet.wrong("short", N_("Somebody has this short name already; also those who left keep theirs."))
        wanted = _read(session, sheet, {})
        if not sheet.problems:
            person = PersonRow(short=short, **wanted.fields)
            person.password_hash = visit.front.passwords.hash(wanted.password) if wanted.password else ""
            session.add(person)
            record(session, visit, PERSON, short, {}, _said(person, wanted))
    if sheet.problems:
        return _show(visit, sheet, status=422)
    return visit.go(f"/admin/people/{short}", "kept")


@router.get("/admin/people/{short}")
def person(visit: Visitor, short: str) -> Response:
    """Show somebody."""
    visit.demand(ADMINS)
    with visit.front.database.reading() as session:
        found = known(session, short)
    return _show(visit, _typed(found), found)


@router.post("/admin/people/{short}")
def change(visit: Visitor, form: Sent, short: str) -> Response:
    """Change somebody; a deactivation or a new password ends their sessions."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    with visit.front.database.writing() as session:
        found = known(session, short)
        wanted = _read(session, sheet, found.offsets)
        if short == visit.person.short:
            _keep_the_key(sheet, wanted)
        if not sheet.problems:
            before = _said(found)
            for name, value in wanted.fields.items():
                setattr(found, name, value)
            if wanted.password:
                found.password_hash = visit.front.passwords.hash(wanted.password)
            record(session, visit, PERSON, short, before, _said(found, wanted))
            if not found.active or (wanted.password and short != visit.person.short):
                session.exec(delete(SessionRow).where(col(SessionRow.person) == short))
    if sheet.problems:
        return _show(visit, sheet, found, 422)
    return visit.go(f"/admin/people/{short}", "kept")


def known(session: Session, short: str) -> PersonRow:
    """Return somebody; 404 where nobody has this short name."""
    found = session.get(PersonRow, short)
    if found is None:
        raise HTTPException(404)
    return found


def _show(visit: Visit, sheet: Sheet, found: PersonRow | None = None, status: int = 200) -> Response:
    """Make the form; a password is never sent back."""
    for name in _SECRETS:
        sheet.typed.pop(name, None)
    with visit.front.database.reading() as session:
        sites = [(row.key, row.name) for row in session.exec(select(SiteRow).order_by(SiteRow.name))]
        offsets = list(_offsets(session, visit.words.language))
        owned = owned_by_all(session).get(found.short) if found else None
    return visit.page(
        "admin_person.html",
        status,
        sheet=sheet,
        found=found,
        sites=sites,
        roles=ROLES,
        offsets=offsets,
        owned=owned,
        shortest=SHORTEST_PASSWORD,
    )


def _typed(found: PersonRow) -> Sheet:
    typed = {"name": found.name, "email": found.email, "language": found.language, "site": found.site}
    typed |= {f"role:{role}": "on" for role in found.roles}
    typed |= {f"offset:{code}": span for code, span in found.offsets.items()}
    return Sheet(typed | ({"active": "on"} if found.active else {}))


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
    for offset in _offsets(session, LANGUAGES[0]):
        fields["offsets"].pop(offset.code, None)
        if span := _span(sheet, offset):
            fields["offsets"][offset.code] = span
    return Wanted(fields, _password(sheet))


def _offsets(session: Session, language: str) -> Iterator[Offset]:
    """Yield the personal moments of the newest definitions, with every clock that any version counts them on.

    Tickets stay pinned to old versions: a span that one of them cannot read would stop those tickets.
    """
    every = [process_of(session, row.id) for row in session.exec(select(DefinitionRow)).all()]
    seen = set()
    for row in queries.definitions(session):
        for rule in process_of(session, row.id).moments:
            if rule.personal and rule.code not in seen:
                seen.add(rule.code)
                yield Offset(rule, rule.title[language], _clocks(every, rule.code))


def _clocks(definitions: list[ProcessDefinition], code: str) -> frozenset[Clock]:
    return frozenset(each.by_code[code].clock for each in definitions if code in each.by_code)


def _span(sheet: Sheet, offset: Offset) -> str:
    """Return an own span as definitions write it, or nothing."""
    text = "".join(sheet.line(offset.name, needed=False).split()).lower()
    if not text:
        return ""
    try:
        spans = [parse_span(text, clock) for clock in sorted(offset.clocks)]
    except ValueError:
        sheet.wrong(offset.name, N_("This is not a span like 8h, 30m or 1h30m; for days like 3d."))
        return ""
    if offset.code == REMINDER:
        return _reminder(sheet, offset, spans[0])
    if any(span.time > _LONGEST_SPAN.time or span.days > _LONGEST_SPAN.days for span in spans):
        sheet.wrong(offset.name, N_("At most 744h, or 366d."))
    return str(spans[0])


def _reminder(sheet: Sheet, offset: Offset, span: Span) -> str:
    """Return the reminder in whole minutes, as people set it for themselves."""
    minutes, rest = divmod(int(span.time.total_seconds()), 60)
    if rest or not 0 < minutes <= LONGEST_REMINDER:
        sheet.wrong(offset.name, N_("Please give whole minutes, at most a week, or leave it empty."))
    return f"{minutes}m"


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
