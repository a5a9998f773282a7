"""Which wall-clock ranges open which date at a site, and which definitions are refused.

Knows the calendar file's format, statutory holidays, time zones and what takes precedence over what
(BUSINESS_TIME rules 1, 2, 7, 8, 12, 14). Refuses to know files, spans, deadlines and the current time:
it is handed parsed TOML and answers for one date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
HORIZON = (date(2000, 1, 1), date(2100, 1, 1))
NO_REGION = "none"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_KEYS = ("zone", "holidays", "holiday_categories", "closed", "hours", "exceptions", "working_days")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_REGION = re.compile(r"[A-Z]{2}(-\w+)?")
_RANGE = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


class CalendarError(ValueError):
    """A calendar's definition, or a question to a calendar, that has no answer."""


class Range(NamedTuple):
    """Open hours of one date, on the wall clock since its midnight; an end after 24 h is on the next date."""

    starts: timedelta
    ends: timedelta
    text: str


Week = tuple[tuple[Range, ...], ...]


@dataclass(frozen=True)
class Definition:
    """The valid opening rules of one site; one that was not pinned opens at least once."""

    name: str = field(compare=False)
    zone: ZoneInfo
    region: str
    categories: tuple[str, ...]
    closed: frozenset[date]
    hours: Week
    exceptions: Mapping[date, tuple[Range, ...]] = field(hash=False)
    horizon: tuple[date, date]
    weekdays: frozenset[int] = frozenset()

    @property
    def country(self) -> str:
        """The country whose holidays are kept; empty for none."""
        return "" if self.region == NO_REGION else self.region.partition("-")[0]

    def openings(self, day: date) -> list[tuple[timedelta, timedelta]]:
        """Open spans that start on a local date, as time since the epoch, sorted, `[opens, closes)`.

        A closed date closes from 00:00 to 24:00: what would have begun on it and run past midnight opens the next date
        at its midnight. A span a clock change leaves empty is dropped; two that it makes overlap are left overlapping.
        """
        midnight = datetime.combine(day, time.min, self.zone)
        spans = []
        for hours in self._ranges(day):
            opens, closes = midnight + hours.starts - EPOCH, midnight + hours.ends - EPOCH
            if hours.ends > DAY and self._cuts(day + DAY):
                closes = self.midnight(day + DAY)
            spans.append((opens, closes))
        eve = day - DAY
        if self._closes(eve) and not self._cuts(day):
            before = datetime.combine(eve, time.min, self.zone)
            late = [hours for hours in self._begun(eve) if hours.ends > DAY]
            spans += [(self.midnight(day), before + hours.ends - EPOCH) for hours in late]
        return sorted((opens, closes) for opens, closes in spans if opens < closes)

    def midnight(self, day: date) -> timedelta:
        """First instant of a local date, as time since the epoch; of the gap, where 00:00 is skipped."""
        return datetime.combine(day, time.min, self.zone) - EPOCH

    def _ranges(self, day: date) -> tuple[Range, ...]:
        return () if self._closes(day) else self._begun(day)

    def _begun(self, day: date) -> tuple[Range, ...]:
        """The ranges that begin on a date, unless it is closed."""
        return self.exceptions[day] if day in self.exceptions else self.hours[day.weekday()]

    def _closes(self, day: date) -> bool:
        return day in self.closed or (day not in self.exceptions and self._is_holiday(day))

    def _cuts(self, day: date) -> bool:
        # An exception opens its own hours on a holiday, not the end of a span begun on the eve (rules 7, 8).
        return day in self.closed or self._is_holiday(day) or day >= self.horizon[1]

    def _is_holiday(self, day: date) -> bool:
        return self.region != NO_REGION and day in _holidays_of(self.region, self.categories, day.year)


def read_definition(
    mapping: Mapping[str, object], *, name: str, horizon: tuple[date, date], pinned: bool = False
) -> Definition:
    """Read the parsed TOML of a calendar file, or raise `CalendarError` naming file, table and key.

    One that was accepted once is `pinned`: what is merely not known any more is passed over, and it need not open.
    """
    mapping = _as_known_today(mapping) if pinned else mapping
    _refuse_unknown(mapping, _KEYS, f"{name}: ")
    region, categories, years = _region(mapping, name)
    definition = Definition(
        name=name,
        zone=_zone(mapping.get("zone"), f"{name}: zone"),
        region=region,
        categories=categories,
        closed=frozenset(_dates(mapping.get("closed", []), f"{name}: closed")),
        hours=_week(mapping.get("hours"), f"{name}: hours"),
        exceptions=_exceptions(mapping.get("exceptions", {}), f"{name}: exceptions"),
        horizon=(max(horizon[0], years[0]), min(horizon[1], years[1])),
        weekdays=_weekdays(mapping, name),
    )
    if not pinned and not any(definition.openings(day) for day in _candidates(definition)):
        raise CalendarError(f"{name}: hours: never open between {horizon[0]} and {horizon[1]}")
    return definition


def _as_known_today(mapping: Mapping[str, object]) -> Mapping[str, object]:
    """Leave out keys that nobody reads, and holidays that the package does not know any more."""
    known = {key: value for key, value in mapping.items() if key in _KEYS}
    try:
        _region(known, "")
    except CalendarError:
        region = str(known.get("holidays", NO_REGION)).partition("-")[0]
        known |= {"holidays": region if _is_known(region) else NO_REGION, "holiday_categories": ["public"]}
    return known


def _is_known(region: str) -> bool:
    try:
        _holidays(region)
    except NotImplementedError:
        return False
    return True


