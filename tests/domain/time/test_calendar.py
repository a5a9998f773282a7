"""The numbered rules of business time, each at its edges, and the vectors of the domain's sources."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.time import calendar as business_time
from domain.time import index
from domain.time.calendar import BeyondHorizon, BusinessCalendar, CalendarError, Segment

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on(days: tuple[str, ...], *texts: str) -> dict[str, list[str]]:
    """The same ranges on several weekdays."""
    return {day: list(texts) for day in days}


OFFICE_HOURS = on(WEEK[:5], "09:00-18:00") | {"sat": ["09:00-13:00"]}


def calendar(**keys: Any) -> BusinessCalendar:
    """The dealer's office of the vectors, with some keys of its file changed."""
    return BusinessCalendar.from_mapping(
        {"zone": "Europe/Berlin", "holidays": "DE", "hours": OFFICE_HOURS, "working_days": list(WEEK)} | keys,
        name="berlin.toml",
    )


OFFICE = calendar()
LUNCH = calendar(hours=on(WEEK[:5], "09:00-12:00", "13:00-18:00") | {"sat": ["09:00-13:00"]})
WORKDAYS = calendar(hours=on(WEEK[:5], "09:00-18:00"))
ALWAYS = calendar(holidays="none", hours=on(WEEK, "00:00-24:00"))
NIGHTS = calendar(holidays="none", hours=on(WEEK[:5], "22:00-06:00"))


def at(text: str, fold: int = 0) -> datetime:
    """A moment on the office's clock, as "2027-03-02 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


def shown(moment: datetime) -> str:
    """A moment as the office's clock shows it, with its offset, so that the two 02:30 differ."""
    return moment.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M%z").removesuffix("00")


# Rule 1


@pytest.mark.parametrize(
    ("night", "elapsed"),
    [("2027-03-27", 7), ("2027-10-30", 9), ("2027-06-05", 8)],
    ids=["DST start", "DST end", "plain"],
)
def test_rule_1_a_night_counts_its_elapsed_hours(night: str, elapsed: int) -> None:
    """Whoever works the longer night works the longer night."""
    saturdays = calendar(holidays="none", hours={"sat": ["22:00-06:00"]})
    start = at(f"{night} 12:00")
    assert saturdays.between(start, start + timedelta(days=2)) == elapsed * HOUR
    assert shown(saturdays.add(start, elapsed * HOUR))[11:16] == "06:00"


def test_rule_1_spans_are_exact_to_the_microsecond() -> None:
    tick = timedelta(microseconds=1)
    assert OFFICE.add(at("2027-03-02 17:59:59.999999"), tick) == at("2027-03-02 18:00")
    assert OFFICE.add(at("2027-03-02 17:59:59.999999"), 2 * tick) == at("2027-03-03 09:00:00.000001")


# Rule 2


@pytest.mark.parametrize(
    ("hours", "opens", "closes"),
    [
        (["02:30-05:00"], "2027-03-28 03:30+02", "2027-03-28 05:00+02"),
        (["01:00-02:30"], "2027-03-28 01:00+01", "2027-03-28 03:30+02"),
        (["02:00-03:00", "08:00-09:00"], "2027-03-28 08:00+02", "2027-03-28 09:00+02"),
        (["02:45-03:30", "08:00-09:00"], "2027-03-28 08:00+02", "2027-03-28 09:00+02"),
    ],
    ids=["opens in the gap", "closes in the gap", "is the gap", "ends before it starts"],
)
def test_rule_2_a_skipped_time_uses_the_offset_before_the_gap(hours: list[str], opens: str, closes: str) -> None:
    sundays = calendar(holidays="none", hours={"sun": hours})
    [segment] = sundays.segments(at("2027-03-28 00:00"), at("2027-03-29 00:00"))
    assert (shown(segment.opens_at), shown(segment.closes_at)) == (opens, closes)


def test_rule_2_a_repeated_time_is_its_first_occurrence() -> None:
    sundays = calendar(holidays="none", hours={"sun": ["02:30-05:00"]})
    [segment] = sundays.segments(at("2027-10-31 00:00"), at("2027-11-01 00:00"))
    assert shown(segment.opens_at) == "2027-10-31 02:30+02"
    assert segment.closes_at.astimezone(UTC) - segment.opens_at.astimezone(UTC) == 3.5 * HOUR


def test_rule_2_ranges_that_a_gap_makes_overlap_count_once() -> None:
    """01:00-02:59 ends at 03:59 that night, inside 03:00-05:00; 03:00-03:30 even lies within it."""
    for late, total in (("03:00-05:00", 3), ("03:00-03:30", 119 / 60)):
        sundays = calendar(holidays="none", hours={"sun": ["01:00-02:59", late]})
        assert sundays.between(at("2027-03-28 00:00"), at("2027-03-28 12:00")) == total * HOUR


def test_rule_2_ranges_whose_order_a_gap_reverses_both_count() -> None:
    """02:40-02:50 is shown as 03:40-03:50 that night, after 03:00-03:30."""
    sundays = calendar(holidays="none", hours={"sun": ["02:40-02:50", "03:00-03:30"]})
    assert sundays.between(at("2027-03-28 00:00"), at("2027-03-28 12:00")) == 40 * MINUTE


# Rule 3


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2027-03-02 15:59", "2027-03-02 17:59"),
        ("2027-03-02 16:00", "2027-03-02 18:00"),
        ("2027-03-02 16:01", "2027-03-03 09:01"),
    ],
)
def test_rule_3_landing_exactly_on_closing_is_closing(start: str, due: str) -> None:
    assert OFFICE.add(at(start), 2 * HOUR) == at(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2027-03-02 11:01", "2027-03-02 09:01"),
        ("2027-03-02 11:00", "2027-03-02 09:00"),
        ("2027-03-02 10:59", "2027-03-01 17:59"),
    ],
)
def test_rule_3_landing_exactly_on_opening_going_back_is_opening(start: str, due: str) -> None:
    assert OFFICE.subtract(at(start), 2 * HOUR) == at(due)


