"""Bugs of other business-time engines, each shown not to be ours; a test names the engine it learnt from."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.time.calendar import BusinessCalendar, CalendarError

HOUR = timedelta(hours=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = WEEK[:5]


def on(days: tuple[str, ...], *texts: str) -> dict[str, list[str]]:
    """The same ranges on several weekdays."""
    return {day: list(texts) for day in days}


def calendar(hours: dict[str, list[str]], zone: str = "Europe/Berlin", **keys: Any) -> BusinessCalendar:
    """A calendar of these hours without holidays, with some keys added."""
    return BusinessCalendar.from_mapping(
        {"zone": zone, "holidays": "none", "hours": hours, "working_days": list(WEEK)} | keys
    )


def wall(zone: str, *fields: int) -> datetime:
    """A wall-clock time of a zone."""
    return datetime(*fields, tzinfo=zoneinfo.ZoneInfo(zone))  # type: ignore[misc, arg-type]


@pytest.fixture
def packaged_zones() -> Iterator[None]:
    """Time zones from the tzdata package, not from a system whose files may be older."""
    path = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(path)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize("hours", [{}, {"mon": []}, {"mon": ["00:00-00:00"]}, {"mon": ["09:00-09:00"]}])
def test_empty_hours_are_refused_and_never_searched(hours: dict[str, list[str]]) -> None:
    """biz #130, Zammad #2497, OCA/project #73, moment-business-time #17, ts-business-time #5."""
    with pytest.raises(CalendarError):
        calendar(hours)


def test_closing_at_midnight_is_read_as_2400_and_not_as_empty() -> None:
    """biz #130: 09:00-00:00 made an endless loop."""
    late = calendar({"mon": ["09:00-00:00"]})
    assert late.between(wall("Europe/Berlin", 2027, 3, 1), wall("Europe/Berlin", 2027, 3, 2)) == 15 * HOUR


def test_no_minute_is_lost_at_midnight() -> None:
    """Zammad #3180 and businesstimedelta: 24 h a day are 24 h, to the microsecond."""
    always = calendar(on(WEEK, "00:00-24:00"))
    start = wall("Europe/Berlin", 2026, 6, 1)
    assert always.between(start, start + timedelta(days=30)) == 30 * 24 * HOUR
    assert always.add(start, 48 * HOUR) == wall("Europe/Berlin", 2026, 6, 3)


@pytest.mark.parametrize("texts", [["00:00-24:00"], ["00:00-12:00"], ["22:00-24:00"]])
def test_midnight_that_does_not_exist_is_one_oclock(texts: list[str]) -> None:
    """Biz PR 35, 36, 37: Sao Paulo, 2017-10-15, clocks went from 00:00 to 01:00."""
    zone = "America/Sao_Paulo"
    always = calendar(on(WEEK, *texts), zone)
    eve, day = wall(zone, 2017, 10, 14), wall(zone, 2017, 10, 15)
    hours = {"00:00-24:00": (24, 23), "00:00-12:00": (12, 11), "22:00-24:00": (2, 2)}[texts[0]]
    assert always.between(eve, day) == hours[0] * HOUR
    assert always.between(day, wall(zone, 2017, 10, 16)) == hours[1] * HOUR
    assert always.is_working_day(date(2017, 10, 15))


def test_a_closed_day_without_midnight_is_closed_from_one_oclock() -> None:
    """Biz PR 35, 36, 37, with a night begun on the eve."""
    zone = "America/Sao_Paulo"
    nights = calendar(on(WEEK, "22:00-06:00"), zone, closed=["2017-10-15"])
    assert nights.closing_of(date(2017, 10, 14)).astimezone(UTC) == datetime(2017, 10, 15, 3, tzinfo=UTC)


@pytest.mark.usefixtures("packaged_zones")
def test_a_repeated_time_that_is_no_dst_is_its_first_occurrence() -> None:
    """Biz PR 160: Morocco leaves UTC+1 for good on 2026-09-20 and repeats 01:00 to 02:00."""
    casablanca = calendar({"sun": ["01:30-05:00"]}, "Africa/Casablanca")
    sunday = date(2026, 9, 20)
    opens, closes = casablanca.opening_of(sunday), casablanca.closing_of(sunday)
    assert (opens.astimezone(UTC).hour, closes.astimezone(UTC).hour) == (0, 5)
    assert casablanca.between(opens, closes) == 4.5 * HOUR
    second = casablanca.add(opens, HOUR)
    assert (second.strftime("%H:%M"), second.fold) == ("01:30", 1)