def _candidates(definition: Definition) -> Iterator[date]:
    first, end = definition.horizon
    if not any(definition.hours):
        days = (day + DAY * n for day in definition.exceptions for n in (0, 1))
        yield from (day for day in days if first <= day < end)
    else:
        yield from (first + DAY * n for n in range((end - first).days))


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise CalendarError(f"{where}{key}: unknown key (known: {', '.join(known)})")


def _zone(key: object, where: str) -> ZoneInfo:
    text = _text(key, where)
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError) as error:
        raise CalendarError(f'{where}: "{text}" is not a time zone, like "Europe/Berlin"') from error


def _region(mapping: Mapping[str, object], name: str) -> tuple[str, tuple[str, ...], tuple[date, date]]:
    where, place = f"{name}: holidays", f"{name}: holiday_categories"
    region = _text(mapping.get("holidays"), where)
    items = _items(mapping.get("holiday_categories", ["public"]), place)
    categories = tuple(sorted({_text(item, at) for at, item in items}))
    if region == NO_REGION:
        return region, (), (date.min, date.max)
    if not _REGION.fullmatch(region):
        raise CalendarError(f'{where}: "{region}" is not a region, like "DE-BY", "DE" or "none"')
    try:
        known = _holidays(region)
    except NotImplementedError as error:
        raise CalendarError(f'{where}: "{region}" is a region without known holidays') from error
    for category in categories:
        if category not in known.supported_categories:
            raise CalendarError(f'{place}: "{category}" is not one of {", ".join(known.supported_categories)}')
    return region, categories, (date(known.start_year, 1, 1), date(known.end_year + 1, 1, 1))


def _holidays(region: str, **options: object) -> HolidayBase:
    country, _, subdivision = region.partition("-")
    return country_holidays(country, subdiv=subdivision or None, **options)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _holidays_of(region: str, categories: tuple[str, ...], year: int) -> frozenset[date]:
    return frozenset(_holidays(region, categories=categories, years=year, expand=False))


def _week(table: object, where: str) -> Week:
    hours = _table(table, where)
    _refuse_unknown(hours, WEEKDAYS, f"{where}.")
    week = tuple(_ranges(hours.get(weekday, []), f"{where}.{weekday}") for weekday in WEEKDAYS)
    for number, weekday in enumerate(WEEKDAYS):
        eve, today = week[number - 1], week[number]
        if eve and today and eve[-1].ends - DAY > today[0].starts:
            overlap = f'"{today[0].text}" overlaps "{eve[-1].text}" of {WEEKDAYS[number - 1]}'
            raise CalendarError(f"{where}.{weekday}: {overlap}")
    return week


def _weekdays(mapping: Mapping[str, object], name: str) -> frozenset[int]:
    """The weekdays that count as working days: Monday to Friday, unless the calendar says otherwise.

    A Saturday morning serves customers but is no Arbeitstag; a desk that opens on weekends only has no other days.
    """
    where = f"{name}: working_days"
    hours = _table(mapping.get("hours"), f"{name}: hours")
    usual = [day for day in WEEKDAYS[:5] if hours.get(day)] or [day for day in WEEKDAYS if hours.get(day)]
    counted = {}
    for place, value in _items(mapping.get("working_days", usual or list(WEEKDAYS)), where):
        text = _text(value, place)
        if text not in WEEKDAYS:
            raise CalendarError(f'{place}: "{text}" is not a weekday; known are {", ".join(WEEKDAYS)}')
        counted[text] = WEEKDAYS.index(text)
    if not counted:
        raise CalendarError(f"{where}: a week without working days never ends")
    return frozenset(counted.values())


def _exceptions(table: object, where: str) -> dict[date, tuple[Range, ...]]:
    days = _table(table, where)
    return {_date(day, where): _ranges(texts, f'{where}."{day}"') for day, texts in sorted(days.items())}


def _ranges(texts: object, where: str) -> tuple[Range, ...]:
    ranges = sorted((_range(text, place), place) for place, text in _items(texts, where))
    for (earlier, _), (later, place) in pairwise(ranges):
        if later.starts < earlier.ends:
            raise CalendarError(f'{place}: "{later.text}" overlaps "{earlier.text}"')
    return tuple(hours for hours, _ in ranges)


def _range(value: object, where: str) -> Range:
    text = _text(value, where)
    match = _RANGE.fullmatch(text)
    if not match:
        raise CalendarError(f'{where}: "{text}" is not a range of times')
    if match[2] == "23:59":
        raise CalendarError(f'{where}: "{text}" loses the last minute of the day; write 24:00')
    starts, ends = _wall_clock(match[1]), _wall_clock(match[2])
    if starts == ends:
        raise CalendarError(f'{where}: "{text}" starts when it ends; a whole day is 00:00-24:00')
    return Range(starts, ends if ends > starts else ends + DAY, text)


def _wall_clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _dates(values: object, where: str) -> Iterator[date]:
    return (_date(value, place) for place, value in _items(values, where))


def _date(value: object, where: str) -> date:
    text = _text(value, where)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CalendarError(f'{where}: "{text}" is not a date, like "2026-12-24"')


def _text(value: object, where: str) -> str:
    if isinstance(value, str):
        return value
    raise CalendarError(f"{where}: {'is missing' if value is None else f'{value} is not a text in quotes'}")


def _table(value: object, where: str) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise CalendarError(f"{where}: {'is missing' if value is None else 'is not a table'}")


def _items(values: object, where: str) -> list[tuple[str, object]]:
    if not isinstance(values, list):
        raise CalendarError(f"{where}: is not a list")
    return [(f"{where}[{position}]", value) for position, value in enumerate(values)]