@pytest.mark.parametrize(
    ("due", "rolled"),
    [
        ("2027-03-06 12:59", "2027-03-06 12:59"),
        ("2027-03-06 13:00", "2027-03-08 09:00"),
        ("2027-03-06 13:01", "2027-03-08 09:00"),
    ],
)
def test_rule_3_a_due_at_closing_rolls_forward_only_when_asked(due: str, rolled: str) -> None:
    assert OFFICE.roll_forward(at(due)) == at(rolled)


def test_rule_3_midnight_of_a_desk_that_never_closes_is_no_closing() -> None:
    assert ALWAYS.roll_forward(at("2027-03-02 00:00")) == at("2027-03-02 00:00")
    assert ALWAYS.segments(at("2027-03-01 12:00"), at("2027-03-05 12:00")) == [
        Segment(at("2027-03-01 12:00"), at("2027-03-05 12:00"))
    ]


# Rule 4


@pytest.mark.parametrize("closed", ["2027-03-06 13:00", "2027-03-07 12:00", "2027-03-08 08:59", "2027-03-08 09:00"])
def test_rule_4_a_start_outside_hours_counts_from_the_next_opening(closed: str) -> None:
    assert OFFICE.add(at(closed), HOUR) == at("2027-03-08 10:00")


@pytest.mark.parametrize(
    ("moment", "following", "preceding"),
    [
        ("2027-03-02 08:59", "2027-03-02 09:00", "2027-03-01 18:00"),
        ("2027-03-02 09:00", "2027-03-02 09:00", "2027-03-01 18:00"),
        ("2027-03-02 09:01", "2027-03-02 09:01", "2027-03-02 09:01"),
        ("2027-03-02 17:59", "2027-03-02 17:59", "2027-03-02 17:59"),
        ("2027-03-02 18:00", "2027-03-03 09:00", "2027-03-02 18:00"),
        ("2027-03-02 18:01", "2027-03-03 09:00", "2027-03-02 18:00"),
    ],
)
def test_rule_4_zero_rolls_to_the_open_moment(moment: str, following: str, preceding: str) -> None:
    assert OFFICE.add(at(moment), timedelta()) == OFFICE.next_open(at(moment)) == at(following)
    assert OFFICE.subtract(at(moment), timedelta()) == OFFICE.previous_open(at(moment)) == at(preceding)


# Rule 5


def test_rule_5_negative_spans_count_in_the_other_direction() -> None:
    start = at("2027-03-02 10:00")
    assert OFFICE.add(start, -2 * HOUR) == OFFICE.subtract(start, 2 * HOUR) == at("2027-03-01 17:00")
    assert OFFICE.subtract(start, -9 * HOUR) == OFFICE.add(start, 9 * HOUR) == at("2027-03-03 10:00")


def test_rule_5_a_difference_is_signed() -> None:
    start, end = at("2027-03-05 17:00"), at("2027-03-08 10:00")
    assert OFFICE.between(start, end) == 6 * HOUR == -OFFICE.between(end, start)
    assert OFFICE.between(start, start) == timedelta()
    assert OFFICE.working_days_between(date(2027, 3, 8), date(2027, 3, 5)) == -2


# Rule 6


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [("08:59", False), ("09:00", True), ("09:01", True), ("17:59", True), ("18:00", False), ("18:01", False)],
)
def test_rule_6_the_opening_is_open_and_the_closing_is_not(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(f"2027-03-02 {moment}")) is is_open


# Rule 7


def test_rule_7_a_night_belongs_to_the_weekday_it_starts_on() -> None:
    assert NIGHTS.is_open(at("2027-03-06 05:59")), "Friday's night ends on Saturday"
    assert not NIGHTS.is_open(at("2027-03-08 05:59")), "Sunday has no night"
    assert not NIGHTS.is_working_day(date(2027, 3, 6))
    assert NIGHTS.opening_of(date(2027, 3, 5)) == at("2027-03-05 22:00")
    assert NIGHTS.closing_of(date(2027, 3, 5)) == at("2027-03-06 06:00")


@pytest.mark.parametrize("keys", [{"closed": ["2027-03-03"]}, {"holidays": "DE"}], ids=["closed day", "holiday"])
def test_rule_7_a_closed_date_cuts_the_night_begun_on_its_eve(keys: dict[str, Any]) -> None:
    hours = {"tue": ["22:00-06:00"], "thu": ["22:00-06:00"], "fri": ["22:00-06:00"]}
    nights = calendar(**{"holidays": "none", "hours": hours} | keys)
    eve = "2027-03-02" if "closed" in keys else "2027-03-25"  # 26.03. is Good Friday
    assert nights.closing_of(date.fromisoformat(eve)) == at(f"{eve} 00:00") + timedelta(days=1)


@pytest.mark.parametrize(
    ("keys", "day", "opens", "closes"),
    [
        pytest.param({"holidays": "DE"}, "2027-05-07", "05-07 00:00", "05-08 06:00", id="Ascension Day, a Thursday"),
        pytest.param({"closed": ["2027-03-04"]}, "2027-03-05", "03-05 00:00", "03-06 06:00", id="closed day"),
        pytest.param({"closed": ["2027-03-05"]}, "2027-03-06", "03-06 00:00", "03-06 06:00", id="into a Saturday"),
        pytest.param({"closed": ["2027-03-04", "2027-03-05"]}, "2027-03-05", None, None, id="two closed days"),
        pytest.param({"holidays": "DE"}, "2027-03-26", None, None, id="Good Friday"),
        pytest.param(
            {"holidays": "DE", "exceptions": {"2027-05-06": ["09:00-12:00"]}},
            *("2027-05-07", "05-07 22:00", "05-08 06:00"),
            id="an exception replaces the holiday's hours, night included",
        ),
        pytest.param(
            {"holidays": "DE", "exceptions": {"2027-05-06": ["20:00-04:00"]}},
            *("2027-05-06", "05-06 20:00", "05-07 04:00"),
            id="an exception opens the holiday's night",
        ),
        pytest.param(
            {"closed": ["2027-03-04"], "exceptions": {"2027-03-04": ["20:00-04:00"]}},
            *("2027-03-05", "03-05 00:00", "03-06 06:00"),
            id="a closed day closes the exception's evening only",
        ),
        pytest.param(
            {"closed": ["2027-03-04"], "exceptions": {"2027-03-05": ["09:00-12:00"]}},
            *("2027-03-05", "03-05 00:00", "03-05 12:00"),
            id="and the next day has hours of its own",
        ),
    ],
)
def test_rule_7_a_closing_day_closes_its_own_date_only(
    keys: dict[str, Any], day: str, opens: str | None, closes: str | None
) -> None:
    """What would have begun on it and run past midnight opens the next date at midnight, unless that is closed."""
    nights = calendar(**{"holidays": "none", "hours": on(WEEK[:5], "22:00-06:00")} | keys)
    date_of = date.fromisoformat(day)
    assert nights.opens_on(date_of) is (opens is not None)
    if opens is not None and closes is not None:
        assert nights.opening_of(date_of) == at(f"2027-{opens}")
        assert nights.closing_of(date_of) == at(f"2027-{closes}")


