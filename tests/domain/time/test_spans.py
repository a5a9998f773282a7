"""Spans on their clocks, forwards, backwards and around pauses."""

import pytest

from domain.time.spans import Clock, Span, parse_span
from tests.domain.scenes import OFFICE, at

BREAK = [(at("2027-03-03 10:00"), at("2027-03-04 20:00"))]


def span(text: str, clock: Clock) -> Span:
    """Return a span."""
    return parse_span(text, clock)


@pytest.mark.parametrize(
    ("text", "clock", "anchor", "due"),
    [
        ("2d", Clock.WORKING_DAYS, "2027-03-05 11:00", "2027-03-09 18:00"),
        ("1d", Clock.WORKING_DAYS, "2027-03-05 11:00", "2027-03-08 18:00"),
        ("", Clock.SAME_DAY, "2027-03-05 11:00", "2027-03-05 18:00"),
        ("", Clock.SAME_DAY, "2027-03-05 18:01", "2027-03-06 13:00"),
        ("8w", Clock.CALENDAR_DAYS, "2027-01-11 11:00", "2027-03-08 18:00"),
        ("0w", Clock.WORKING_WEEKS, "2027-03-05 19:00", "2027-03-05 18:00"),
        ("1w", Clock.WORKING_WEEKS, "2027-03-07 23:00", "2027-03-12 18:00"),
        ("1w", Clock.WORKING_WEEKS, "2027-03-15 11:00", "2027-03-25 18:00"),
        ("5d", Clock.CALENDAR_DAYS, "2027-03-23 11:00", "2027-03-30 18:00"),
        ("90m", Clock.WALL, "2027-03-05 17:30", "2027-03-05 19:00"),
        ("45s", Clock.WALL, "2027-03-05 17:30", "2027-03-05 17:30:45"),
        ("2h", Clock.BUSINESS_HOURS, "2027-03-05 17:30", "2027-03-06 10:30"),
    ],
)
def test_each_clock_counts_forwards_in_its_own_way(text: str, clock: Clock, anchor: str, due: str) -> None:
    assert span(text, clock).after(at(anchor), OFFICE) == at(due)


@pytest.mark.parametrize(
    ("text", "clock", "anchor", "due"),
    [
        ("8d", Clock.WORKING_DAYS, "2027-05-10 07:00", "2027-04-27 18:00"),
        ("2h", Clock.BUSINESS_HOURS, "2027-03-08 10:00", "2027-03-06 12:00"),
        ("30m", Clock.WALL, "2027-03-08 09:10", "2027-03-08 08:40"),
        ("14d", Clock.CALENDAR_DAYS, "2027-04-12 09:10", "2027-03-25 18:00"),
    ],
)
def test_each_clock_counts_backwards_in_its_own_way(text: str, clock: Clock, anchor: str, due: str) -> None:
    assert span(text, clock).before(at(anchor), OFFICE) == at(due)


@pytest.mark.parametrize(("text", "clock"), [("", Clock.SAME_DAY), ("1w", Clock.WORKING_WEEKS)])
def test_ends_of_days_and_weeks_have_no_before(text: str, clock: Clock) -> None:
    with pytest.raises(ValueError, match="counts forwards only"):
        span(text, clock).before(at("2027-03-05 11:00"), OFFICE)


@pytest.mark.parametrize(
    ("text", "clock", "due"),
    [
        ("4h", Clock.WALL, "2027-03-04 23:00"),
        ("3h", Clock.BUSINESS_HOURS, "2027-03-05 11:00"),
        ("1d", Clock.WORKING_DAYS, "2027-03-05 18:00"),
        ("", Clock.SAME_DAY, "2027-03-05 18:00"),
        ("0d", Clock.CALENDAR_DAYS, "2027-03-05 18:00"),
        ("0w", Clock.WORKING_WEEKS, "2027-03-05 18:00"),
    ],
)
def test_every_clock_stands_still_in_a_pause(text: str, clock: Clock, due: str) -> None:
    assert span(text, clock).after(at("2027-03-03 09:00"), OFFICE, BREAK) == at(due)


@pytest.mark.parametrize(
    ("text", "clock", "written"),
    [
        ("1h30m", Clock.BUSINESS_HOURS, "1h30m"),
        ("90m", Clock.WALL, "1h30m"),
        ("0h", Clock.WALL, "0h"),
        ("2w", Clock.CALENDAR_DAYS, "14d"),
        ("8d", Clock.WORKING_DAYS, "8d"),
        ("", Clock.SAME_DAY, "same day"),
        ("2w", Clock.WORKING_WEEKS, "2w"),
    ],
)
def test_span_is_written_as_it_is_read(text: str, clock: Clock, written: str) -> None:
    assert str(span(text, clock)) == written


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("", Clock.WALL),
        ("2", Clock.WALL),
        ("-2h", Clock.BUSINESS_HOURS),
        ("2d", Clock.BUSINESS_HOURS),
        ("2h", Clock.WORKING_DAYS),
        ("1w", Clock.WORKING_DAYS),
        ("1h", Clock.SAME_DAY),
        ("7d", Clock.WORKING_WEEKS),
        ("1h", Clock.WORKING_WEEKS),
    ],
)
def test_span_that_does_not_fit_its_clock_is_refused(text: str, clock: Clock) -> None:
    with pytest.raises(ValueError, match="span|days|weeks"):
        span(text, clock)
