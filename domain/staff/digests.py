"""Lists that are sent at a fixed time of the week: which they are, to whom, and on which days of a site's calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.process.gates import Words
from domain.process.roles import OF_A_TICKET, Role
from domain.process.table import DefinitionError, Table
from domain.time.calendar import BusinessCalendar


class OnClosedDay(StrEnum):
    """What becomes of a list whose day is closed (readings 15 and 16)."""

    SKIP = "skip"
    SEND = "send"
    PREVIOUS = "previous"
    NEXT = "next"


class Content(StrEnum):
    """What a list lists: DUE what is open or has a follow-up by today (EL1), ESCALATED what is escalated (EL2).

    UNWORKED are the customers whose entry still has to be worked on this week (KD-13).
    """

    DUE = "due"
    UNWORKED = "unworked"
    ESCALATED = "escalated"


class Weekday(StrEnum):
    """The days of the week, as they are written in a definition."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEK = tuple(Weekday)
_FAR = timedelta(days=21)
"""So far a closed day moves a list: longer than any company holidays that still leave a week between."""


@dataclass(frozen=True)
class Digest:
    """One list. `at` is a time of day in the site's zone; an empty list is never sent (reading 18)."""

    code: str
    title: Words
    cites: str
    weekdays: tuple[Weekday, ...]
    at: time
    closed: OnClosedDay
    content: Content
    to: tuple[Role, ...]
    optional: bool

    def falls_on(self, day: date, calendar: BusinessCalendar) -> bool:
        """Whether the list is sent on a day of the site; a moved one may fall on any day of the week."""
        return any(self._sent_on(named, calendar) == day for named in self._named_around(day))

    def instant(self, day: date, calendar: BusinessCalendar) -> datetime:
        """Return when it is sent on a day, in the site's zone."""
        return datetime.combine(day, self.at, calendar.zone)

    def before(self, day: date, calendar: BusinessCalendar) -> datetime:
        """Return when the list before the one of `day` was sent; three weeks ago where there was none since."""
        days = (day - timedelta(days=n) for n in range(1, _FAR.days))
        found = next((earlier for earlier in days if self.falls_on(earlier, calendar)), day - _FAR)
        return self.instant(found, calendar)

    def _named_around(self, day: date) -> Iterator[date]:
        around = (day + timedelta(days=n) for n in range(-_FAR.days, _FAR.days + 1))
        return (one for one in around if _WEEK[one.weekday()] in self.weekdays)

    def _sent_on(self, named: date, calendar: BusinessCalendar) -> date | None:
        """Return the day on which the list named for a day is sent; None where it is skipped."""
        if calendar.opens_on(named) or self.closed is OnClosedDay.SEND:
            return named
        step = {OnClosedDay.PREVIOUS: -1, OnClosedDay.NEXT: 1}.get(self.closed)
        days = (named + timedelta(days=step * n) for n in range(1, _FAR.days)) if step else iter(())
        return next((day for day in days if calendar.is_working_day(day)), None)


_KEYS = ("code", "title", "cites", "weekdays", "at", "closed", "content", "to", "optional")


def read_digests(mapping: Mapping[str, object], *, name: str, pinned: bool = False) -> tuple[Digest, ...]:
    """Return the lists in a parsed file; raises DefinitionError naming file, table and key.

    Of `pinned` ones those that list what nobody can list any more are left out, and so are roles nobody has.
    """
    top = Table(name, mapping, pinned)
    top.only("digests")
    rows = [row for row in top.rows("digests") if not pinned or row.text("content") in set(Content)]
    digests = tuple(_digest(row) for row in rows)
    codes = [digest.code for digest in digests]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise DefinitionError(f"{name}: digests[{twice}]: code: {twice!r} is already taken")
    return digests


def _digest(row: Table) -> Digest:
    row.only(*_KEYS)
    weekdays = row.choices("weekdays", Weekday)
    to = row.choices("to", Role)
    if not weekdays:
        raise row.error("weekdays", "a list is sent on at least one day")
    if not row.pinned and (not to or (set(to) & OF_A_TICKET) - {Role.OWNER}):
        raise row.error("to", "a list goes to the owners of tickets, or to roles of people")
    return Digest(
        code=row.text("code"),
        title=row.words("title"),
        cites=row.text("cites"),
        weekdays=weekdays,
        at=row.parsed("at", row.text("at"), _time_of_day),
        closed=row.choice("closed", OnClosedDay, OnClosedDay.SKIP),
        content=row.choice("content", Content),
        to=to,
        optional=row.flag("optional", default=True),
    )


def _time_of_day(text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or len(text) != len("07:00") or at.tzinfo:
        raise ValueError(f'{text!r} is not a time of day such as "07:00"')
    return at
