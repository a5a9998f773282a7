"""On which days a list is sent (AC-13, AC-15, readings 15 and 16), and what a definition of one may say."""

from datetime import date
from typing import Any

import pytest

from domain.process.table import DefinitionError
from domain.staff.digests import read_digests
from processes.loader import shipped_lists
from tests.domain.scenes import OFFICE, at

ROW: dict[str, Any] = {
    "code": "EL2",
    "title": {"de": "Wochenliste", "en": "Weekly list"},
    "cites": "AC-15",
    "weekdays": "fri",
    "at": "07:30",
    "closed": "previous",
    "content": "escalated",
    "to": "controller",
}


def digest(**changed: Any) -> Any:
    """Return a list with something changed."""
    return read_digests({"digests": [{**ROW, **changed}]}, name="lists.toml")[0]


def days(of: Any, month: int = 3) -> list[int]:
    """Return the days of a month in 2027 on which a list is sent."""
    return [n for n in range(1, 29) if of.falls_on(date(2027, month, n), OFFICE)]


def test_ac_13_daily_list_comes_on_open_days_monday_to_saturday() -> None:
    """Good Friday is 26 March; Easter Monday is in the days after."""
    daily, *_ = shipped_lists()
    march = set(range(1, 29)) - {7, 14, 21, 26, 28}
    assert days(daily) == sorted(march)
    assert not daily.falls_on(date(2027, 3, 29), OFFICE)
    assert str(daily.at) == "07:00:00"


def test_ac_15_weekly_list_comes_on_friday_half_past_seven() -> None:
    _, weekly, _ = shipped_lists()
    assert days(weekly) == [5, 12, 19, 25]
    assert weekly.instant(date(2027, 3, 19), OFFICE) == at("2027-03-19 07:30")


@pytest.mark.parametrize(
    ("closed", "march"),
    [("previous", [5, 12, 19, 25]), ("skip", [5, 12, 19]), ("send", [5, 12, 19, 26])],
)
def test_reading_16_closed_friday_is_a_setting(closed: str, march: list[int]) -> None:
    assert days(digest(closed=closed)) == march


def test_reading_15_next_working_day_is_after_easter() -> None:
    """Tuesday, for Monday is a holiday, and an open Saturday is no working day."""
    moved = digest(closed="next")
    assert [n for n in range(26, 32) if moved.falls_on(date(2027, 3, n), OFFICE)] == [30]


def test_list_before_this_one_is_found_across_a_holiday() -> None:
    weekly = digest()
    assert weekly.before(date(2027, 4, 2), OFFICE) == at("2027-03-25 07:30")
    daily, *_ = shipped_lists()
    assert daily.before(date(2027, 3, 30), OFFICE) == at("2027-03-27 07:00")


def test_list_that_was_never_sent_has_three_weeks_before_it() -> None:
    never = digest(weekdays="sun", closed="skip")
    assert never.before(date(2027, 3, 29), OFFICE) == at("2027-03-08 07:30")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weekdays": []}, "lists.toml: digests[EL2]: weekdays: a list is sent on at least one day"),
        ({"weekdays": "friday"}, "lists.toml: digests[EL2]: weekdays: 'friday' is unknown"),
        ({"at": "7:30"}, "lists.toml: digests[EL2]: at: '7:30' is not a time of day"),
        ({"at": "25:00"}, "lists.toml: digests[EL2]: at: '25:00' is not a time of day"),
        ({"closed": "maybe"}, "lists.toml: digests[EL2]: closed: 'maybe' is unknown"),
        ({"content": "all"}, "lists.toml: digests[EL2]: content: 'all' is unknown"),
        ({"to": []}, "lists.toml: digests[EL2]: to: a list goes to"),
        ({"to": "receiver"}, "lists.toml: digests[EL2]: to: a list goes to"),
        ({"when": "noon"}, "lists.toml: digests[EL2]: when: unknown key"),
    ],
)
def test_list_that_cannot_be_is_refused_with_file_table_and_key(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        digest(**changed)
    assert str(refused.value).startswith(message)


def test_code_given_twice_is_refused() -> None:
    with pytest.raises(DefinitionError, match="'EL2' is already taken"):
        read_digests({"digests": [ROW, ROW]}, name="lists.toml")
