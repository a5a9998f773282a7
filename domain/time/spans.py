"""Spans of time that know their clock. A rule says "4 business hours" or "8 working days", never a bare number.

Knows how each clock counts forwards and backwards over a calendar and around pauses; refuses to know what is counted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.time.calendar import BusinessCalendar

Breaks = Sequence[tuple[datetime, datetime]]


class Clock(StrEnum):
    """The clocks a span can be counted on."""

    BUSINESS_HOURS = "business hours"
    WORKING_DAYS = "working days"
    SAME_DAY = "same day"
    WALL = "wall"
    CALENDAR_DAYS = "calendar days"
    WORKING_WEEKS = "working weeks"


@dataclass(frozen=True)
class Span:
    """An amount on a clock; `after` and `before` count it from an instant, around the breaks of a pause."""

    clock: Clock
    time: timedelta = timedelta(0)
    days: int = 0

    def after(self, at: datetime, calendar: BusinessCalendar, breaks: Breaks = ()) -> datetime:
        """Return the instant this span after `at`; spans in days end at the close of business (S0, reading 23)."""
        match self.clock:
            case Clock.BUSINESS_HOURS:
                return calendar.add(at, self.time, breaks=breaks)
            case Clock.WORKING_DAYS:
                return calendar.due_after_working_days(at, self.days, breaks=breaks)
            case Clock.SAME_DAY:
                return calendar.end_of_same_day(at, breaks=breaks)
            case Clock.CALENDAR_DAYS:
                day = calendar.add_calendar_days(_local_day(at, calendar), self.days)
                return calendar.closing_of(calendar.add_working_days(day, 0, breaks=breaks))
            case Clock.WORKING_WEEKS:
                return calendar.end_of_week(at, self.days // _WEEK, breaks=breaks)
            case Clock.WALL:
                return _elapse(at, self.time, breaks).astimezone(calendar.zone)

    def before(self, at: datetime, calendar: BusinessCalendar, breaks: Breaks = ()) -> datetime:
        """Return the instant this span before `at`; a deadline counted backwards never moves forwards (rule 10)."""
        match self.clock:
            case Clock.BUSINESS_HOURS:
                return calendar.subtract(at, self.time, breaks=breaks)
            case Clock.WORKING_DAYS:
                return calendar.due_before_working_days(at, self.days, breaks=breaks)
            case Clock.CALENDAR_DAYS:
                return calendar.due_before_working_days(at - timedelta(days=self.days), 0, breaks=breaks)
            case Clock.WALL:
                return _elapse(at - self.time, timedelta(0), breaks).astimezone(calendar.zone)
            case Clock.SAME_DAY | Clock.WORKING_WEEKS:
                raise ValueError(f"the clock {self.clock.value!r} counts forwards only")

    def __str__(self) -> str:
        """Return the span as it is written in a process definition: "1h30m", "8d", "8w", "same day"."""
        if self.clock is Clock.SAME_DAY:
            return self.clock.value
        if self.clock is Clock.WORKING_WEEKS:
            return f"{self.days // _WEEK}w"
        return f"{self.days}d" if self.clock in _IN_DAYS else _hours_and_minutes(self.time)


FORWARDS_ONLY = frozenset({Clock.SAME_DAY, Clock.WORKING_WEEKS})
"""The clocks that end with a day or a week: nothing can be so long before something."""
_WEEK = 7
_UNITS = {Clock.WORKING_DAYS: "d", Clock.CALENDAR_DAYS: "dw", Clock.WORKING_WEEKS: "w"}
_IN_DAYS = frozenset(_UNITS)
_TIME = re.compile(r"(?:(?P<hours>\d{1,5})h)?(?:(?P<minutes>\d{1,6})m)?(?:(?P<seconds>\d{1,6})s)?")
_DAYS = re.compile(r"(?P<amount>\d{1,4})(?P<unit>[dw])")


def parse_span(text: str, clock: Clock) -> Span:
    """Read "1h30m" or "90m" on a clock of time, "8d" or "8w" on one of days or weeks; all else is a ValueError."""
    if clock is Clock.SAME_DAY:
        if text != "":
            raise ValueError(f"the clock 'same day' takes no span, but {text!r} was given")
        return Span(clock)
    if clock in _IN_DAYS:
        found = _DAYS.fullmatch(text)
        if not found or found["unit"] not in _UNITS[clock]:
            example = '"1w"' if clock is Clock.WORKING_WEEKS else '"8d"'
            raise ValueError(f"{text!r} is not a number of {clock.value.split()[1]} such as {example}")
        return Span(clock, days=int(found["amount"]) * (_WEEK if found["unit"] == "w" else 1))
    found = _TIME.fullmatch(text)
    if not found or not text:
        raise ValueError(f'{text!r} is not a span of time such as "1h30m"')
    parts = {unit: int(amount) for unit, amount in found.groupdict(default="0").items()}
    return Span(clock, time=timedelta(**parts))


def _local_day(at: datetime, calendar: BusinessCalendar) -> date:
    return at.astimezone(calendar.zone).date()


def _hours_and_minutes(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0h"


def _elapse(at: datetime, time: timedelta, breaks: Breaks) -> datetime:
    """Add elapsed time that stands still in the breaks; an instant inside a break moves to its end."""
    due = at + time
    for start, end in sorted(breaks):
        if start <= due and end > at:
            due += end - max(start, at)
    return due
