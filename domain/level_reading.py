"""Reads a table of service levels from its parsed TOML; what cannot be is said with file, table and key."""

from collections.abc import Iterable, Mapping
from functools import partial

from domain.business_time import BusinessCalendar
from domain.process import ProcessDefinition
from domain.reading import DefinitionError, Table
from domain.service_levels import Automation, Criterion, Group, LevelTable, Row, ServiceLevel, Window
from domain.spans import parse_span

_KEYS = ("title", "window", "group", "automation", "calendar", "spans")
_SITE = "site"


def read_levels(
    mapping: Mapping[str, object],
    processes: Mapping[str, ProcessDefinition] | None,
    calendars: Mapping[str, BusinessCalendar],
    *,
    name: str,
) -> LevelTable:
    """Return the table in a parsed file; a span has to fit its moment's clock, and two rows that meet must differ.

    `calendars` are those there are besides the site's own; the file may bring more, under `calendars`. Without
    `processes` its spans are taken as they are: a table that was in force once is read whatever became of a process.
    """
    top = Table(name, mapping)
    top.only("default", "precedence", "calendars", "levels", "rows")
    calendars = {**calendars, **_own_calendars(top.table("calendars"))}
    levels = {
        key: _level(key, top.table("levels").table(key), processes, calendars) for key in top.table("levels").content
    }
    precedence = top.choices("precedence", Criterion, tuple(Criterion))
    if sorted(precedence) != sorted(Criterion):
        raise top.error("precedence", f"each of {', '.join(Criterion)} is named once")
    default = top.text("default")
    if default not in levels:
        raise top.error("default", _unknown(default, levels))
    rows = tuple(_row(number, row, levels) for number, row in enumerate(top.rows("rows"), 1))
    table = LevelTable(levels, rows, precedence, default)
    _check_rows(table, top)
    return table


def _own_calendars(table: Table) -> dict[str, BusinessCalendar]:
    return {
        key: BusinessCalendar.from_mapping(table.table(key).content, name=f"{table.place}: {key}")
        for key in table.content
    }


def _level(
    key: str,
    table: Table,
    processes: Mapping[str, ProcessDefinition] | None,
    calendars: Mapping[str, BusinessCalendar],
) -> ServiceLevel:
    table.only(*_KEYS)
    calendar = table.text("calendar", _SITE)
    if calendar != _SITE and calendar not in calendars:
        raise table.error("calendar", _unknown(calendar, [_SITE, *calendars]))
    return ServiceLevel(
        key=key,
        title=table.words("title"),
        window=table.choice("window", Window),
        group=table.choice("group", Group),
        automation=table.choice("automation", Automation, Automation.PEOPLE),
        calendar=calendars.get(calendar),
        spans={process: _spans(table.table("spans"), process, processes) for process in table.table("spans").content},
    )


def _spans(spans: Table, key: str, processes: Mapping[str, ProcessDefinition] | None) -> dict[str, str]:
    table = spans.table(key)
    found = {code: table.text(code) for code in table.content}
    if processes is None:
        return found
    if key not in processes:
        raise spans.error(key, _unknown(key, processes))
    rules = processes[key].by_code
    for code, text in found.items():
        if code not in rules:
            raise table.error(code, f"there is no such moment; there are {', '.join(rules)}")
        table.parsed(code, text, partial(parse_span, clock=rules[code].clock))
    return found


def _row(number: int, row: Table, levels: Mapping[str, ServiceLevel]) -> Row:
    row.only("level", *Criterion)
    level = row.text("level")
    if level not in levels:
        raise row.error("level", _unknown(level, levels))
    asks = {criterion: row.text(criterion) for criterion in Criterion if criterion in row.content}
    if not asks:
        raise row.error("level", f"a row asks for at least one of {', '.join(Criterion)}")
    return Row(number, asks, level)


def _check_rows(table: LevelTable, top: Table) -> None:
    """Two rows that ask for the same would leave the decision to chance."""
    for row in table.rows:
        for other in table.rows[: row.number - 1]:
            if row.asks == other.asks:
                raise DefinitionError(f"{top.place}: rows[{row.number}]: asks for the same as row {other.number}")


def _unknown(key: str, known: Iterable[str]) -> str:
    return f"{key!r} is unknown; known are {', '.join(known) or 'none'}"
