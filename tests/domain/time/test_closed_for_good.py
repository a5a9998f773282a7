"""A site that closed for good: what asks for hours is too far, and what was counted before is shown without them."""

from dataclasses import replace

import pytest

from domain.ticket.agenda import agenda
from domain.ticket.facts import ObjectionRaised, Refused
from domain.ticket.handover_rules import Evidence
from domain.ticket.planning import plan
from domain.ticket.ticket import received
from domain.ticket.transitions import apply
from domain.time.calendar import BusinessCalendar
from tests.domain.scenes import at, inquiry, rule_context
from tests.domain.ticket.test_sales import SITE

OVER = BusinessCalendar.from_mapping(
    {"zone": "Europe/Berlin", "holidays": "DE", "hours": {}, "exceptions": {"2027-03-01": ["09:00-18:00"]}}, name="over"
)


def test_point_whose_deadline_nobody_can_count_is_too_far() -> None:
    closed = replace(SITE, calendar=OVER)
    ticket = received(SITE, at("2027-03-01 10:00"), "anna")
    with pytest.raises(Refused) as refused:
        apply(ticket, ObjectionRaised(), at("2027-03-09 10:00"), closed, Evidence("anna"))
    assert refused.value.code == "too_far"


def test_hours_that_were_counted_before_are_shown_as_none() -> None:
    overdue = next(moment for moment in agenda(inquiry("2027-03-02 17:00"), rule_context()) if moment.code == "E1")
    assert overdue.why.counted()
    far = replace(overdue.why, calendar=OVER, anchor_at=at("2126-03-02 17:00"), due_at=at("2127-03-03 10:00"))
    assert far.counted() == []


def test_moment_that_came_to_pass_is_shown_when_no_calendar_counts_it_any_more() -> None:
    """What did not come to pass by then never will."""
    fired_at = at("2027-03-03 09:30")
    asked = replace(inquiry("2027-03-02 17:00"), fired={"R1#1": fired_at})
    planned = plan(asked, replace(rule_context(), calendar=OVER))
    assert [(moment.code, moment.at) for moment in planned.moments if moment.code in {"R1", "E1"}] == [("R1", fired_at)]
    assert "E1#1" in planned.uncountable