@pytest.mark.parametrize(
    ("saturday", "sunday", "hours"),
    [("2027-03-27", "2027-03-28", 2), ("2027-10-30", "2027-10-31", 4)],
    ids=["clock goes forward", "clock goes back"],
)
def test_rule_7_night_after_a_closing_day_is_as_long_as_it_is(saturday: str, sunday: str, hours: int) -> None:
    """Whose Saturday is closed and whose night ends at three on the morning on which the clock changes."""
    nights = calendar(holidays="none", hours={"sat": ["22:00-03:00"]}, closed=[saturday])
    assert nights.next_open(at(f"{saturday} 12:00")) == at(f"{sunday} 00:00")
    assert nights.between(at(f"{saturday} 12:00"), at(f"{sunday} 12:00")) == hours * HOUR
    assert nights.add(at(f"{saturday} 12:00"), hours * HOUR) == at(f"{sunday} 03:00")


def test_rule_7_a_night_that_only_an_exception_opened_is_found_past_its_closed_evening() -> None:
    """Without weekly hours: the one range there is begins on a closed day."""
    over = calendar(holidays="none", hours={}, closed=["2027-03-04"], exceptions={"2027-03-04": ["20:00-04:00"]})
    assert over.next_open(at("2027-03-01 12:00")) == at("2027-03-05 00:00")
    assert over.end_of_same_day(at("2027-03-04 12:00")) == at("2027-03-05 04:00")


@pytest.mark.parametrize("ask", ["next_open", "end_of_same_day"])
def test_rule_12_a_site_without_weekly_hours_is_closed_for_good_after_its_last_day(ask: str) -> None:
    over = calendar(holidays="none", hours={}, exceptions={"2027-03-04": ["09:00-12:00"]})
    for question in (getattr(over, ask), lambda moment: over.due_after_working_days(moment, 1)):
        with pytest.raises(BeyondHorizon):
            question(at("2027-03-04 13:00"))
    assert over.due_before_working_days(at("2027-03-08 12:00"), 1) == at("2027-03-04 12:00")


def test_rule_12_hours_have_to_lie_ahead_of_the_day_a_calendar_is_applied() -> None:
    """An opening, and a working day: a desk that has only Saturdays, but counts Mondays, is never due in days."""
    over = calendar(holidays="none", hours={}, exceptions={"2027-03-04": ["09:00-12:00"]})
    over.demand_hours_after(at("2027-03-03 18:00"))
    with pytest.raises(CalendarError, match="berlin.toml: hours: never open after 2027-03-04, horizon 2000-01-01"):
        over.demand_hours_after(at("2027-03-04 12:00"))
    mondays = calendar(holidays="none", hours={"sat": ["09:00-12:00"]}, working_days=["mon"])
    with pytest.raises(CalendarError, match="never open after"):
        mondays.demand_hours_after(at("2027-03-04 12:00"))


def test_rule_7_an_exception_on_a_holiday_does_not_bring_back_the_night_before() -> None:
    nights = calendar(hours={"thu": ["22:00-06:00"]}, exceptions={"2027-03-26": ["09:00-12:00"]})
    assert nights.between(at("2027-03-26 00:00"), at("2027-03-27 00:00")) == 3 * HOUR


def test_rule_7_a_night_begun_in_the_old_year_reaches_into_the_first_year_asked_about() -> None:
    fresh = BusinessCalendar(NIGHTS.definition)
    assert fresh.is_open(at("2027-01-01 05:59"))
    assert not fresh.is_open(at("2027-01-01 06:00"))


def test_rule_7_midnight_as_an_end_is_2400() -> None:
    for text in ("18:00-24:00", "18:00-00:00"):
        evenings = calendar(hours={"mon": [text]})
        assert evenings.closing_of(date(2027, 3, 1)) == at("2027-03-02 00:00")


# Rule 8


def test_rule_8_closure_beats_exception_beats_holiday_beats_weekly_hours() -> None:
    good_friday = date(2027, 3, 26)
    special = {"2027-03-26": ["10:00-12:00"]}
    assert calendar(holidays="none").opening_of(good_friday) == at("2027-03-26 09:00")
    assert not OFFICE.is_working_day(good_friday)
    assert calendar(exceptions=special).opening_of(good_friday) == at("2027-03-26 10:00")
    assert not calendar(exceptions=special, closed=["2027-03-26"]).is_working_day(good_friday)


def test_rule_8_a_break_beats_an_exception() -> None:
    special = calendar(exceptions={"2027-03-26": ["10:00-12:00"]})
    pause = (at("2027-03-26 10:30"), at("2027-03-26 11:30"))
    assert special.add(at("2027-03-26 10:00"), HOUR, breaks=[pause]) == at("2027-03-26 12:00")


def test_rule_8_an_exception_replaces_the_hours_of_its_date() -> None:
    half = calendar(exceptions={"2026-12-31": ["09:00-12:00"], "2026-12-30": []})
    assert half.closing_of(date(2026, 12, 31)) == at("2026-12-31 12:00")
    assert not half.is_working_day(date(2026, 12, 30))


# Rule 9


def test_rule_9_the_day_of_the_event_does_not_count() -> None:
    assert WORKDAYS.add_working_days(date(2027, 3, 5), 1) == date(2027, 3, 8)


