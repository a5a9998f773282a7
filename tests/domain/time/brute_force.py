"""A second, slow reading of the business-time rules: every minute of a window, asked one by one.

Knows only BUSINESS_TIME.md and the calendar format; shares no line and no idea with the engine, and handles
whole minutes only. Holidays are handed in as dates, so it does not trust the package either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Window = tuple[datetime, datetime]


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """RFC 5545: the first instant that shows this wall time, or the offset before the gap if none does."""
    offsets = [(wall.replace(tzinfo=UTC) + DAY * n).astimezone(zone).utcoffset() for n in (-2, -1, 0, 1, 2)]
    candidates = sorted(wall.replace(tzinfo=UTC) - offset for offset in offsets if offset is not None)
    shown = [at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == wall]
    before = offsets[1]
    assert before is not None
    return shown[0] if shown else wall.replace(tzinfo=UTC) - before


class BruteForce:
    """The open minutes of a window, each with the earliest date it belongs to."""

    def __init__(self, mapping: Mapping[str, Any], holidays: Collection[date], window: Window) -> None:
        """Mark every open minute of the window."""
        self.zone = ZoneInfo(mapping["zone"])
        self.mapping, self.holidays = mapping, holidays
        self.closed = {date.fromisoformat(text) for text in mapping.get("closed", [])}
        self.first, self.end = window
        days = [
            (self.first + DAY * n).astimezone(self.zone).date() for n in range(-2, (self.end - self.first).days + 3)
        ]
        spans = [span for day in days for span in self.spans(day)]
        owner: dict[datetime, date] = {}
        for day, opens, closes in spans:
            at = max(opens, self.first)
            while at < min(closes, self.end):
                owner.setdefault(at, day)
                at += MINUTE
        self.owner = dict(sorted(owner.items()))

    def texts(self, day: date) -> list[str]:
        """The ranges that begin on a date unless it is closed: an exception replaces the weekly hours."""
        weekly: list[str] = self.mapping["hours"].get(WEEKDAYS[day.weekday()], [])
        exceptions: dict[str, list[str]] = self.mapping.get("exceptions", {})
        return exceptions.get(day.isoformat(), weekly)

    def lets(self, day: date, begun: date) -> bool:
        """Whether a date lets a range be open on it that began on a date: an exception opens a holiday for its own."""
        own = begun == day and day.isoformat() in self.mapping.get("exceptions", {})
        return day not in self.closed and (own or day not in self.holidays)

    def spans(self, day: date) -> list[tuple[date, datetime, datetime]]:
        """The instants that the ranges begun on a date stand for, each with the date to whom it belongs.

        A range past midnight is two, before and after it; each is open if the date lets it that it lies on.
        """
        spans = []
        tomorrow = day + DAY
        for text in self.texts(day):
            start, end = text.split("-")
            midnight = datetime.combine(day, time())
            opens, closes = midnight + _since_midnight(start), midnight + _since_midnight(end)
            if end > start:
                parts = [(day, opens, closes)]
            else:
                parts = [(day, opens, midnight + DAY), (tomorrow, midnight + DAY, closes + DAY)]
            lying = [part for part in parts if self.lets(part[0], day)]
            spans += [(lying[0][0], instant(begins, self.zone), instant(ends, self.zone)) for _, begins, ends in lying]
        return spans

    def counted(self, breaks: Sequence[Window]) -> list[datetime]:
        """The open minutes outside all breaks, in order."""
        return [at for at in self.owner if not any(begins <= at < ends for begins, ends in breaks)]

    def add(self, at: datetime, minutes: int, breaks: Sequence[Window] = ()) -> datetime:
        """Work minute after minute; a positive span is over when its last minute is."""
        ahead = [minute for minute in self.counted(breaks) if minute >= at]
        return ahead[minutes - 1] + MINUTE if minutes else ahead[0]

    def subtract(self, at: datetime, minutes: int, breaks: Sequence[Window] = ()) -> datetime:
        """Give back minute after minute; a positive span begins where its first minute does."""
        behind = [minute for minute in self.counted(breaks) if minute < at]
        return behind[-minutes] if minutes else behind[-1] + MINUTE

    def between(self, start: datetime, end: datetime, breaks: Sequence[Window] = ()) -> timedelta:
        """Count the minutes."""
        return MINUTE * sum(start <= minute < end for minute in self.counted(breaks))

    def edges(self) -> list[datetime]:
        """The instants at which an open stretch begins or ends."""
        ends = {at + MINUTE for at in self.owner}
        return sorted(ends ^ self.owner.keys())

    def closings(self) -> dict[date, datetime]:
        """The end of the last minute that belongs to each date."""
        return {day: at + MINUTE for at, day in self.owner.items()}

    def working_days(self, breaks: Sequence[Window] = ()) -> list[date]:
        """The dates that own open minutes and whose closing no break swallows."""
        closings = sorted(self.closings().items())
        return [day for day, at in closings if not any(begins < at <= ends for begins, ends in breaks)]


def _since_midnight(text: str) -> timedelta:
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))
