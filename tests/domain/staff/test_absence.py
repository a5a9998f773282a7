"""Who acts for somebody who is away, and who has just come back (pain 22)."""

import pytest

from domain.staff.absence import Absence, Absences, circle, is_away, returned, stand_in
from tests.domain.scenes import at


def away(since: str, until: str, deputy: str | None = None) -> Absence:
    """Return an absence between two instants in Berlin."""
    return Absence(at(since), at(until), deputy)


WEEK: Absences = {
    "anna": [away("2027-03-01 00:00", "2027-03-06 00:00", "paul")],
    "paul": [
        away("2027-03-02 00:00", "2027-03-03 00:00", "dora"),
        away("2027-03-04 00:00", "2027-03-05 00:00", "anna"),
    ],
    "lena": [away("2027-03-01 00:00", "2027-03-06 00:00")],
}


@pytest.mark.parametrize(
    ("short", "when", "acting"),
    [
        ("anna", "2027-02-28 23:59", "anna"),
        ("anna", "2027-03-01 00:00", "paul"),
        ("anna", "2027-03-02 12:00", "dora"),
        ("anna", "2027-03-04 12:00", None),
        ("paul", "2027-03-04 12:00", None),
        ("lena", "2027-03-03 12:00", None),
        ("anna", "2027-03-06 00:00", "anna"),
        ("carl", "2027-03-03 12:00", "carl"),
    ],
)
def test_deputy_is_decided_at_the_moment_it_matters(short: str, when: str, acting: str | None) -> None:
    assert stand_in(short, at(when), WEEK) == acting


def test_of_two_absences_at_once_the_longer_one_names_the_deputy() -> None:
    first, longer = (
        away("2027-03-01 00:00", "2027-03-03 00:00", "paul"),
        away("2027-03-02 00:00", "2027-03-09 00:00", "dora"),
    )
    absences = {"anna": [first, longer]}
    assert stand_in("anna", at("2027-03-02 12:00"), absences) == "dora"
    assert is_away("anna", at("2027-03-05 12:00"), absences)


@pytest.mark.parametrize(
    ("since", "now", "found"),
    [
        ("2027-03-05 07:00", "2027-03-08 07:00", True),
        ("2027-03-06 00:00", "2027-03-08 07:00", False),
        ("2027-03-04 07:00", "2027-03-05 07:00", False),
        ("2027-03-05 07:00", "2027-03-06 00:00", True),
    ],
)
def test_somebody_has_returned_once_since_the_last_list(since: str, now: str, found: bool) -> None:
    assert (returned("anna", at(since), at(now), WEEK) is not None) is found


def test_who_is_away_again_has_not_returned() -> None:
    absences = {"anna": [away("2027-03-01 00:00", "2027-03-03 00:00"), away("2027-03-03 00:00", "2027-03-05 00:00")]}
    assert returned("anna", at("2027-03-02 07:00"), at("2027-03-03 07:00"), absences) is None


def test_people_who_would_stand_in_for_each_other_are_a_circle() -> None:
    """Named from the one whose absence is entered; nobody where the chain ends, or the turns do not meet."""
    within = away("2027-03-04 00:00", "2027-03-05 00:00", "anna")
    assert circle("paul", WEEK, within) == ["paul", "anna"]
    assert circle("lena", WEEK, away("2027-03-01 00:00", "2027-03-06 00:00")) == []
    assert circle("dora", WEEK, away("2027-03-08 00:00", "2027-03-09 00:00", "anna")) == []
    assert circle("dora", {**WEEK, "dora": [away("2027-03-04 00:00", "2027-03-05 00:00", "anna")]}, within) == []
