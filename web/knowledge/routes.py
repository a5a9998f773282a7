"""Snippets of knowledge: anybody on the staff finds, adds, edits and retires them; an answer takes them in."""

import re
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session, col, func, select

from activities.knowledge import snippets as knowledge
from activities.knowledge.snippets import Draft, Overtaken
from activities.ledger.context import Unknown, calendar_of
from domain.text.numbers import read_number
from domain.text.search import Piece, excerpt, marked, terms
from domain.words.wording import instant
from models.tables import SiteRow, SnippetRow, SnippetVersionRow, TicketRow
from web.shell import directory, idempotency
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.naming import name_of
from web.shell.paging import page_number
from web.shell.request import Visit, Visitor, fresh_id
from web.shell.translations import N_

router = APIRouter(prefix="/knowledge")
FLASHES = {
    "snippet_kept": N_("Saved. It is found from now on."),
    "snippet_retired": N_("Retired. It is not found any more."),
    "snippet_back": N_("It is found again."),
}
"""What is said after something was done, by what a redirect names."""
PAGE_SIZE = 50
HITS = 6
_CATEGORY = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LONGEST_CATEGORY = 64
_LONGEST_QUESTION = 200


@dataclass(frozen=True)
class Listed:
    """A snippet in the list, with the words that were asked for marked."""

    row: SnippetRow
    title: list[Piece]
    excerpt: list[Piece]
    by: str
    when: str


@dataclass(frozen=True)
class Version:
    """A snippet as somebody saved it."""

    row: SnippetVersionRow
    by: str
    when: str