@pytest.mark.parametrize("weekend", [date(2027, 3, 6), date(2027, 3, 7)])
def test_rule_9_from_a_weekend_the_first_working_day_is_monday(weekend: date) -> None:
    assert WORKDAYS.add_working_days(weekend, 1) == WORKDAYS.add_working_days(weekend, 0) == date(2027, 3, 8)


def test_rule_9_between_two_dates_the_earlier_does_not_count_and_the_later_does() -> None:
    friday, sunday, monday = date(2027, 3, 5), date(2027, 3, 7), date(2027, 3, 8)
    assert WORKDAYS.working_days_between(friday, sunday) == 0
    assert WORKDAYS.working_days_between(sunday, monday) == 1


def test_rule_9_zero_working_days_from_a_working_day_is_that_day() -> None:
    assert WORKDAYS.add_working_days(date(2027, 3, 5), 0) == date(2027, 3, 5)


def test_rule_9_a_day_with_a_lunch_break_opens_once_and_closes_once() -> None:
    assert LUNCH.opening_of(date(2027, 3, 2)) == at("2027-03-02 09:00")
    assert LUNCH.closing_of(date(2027, 3, 2)) == at("2027-03-02 18:00")


@pytest.mark.parametrize("hour", ["00:00", "08:59", "12:00", "18:00", "23:59"])
def test_rule_9_a_deadline_in_working_days_is_the_closing_of_the_last_day(hour: str) -> None:
    assert OFFICE.due_after_working_days(at(f"2027-03-05 {hour}"), 1) == at("2027-03-06 13:00")


def test_rule_9_the_date_of_an_event_is_the_one_on_the_offices_clock() -> None:
    late_on_thursday_in_utc = datetime(2027, 3, 4, 23, 30, tzinfo=UTC)
    assert WORKDAYS.due_after_working_days(late_on_thursday_in_utc, 1) == at("2027-03-08 18:00")


@pytest.mark.parametrize(
    ("days", "end"), [(13, "2027-03-25"), (14, "2027-03-30"), (18, "2027-03-30"), (19, "2027-03-31")]
)
def test_rule_9_a_calendar_day_deadline_on_a_closed_day_moves_to_the_next_working_day(days: int, end: str) -> None:
    assert WORKDAYS.add_calendar_days(date(2027, 3, 12), days, roll=True) == date.fromisoformat(end)
    assert WORKDAYS.add_calendar_days(date(2027, 3, 12), days) == date(2027, 3, 12) + timedelta(days=days)


def test_rule_9_the_start_of_a_calendar_day_period_never_rolls() -> None:
    saturday = date(2027, 3, 6)
    assert WORKDAYS.add_calendar_days(saturday, 3, roll=True) == date(2027, 3, 9)


# Rule 10


def test_rule_10_days_before_a_date_count_back_to_a_working_day() -> None:
    assert WORKDAYS.add_working_days(date(2027, 3, 8), -1) == date(2027, 3, 5)
    assert WORKDAYS.due_before_working_days(at("2027-03-07 12:00"), 1) == at("2027-03-05 18:00")


def test_rule_10_clear_days_are_one_working_day_earlier() -> None:
    friday = date(2027, 3, 5)
    assert WORKDAYS.add_working_days(friday, -3) == date(2027, 3, 2)
    assert WORKDAYS.add_working_days(friday, -3, clear=True) == date(2027, 3, 1)
    assert WORKDAYS.due_before_working_days(at("2027-03-05 12:00"), 3, clear=True) == at("2027-03-01 18:00")
    assert WORKDAYS.due_before_working_days(at("2027-03-05 12:00"), 0, clear=True) == at("2027-03-04 18:00")


def test_rule_10_a_backward_deadline_never_moves_forward() -> None:
    assert WORKDAYS.due_before_working_days(at("2027-03-07 12:00"), 0) == at("2027-03-05 18:00")
    assert WORKDAYS.due_before_working_days(at("2027-03-05 12:00"), 0) == at("2027-03-05 18:00")
    with pytest.raises(ValueError, match="never moves forward"):
        WORKDAYS.add_calendar_days(date(2027, 3, 8), -1, roll=True)


@pytest.mark.parametrize("n", [0, 1])
def test_rule_10_clear_days_forward_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="counted backwards"):
        WORKDAYS.add_working_days(date(2027, 3, 5), n, clear=True)


@pytest.mark.parametrize("due", [WORKDAYS.due_after_working_days, WORKDAYS.due_before_working_days])
def test_rule_10_the_direction_is_never_hidden_in_a_sign(due: Any) -> None:
    with pytest.raises(ValueError, match="not negative"):
        due(at("2027-03-05 12:00"), -1)


# Rule 11

PAUSE = (at("2027-03-02 10:00"), at("2027-03-02 11:30"))


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2027-03-02 09:00", "2027-03-02 10:00"),
        ("2027-03-02 09:01", "2027-03-02 11:31"),
        ("2027-03-02 10:00", "2027-03-02 12:30"),
        ("2027-03-02 11:29", "2027-03-02 12:30"),
        ("2027-03-02 11:30", "2027-03-02 12:30"),
        ("2027-03-02 11:31", "2027-03-02 12:31"),
    ],
)
def test_rule_11_a_pause_is_a_closure(start: str, due: str) -> None:
    assert OFFICE.add(at(start), HOUR, breaks=[PAUSE]) == at(due)
    assert OFFICE.between(at(start), at(due), breaks=[PAUSE]) == HOUR


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("2027-03-02 12:30", "2027-03-02 11:30"),
        ("2027-03-02 12:29", "2027-03-02 09:59"),
        ("2027-03-02 11:30", "2027-03-02 09:00"),
        ("2027-03-02 10:30", "2027-03-02 09:00"),
        ("2027-03-02 10:00", "2027-03-02 09:00"),
    ],
)
def test_rule_11_a_pause_is_a_closure_going_back(end: str, start: str) -> None:
    assert OFFICE.subtract(at(end), HOUR, breaks=[PAUSE]) == at(start)


