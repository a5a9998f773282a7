"""The open spans of one site as an index of instants, grown year by year as questions need it.

Knows cumulative open time, forwards and backwards, at a cost that does not depend on the span, and the
horizon (BUSINESS_TIME rules 1, 3, 9 and 12). Refuses to know breaks, wall-clock input and deadlines:
instants are timedeltas since the epoch, which compare and add exactly, and faster than datetimes of a zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from threading import Lock

from domain.time.definition import DAY, EPOCH, CalendarError, Definition

Span = tuple[date, timedelta, timedelta]

_ZERO = timedelta()
_GROWING = Lock()  # one for all, so that a calendar can be pickled; held for milliseconds


class BeyondHorizon(CalendarError):
    """A question or a result outside the years a calendar answers for (rule 12)."""


class Index:
    """The open spans of some whole years in columns, with the open time up to each end; fixed once built."""

    def __init__(self, definition: Definition, years: range, spans: list[Span]) -> None:
        """Lay the spans of whole years end to end."""
        first, end = definition.horizon
        self.years, self.spans, self.zone = years, spans, definition.zone
        # A span begun on the day before may reach into the first day, so only the second day is complete.
        begins = date(years.start, 1, 1) + DAY
        self.since = definition.midnight(begins if begins - DAY > first else first)
        self.until = definition.midnight(min(date(years.stop, 1, 1), end))
        self.opens: list[timedelta] = []
        self.closes: list[timedelta] = []
        self.upto: list[timedelta] = []
        self.lag: list[timedelta] = []
        self.walls: list[datetime | None] = []
        self.working_days: dict[date, tuple[timedelta, timedelta]] = {}
        self.total = _ZERO
        for day, opens, closes in spans:
            # Ranges that touch a clock change may overlap as instants; open time counts once.
            begins_at = max(opens, self.closes[-1]) if self.closes else opens
            if begins_at < closes:
                self._append(day, begins_at, closes)

    def _append(self, day: date, opens: timedelta, closes: timedelta) -> None:
        self.total += closes - opens
        self.opens.append(opens)
        self.closes.append(closes)
        self.upto.append(self.total)
        self.lag.append(closes - self.total)
        self.walls.append(self._wall(opens, closes))
        opening, _ = self.working_days.get(day, (opens, closes))
        self.working_days[day] = (opening, closes)

    def _wall(self, opens: timedelta, closes: timedelta) -> datetime | None:
        # Where the clock does not change inside a span, wall-clock arithmetic from here is exact and fast.
        start, end = self.local(opens), self.local(closes)
        steady = start.utcoffset() == end.utcoffset() and not start.fold and not end.fold
        return end - self.total if steady else None

    def metered(self, instant: timedelta) -> timedelta:
        """Open time from the start of this index to an instant."""
        position = bisect_right(self.closes, instant)
        if position == len(self.closes):
            return self.total
        return max(instant, self.opens[position]) - self.lag[position]

    def earliest(self, metered: timedelta) -> datetime:
        """First instant at which so much open time has passed; 0 < metered <= total."""
        return self._at(bisect_left(self.upto, metered), metered)

    def latest(self, metered: timedelta) -> datetime:
        """Last instant at which no more open time has passed; 0 <= metered < total."""
        return self._at(bisect_right(self.upto, metered), metered)

    def _at(self, position: int, metered: timedelta) -> datetime:
        wall = self.walls[position]
        return self.local(self.lag[position] + metered) if wall is None else wall + metered

    def local(self, instant: timedelta) -> datetime:
        """An instant as the site's clock shows it."""
        return (EPOCH + instant).astimezone(self.zone)


