"""Reads and writes the files of an import: CSV as spreadsheets save it. Knows columns, not what they mean.

A line that cannot be read is refused by itself; only a file whose lines cannot be told apart is refused as a whole.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.customers.external_facts import FIELDS
from domain.ticket.facts import Refused

REASON = "reason"
"""The column of our own download that says why a line was refused; it is ignored when it comes back."""
NEEDED = ("id", "what", "customer")
LARGEST = 10 * 1024 * 1024
MOST_LINES = 100_000
SURPLUS = "+"
"""Prefix of the names under which cells beyond the last column are kept."""
_DELIMITERS = ";,\t"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\r\n")
_MARK = "\ufeff"

EXAMPLE = (
    ("b-1001", "registered", "k-17", "2026-09-01", "", "", "", "", "Kim Kunde", "kim@kunde.example", "", "Kunde GmbH"),
    ("b-1002", "appointment", "k-17"),
    ("b-1003", "package", "k-17", "2026-09-03T10:15", "5"),
    ("b-1004", "task_posted", "k-17", "2026-09-04T09:00+02:00", "", "t-1"),
    ("b-1005", "task_assigned", "k-17", "", "", "t-1"),
    ("b-1006", "tagged", "k-17", "", "", "", "", "A"),
)
"""The lines of the file to begin from."""


@dataclass(frozen=True)
class Line:
    """One record of a file and the number of the line it begins in; refused already where it cannot be a record."""

    number: int
    content: dict[str, str]
    refusal: str = ""
    context: dict[str, str] = field(default_factory=dict)


def read_file(file: bytes) -> list[Line]:
    """Return the lines after the header; raises Refused for a file that is none of ours, naming what is wrong.

    UTF-8 with or without a mark, or Windows-1252; separated by semicolon, comma or tab. Empty lines at the end are
    nothing, between others they are refused: somebody may have lost what stood there.
    """
    if len(file) > LARGEST:
        raise Refused("import_too_large", limit=str(LARGEST // 1024 // 1024))
    text = _text(file)
    header = _header(text)
    lines = [_line(number, cells, header) for number, cells in _rows(text, header.delimiter) if number > header.number]
    while lines and lines[-1].refusal == "line_empty":
        lines.pop()
    if not lines:
        raise Refused("import_without_lines")
    if len(lines) > MOST_LINES:
        raise Refused("import_too_long", limit=str(MOST_LINES))
    return lines


def write_file(lines: Iterable[tuple[Mapping[str, str], str]], *, reasons: bool = True) -> bytes:
    """Return a file of records, each with the reason why it was refused; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([*FIELDS, REASON] if reasons else FIELDS)
    for content, reason in lines:
        surplus = [value for name, value in content.items() if name.startswith(SURPLUS)]
        cells = [content.get(name, "") for name in FIELDS]
        writer.writerow([_harmless(cell) for cell in [*cells, *([reason] if reasons else []), *surplus]])
    return (_MARK + out.getvalue()).encode()


def example() -> bytes:
    """Return a file to begin from."""
    return write_file(((dict(zip(FIELDS, cells, strict=False)), "") for cells in EXAMPLE), reasons=False)


@dataclass(frozen=True)
class _Header:
    number: int
    names: list[str]
    delimiter: str


def _text(file: bytes) -> str:
    if not file.strip():
        raise Refused("import_empty")
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = file.decode("cp1252")
        except UnicodeDecodeError:
            raise Refused("import_not_text") from None
    if not _CONTROLS.isdisjoint(text):
        raise Refused("import_not_text")
    return text


def _header(text: str) -> _Header:
    """Return the first line that says anything, as the delimiter that fits best reads it."""
    number, line = next((n, line) for n, line in enumerate(io.StringIO(text, newline=""), 1) if line.strip())
    readings = {each: next(iter(csv.reader([line], delimiter=each))) for each in _DELIMITERS}
    delimiter = max(readings, key=lambda each: (_known(readings[each]), len(readings[each])))
    if not _known(readings[delimiter]):
        raise Refused("header_missing", fields=", ".join(NEEDED))
    names = [cell.strip().lower() for cell in readings[delimiter]]
    for name in filter(None, names):
        if name not in (*FIELDS, REASON):
            raise Refused("column_unknown", column=name[:60], fields=", ".join(FIELDS))
        if names.count(name) > 1:
            raise Refused("column_twice", column=name)
    if missing := [name for name in NEEDED if name not in names]:
        raise Refused("column_missing", column=missing[0])
    return _Header(number, names, delimiter)


def _known(cells: Sequence[str]) -> int:
    return sum(cell.strip().lower() in FIELDS for cell in cells)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each record with the line it begins in; None for a line whose quotes are not right.

    A quote that is never closed would swallow the lines after it: then the file is refused.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num > number:
                raise Refused("quote_open", line=str(number)) from None
            yield number, None


def _line(number: int, cells: list[str] | None, header: _Header) -> Line:
    if cells is None:
        return Line(number, {}, "line_unreadable")
    named = zip(header.names, cells, strict=False)
    content = {name: _typed(cell) for name, cell in named if name and name != REASON and cell.strip()}
    surplus = [cell for cell in cells[len(header.names) :] if cell.strip()]
    if surplus:
        kept = {f"{SURPLUS}{n}": _typed(cell) for n, cell in enumerate(surplus, 1)}
        return Line(number, content | kept, "too_many_columns", {"columns": str(len(header.names))})
    return Line(number, content) if content else Line(number, {}, "line_empty")


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell


def _typed(cell: str) -> str:
    """Return a cell as it was before our own download made it harmless.

    >>> _typed("'+49 89 1"), _typed("'tis")
    ('+49 89 1', "'tis")
    """
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULAS) else cell
