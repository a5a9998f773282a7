"""Arithmetic of open time: spans of business hours, and deadlines in working days and calendar days.

Knows the open spans of one site as an index grown on demand (BUSINESS_TIME rules 1 to 13).
Refuses to know the current time, files, tickets and what a deadline is for. Instants are aware datetimes,
spans are elapsed open time to the microsecond, and every answer is in the calendar's own zone.

>>> office = BusinessCalendar.from_mapping(_EXAMPLE)
>>> print(office.add(datetime(2027, 3, 2, 17, tzinfo=office.zone), timedelta(hours=2)))
2027-03-03 10:00:00+01:00
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.time.definition import DAY, EPOCH, HORIZON, WEEK, CalendarError, Definition, Range, read_definition
from domain.time.index import BeyondHorizon, OpenTime

# The two errors belong to the modules that raise them, but whoever asks this one has to catch them.
__all__ = ["BeyondHorizon", "Break", "BusinessCalendar", "CalendarError", "Segment"]

Break = tuple[datetime, datetime]
Closure = tuple[timedelta, timedelta]

# The office of all examples below.
_EXAMPLE = {
    "zone": "Europe/Berlin",
    "holidays": "DE",
    "hours": {
        "mon": ["09:00-18:00"],
        "tue": ["09:00-18:00"],
        "wed": ["09:00-18:00"],
        "thu": ["09:00-18:00"],
        "fri": ["09:00-18:00"],
        "sat": ["09:00-13:00"],
    },
}
_ZERO = timedelta()
_MINUTE = timedelta(minutes=1)


class Segment(NamedTuple):
    """Open time without interruption, `[opens_at, closes_at)`, in the calendar's zone."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class BusinessCalendar:
    """When a site is open, and everything that is counted in its open time.

    `breaks` in any method are closures of one case (a ticket's pauses), merged into the calendar for that
    call: half-open `[begins, ends)`, in any order, overlapping or not; open time in them does not count
    (rule 11), and a working day does not count if its closing is in one (begins < closing <= ends).
    Naive datetimes raise `ValueError`; questions and results outside the horizon raise `BeyondHorizon`.
    """

    definition: Definition
    _open_time: OpenTime = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Begin without any year counted; they are added as questions ask for them."""
        object.__setattr__(self, "_open_time", OpenTime(self.definition))

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, object],
        *,
        name: str = "calendar",
        horizon: tuple[date, date] = HORIZON,
        pinned: bool = False,
    ) -> BusinessCalendar:
        """Build a calendar from a calendar file's parsed TOML, or raise `CalendarError` naming file and key.

        The horizon is a pair of local dates, the second exclusive; it is narrowed to the years whose
        holidays are known. A `pinned` one was accepted once, maybe by an earlier release: it may have ceased to open.

        >>> BusinessCalendar.from_mapping(_EXAMPLE | {"hours": {"mon": ["09:00-12:00", "25:00-26:00"]}})
        Traceback (most recent call last):
        domain.time.definition.CalendarError: calendar: hours.mon[1]: "25:00-26:00" is not a range of times
        """
        return cls(read_definition(mapping, name=name, horizon=horizon, pinned=pinned))

    def demand_hours_after(self, at: datetime) -> None:
        """Raise `CalendarError` unless an open hour and a working day lie ahead of an instant (rule 12).

        Nobody may apply a calendar that is closed for good: what is promised by it would never be due.
        """
        try:
            self.next_open(at)
            self.add_working_days(self._day(at), 1)
        except BeyondHorizon:
            first, end = self.definition.horizon
            never = f"never open after {self._day(at)}, horizon {first} to {end}"
            raise CalendarError(f"{self.name}: hours: {never}") from None

    @property
    def name(self) -> str:
        """The name errors use, usually the file's."""
        return self.definition.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone the hours are written in and every answer is given in."""
        return self.definition.zone

    @property
    def country(self) -> str:
        """The country whose holidays are kept, by its code of two letters (ISO 3166); empty for none."""
        return self.definition.country

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change whenever the same question may get another answer (rule 13).

        They cover the definition, the versions of `holidays` and `tzdata`, and the zone's offset on every day
        of the horizon, because a system's own time zone files take precedence over the package.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> len(office.fingerprint)
        16
        """
        rules = self.definition
        first, end = rules.horizon
        facts = [
            [str(rules.zone), rules.region, rules.categories, sorted(map(str, rules.closed))],
            [_plain(ranges) for ranges in rules.hours],
            [[str(day), _plain(ranges)] for day, ranges in sorted(rules.exceptions.items())],
            [version("holidays"), version("tzdata"), str(first), str(end)],
            [sorted(rules.weekdays)],
            [rules.midnight(first + DAY * n) // _MINUTE for n in range((end - first).days)],
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    # Open time

    def add(self, at: datetime, span: timedelta, *, breaks: Sequence[Break] = ()) -> datetime:
        """Earliest instant at which `span` of open time has passed since `at` (rules 1, 3, 4, 5).

        A span that ends exactly at closing time is due at closing time. Zero is the next open instant,
        a negative span counts back like `subtract`.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.add(datetime(2027, 3, 2, 16, tzinfo=office.zone), timedelta(hours=2)))
        2027-03-02 18:00:00+01:00
        >>> print(office.add(datetime(2027, 3, 6, 20, tzinfo=office.zone), timedelta()))
        2027-03-08 09:00:00+01:00
        """
        if span <= _ZERO:
            return self.subtract(at, -span, breaks=breaks) if span else self.next_open(at, breaks=breaks)
        moment = _instant(at)
        due = self._open_time.after(moment, span)
        for begins, ends in _merged(breaks) if breaks else ():
            if begins >= due - EPOCH:
                break
            if ends > moment:
                span += self._open_time.between(max(begins, moment), ends)
                due = self._open_time.after(moment, span)
        return due

    def subtract(self, at: datetime, span: timedelta, *, breaks: Sequence[Break] = ()) -> datetime:
        """Latest instant from which `span` of open time passes until `at` (rules 3, 4, 5).

        A span that ends exactly at an opening time stays there. Zero is the last open moment,
        see `previous_open`; a negative span counts forward like `add`.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.subtract(datetime(2027, 3, 3, 10, tzinfo=office.zone), timedelta(hours=2)))
        2027-03-02 17:00:00+01:00
        """
        if span <= _ZERO:
            return self.add(at, -span, breaks=breaks) if span else self.previous_open(at, breaks=breaks)
        moment = _instant(at)
        due = self._open_time.before(moment, span)
        for begins, ends in reversed(_merged(breaks)) if breaks else ():
            if ends <= due - EPOCH:
                break
            if begins < moment:
                span += self._open_time.between(begins, min(ends, moment))
                due = self._open_time.before(moment, span)
        return due

    def between(self, start: datetime, end: datetime, *, breaks: Sequence[Break] = ()) -> timedelta:
        """Open time from `start` to `end`, negative if `end` comes first (rule 5).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 2, 17, tzinfo=office.zone)
        >>> monday = datetime(2027, 3, 8, 10, tzinfo=office.zone)
        >>> print(office.between(tuesday, monday), office.between(monday, tuesday) / timedelta(hours=1))
        1 day, 9:00:00 -33.0
        """
        first, last = _instant(start), _instant(end)
        if last < first:
            return -self.between(end, start, breaks=breaks)
        closures = ((max(begins, first), min(ends, last)) for begins, ends in _merged(breaks))
        paused = (self._open_time.between(begins, ends) for begins, ends in closures if begins < ends)
        return self._open_time.between(first, last) - sum(paused, _ZERO)

    def is_open(self, at: datetime) -> bool:
        """Whether the site is open at an instant: opens <= at < closes (rule 6).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> office.is_open(datetime(2027, 3, 2, 9, tzinfo=office.zone))
        True
        >>> office.is_open(datetime(2027, 3, 2, 18, tzinfo=office.zone))
        False
        """
        moment = _instant(at)
        return bool(self._open_time.pieces(moment, moment + timedelta.resolution))

    def next_open(self, at: datetime, *, breaks: Sequence[Break] = ()) -> datetime:
        """First open instant not before `at`: `at` itself if open, else the next opening (rule 4).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.next_open(datetime(2027, 3, 2, 18, tzinfo=office.zone)))
        2027-03-03 09:00:00+01:00
        """
        opened = self._open_time.opened(_instant(at))
        for begins, ends in _merged(breaks):
            if begins <= opened < ends:
                opened = self._open_time.opened(ends)
        return self._local(opened)

    def previous_open(self, at: datetime, *, breaks: Sequence[Break] = ()) -> datetime:
        """Last moment that ends open time: `at` itself within (opens, closes], else the last closing.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.previous_open(datetime(2027, 3, 8, 9, tzinfo=office.zone)))
        2027-03-06 13:00:00+01:00
        """
        closed = self._open_time.closed(_instant(at))
        for begins, ends in reversed(_merged(breaks)):
            if begins < closed <= ends:
                closed = self._open_time.closed(begins)
        return self._local(closed)

    def roll_forward(self, due: datetime) -> datetime:
        """Where a deadline at closing time reads as the next opening; a deadline in open time stays (rule 3).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.roll_forward(datetime(2027, 3, 6, 13, tzinfo=office.zone)))
        2027-03-08 09:00:00+01:00
        """
        return self.next_open(due)

    def segments(self, start: datetime, end: datetime, *, breaks: Sequence[Break] = ()) -> list[Segment]:
        """Open time in `[start, end)` piece by piece, clipped to it; none if `end` is not after `start`.

        Ranges that touch are one segment, also over midnight.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 2, 17, tzinfo=office.zone)
        >>> for segment in office.segments(tuesday, datetime(2027, 3, 3, 12, tzinfo=office.zone)):
        ...     print(segment.opens_at, segment.closes_at, sep=" to ")
        2027-03-02 17:00:00+01:00 to 2027-03-02 18:00:00+01:00
        2027-03-03 09:00:00+01:00 to 2027-03-03 12:00:00+01:00
        """
        first, last = _instant(start), _instant(end)
        pieces = self._open_time.pieces(first, last) if first < last else []
        for closure in _merged(breaks):
            pieces = [rest for piece in pieces for rest in _without(piece, closure)]
        return [Segment(self._local(opens), self._local(closes)) for opens, closes in pieces]

    def explain(self, start: datetime, end: datetime, *, breaks: Sequence[Break] = ()) -> list[Segment]:
        """Which open hours were counted between two instants; the reading of `segments` that `why` shows."""
        return self.segments(start, end, breaks=breaks)

    # Working days

    def is_working_day(self, day: date) -> bool:
        """Whether a local date counts as a working day: it opens, and its weekday counts (rules 7 and 9).

        Monday to Friday count unless the calendar names others: a Saturday morning is open, but no Arbeitstag.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> office.is_working_day(date(2027, 3, 26))  # Good Friday
        False
        >>> office.is_working_day(date(2027, 3, 6)), office.opens_on(date(2027, 3, 6))  # a Saturday
        (False, True)
        """
        return day.weekday() in self.definition.weekdays and self.opens_on(day)

    def date_of(self, at: datetime) -> date:
        """Return the local date of an instant."""
        return self._day(at)

    def opens_on(self, day: date) -> bool:
        """Whether any open span starts on a local date (rule 7)."""
        return self._hours_of(day) is not None

    def opening_of(self, day: date) -> datetime:
        """First opening of a date; a closed day raises `CalendarError`."""
        return self._local(self._open_hours_of(day)[0])

    def closing_of(self, day: date) -> datetime:
        """Last closing of the hours that start on a date, maybe past midnight.

        A closed day raises `CalendarError`.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.closing_of(date(2027, 3, 6)))
        2027-03-06 13:00:00+01:00
        """
        return self._local(self._open_hours_of(day)[1])

    def add_working_days(self, day: date, n: int, *, clear: bool = False, breaks: Sequence[Break] = ()) -> date:
        """The n-th working day after a date, or before it if `n` is negative; the date itself does not count.

        Zero is the date itself if it is a working day, else the next one. `clear` leaves that many full
        working days between, and only counts backwards (rules 9 and 10).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.add_working_days(date(2027, 3, 25), 2))  # Friday and Monday are Easter holidays
        2027-03-31
        >>> print(office.add_working_days(date(2027, 3, 5), -3))
        2027-03-02
        >>> print(office.add_working_days(date(2027, 3, 5), -3, clear=True))
        2027-03-01
        """
        if clear and n >= 0:
            raise ValueError(f"clear days are counted backwards, not {n:+}")
        closures = _merged(breaks)
        if n == 0 and self._counts(day, closures):
            return day
        step, left = (DAY, n or 1) if n >= 0 else (-DAY, clear - n)
        while left:
            day += step
            self._refuse_when_over(day, step)
            left -= self._counts(day, closures)
        return day

    def working_days_between(self, a: date, b: date, *, breaks: Sequence[Break] = ()) -> int:
        """Working days from `a` to `b`, signed: the earlier date does not count, the later does (rules 5, 9).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> office.working_days_between(date(2027, 3, 5), date(2027, 3, 9))
        2
        """
        if b < a:
            return -self.working_days_between(b, a, breaks=breaks)
        closures = _merged(breaks)
        return sum(self._counts(a + DAY * n, closures) for n in range(1, (b - a).days + 1))

    def due_after_working_days(self, at: datetime, n: int, *, breaks: Sequence[Break] = ()) -> datetime:
        """End of business of the n-th working day after the local date of `at` (rule 9); `n` is not negative.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 2, 17, tzinfo=office.zone)
        >>> print(office.due_after_working_days(tuesday, 2))
        2027-03-04 18:00:00+01:00
        """
        return self.closing_of(self.add_working_days(self._day(at), _count(n), breaks=breaks))

    def due_before_working_days(
        self, at: datetime, n: int, *, clear: bool = False, breaks: Sequence[Break] = ()
    ) -> datetime:
        """End of business of the n-th working day before the local date of `at` (rule 10).

        Never later than that date: zero on a closed day is the working day before. `clear` is one working
        day earlier; `n` is not negative.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 2, 17, tzinfo=office.zone)
        >>> print(office.due_before_working_days(tuesday, 2))
        2027-02-26 18:00:00+01:00
        """
        day = self._day(at)
        back = _count(n) + clear
        if back == 0 and not self._counts(day, _merged(breaks)):
            back = 1
        return self.closing_of(self.add_working_days(day, -back, breaks=breaks))

    def end_of_same_day(self, at: datetime, *, breaks: Sequence[Break] = ()) -> datetime:
        """Closing of the local date of `at`, or of the next day that opens if that is past (reading 24).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 2, 17, tzinfo=office.zone)
        >>> print(office.end_of_same_day(tuesday))
        2027-03-02 18:00:00+01:00
        >>> print(office.end_of_same_day(datetime(2027, 3, 6, 14, tzinfo=office.zone)))
        2027-03-08 18:00:00+01:00
        """
        day, closures = self._day(at), _merged(breaks)
        past = self.opens_on(day) and _instant(at) > self._open_hours_of(day)[1]
        while past or not self.opens_on(day) or self._paused(day, closures):
            day, past = day + DAY, False
            self._refuse_when_over(day, DAY)
        return self.closing_of(day)

    def end_of_week(self, at: datetime, weeks: int, *, breaks: Sequence[Break] = ()) -> datetime:
        """End of business of the last working day of the ISO week, `weeks` after the one of `at` (reading 34).

        A week without a working day has no end: then it is the next week's. `weeks` is not negative.

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> tuesday = datetime(2027, 3, 16, 17, tzinfo=office.zone)
        >>> print(office.end_of_week(tuesday, 0))
        2027-03-19 18:00:00+01:00
        >>> print(office.end_of_week(tuesday, 1))  # Good Friday
        2027-03-25 18:00:00+01:00
        """
        day = self._day(at)
        monday = day + WEEK * _count(weeks) - DAY * day.weekday()
        first = self.add_working_days(monday - DAY, 1, breaks=breaks)
        sunday = first + DAY * (6 - first.weekday())
        return self.closing_of(self.add_working_days(sunday + DAY, -1, breaks=breaks))

    def add_calendar_days(self, day: date, n: int, *, roll: bool = False) -> date:
        """The date `n` calendar days later, which may be closed.

        `roll` moves such an end to the next working day (BGB 193); it refuses to count backwards, because
        only ends of a period roll and a backward deadline never moves forward (rules 9 and 10).

        >>> office = BusinessCalendar.from_mapping(_EXAMPLE)
        >>> print(office.add_calendar_days(date(2027, 3, 12), 14))
        2027-03-26
        >>> print(office.add_calendar_days(date(2027, 3, 12), 14, roll=True))
        2027-03-30
        """
        if roll and n < 0:
            raise ValueError("a deadline counted backwards never moves forward")
        end = day + DAY * n
        return self.add_working_days(end, 0) if roll else end

    def _hours_of(self, day: date) -> Closure | None:
        if isinstance(day, datetime):
            raise TypeError(f"{day} is an instant; a working day is a date")
        return self._open_time.hours_of(day)

    def _open_hours_of(self, day: date) -> Closure:
        hours = self._hours_of(day)
        if hours is None:
            raise CalendarError(f"{self.name}: {day} has no opening hours")
        return hours

    def _refuse_when_over(self, day: date, step: timedelta) -> None:
        """Raise `BeyondHorizon` at once, rather than day by day, where a site without weekly hours opens no more."""
        rules = self.definition
        if step > _ZERO and not any(rules.hours) and day - DAY > max(rules.exceptions, default=date.min):
            raise BeyondHorizon(f"{self.name}: closed for good before {day}")

    def _counts(self, day: date, closures: Sequence[Closure]) -> bool:
        return self.is_working_day(day) and not self._paused(day, closures)

    def _paused(self, day: date, closures: Sequence[Closure]) -> bool:
        closing = self._open_hours_of(day)[1]
        return any(begins < closing <= ends for begins, ends in closures)

    def _day(self, at: datetime) -> date:
        return self._local(_instant(at)).date()

    def _local(self, instant: timedelta) -> datetime:
        return (EPOCH + instant).astimezone(self.zone)


def _instant(at: datetime) -> timedelta:
    try:
        return at - EPOCH
    except TypeError:
        raise ValueError(f"{at!r} is naive: business time needs an instant with a time zone") from None


def _merged(breaks: Sequence[Break]) -> list[Closure]:
    """Breaks as disjoint closures in order; empty ones vanish, one that ends before it begins is refused."""
    merged: list[Closure] = []
    for begins, ends in sorted((_instant(begins), _instant(ends)) for begins, ends in breaks):
        if ends < begins:
            raise ValueError(f"a break ends at {EPOCH + ends}, before it begins at {EPOCH + begins}")
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    return merged


def _without(piece: Closure, closure: Closure) -> list[Closure]:
    rests = ((piece[0], min(piece[1], closure[0])), (max(piece[0], closure[1]), piece[1]))
    return [(opens, closes) for opens, closes in rests if opens < closes]


def _count(n: int) -> int:
    if n < 0:
        raise ValueError(f"{n} working days: the direction is in the name, the count is not negative")
    return n


def _plain(ranges: Sequence[Range]) -> list[list[int]]:
    return [[hours.starts // _MINUTE, hours.ends // _MINUTE] for hours in ranges]
