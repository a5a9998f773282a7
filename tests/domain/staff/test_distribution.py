"""Who gets what arrives for nobody in particular."""

import pytest

from domain.staff.distribution import Candidate, Distribution, owner_for
from tests.domain.scenes import at

POOL = [Candidate("paul", at("2027-03-01 10:00")), Candidate("lena", at("2027-03-01 09:00")), Candidate("murat")]


@pytest.mark.parametrize(
    ("rule", "known", "owner"),
    [
        (Distribution.BY_HAND, "anna", None),
        (Distribution.SAME_CUSTOMER, "anna", "anna"),
        (Distribution.SAME_CUSTOMER, None, None),
        (Distribution.ROUND_ROBIN, "anna", "murat"),
        (Distribution.SAME_THEN_ROUND, "anna", "anna"),
        (Distribution.SAME_THEN_ROUND, None, "murat"),
    ],
)
def test_rule_of_the_site_decides(rule: Distribution, known: str | None, owner: str | None) -> None:
    assert owner_for(rule, known, POOL) == owner


def test_turn_goes_to_who_has_waited_longest_and_to_nobody_where_nobody_is_here() -> None:
    assert owner_for(Distribution.ROUND_ROBIN, None, POOL[:2]) == "lena"
    assert owner_for(Distribution.ROUND_ROBIN, None, []) is None
