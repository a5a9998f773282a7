"""Imports: a file of facts is sent, its lines are taken in by a workflow, and each refused line says why."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar
from starlette.datastructures import FormData, UploadFile

from activities.intake.external_facts import KNOWN, REFUSED, TAKEN
from activities.intake.imports import counts, keep_file_in
from activities.ledger.context import calendar_of
from domain.customers.external_facts import FIELDS
from domain.customers.import_files import LARGEST, MOST_LINES, Line, example, read_file, write_file
from domain.ticket.facts import Refused
from domain.words.wording import instant, refusal
from models.tables import ImportLineRow, ImportRow, SiteRow
from web.shell import directory, idempotency
from web.shell.csrf import Sent
from web.shell.downloads import disposition
from web.shell.forms import Sheet
from web.shell.naming import name_of
from web.shell.paging import page_number
from web.shell.request import REDISTRIBUTORS, Visit, Visitor, fresh_id
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter(prefix="/customers/import")
FLASHES = {
    "import_queued": N_("The file is kept. It is queued and begins within moments."),
}
"""What is said after something was done, by what a redirect names."""
IMPORTERS = REDISTRIBUTORS
PAGE_SIZE = 50
LISTED = 25
_CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Progress:
    """How far an import is."""

    total: int
    taken: int
    known: int
    refused: int
    done: bool

    @property
    def settled(self) -> int:
        """How many lines have an outcome."""
        return self.taken + self.known + self.refused


@dataclass(frozen=True)
class Entry:
    """An import in the list of earlier ones."""

    row: ImportRow
    when: str
    by: str
    progress: Progress


@dataclass(frozen=True)
class RefusedLine:
    """A line that was not taken: where it stood, what it said, and why not."""

    number: int
    said: str
    why: str


@router.get("")
def overview(visit: Visitor) -> Response:
    """Show the form and the imports so far."""
    visit.demand(IMPORTERS)
    return _show(visit, Sheet({"site": visit.person.site}))


@router.post("")
async def send(visit: Visitor, form: Sent) -> Response:
    """Keep a file and start its import; one that cannot be read is refused at the field, and nothing is kept."""
    visit.demand(IMPORTERS)
    sheet = Sheet.of(form)
    file = form.get("file")
    content = await _content(form)
    lines = await asyncio.to_thread(_lines, visit, sheet, content)
    site = sheet.choice("site", await asyncio.to_thread(_sites, visit))
    if sheet.problems:
        return await asyncio.to_thread(_show, visit, sheet, 422)
    name = (file.filename if isinstance(file, UploadFile) else None) or visit.words(N_("without a name"))
    identity = await asyncio.to_thread(_keep, visit, sheet, content or b"", name, lines, site)
    try:
        await visit.services.gateway.start_import(identity)
    except Unavailable:  # the sweep starts it
        return visit.redirect(f"/customers/import/{identity}", "import_queued")
    return visit.redirect(f"/customers/import/{identity}")


def _keep(visit: Visit, sheet: Sheet, content: bytes, name: str, lines: list[Line], site: str) -> int:
    """Keep the file, once per form; the same file in another form is another import."""
    with idempotency.creating(visit, sheet.typed, content) as sent:
        if not sent.became:
            sent.became = str(keep_file_in(sent.session, name, lines, visit.person.short, site, visit.now))
        return int(sent.became)


@router.get("/example.csv")
def example_file(visit: Visitor) -> Response:
    """Hand out a file to begin from."""
    visit.demand(IMPORTERS)
    return _download(visit.words(N_("example.csv")), example())


@router.get("/{identity:row}")
def one(visit: Visitor, identity: int, page: str = "1") -> Response:
    """Show how far an import is, and the lines that were refused."""
    visit.demand(IMPORTERS)
    number = page_number(page)
    with visit.services.database.reading() as session:
        row = _known(session, identity)
        progress = _progress(session, row)
        pages = max(1, -(-progress.refused // PAGE_SIZE))
        number = min(max(number, 1), pages)
        refused = _refused(identity).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
        lines = [RefusedLine(line.line, _said(line.content), _why(visit, line)) for line in session.exec(refused)]
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
    when = instant(row.started_at, visit.words.language, zone)
    shown = Entry(row, when, name_of(row.by, people), progress)
    return visit.render("intake/import.html", shown=shown, lines=lines, number=number, pages=pages)


@router.get("/{identity:row}/progress")
def progress_of(visit: Visitor, identity: int) -> Response:
    """Say how far an import is, for the script of its page."""
    visit.demand(IMPORTERS)
    with visit.services.database.reading() as session:
        found = _progress(session, _known(session, identity))
    said = {"settled": found.settled, "total": found.total, "done": found.done}
    said |= {"taken": found.taken, "known": found.known, "refused": found.refused}
    words = visit.words(N_("%(settled)s of %(total)s lines"), settled=found.settled, total=found.total)
    return JSONResponse(said | {"words": words})


@router.get("/{identity:row}/refused.csv")
def refused_file(visit: Visitor, identity: int) -> Response:
    """Hand out the refused lines, to be corrected and sent again."""
    visit.demand(IMPORTERS)
    with visit.services.database.reading() as session:
        row = _known(session, identity)
        lines = [(line.content, _why(visit, line)) for line in session.exec(_refused(identity))]
    name = visit.words(N_("refused from %(name)s"), name=row.name.removesuffix(".csv"))
    return _download(f"{name}.csv", write_file(lines))


async def _content(form: FormData) -> bytes | None:
    """Return the file that was sent, at most a byte more than may be; None without one."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return await file.read(LARGEST + 1)