class OpenTime:
    """The open time of a definition, from one end of its horizon to the other.

    The index only ever grows, and whole: a reader of an older one is never surprised.
    """

    def __init__(self, definition: Definition) -> None:
        """Start without any year."""
        self.definition = definition
        self._index: Index | None = None

    def after(self, moment: timedelta, span: timedelta) -> datetime:
        """Earliest instant with `span` of open time since `moment`; the span is positive."""
        index = self.covering(moment)
        target = index.metered(moment) + span
        while target > index.total:
            index = self._grown(index, forwards=True)
            target = index.metered(moment) + span
        return index.earliest(target)

    def before(self, moment: timedelta, span: timedelta) -> datetime:
        """Latest instant with `span` of open time until `moment`; the span is positive."""
        index = self.covering(moment)
        target = index.metered(moment) - span
        while target < _ZERO:
            index = self._grown(index, forwards=False)
            target = index.metered(moment) - span
        return index.latest(target)

    def between(self, first: timedelta, last: timedelta) -> timedelta:
        """Open time between two instants in order."""
        self.covering(first)
        index = self.covering(last)
        return index.metered(last) - index.metered(first)

    def opened(self, moment: timedelta) -> timedelta:
        """First open instant not before `moment`."""
        index = self.covering(moment)
        while (position := bisect_right(index.closes, moment)) == len(index.closes):
            index = self._grown(index, forwards=True)
        return max(moment, index.opens[position])

    def closed(self, moment: timedelta) -> timedelta:
        """Last instant not after `moment` that ends open time."""
        index = self.covering(moment)
        while not (position := bisect_left(index.opens, moment)):
            index = self._grown(index, forwards=False)
        return min(moment, index.closes[position - 1])

    def pieces(self, first: timedelta, last: timedelta) -> list[tuple[timedelta, timedelta]]:
        """Open time in `[first, last)`, clipped to it; spans that touch are one."""
        self.covering(first)
        index = self.covering(last)
        pieces: list[tuple[timedelta, timedelta]] = []
        for position in range(bisect_right(index.closes, first), bisect_left(index.opens, last)):
            opens, closes = max(index.opens[position], first), min(index.closes[position], last)
            touches = pieces and pieces[-1][1] == opens
            pieces.append((pieces.pop()[0] if touches else opens, closes))
        return pieces

    def hours_of(self, day: date) -> tuple[timedelta, timedelta] | None:
        """First opening and last closing of the spans that start on a local date; None if there is none."""
        return self.covering(self.definition.midnight(day)).working_days.get(day)

    def covering(self, moment: timedelta) -> Index:
        """An index that knows all open time around an instant, or `BeyondHorizon`."""
        index = self._index
        if index is None:
            self._refuse_beyond(moment)
            index = self._begun(moment)
        while not index.since <= moment < index.until:
            self._refuse_beyond(moment)
            index = self._grown(index, forwards=moment >= index.until)
        return index

    def _refuse_beyond(self, moment: timedelta) -> None:
        first, end = self.definition.horizon
        if not self.definition.midnight(first) <= moment < self.definition.midnight(end):
            raise BeyondHorizon(f"{self.definition.name}: asked outside the horizon, {first} to {end}")

    def _begun(self, moment: timedelta) -> Index:
        year = (EPOCH + moment).astimezone(self.definition.zone).year
        with _GROWING:
            return self._index or self._keep(range(year, year + 2), self._spans(range(year, year + 2)))

    def _grown(self, index: Index, *, forwards: bool) -> Index:
        first, end = self.definition.horizon
        years, width = index.years, len(index.years)
        if years.stop > (end - DAY).year if forwards else years.start <= first.year:
            raise BeyondHorizon(f"{self.definition.name}: answer outside the horizon, {first} to {end}")
        with _GROWING:
            if self._index is not None and self._index is not index:
                return self._index
            if forwards:
                fresh = range(years.stop, min(years.stop + width, end.year + 1))
                return self._keep(range(years.start, fresh.stop), index.spans + self._spans(fresh))
            fresh = range(max(years.start - width, first.year), years.start)
            return self._keep(range(fresh.start, years.stop), self._spans(fresh) + index.spans)

    def _keep(self, years: range, spans: list[Span]) -> Index:
        self._index = Index(self.definition, years, spans)
        return self._index

    def _spans(self, years: range) -> list[Span]:
        first, end = self.definition.horizon
        begins, ends = max(first, date(years.start, 1, 1)), min(end, date(years.stop, 1, 1))
        days = (begins + DAY * n for n in range((ends - begins).days))
        return [(day, opens, closes) for day in days for opens, closes in self.definition.openings(day)]
