"""Snippets of knowledge: kept in versions, and found by the full-text search that the database has.

SQLite looks in an FTS5 table that triggers keep, PostgreSQL in a generated tsvector (german and simple). Both read
words folded by `domain.text.search`, so an umlaut is found however it is typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlmodel import Session, col, select

from activities.ledger.context import Unknown
from domain.text.search import folded, terms
from models.tables import SnippetRow, SnippetVersionRow


@dataclass(frozen=True)
class Draft:
    """A snippet as somebody typed it; `category` may be empty, `site` is None for all."""

    title: str
    text: str
    category: str = ""
    site: str | None = None


class Overtaken(Exception):
    """Somebody saved the snippet since it was read; `row` is how it stands now."""

    def __init__(self, row: SnippetRow) -> None:
        """Keep how it stands."""
        self.row = row
        super().__init__(f"snippet {row.id} has version {row.number}")


def add(session: Session, draft: Draft, by: str, at: datetime) -> SnippetRow:
    """Keep a new snippet."""
    row = SnippetRow(title="", by=by, at=at)
    _fill(row, draft)
    session.add(row)
    session.flush()
    session.add(_version(row))
    return row


def change(
    session: Session, number: int, seen: int, draft: Draft, by: str, at: datetime, *, retired: bool | None = None
) -> SnippetRow:
    """Keep a new version of a snippet, unless nothing changed; `seen` is the version that was read.

    Raises Unknown, and Overtaken when somebody else saved since.
    """
    row = session.get(SnippetRow, number, with_for_update=True)
    if row is None:
        raise Unknown(f"there is no snippet {number}")
    wanted = row.retired if retired is None else retired
    if (draft, wanted) == (_draft(row), row.retired):
        return row
    if row.number != seen:
        raise Overtaken(row)
    _fill(row, draft)
    row.retired, row.by, row.at, row.number = wanted, by, at, row.number + 1
    session.add(_version(row))
    return row


def versions(session: Session, number: int) -> list[SnippetVersionRow]:
    """Return every version of a snippet, the newest first."""
    found = select(SnippetVersionRow).where(SnippetVersionRow.snippet == number)
    return list(session.exec(found.order_by(col(SnippetVersionRow.number).desc())))


def search(session: Session, asked: str, *, site: str | None = None, limit: int = 6) -> list[SnippetRow]:
    """Return the snippets that fit best: those with all words, or else with any; a hit in the title comes first.

    Every word may be the beginning of one. What is retired is never found; with a `site`, neither is another site's.
    Nothing that is typed is a query: an empty list for no words.
    """
    words = terms(asked)
    if not words:
        return []
    ids: list[int] = []
    for query in _queries(words, fts5=session.get_bind().dialect.name == "sqlite"):
        if len(ids) < limit:
            ids += [each for each in _asked(session, query, site, limit) if each not in ids]
        if ids and not query.titled:
            break
    rows = {row.id: row for row in session.exec(select(SnippetRow).where(col(SnippetRow.id).in_(ids)))}
    return [rows[each] for each in ids[:limit]]


@dataclass(frozen=True)
class _Query:
    """A question in the database's own language; `titled` if only titles are looked at."""

    text: str
    titled: bool


def _queries(words: Sequence[str], *, fts5: bool) -> Iterator[_Query]:
    """Yield what is asked one after the other: all words, in the title and anywhere; then any of them.

    Words hold letters and digits only, and are quoted all the same.
    """
    write = _fts5 if fts5 else _tsquery
    for joined in ("AND", "OR") if len(words) > 1 else ("AND",):
        yield _Query(write(words, joined, titled=True), titled=True)
        yield _Query(write(words, joined, titled=False), titled=False)


def _fts5(words: Sequence[str], joined: str, *, titled: bool) -> str:
    query = f" {joined} ".join(f'"{word}"*' for word in words)
    return f"{{title_found}} : ({query})" if titled else query


def _tsquery(words: Sequence[str], joined: str, *, titled: bool) -> str:
    sign = {"AND": " & ", "OR": " | "}[joined]
    return sign.join(f"'{word}':*{'A' if titled else ''}" for word in words)


def _asked(session: Session, query: _Query, site: str | None, limit: int) -> list[int]:
    statement = _SQLITE if session.get_bind().dialect.name == "sqlite" else _POSTGRES
    return [row[0] for row in session.execute(statement, {"query": query.text, "site": site, "limit": limit})]


_HERE = "NOT s.retired AND (s.site IS NULL OR CAST(:site AS VARCHAR) IS NULL OR s.site = :site)"
_SQLITE: TextClause = text(
    f"""
    SELECT s.id FROM snippet_search JOIN snippet s ON s.id = snippet_search.rowid
    WHERE snippet_search MATCH :query AND {_HERE}
    ORDER BY bm25(snippet_search, 10.0, 1.0), s.id LIMIT :limit
    """  # noqa: S608 - put together from constants
)
_POSTGRES: TextClause = text(
    f"""
    SELECT s.id FROM snippet s,
        LATERAL (SELECT to_tsquery('simple', :query) || to_tsquery('german', :query) AS words) q
    WHERE s.snippet_search @@ q.words AND {_HERE}
    ORDER BY ts_rank(s.snippet_search, q.words) DESC, s.id LIMIT :limit
    """  # noqa: S608 - put together from constants
)


def _fill(row: SnippetRow, draft: Draft) -> None:
    row.title, row.text, row.category, row.site = draft.title, draft.text, draft.category, draft.site
    row.title_found, row.text_found = folded(draft.title), folded(f"{draft.text} {draft.category}")


def _draft(row: SnippetRow) -> Draft:
    return Draft(row.title, row.text, row.category, row.site)


def _version(row: SnippetRow) -> SnippetVersionRow:
    return SnippetVersionRow(
        snippet=row.id,
        number=row.number,
        title=row.title,
        text=row.text,
        category=row.category,
        site=row.site,
        retired=row.retired,
        by=row.by,
        at=row.at,
    )