def _lines(visit: Visit, sheet: Sheet, file: bytes | None) -> list[Line]:
    if file is None:
        sheet.wrong("file", N_("Please choose a file."))
        return []
    try:
        return read_file(file)
    except Refused as refused:
        problem = refusal(refused.code, refused.context, visit.words.language)
        sheet.wrong("file", N_("This cannot be read: %(problem)s"), problem=problem)
        return []


def _sites(visit: Visit) -> dict[str, str]:
    with visit.services.database.reading() as session:
        return {row.key: row.name for row in session.exec(select(SiteRow).order_by(SiteRow.name))}


def _show(visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
        newest = select(ImportRow).order_by(col(ImportRow.id).desc()).limit(LISTED)
        entries = [
            Entry(
                row,
                instant(row.started_at, visit.words.language, zone),
                name_of(row.by, people),
                _progress(session, row),
            )
            for row in session.exec(newest).all()
        ]
    sites = list(_sites(visit).items())
    grouped = f"{MOST_LINES:,}".replace(",", "." if visit.words.language == "de" else ",")
    limits = {"megabytes": LARGEST // 1024 // 1024, "lines": grouped}
    shown = {"sites": sites, "entries": entries, "fields_": FIELDS, "limits": limits}
    return visit.render("intake/imports.html", status, sheet=sheet, form_id=fresh_id(), **shown)


def _known(session: Session, identity: int) -> ImportRow:
    found = session.get(ImportRow, identity)
    if found is None:
        raise HTTPException(404)
    return found


def _progress(session: Session, row: ImportRow) -> Progress:
    found = counts(session, row.id)
    return Progress(sum(found.values()), found.get(TAKEN, 0), found.get(KNOWN, 0), found.get(REFUSED, 0), row.done)


def _refused(identity: int) -> SelectOfScalar[ImportLineRow]:
    refused = select(ImportLineRow).where(ImportLineRow.import_id == identity, ImportLineRow.outcome == REFUSED)
    return refused.order_by(col(ImportLineRow.line))


def _said(content: Mapping[str, str]) -> str:
    """Return what a line said, field by field, in the order of the columns."""
    named = [name for name in FIELDS if name in content]
    return " · ".join([*(f"{name}={content[name]}" for name in named), *_surplus(content)])


def _surplus(content: Mapping[str, str]) -> list[str]:
    return [value for name, value in content.items() if name not in FIELDS]


def _why(visit: Visit, line: ImportLineRow) -> str:
    return refusal(line.refusal, line.context, visit.words.language)


def _download(name: str, content: bytes) -> Response:
    return Response(content, media_type=_CSV, headers={"Content-Disposition": disposition(name)})