def test_rule_11_pauses_may_overlap_and_come_in_any_order() -> None:
    other = (at("2027-03-02 11:00"), at("2027-03-02 12:00"))
    empty = (at("2027-03-02 09:30"), at("2027-03-02 09:30"))
    inner = (at("2027-03-02 10:15"), at("2027-03-02 10:30"))
    pauses = [other, empty, PAUSE, inner]
    assert OFFICE.add(at("2027-03-02 09:30"), HOUR, breaks=pauses) == at("2027-03-02 12:30")
    assert OFFICE.segments(at("2027-03-02 00:00"), at("2027-03-03 00:00"), breaks=pauses) == [
        Segment(at("2027-03-02 09:00"), at("2027-03-02 10:00")),
        Segment(at("2027-03-02 12:00"), at("2027-03-02 18:00")),
    ]


def test_rule_11_zero_rolls_over_pauses_too() -> None:
    until_opening = (at("2027-03-02 11:30"), at("2027-03-03 09:00"))
    assert OFFICE.next_open(at("2027-03-02 10:00"), breaks=[PAUSE]) == at("2027-03-02 11:30")
    assert OFFICE.next_open(at("2027-03-02 09:59"), breaks=[PAUSE]) == at("2027-03-02 09:59")
    assert OFFICE.next_open(at("2027-03-02 10:00"), breaks=[PAUSE, until_opening]) == at("2027-03-03 09:00")
    assert OFFICE.previous_open(at("2027-03-02 11:30"), breaks=[PAUSE]) == at("2027-03-02 10:00")
    assert OFFICE.previous_open(at("2027-03-02 10:00"), breaks=[PAUSE]) == at("2027-03-02 10:00")
    whole_day = (at("2027-03-02 09:00"), at("2027-03-02 18:00"))
    assert OFFICE.previous_open(at("2027-03-03 09:00"), breaks=[whole_day]) == at("2027-03-01 18:00")


@pytest.mark.parametrize(
    ("begins", "ends", "due"),
    [
        ("2027-03-03 17:59", "2027-03-03 18:00", "2027-03-05"),
        ("2027-03-03 18:00", "2027-03-04 08:00", "2027-03-04"),
        ("2027-03-03 09:00", "2027-03-03 17:59", "2027-03-04"),
        ("2027-03-03 12:00", "2027-03-04 18:00", "2027-03-06"),
    ],
    ids=["at closing", "after closing", "before closing", "two closings"],
)
def test_rule_11_a_day_whose_closing_is_paused_is_no_working_day(begins: str, ends: str, due: str) -> None:
    pause = [(at(begins), at(ends))]
    start, end = date(2027, 3, 2), date.fromisoformat(due)
    assert OFFICE.add_working_days(start, 2, breaks=pause) == end
    assert OFFICE.working_days_between(start, end, breaks=pause) == 2
    assert OFFICE.due_after_working_days(at("2027-03-02 10:00"), 2, breaks=pause) == OFFICE.closing_of(end)


def test_reading_34_week_ends_with_its_last_working_day() -> None:
    """Saturday is open, but no working day; Good Friday is closed; a week without a working day has no end."""
    saturday = at("2027-03-20 12:00")
    assert WORKDAYS.end_of_week(saturday, 0) == at("2027-03-19 18:00")
    assert WORKDAYS.end_of_week(saturday, 1) == at("2027-03-25 18:00")
    week_off = [(at("2027-03-29 00:00"), at("2027-04-05 00:00"))]
    assert WORKDAYS.end_of_week(saturday, 2, breaks=week_off) == at("2027-04-09 18:00")
    with pytest.raises(ValueError, match="-1"):
        WORKDAYS.end_of_week(saturday, -1)


def test_rule_11_a_paused_closing_moves_every_kind_of_day_deadline() -> None:
    pause = [(at("2027-03-03 12:00"), at("2027-03-03 20:00"))]
    moment = at("2027-03-03 10:00")
    assert OFFICE.add_working_days(date(2027, 3, 3), 0, breaks=pause) == date(2027, 3, 4)
    assert OFFICE.end_of_same_day(moment, breaks=pause) == at("2027-03-04 18:00")
    assert OFFICE.due_before_working_days(moment, 0, breaks=pause) == at("2027-03-02 18:00")


def test_rule_11_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        OFFICE.add(at("2027-03-02 10:00"), HOUR, breaks=[(PAUSE[1], PAUSE[0])])


