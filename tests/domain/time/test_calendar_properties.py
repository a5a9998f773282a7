"""What holds for every calendar, instant and span, against a reference that counts minutes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.time.calendar import BusinessCalendar, Segment
from tests.domain.time.brute_force import WEEKDAYS, BruteForce

MINUTE = timedelta(minutes=1)
WEEK = 7 * 24 * 60
# Three weeks around something hard: questions are asked in the middle one, answers fall into all three.
HARD_WEEKS = {
    "Berlin, Easter and DST start 2024": ("Europe/Berlin", datetime(2024, 3, 28, tzinfo=UTC)),
    "Berlin, DST end and All Saints 2026": ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),
    "Berlin, Christmas 2026": ("Europe/Berlin", datetime(2026, 12, 23, tzinfo=UTC)),
    "Sao Paulo, no midnight 2017": ("America/Sao_Paulo", datetime(2017, 10, 12, tzinfo=UTC)),
    "Sao Paulo, 23 h twice 2018": ("America/Sao_Paulo", datetime(2018, 2, 14, tzinfo=UTC)),
    "Havana, midnight twice 2025": ("America/Havana", datetime(2025, 10, 30, tzinfo=UTC)),
    "Lord Howe, half an hour 2026": ("Australia/Lord_Howe", datetime(2026, 4, 2, tzinfo=UTC)),
    "Casablanca, Ramadan 2025": ("Africa/Casablanca", datetime(2025, 2, 20, tzinfo=UTC)),
}
# Public holidays of Bavaria in those weeks, written by hand.
BAVARIA = {
    *(date(2024, 3, 29), date(2024, 4, 1), date(2026, 11, 1)),
    *(date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1), date(2027, 1, 6)),
}

minutes_of_day = st.integers(0, 1439)


class Question(NamedTuple):
    """What the engine and the reference are both asked."""

    engine: BusinessCalendar
    reference: BruteForce
    at: datetime
    breaks: list[tuple[datetime, datetime]]
    minutes: int


def on(days: tuple[str, ...], *texts: str) -> dict[str, list[str]]:
    """The same ranges on several weekdays."""
    return {day: list(texts) for day in days}


def clock(minute: int) -> str:
    """Minutes since midnight as written in a calendar file."""
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def ranges(draw: st.DrawFn, *, night: bool) -> list[str]:
    """Up to three ranges of one day, some touching; some end at 24:00, some after midnight."""
    coarse = draw(st.booleans())
    some = st.integers(0, 23).map(lambda hour: hour * 60) if coarse else minutes_of_day
    edges = sorted(draw(st.lists(some, min_size=2, max_size=4, unique=True)))
    pairs = pairwise(edges) if draw(st.booleans()) else zip(edges[::2], edges[1::2], strict=False)
    texts = [f"{clock(a)}-{clock(b)}" for a, b in pairs]
    texts = [text for text in texts if not text.endswith("23:59")] or ["09:00-17:00"]
    if night and draw(st.booleans()):
        texts[-1] = texts[-1][:5] + "-" + draw(st.sampled_from(["24:00", "00:00", "02:30", "03:00", "05:59"]))
        ends_before_it_begins = texts[-1].endswith("05:59") and texts[-1][:5] <= "05:59"
        texts[-1] = texts[-1][:5] + "-24:00" if ends_before_it_begins else texts[-1]
    return texts


@st.composite
def definitions(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """A valid calendar file and the hard week it is asked about."""
    zone, week = HARD_WEEKS[draw(st.sampled_from(sorted(HARD_WEEKS)))]
    days = [week.date() + timedelta(days=n) for n in range(-7, 14)]
    some_days = st.lists(st.sampled_from([day.isoformat() for day in days]), max_size=2, unique=True)
    # An overnight end may not reach into the next day's first range, so a week has either nights or mornings.
    night = draw(st.booleans())
    day_ranges = ranges(night=night)
    if night:
        day_ranges = day_ranges.map(lambda texts: [text for text in texts if text[:2] >= "06"] or ["22:00-06:00"])
    weekdays = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=3, unique=True))
    mapping = {
        "zone": zone,
        "holidays": "DE-BY" if zone == "Europe/Berlin" else "none",
        "hours": {weekday: draw(day_ranges) for weekday in weekdays},
        "closed": draw(some_days),
        "exceptions": draw(st.dictionaries(st.sampled_from([day.isoformat() for day in days]), day_ranges, max_size=2)),
    }
    return mapping, week


@lru_cache(maxsize=32)
def pair(text: str, week: datetime) -> tuple[BusinessCalendar, BruteForce]:
    """Engine and reference of the same definition; the window is wide enough for every question below."""
    mapping = json.loads(text) | {"working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    holidays = BAVARIA if mapping["holidays"] == "DE-BY" else set()
    window = (week - timedelta(days=10), week + timedelta(days=17))
    return BusinessCalendar.from_mapping(mapping), BruteForce(mapping, holidays, window)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A calendar, its reference, a minute of the week, up to two breaks around it, and a span in minutes.

    Both prefer edges: an opening, a closing, or the open time to reach one, give or take a minute.
    """
    mapping, week = draw(definitions())
    engine, reference = pair(json.dumps(mapping), week)
    nudge = st.integers(-1, 1)
    moments = st.integers(0, WEEK).map(lambda n: week + MINUTE * n)
    edges = [edge for edge in reference.edges() if week <= edge <= week + MINUTE * WEEK]
    if edges:
        near = st.builds(lambda edge, n: edge + MINUTE * n, st.sampled_from(edges), nudge)
        moments = st.one_of(near, moments)
    breaks = [(min(two), max(two)) for two in draw(st.lists(st.tuples(moments, moments), max_size=2))]
    at = draw(moments)
    minutes = st.integers(0, 500)
    if edges:
        edge = draw(st.sampled_from(edges))
        reach = reference.between(min(at, edge), max(at, edge), breaks) // MINUTE
        minutes = st.one_of(nudge.map(lambda n: max(0, reach + n)), minutes)
    return Question(engine, reference, at, breaks, draw(minutes))