def test_a_time_repeated_by_ramadan_is_its_first_occurrence() -> None:
    """Biz PR 160, with a change that older time zone files know as well: 2025-02-23, 03:00 to 02:00."""
    casablanca = calendar({"sun": ["02:30-05:00"]}, "Africa/Casablanca")
    sunday = date(2025, 2, 23)
    assert casablanca.between(casablanca.opening_of(sunday), casablanca.closing_of(sunday)) == 3.5 * HOUR


def test_an_overnight_shift_counts_its_hours() -> None:
    """businesstimedelta: Monday 22:00 to Tuesday 06:00 was 0:00."""
    nights = calendar(on(WEEKDAYS, "22:00-06:00"))
    start = wall("Europe/Berlin", 2026, 1, 5, 22)
    assert nights.between(start, start + timedelta(hours=8)) == 8 * HOUR


@pytest.mark.parametrize("year", [2001, 2040, 2099])
def test_holidays_do_not_run_out(year: int) -> None:
    """Businesstimedelta #8, #10: crashed past the last holiday of the list."""
    office = calendar(on(WEEK, "09:00-17:00"), holidays="DE")
    assert office.add(wall("Europe/Berlin", year, 5, 1), HOUR) == wall("Europe/Berlin", year, 5, 2, 10)


def test_a_question_in_another_zone_is_the_same_question() -> None:
    """Businesstimedelta #9: endless loop if holidays and hours had different zones."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"), holidays="DE-BY")
    berlin = wall("Europe/Berlin", 2026, 1, 5, 16)
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "UTC"):
        asked = berlin.astimezone(zoneinfo.ZoneInfo(zone))
        assert office.add(asked, 2 * HOUR) == office.add(berlin, 2 * HOUR) == wall("Europe/Berlin", 2026, 1, 7, 10)


def test_a_difference_backwards_is_negative() -> None:
    """Businesstimedelta #12: answered +8 h."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"))
    assert office.between(wall("Europe/Berlin", 2026, 1, 6), wall("Europe/Berlin", 2026, 1, 5)) == -8 * HOUR