@router.get("")
def snippets(visit: Visitor, q: str = "", retired: str = "", page: str = "1") -> Response:
    """Show the snippets that fit what is asked, the best first; without a question all of them, the newest first."""
    asked, number = q[:_LONGEST_QUESTION], page_number(page)
    with visit.services.database.reading() as session:
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
        kept = select(SnippetRow).where(col(SnippetRow.retired).is_(bool(retired)))
        count = session.exec(select(func.count()).select_from(kept.subquery())).one()
        pages = 1 if asked else max(1, -(-count // PAGE_SIZE))
        number = min(max(number, 1), pages)
        newest = kept.order_by(col(SnippetRow.at).desc(), col(SnippetRow.id).desc())
        rows = (
            knowledge.search(session, asked, limit=PAGE_SIZE)
            if asked
            else list(session.exec(newest.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)))
        )
        words = terms(asked)
        listed = [
            Listed(
                row,
                marked(row.title, words),
                excerpt(row.text, words),
                name_of(row.by, people),
                instant(row.at, visit.words.language, zone),
            )
            for row in rows
        ]
        sites = _sites(session)
    return visit.render(
        "knowledge/knowledge.html",
        listed=listed,
        asked=asked,
        retired=bool(retired),
        sites=sites,
        number=number,
        pages=pages,
    )


@router.get("/hits")
def hits(visit: Visitor, q: str = "", ticket: str = "") -> Response:
    """Return what fits best, for the field inside an answer; of a ticket's site and of all sites."""
    asked = q[:_LONGEST_QUESTION]
    words = terms(asked)
    with visit.services.database.reading() as session:
        number = read_number(ticket) or 0
        row = session.get(TicketRow, number)
        found = knowledge.search(session, asked, site=row.site if row else visit.person.site, limit=HITS)
    return JSONResponse(
        [
            {
                "id": each.id,
                "title": _pieces(marked(each.title, words)),
                "excerpt": _pieces(excerpt(each.text, words)),
                "text": each.text,
            }
            for each in found
        ]
    )


@router.get("/new")
def new(visit: Visitor) -> Response:
    """Show an empty form."""
    return _show(visit, Sheet({"site": "", idempotency.FORM: fresh_id()}))


@router.post("/new")
def add(visit: Visitor, form: Sent) -> Response:
    """Keep a new snippet."""
    sheet = Sheet.of(form)
    with idempotency.creating(visit, sheet.typed) as sent:
        draft = _read(sent.session, sheet)
        if not sent.became and not sheet.problems:
            sent.became = str(knowledge.add(sent.session, draft, visit.person.short, visit.now).id)
    if sheet.problems:
        return _show(visit, sheet, status=422)
    return visit.redirect(f"/knowledge/{sent.became}", "snippet_kept")


@router.get("/{number:row}")
def snippet(visit: Visitor, number: int) -> Response:
    """Show a snippet in its form, with its versions."""
    return _show(visit, None, number)


@router.post("/{number:row}")
def save(visit: Visitor, form: Sent, number: int) -> Response:
    """Keep a new version; who did not see the newest one is told first, and loses nothing."""
    return _change(visit, Sheet.of(form), number, "snippet_kept")


@router.post("/{number:row}/retire")
def retire(visit: Visitor, form: Sent, number: int) -> Response:
    """Retire a snippet as it is: it is not found any more."""
    return _retire(visit, Sheet.of(form), number, retired=True)


@router.post("/{number:row}/back")
def back(visit: Visitor, form: Sent, number: int) -> Response:
    """Have a retired snippet found again."""
    return _retire(visit, Sheet.of(form), number, retired=False)


def _retire(visit: Visit, sheet: Sheet, number: int, *, retired: bool) -> Response:
    with visit.services.database.reading() as session:
        kept = _typed(_known(session, number))
    sheet.typed = {**kept.typed, "number": sheet.typed.get("number", "")}
    return _change(visit, sheet, number, "snippet_retired" if retired else "snippet_back", retired=retired)


def _change(visit: Visit, sheet: Sheet, number: int, flash: str, *, retired: bool | None = None) -> Response:
    seen = sheet.typed.get("number", "")
    try:
        with visit.services.database.writing() as session:
            draft = _read(session, sheet)
            if not sheet.problems:
                version = read_number(seen) or 0
                knowledge.change(session, number, version, draft, visit.person.short, visit.now, retired=retired)
    except Unknown:
        raise HTTPException(404) from None
    except Overtaken:
        return _show(visit, sheet, number, 409, overtaken=True)
    if sheet.problems:
        return _show(visit, sheet, number, 422)
    return visit.redirect(f"/knowledge/{number}", flash)


def _read(session: Session, sheet: Sheet) -> Draft:
    title, text = " ".join(sheet.line("title").split()), sheet.prose("text")
    category = sheet.line("category", needed=False, limit=_LONGEST_CATEGORY)
    if category and not _CATEGORY.fullmatch(category):
        sheet.wrong("category", N_("Small letters a to z, digits, and single - _ . between them, like order-status."))
    return Draft(title, text, category, sheet.choice("site", {"", *_sites(session)}) or None)


def _show(
    visit: Visit, sheet: Sheet | None, number: int | None = None, status: int = 200, *, overtaken: bool = False
) -> Response:
    """Show the form; after somebody else saved, with theirs besides, and what was typed still in it."""
    with visit.services.database.reading() as session:
        row = _known(session, number) if number is not None else None
        people, zone = directory.people(session), calendar_of(session, visit.person.site).zone
        found = [
            Version(each, name_of(each.by, people), instant(each.at, visit.words.language, zone))
            for each in (knowledge.versions(session, row.id) if row else [])
        ]
        sites = _sites(session)
    if sheet is None:
        sheet = _typed(row) if row else Sheet()
    seen = sheet.typed.get("number", "") if row and not overtaken else ""
    return visit.render(
        "knowledge/snippet.html",
        status,
        row=row,
        sheet=sheet,
        seen=seen or (row.number if row else ""),
        sites=list(sites.items()),
        versions=found,
        overtaken=overtaken,
    )


def _known(session: Session, number: int) -> SnippetRow:
    row = session.get(SnippetRow, number)
    if row is None:
        raise HTTPException(404)
    return row


def _typed(row: SnippetRow) -> Sheet:
    return Sheet({"title": row.title, "text": row.text, "category": row.category, "site": row.site or ""})


def _sites(session: Session) -> dict[str, str]:
    return {row.key: row.name for row in session.exec(select(SiteRow).order_by(SiteRow.name))}


def _pieces(pieces: list[Piece]) -> list[list[object]]:
    return [[piece.text, piece.hit] for piece in pieces]