thorough = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
BUSY = datetime(2026, 10, 1, tzinfo=UTC)
OFFICE = BusinessCalendar.from_mapping(
    {
        "zone": "Europe/Berlin",
        "holidays": "DE-BY",
        "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "hours": on(("mon", "tue", "wed", "thu", "fri"), "08:00-12:00", "13:00-17:00") | {"sat": ["22:00-06:00"]},
    }
)
microseconds = st.integers(1, 10**13).map(lambda n: timedelta(microseconds=n))
instants = st.integers(0, 400 * 86_400 * 10**6).map(lambda n: BUSY + timedelta(microseconds=n))
pauses = st.lists(st.tuples(instants, instants).map(lambda two: (min(two), max(two))), max_size=3)


def reachable(minutes: list[datetime], n: int) -> bool:
    """Whether the reference's window holds enough open minutes for a question."""
    return len(minutes) >= max(n, 1)


@thorough
@given(questions())
def test_adding_agrees_with_counting_minutes(asked: Question) -> None:
    engine, reference, at, breaks, n = asked
    if reachable([minute for minute in reference.counted(breaks) if minute >= at], n):
        assert engine.add(at, MINUTE * n, breaks=breaks).astimezone(UTC) == reference.add(at, n, breaks)


@thorough
@given(questions())
def test_subtracting_agrees_with_counting_minutes_back(asked: Question) -> None:
    engine, reference, at, breaks, n = asked
    if reachable([minute for minute in reference.counted(breaks) if minute < at], n):
        assert engine.subtract(at, MINUTE * n, breaks=breaks).astimezone(UTC) == reference.subtract(at, n, breaks)


@thorough
@given(questions(), st.integers(0, WEEK))
def test_difference_agrees_with_counting_minutes(asked: Question, n: int) -> None:
    engine, reference, at, breaks, _ = asked
    assert engine.between(at, at + MINUTE * n, breaks=breaks) == reference.between(at, at + MINUTE * n, breaks)


@thorough
@given(questions())
def test_open_agrees_with_the_reference_minute(asked: Question) -> None:
    engine, reference, at, *_ = asked
    assert engine.is_open(at) == (at in reference.owner)


