"""What a fact may carry: values at the bounds, just inside and just outside."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.ticket.bounds import EARLIEST, LARGEST, LATEST, check_fact
from domain.ticket.customer_facts import PackageBooked, PriorityMarked
from domain.ticket.facts import (
    Fact,
    FollowUpSet,
    HandoverRejected,
    MilestoneSet,
    Noted,
    PartnerChosen,
    Reassigned,
    Refused,
)
from domain.ticket.transitions import apply
from tests.domain.scenes import at, inquiry, rule_context

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "fact",
    [
        Noted(),
        FollowUpSet(EARLIEST),
        FollowUpSet(LATEST),
        MilestoneSet("order_placed"),
        PackageBooked(LARGEST),
        PackageBooked(-LARGEST),
        PriorityMarked(on=True),
        Reassigned("ä" * 200),
        HandoverRejected("gate", ("one", "two")),
    ],
)
def test_value_within_its_bounds_passes(fact: Fact) -> None:
    check_fact(fact)


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (FollowUpSet(EARLIEST - SECOND), "too_early"),
        (FollowUpSet(LATEST + SECOND), "too_far"),
        (FollowUpSet(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))), "too_early"),
        (FollowUpSet(datetime(9999, 12, 31, tzinfo=UTC)), "too_far"),
        (FollowUpSet(datetime(2027, 3, 9, 10)), "instant_without_zone"),  # noqa: DTZ001 - the very case
        (MilestoneSet("order_placed", datetime(1, 1, 1, tzinfo=UTC)), "too_early"),
        (PackageBooked(LARGEST + 1), "number_out_of_bounds"),
        (PartnerChosen(-LARGEST - 1), "number_out_of_bounds"),
        (Reassigned("petra\0"), "illegible_value"),
        (Reassigned("\ud800"), "illegible_value"),
        (Reassigned("a" * 201), "illegible_value"),
        (HandoverRejected("gate", ("one", "two\n")), "illegible_value"),
    ],
)
def test_value_out_of_bounds_is_refused_and_judged_no_further(fact: Fact, code: str) -> None:
    ticket = inquiry("2027-03-02 17:00")
    with pytest.raises(Refused) as refused:
        apply(ticket, fact, at("2027-03-02 17:10"), rule_context())
    assert refused.value.code == code


def test_partner_with_fewer_than_no_jobs_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        apply(inquiry("2027-03-02 17:00"), PartnerChosen(-1), at("2027-03-02 17:10"), rule_context())
    assert refused.value.code == "number_out_of_bounds"