@pytest.mark.parametrize("start", [datetime(2026, 10, 25, 0, n * 10, tzinfo=UTC) for n in range(6)])
def test_every_hour_added_on_a_dst_day_is_an_hour_later(start: datetime) -> None:
    """working_hours #26, #45, moment-business-time #58 (+1 h gave the same instant), OTRS 9884, 11152."""
    always = calendar(on(WEEK, "00:00-24:00"))
    for hours in range(1, 30):
        assert always.add(start, hours * HOUR).astimezone(UTC) == start + hours * HOUR


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_no_minute_of_a_dst_night_raises(day: tuple[int, int, int]) -> None:
    """Pandas: NonExistentTimeError over the gap, AmbiguousTimeError into the repeated hour."""
    always = calendar(on(WEEK, "00:00-02:30", "02:30-24:00"))
    for minute in range(0, 240, 5):
        start = wall("Europe/Berlin", *day, minute // 60, minute % 60)
        assert always.between(start, always.add(start, HOUR)) == HOUR


def test_a_holiday_is_skipped_in_both_directions_and_by_every_method() -> None:
    """business_time #175 and #36, pandas #16867: some path forgot the holidays."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"), holidays="DE-BY")
    eve, holiday, after = (wall("Europe/Berlin", 2026, 1, day, 16) for day in (5, 6, 7))
    assert office.add(eve, 2 * HOUR) == wall("Europe/Berlin", 2026, 1, 7, 10)
    assert office.subtract(after - 6 * HOUR, 2 * HOUR) == wall("Europe/Berlin", 2026, 1, 5, 16)
    assert office.between(eve, after) == 8 * HOUR
    assert office.next_open(holiday) == wall("Europe/Berlin", 2026, 1, 7, 9)
    assert office.previous_open(holiday) == wall("Europe/Berlin", 2026, 1, 5, 17)
    assert office.segments(holiday.replace(hour=0), holiday) == []
    assert office.add_working_days(date(2026, 1, 5), 1) == date(2026, 1, 7)
    assert office.add_working_days(date(2026, 1, 7), -1) == date(2026, 1, 5)
    assert office.add_calendar_days(date(2026, 1, 5), 1, roll=True) == date(2026, 1, 7)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_weekend_evening_plus_zero_working_days_is_monday(hour: int) -> None:
    """business_time #197, #45: a day late in the evening."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"))
    monday = wall("Europe/Berlin", 2026, 1, 12, 17)
    assert office.due_after_working_days(wall("Europe/Berlin", 2026, 1, 11, hour), 0) == monday


def test_a_calendar_does_not_follow_later_changes_of_its_definition() -> None:
    """business_time: settings were read once, in parts; here they are copied, as a whole."""
    hours = {"mon": ["09:00-17:00"]}
    before = calendar(hours)
    hours["sat"] = ["09:00-12:00"]
    hours["mon"].clear()
    assert before.is_working_day(date(2026, 1, 5))
    assert not before.is_working_day(date(2026, 1, 10))
    assert calendar(hours).is_working_day(date(2026, 1, 10))


def test_extra_working_days_count_inside_whole_weeks() -> None:
    """Gocardless PR 34: 6 instead of 7."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"), exceptions={"2026-01-10": ["09:00-12:00"]})
    assert office.working_days_between(date(2026, 1, 2), date(2026, 1, 12)) == 7
    assert office.add_working_days(date(2026, 1, 2), 7) == date(2026, 1, 12)


@pytest.mark.parametrize(("hour", "day"), [(3, 6), (6, 6), (12, 6), (23, 6)])
def test_previous_close_over_midnight_looks_at_the_right_day(hour: int, day: int) -> None:
    """spatie: 3 expectations of its own suite are wrong."""
    nights = calendar({"mon": ["22:00-06:00"], "thu": ["22:00-06:00"]})
    asked = wall("Europe/Berlin", 2026, 1, 6, hour)
    expected = asked if hour == 3 else wall("Europe/Berlin", 2026, 1, day, 6)
    assert nights.previous_open(asked) == expected


def test_subtracting_over_the_start_of_a_day_does_not_stop_at_midnight() -> None:
    """GLPI PR 22678: an escalation level before the deadline was set to 00:00."""
    office = calendar(on(WEEKDAYS, "08:00-12:00", "13:00-17:00"))
    due = wall("Europe/Berlin", 2026, 1, 6, 9)
    assert office.subtract(due, 2 * HOUR) == wall("Europe/Berlin", 2026, 1, 5, 16)
    assert office.subtract(due, 6 * HOUR) == wall("Europe/Berlin", 2026, 1, 5, 11)


def test_a_pause_keeps_its_seconds() -> None:
    """Zammad TicketBizBreak rounded a pause to whole minutes."""
    office = calendar(on(WEEKDAYS, "09:00-17:00"))
    start = wall("Europe/Berlin", 2026, 1, 5, 9)
    pause = (start + timedelta(seconds=61), start + timedelta(seconds=90, microseconds=1))
    assert office.add(start, HOUR, breaks=[pause]) == start + HOUR + timedelta(seconds=29, microseconds=1)


def test_lunch_shifts_no_deadline_by_a_day() -> None:
    """osTicket #6847: lunch had to be entered as a holiday."""
    office = calendar(on(WEEKDAYS, "08:00-12:00", "13:00-17:00"))
    assert office.add(wall("Europe/Berlin", 2026, 1, 5, 11), 2 * HOUR) == wall("Europe/Berlin", 2026, 1, 5, 14)
    assert office.add_working_days(date(2026, 1, 5), 2) == date(2026, 1, 7)


def test_only_statutory_holidays_close() -> None:
    """Zammad #390: a general feed contained St. Martin and Volkstrauertag."""
    office = calendar(on(WEEK, "09:00-17:00"), holidays="DE")
    assert office.is_working_day(date(2026, 11, 11))
    assert office.is_working_day(date(2026, 11, 15))


@pytest.mark.parametrize(
    ("region", "categories", "is_open"),
    [
        ("DE-BY", ["public"], True),
        ("DE-BY", ["catholic", "public"], False),
        ("DE-Augsburg", ["public"], False),
    ],
)
def test_peace_day_and_assumption_depend_on_the_municipality(region: str, categories: list[str], is_open: bool) -> None:
    """Holidays #3810, date-holidays PR 658, jollyday #269: 15 August is Catholic, 8 August is Augsburg's."""
    day = date(2024, 8, 8) if "Augsburg" in region else date(2024, 8, 15)
    office = calendar(on(WEEK, "09:00-17:00"), holidays=region, holiday_categories=categories)
    assert office.is_working_day(day) is is_open