@thorough
@given(questions(), st.integers(-4, 4))
def test_working_days_agree_with_the_owners_of_minutes(asked: Question, n: int) -> None:
    engine, reference, at, breaks, _ = asked
    day, days = at.astimezone(engine.zone).date(), reference.working_days(breaks)
    later, earlier = [d for d in days if d > day], [d for d in days if d < day]
    expected = later[n - 1 :][:1] if n > 0 else earlier[n:][:1] if len(earlier) >= -n > 0 else []
    expected = expected or ([day] if day in days else later[:1]) if n == 0 else expected
    if expected:
        assert engine.add_working_days(day, n, breaks=breaks) == expected[0]
    assert engine.is_working_day(day) == (day in reference.closings())


@thorough
@given(questions())
def test_closing_agrees_with_the_last_minute_a_date_owns(asked: Question) -> None:
    engine, reference, at, *_ = asked
    day = at.astimezone(engine.zone).date()
    if engine.is_working_day(day):
        assert engine.closing_of(day).astimezone(UTC) == reference.closings()[day]


@thorough
@given(questions(), st.integers(0, WEEK))
def test_segments_hold_exactly_the_counted_minutes(asked: Question, n: int) -> None:
    engine, reference, at, breaks, _ = asked
    found = engine.segments(at, at + MINUTE * n, breaks=breaks)
    edges = [edge.astimezone(UTC) for segment in found for edge in segment]
    inside = [minute for minute in reference.counted(breaks) if at <= minute < at + MINUTE * n]
    assert edges == sorted(set(edges)), "in order, and none touches the next"
    assert sum(((b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)), timedelta()) == MINUTE * len(inside)
    assert all(any(a <= minute < b for a, b in zip(edges[::2], edges[1::2], strict=True)) for minute in inside[::37])


@settings(deadline=None, max_examples=200)
@given(instants, microseconds, pauses)
def test_what_was_added_lies_between_to_the_microsecond(at: datetime, span: timedelta, breaks: Any) -> None:
    assert OFFICE.between(at, OFFICE.add(at, span, breaks=breaks), breaks=breaks) == span


@settings(deadline=None, max_examples=200)
@given(instants, microseconds)
def test_subtracting_what_was_added_to_an_open_instant_returns_to_it(at: datetime, span: timedelta) -> None:
    start = OFFICE.next_open(at)
    assert OFFICE.subtract(OFFICE.add(start, span), span).astimezone(UTC) == start.astimezone(UTC)


@settings(deadline=None, max_examples=200)
@given(instants, microseconds, microseconds, pauses)
def test_adding_in_two_steps_equals_adding_at_once(at: datetime, a: timedelta, b: timedelta, breaks: Any) -> None:
    twice = OFFICE.add(OFFICE.add(at, a, breaks=breaks), b, breaks=breaks)
    assert twice.astimezone(UTC) == OFFICE.add(at, a + b, breaks=breaks).astimezone(UTC)


@settings(deadline=None, max_examples=200)
@given(instants, instants, pauses)
def test_difference_is_the_sum_of_the_segments(a: datetime, b: datetime, breaks: Any) -> None:
    start, end = min(a, b), max(a, b)
    found: list[Segment] = OFFICE.segments(start, end, breaks=breaks)
    total = sum((closes.astimezone(UTC) - opens.astimezone(UTC) for opens, closes in found), timedelta())
    assert OFFICE.between(start, end, breaks=breaks) == total == -OFFICE.between(end, start, breaks=breaks)


@settings(deadline=None, max_examples=100)
@given(instants.map(datetime.date), st.integers(-30, 30))
def test_days_between_two_working_days_undo_counting_them(day: date, n: int) -> None:
    start = OFFICE.add_working_days(day, 0)
    assert OFFICE.working_days_between(start, OFFICE.add_working_days(start, n)) == n


@settings(deadline=None, max_examples=20)
@given(instants, microseconds, st.sampled_from([2015, 2024, 2027, 2035]))
def test_answers_do_not_depend_on_what_was_asked_before(at: datetime, span: timedelta, year: int) -> None:
    asked_before = BusinessCalendar(OFFICE.definition)
    asked_before.add(datetime(year, 6, 1, tzinfo=UTC), MINUTE)
    assert asked_before.add(at, span).isoformat() == OFFICE.add(at, span).isoformat()
    assert asked_before.subtract(at, span).isoformat() == OFFICE.subtract(at, span).isoformat()