# Rule 12


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"hours": {}}, "hours: never open between 2000-01-01 and 2100-01-01"),
        ({"hours": {}, "exceptions": {"2026-12-24": []}}, "hours: never open"),
        ({"hours": {}, "exceptions": {"1999-12-24": ["09:00-12:00"]}}, "hours: never open"),
        (
            {"hours": {}, "closed": ["2026-12-24"], "exceptions": {"2026-12-24": ["09:00-12:00"]}},
            "hours: never open",
        ),
        ({"hours": None}, "hours: is missing"),
        ({"hours": "09:00-12:00"}, "hours: is not a table"),
        ({"hours": {"mo": ["09:00-12:00"]}}, "hours.mo: unknown key (known: mon, tue"),
        ({"hours": {"mon": "09:00-12:00"}}, "hours.mon: is not a list"),
        ({"hours": {"mon": [9]}}, "hours.mon[0]: 9 is not a text in quotes"),
        (
            {"hours": {"mon": ["09:00-12:00", "25:00-26:00"]}},
            'hours.mon[1]: "25:00-26:00" is not a range of times',
        ),
        ({"hours": {"mon": ["24:00-06:00"]}}, 'hours.mon[0]: "24:00-06:00" is not a range of times'),
        ({"hours": {"mon": ["09:00-24:30"]}}, 'hours.mon[0]: "09:00-24:30" is not a range of times'),
        ({"hours": {"mon": ["9-12"]}}, 'hours.mon[0]: "9-12" is not a range of times'),
        ({"hours": {"mon": ["09:00-09:00"]}}, 'hours.mon[0]: "09:00-09:00" starts when it ends'),
        (
            {"hours": {"mon": ["00:00-23:59"]}},
            'hours.mon[0]: "00:00-23:59" loses the last minute of the day; write 24:00',
        ),
        (
            {"hours": {"mon": ["11:00-13:00", "09:00-12:00"]}},
            'hours.mon[0]: "11:00-13:00" overlaps "09:00-12:00"',
        ),
        (
            {"hours": {"mon": ["22:00-06:00", "23:00-24:00"]}},
            'hours.mon[1]: "23:00-24:00" overlaps "22:00-06:00"',
        ),
        (
            {"hours": {"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]}},
            'hours.mon: "05:00-09:00" overlaps "22:00-06:00" of sun',
        ),
        ({"zone": None}, "zone: is missing"),
        ({"zone": "Europe/Berln"}, 'zone: "Europe/Berln" is not a time zone'),
        ({"zone": "Europe"}, 'zone: "Europe" is not a time zone'),
        ({"zone": "../Berlin"}, 'zone: "../Berlin" is not a time zone'),
        ({"holidays": None}, "holidays: is missing"),
        ({"holidays": "DE-XX"}, 'holidays: "DE-XX" is a region without known holidays'),
        ({"holidays": "XX"}, 'holidays: "XX" is a region without known holidays'),
        ({"holidays": "Bayern"}, 'holidays: "Bayern" is not a region'),
        (
            {"holiday_categories": ["catolic"]},
            'holiday_categories: "catolic" is not one of catholic, public, school',
        ),
        ({"closed": "2026-12-24"}, "closed: is not a list"),
        ({"closed": ["2026-12-24", "2026-02-30"]}, 'closed[1]: "2026-02-30" is not a date'),
        ({"closed": ["24.12.2026"]}, 'closed[0]: "24.12.2026" is not a date'),
        ({"closed": [date(2026, 12, 24)]}, "closed[0]: 2026-12-24 is not a text in quotes"),
        ({"exceptions": []}, "exceptions: is not a table"),
        ({"exceptions": {"Silvester": []}}, 'exceptions: "Silvester" is not a date'),
        ({"exceptions": {"2026-12-31": ["9"]}}, 'exceptions."2026-12-31"[0]: "9" is not a range of times'),
        ({"clsoed": []}, "clsoed: unknown key (known: zone, holidays"),
    ],
)
def test_rule_12_an_invalid_definition_is_refused_with_file_table_and_key(keys: Any, complaint: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        calendar(**keys)
    assert str(refusal.value).startswith(f"berlin.toml: {complaint}")


def test_rule_12_a_calendar_of_exceptions_only_is_open_on_them() -> None:
    fair = calendar(hours={}, exceptions={"2027-05-08": ["10:00-16:00"]})
    assert fair.next_open(at("2026-01-01 00:00")) == at("2027-05-08 10:00")
    assert fair.previous_open(at("2035-01-01 00:00")) == at("2027-05-08 16:00")
    assert fair.subtract(at("2035-01-01 00:00"), HOUR) == at("2027-05-08 15:00")


@pytest.mark.parametrize(
    "ask",
    [
        lambda office: office.add(at("1999-12-31 23:59"), HOUR),
        lambda office: office.add(at("2100-01-01 00:00"), HOUR),
        lambda office: office.add(at("2099-12-31 17:00"), 2 * HOUR),
        lambda office: office.subtract(at("2000-01-03 10:00"), 2 * HOUR),
        lambda office: office.next_open(at("2099-12-31 18:00")),
        lambda office: office.previous_open(at("2000-01-01 12:00")),
        lambda office: office.is_working_day(date(2100, 1, 1)),
        lambda office: office.add_working_days(date(2099, 12, 31), 1),
        lambda office: office.add_working_days(date(2000, 1, 3), -1),
        lambda office: office.add(
            at("2027-03-02 09:00"), HOUR, breaks=[(at("2027-03-02 09:30"), at("9999-12-31 00:00"))]
        ),
    ],
)
def test_rule_12_outside_the_horizon_is_an_error_and_not_a_guess(ask: Any) -> None:
    with pytest.raises(BeyondHorizon, match=r"berlin\.toml: .* horizon, 2000-01-01 to 2100-01-01"):
        ask(OFFICE)


def test_rule_12_years_are_added_in_both_directions_as_answers_need_them() -> None:
    span = timedelta(hours=20_000)
    forth = calendar().add(at("2027-03-02 10:00"), span)
    assert forth.year > 2030
    assert calendar().subtract(forth, span) == at("2027-03-02 10:00")


def test_rule_12_the_last_instants_of_the_horizon_are_answered() -> None:
    assert OFFICE.add(at("2099-12-31 17:00"), HOUR) == at("2099-12-31 18:00")
    assert OFFICE.subtract(at("2000-01-03 10:00"), HOUR) == at("2000-01-03 09:00")
    assert not OFFICE.is_open(at("2000-01-01 00:00"))
    assert not OFFICE.is_open(at("2099-12-31 23:59"))


def test_rule_12_an_index_grown_by_another_thread_meanwhile_is_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between seeing that years are missing and adding them, somebody else adds more of them."""
    office = calendar()
    office.add(at("2027-03-02 10:00"), HOUR)
    others = [at("2045-03-02 10:00")]

    class Interloper:
        def __enter__(self) -> None:
            if others:
                office.add(others.pop(), HOUR)

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(index, "_GROWING", Interloper())
    assert office.add(at("2029-03-02 10:00"), HOUR) == at("2029-03-02 11:00")
    assert not others


def test_rule_12_an_open_ended_pause_after_the_deadline_changes_nothing() -> None:
    forever = (at("2027-03-02 12:00"), datetime.max.replace(tzinfo=UTC))
    ever = (datetime.min.replace(tzinfo=UTC), at("2027-03-01 12:00"))
    assert OFFICE.add(at("2027-03-02 09:00"), HOUR, breaks=[forever, ever]) == at("2027-03-02 10:00")
    assert OFFICE.subtract(at("2027-03-02 11:00"), HOUR, breaks=[forever, ever]) == at("2027-03-02 10:00")


def test_rule_12_a_horizon_cuts_within_a_year_and_ends_a_night() -> None:
    definition = {"zone": "Europe/Berlin", "holidays": "none", "hours": {"mon": ["22:00-06:00"]}}
    short = BusinessCalendar.from_mapping(definition, horizon=(date(2027, 2, 10), date(2027, 3, 2)))
    assert short.closing_of(date(2027, 3, 1)) == at("2027-03-02 00:00")
    assert short.next_open(at("2027-02-10 00:00")) == at("2027-02-15 22:00")
    with pytest.raises(BeyondHorizon):
        short.is_open(at("2027-02-09 23:59"))


def test_rule_12_the_horizon_ends_with_the_known_holidays() -> None:
    definition = {"zone": "Europe/Berlin", "holidays": "DE", "hours": OFFICE_HOURS}
    wide = BusinessCalendar.from_mapping(definition, horizon=(date(1900, 1, 1), date(2300, 1, 1)))
    assert wide.definition.horizon == (date(1991, 1, 1), date(2101, 1, 1))


# Rule 13


def test_rule_13_a_fingerprint_names_what_decides_the_result() -> None:
    same = calendar(hours={day: list(reversed(texts)) for day, texts in reversed(OFFICE_HOURS.items())})
    assert OFFICE.fingerprint == same.fingerprint == OFFICE.fingerprint.lower()
    others = [
        calendar(zone="Europe/London"),
        calendar(holidays="DE-BY"),
        calendar(holidays="DE-BY", holiday_categories=["public", "catholic"]),
        calendar(closed=["2026-12-24"]),
        calendar(exceptions={"2026-12-24": []}),
        LUNCH,
    ]
    assert len({OFFICE.fingerprint} | {other.fingerprint for other in others}) == 1 + len(others)


@pytest.mark.parametrize("package", ["holidays", "tzdata"])
def test_rule_13_a_fingerprint_changes_with_a_library(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = calendar().fingerprint
    monkeypatch.setattr(business_time, "version", lambda name: "next" if name == package else version(name))
    assert calendar().fingerprint != before


def test_rule_13_a_calendar_cannot_be_changed_and_equals_its_like() -> None:
    assert calendar() == calendar() != LUNCH
    assert hash(calendar()) == hash(calendar())
    with pytest.raises(dataclasses.FrozenInstanceError):
        OFFICE.definition = LUNCH.definition  # type: ignore[misc]


def test_rule_13_a_calendar_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(OFFICE))
    assert copy.add(at("2027-03-02 17:00"), 2 * HOUR) == at("2027-03-03 10:00")


# Rule 14


@pytest.mark.parametrize(
    ("region", "categories", "is_open"),
    [("DE", ["public"], True), ("DE-BY", ["public"], True), ("DE-BY", ["public", "catholic"], False)],
)
def test_rule_14_assumption_day_is_a_matter_of_the_municipality(region: str, categories: Any, is_open: bool) -> None:
    site = calendar(holidays=region, holiday_categories=categories)
    assert site.is_working_day(date(2025, 8, 15)) is is_open  # a Friday


@pytest.mark.parametrize(
    ("region", "day", "is_open"),
    [
        ("DE-BY", date(2026, 1, 6), False),
        ("DE-NW", date(2026, 1, 6), True),
        ("DE-NW", date(2026, 6, 4), False),
        ("DE-BE", date(2025, 5, 8), False),
        ("none", date(2026, 1, 1), True),
    ],
)
def test_rule_14_holidays_are_those_of_the_state(region: str, day: date, is_open: bool) -> None:
    assert calendar(holidays=region).is_working_day(day) is is_open


# Inputs and outputs


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: OFFICE.add(naive, HOUR),
        lambda naive: OFFICE.between(naive, at("2027-03-02 10:00")),
        lambda naive: OFFICE.add(at("2027-03-02 09:00"), HOUR, breaks=[(naive, naive)]),
        lambda naive: OFFICE.due_after_working_days(naive, 1),
    ],
)
def test_naive_datetimes_are_refused(ask: Any) -> None:
    with pytest.raises(ValueError, match="naive"):
        ask(datetime(2027, 3, 2, 10))  # noqa: DTZ001


def test_an_instant_is_no_working_day() -> None:
    with pytest.raises(TypeError, match="a working day is a date"):
        OFFICE.is_working_day(at("2027-03-02 10:00"))


def test_a_closed_day_has_no_closing() -> None:
    with pytest.raises(CalendarError, match=r"berlin\.toml: 2027-03-07 has no opening hours"):
        OFFICE.closing_of(date(2027, 3, 7))


def test_every_answer_is_in_the_calendars_zone() -> None:
    start = datetime(2027, 3, 2, 15, tzinfo=UTC)
    answers = [OFFICE.add(start, HOUR), OFFICE.subtract(start, HOUR), OFFICE.next_open(start)]
    answers += [
        OFFICE.previous_open(start),
        OFFICE.due_after_working_days(start, 1),
        OFFICE.end_of_same_day(start),
    ]
    assert {answer.tzinfo for answer in answers} == {OFFICE.zone} == {BERLIN}
    assert OFFICE.name == "berlin.toml"


def test_a_period_that_ends_before_it_starts_has_no_segments() -> None:
    assert OFFICE.explain(at("2027-03-02 12:00"), at("2027-03-02 10:00")) == []


# The vectors of DOMAIN section 5


@pytest.mark.parametrize(
    ("office", "intake", "dues"),
    [
        (OFFICE, "03-02 17:00", ["03-03 09:30", "03-03 10:00", "03-03 14:00", "03-03 16:00"]),
        (OFFICE, "03-02 16:00", ["03-02 17:30", "03-02 18:00", "03-03 13:00", "03-03 15:00"]),
        (OFFICE, "03-02 18:00", ["03-03 10:30", "03-03 11:00", "03-03 15:00", "03-03 17:00"]),
        (OFFICE, "03-03 03:00", ["03-03 10:30", "03-03 11:00", "03-03 15:00", "03-03 17:00"]),
        (OFFICE, "03-06 12:00", ["03-08 09:30", "03-08 10:00", "03-08 14:00", "03-08 16:00"]),
        (OFFICE, "03-06 20:00", ["03-08 10:30", "03-08 11:00", "03-08 15:00", "03-08 17:00"]),
        (OFFICE, "03-25 17:30", ["03-27 10:00", "03-27 10:30", "03-30 10:30", "03-30 12:30"]),
        (LUNCH, "03-02 11:30", ["03-02 14:00", "03-02 14:30", "03-03 09:30", "03-03 11:30"]),
    ],
)
def test_inquiry_escalates_in_business_hours(office: BusinessCalendar, intake: str, dues: list[str]) -> None:
    """R1 after 1.5 h, E1 after 2 h, E2.1 4 h after E1, EM2.1 2 h after E2.1."""
    spans = [1.5 * HOUR, 2 * HOUR, 6 * HOUR, 8 * HOUR]
    found = [office.add(at(f"2027-{intake}"), span) for span in spans]
    assert found == [at(f"2027-{moment}") for moment in dues]


@pytest.mark.parametrize(("anchor", "due"), [("03-02 10:00", "03-04 16:00"), ("03-05 17:00", "03-10 10:00")])
def test_follow_up_escalates_after_24_business_hours(anchor: str, due: str) -> None:
    assert OFFICE.add(at(f"2027-{anchor}"), 24 * HOUR) == at(f"2027-{due}")


@pytest.mark.parametrize(
    ("rule", "anchor", "days", "due"),
    [
        ("E2.2 as 1 AT", "03-05", 1, "03-08"),
        ("KM-02", "03-05", 2, "03-09"),
        ("KM-02 over Easter", "03-24", 2, "03-30"),
        ("KM-03", "03-22", 6, "04-01"),
        ("KM-04", "03-25", 3, "04-01"),
        ("KM-05", "05-10", -8, "04-27"),
        ("KM-05 without holidays", "03-01", -8, "02-17"),
        ("KM-07", "05-14", 5, "05-24"),
    ],
)
def test_builders_chain_counts_working_days_monday_to_friday(rule: str, anchor: str, days: int, due: str) -> None:
    moment, end = at(f"2027-{anchor} 12:00"), at(f"2027-{due} 18:00")
    assert WORKDAYS.add_working_days(moment.date(), days) == end.date(), rule
    count = WORKDAYS.due_after_working_days if days > 0 else WORKDAYS.due_before_working_days
    assert count(moment, abs(days)) == end, rule


def test_km_05_skips_ascension_day_backwards() -> None:
    assert WORKDAYS.working_days_between(date(2027, 4, 27), date(2027, 5, 10)) == 8


@pytest.mark.parametrize(
    ("contact", "due"),
    [
        ("03-05 17:59", "03-05 18:00"),
        ("03-05 18:00", "03-05 18:00"),
        ("03-05 18:01", "03-08 18:00"),
        ("03-06 12:00", "03-08 18:00"),
        ("03-25 20:00", "03-30 18:00"),
    ],
)
def test_km_01_is_due_at_the_closing_of_the_same_day(contact: str, due: str) -> None:
    assert WORKDAYS.end_of_same_day(at(f"2027-{contact}")) == at(f"2027-{due}")


def test_kd_09_eight_weeks_are_calendar_days() -> None:
    assert OFFICE.add_calendar_days(date(2027, 1, 11), 56) == date(2027, 3, 8)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2027-03-27 23:59", "2027-03-28 01:59+01"),
        ("2027-03-28 00:00", "2027-03-28 03:00+02"),
        ("2027-03-28 00:01", "2027-03-28 03:01+02"),
        ("2027-03-28 01:30", "2027-03-28 04:30+02"),
        ("2027-10-31 00:59", "2027-10-31 02:59+02"),
        ("2027-10-31 01:00", "2027-10-31 02:00+01"),
        ("2027-10-31 01:01", "2027-10-31 02:01+01"),
        ("2027-10-31 01:30", "2027-10-31 02:30+01"),
    ],
)
def test_two_hours_of_a_desk_that_never_closes_are_elapsed_on_dst_nights(start: str, due: str) -> None:
    found = ALWAYS.add(at(start), 2 * HOUR)
    assert shown(found) == due
    assert shown(ALWAYS.subtract(found, 2 * HOUR))[:16] == start


# Which weekdays count


def test_a_short_saturday_is_open_but_no_working_day() -> None:
    """The vectors of the builder's chain hold on the dealer's hours too, which open on Saturday morning."""
    dealer = BusinessCalendar.from_mapping(
        {"zone": "Europe/Berlin", "holidays": "DE", "hours": OFFICE_HOURS}, name="dealer.toml"
    )
    assert dealer.opens_on(date(2027, 3, 6))
    assert not dealer.is_working_day(date(2027, 3, 6))
    assert dealer.due_after_working_days(at("2027-03-05 10:00"), 2) == at("2027-03-09 18:00")
    assert dealer.due_before_working_days(at("2027-05-10 10:00"), 8) == at("2027-04-27 18:00")
    assert dealer.end_of_same_day(at("2027-03-05 19:00")) == at("2027-03-06 13:00")


def test_a_desk_that_opens_on_weekends_only_counts_its_own_days() -> None:
    weekend = BusinessCalendar.from_mapping(
        {"zone": "Europe/Berlin", "holidays": "none", "hours": on(("sat", "sun"), "10:00-16:00")}
    )
    assert weekend.add_working_days(date(2027, 3, 6), 2) == date(2027, 3, 13)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([], "berlin.toml: working_days: a week without working days never ends"),
        (["monday"], 'berlin.toml: working_days[0]: "monday" is not a weekday'),
        ("mon", "berlin.toml: working_days: is not a list"),
    ],
)
def test_working_days_that_are_no_weekdays_are_refused(days: object, message: str) -> None:
    with pytest.raises(CalendarError) as refused:
        calendar(working_days=days)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(("holidays", "country"), [("DE-BY", "DE"), ("AT", "AT"), ("none", "")])
def test_country_is_the_one_whose_holidays_are_kept(holidays: str, country: str) -> None:
    hours = {"mon": ["09:00-18:00"]}
    found = BusinessCalendar.from_mapping({"zone": "Europe/Vienna", "holidays": holidays, "hours": hours}, name="x")
    assert found.country == country
