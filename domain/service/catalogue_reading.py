"""Reads a service catalogue from its parsed TOML; what cannot be is said with file, table and key."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from string import Formatter

from domain.process.definition import ProcessDefinition
from domain.process.gates import Words
from domain.process.table import DefinitionError, Table
from domain.service.catalogue import GAPS, Catalogue, Category, ChannelRule
from domain.service.categorise import Phrase
from domain.service.levels import Automation, Criterion, Group, LevelTable, Row, ServiceLevel, Window
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, parse_span

_TOP = ("default", "precedence", "calendars", "levels", "rows", "people_words", "categories", "channels")
_LEVEL = ("title", "window", "group", "automation", "calendar", "spans")
_CATEGORY = ("title", "automation", "recognise", "subject", "answer", "done", "close")
_CHANNEL = ("title", "open", "reach", "confirm")
_SITE, _ALWAYS = "site", "always"


def read_catalogue(
    mapping: Mapping[str, object],
    processes: Mapping[str, ProcessDefinition] | None,
    calendars: Mapping[str, BusinessCalendar],
    *,
    name: str,
    pinned: bool = False,
) -> Catalogue:
    """Return the catalogue in a parsed file; a span has to fit its moment's clock, and two rows that meet must differ.

    `calendars` are those there are besides the site's own; the file may bring more, under `calendars`. Without
    `processes` what it says of their moments and reasons is taken as it is: a catalogue that was in force once is read
    whatever became of a process. In a `pinned` one hours that are not there any more are the site's own.
    """
    top = Table(name, mapping, pinned)
    top.only(*_TOP)
    calendars = {**calendars, **_own_calendars(top.table("calendars"))}
    categories, channels = top.table("categories"), top.table("channels")
    return Catalogue(
        levels=_levels(top, processes, calendars),
        categories={key: _category(key, categories.table(key), processes) for key in categories.named()},
        channels={key: _channel(key, channels.table(key), calendars) for key in channels.named()},
        people_words=tuple(top.parsed("people_words", text, Phrase.of) for text in top.texts("people_words")),
    )


def _levels(
    top: Table, processes: Mapping[str, ProcessDefinition] | None, calendars: Mapping[str, BusinessCalendar]
) -> LevelTable:
    levels = {
        key: _level(key, top.table("levels").table(key), processes, calendars) for key in top.table("levels").named()
    }
    precedence = top.choices("precedence", Criterion, tuple(Criterion))
    precedence += tuple(criterion for criterion in Criterion if top.pinned and criterion not in precedence)
    if sorted(precedence) != sorted(Criterion):
        raise top.error("precedence", f"each of {', '.join(Criterion)} is named once")
    default = top.text("default")
    if default not in levels:
        raise top.error("default", _unknown(default, levels))
    rows = tuple(_row(number, row, levels) for number, row in enumerate(top.rows("rows"), 1) if _is_known(row))
    table = LevelTable(levels, rows, precedence, default)
    if not top.pinned:
        _check_rows(table, top)
    return table


def _is_known(row: Table) -> bool:
    """Whether a row asks only for what contacts have; a pinned one that asks for more fits nobody any more."""
    return not row.pinned or set(row.content) <= {"level", *Criterion}


def _own_calendars(table: Table) -> dict[str, BusinessCalendar]:
    return {
        key: BusinessCalendar.from_mapping(table.table(key).content, name=f"{table.place}: {key}", pinned=table.pinned)
        for key in table.content
    }


def _level(
    key: str,
    table: Table,
    processes: Mapping[str, ProcessDefinition] | None,
    calendars: Mapping[str, BusinessCalendar],
) -> ServiceLevel:
    table.only(*_LEVEL)
    calendar = table.text("calendar", _SITE)
    if calendar != _SITE and calendar not in calendars and not table.pinned:
        raise table.error("calendar", _unknown(calendar, [_SITE, *calendars]))
    return ServiceLevel(
        key=key,
        title=table.words("title"),
        window=table.choice("window", Window, instead=Window.BUSINESS_HOURS),
        group=table.choice("group", Group, instead=Group.COMMERCIAL),
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


def _category(key: str, table: Table, processes: Mapping[str, ProcessDefinition] | None) -> Category:
    """Only a matter that the answer settles may close by itself: any other one waits for a person (reading 7)."""
    table.only(*_CATEGORY)
    category = Category(
        key=key,
        title=table.words("title"),
        automation=table.choice("automation", Automation, Automation.PEOPLE),
        phrases=tuple(table.parsed("recognise", text, Phrase.of) for text in table.texts("recognise")),
        subject=_words(table, "subject"),
        answer=_words(table, "answer"),
        done=table.flag("done", default=False),
    )
    if category.automation is not Automation.PEOPLE and not category.answer:
        raise table.error("answer", f"whatever is {category.automation} needs a text")
    for words in () if table.pinned else (*category.subject.values(), *category.answer.values()):
        _check_gaps(table, words)
    if "close" not in table.content:
        return category
    if not category.done:
        raise table.error("close", "a matter that is not done is a person's, and does not close by itself")
    closing = table.table("close")
    after = closing.parsed("after", closing.text("after"), partial(parse_span, clock=Clock.WORKING_DAYS))
    reasons = {process: closing.text(process) for process in closing.content if process != "after"}
    if processes is not None:
        _check_reasons(closing, reasons, processes)
    return replace(category, closes_after=after, reasons=reasons)


def _check_gaps(table: Table, words: str) -> None:
    try:
        gaps = {gap for _, gap, _, _ in Formatter().parse(words) if gap is not None}
    except ValueError as problem:
        raise table.error("answer", f"{problem}") from None
    if unknown := sorted(gaps - GAPS):
        raise table.error("answer", f"the gap {{{unknown[0]}}} is unknown; known are {', '.join(sorted(GAPS))}")
    try:
        words.format_map(dict.fromkeys(GAPS, ""))
    except ValueError as problem:
        raise table.error("answer", f"a gap cannot be filled: {problem}") from None


def _check_reasons(closing: Table, reasons: Mapping[str, str], processes: Mapping[str, ProcessDefinition]) -> None:
    for key, reason in reasons.items():
        if key not in processes:
            raise closing.error(key, _unknown(key, processes))
        free = [one for one in processes[key].reasons if not processes[key].needs.get(one)]
        if reason not in free:
            raise closing.error(key, _unknown(reason, free))


def _channel(key: str, table: Table, calendars: Mapping[str, BusinessCalendar]) -> ChannelRule:
    table.only(*_CHANNEL)
    hours = table.text("open", _ALWAYS)
    if hours not in (_SITE, _ALWAYS) and hours not in calendars and not table.pinned:
        raise table.error("open", _unknown(hours, [_ALWAYS, _SITE, *calendars]))
    return ChannelRule(
        key=key,
        title=table.words("title"),
        always=hours == _ALWAYS,
        calendar=calendars.get(hours),
        reach=table.text("reach", "") if "reach" in table.content else "",
        confirms=table.flag("confirm", default=False),
    )


def _words(table: Table, key: str) -> Words:
    return table.words(key) if key in table.content else {}


def _unknown(key: str, known: Iterable[str]) -> str:
    return f"{key!r} is unknown; known are {', '.join(known) or 'none'}"
