"""S2, the escalation chain of customer requests, statement by statement, on the pure rules."""

import dataclasses

import pytest

from domain.process.definition import Delivery
from domain.process.recipients import Member, Roster
from domain.ticket.agenda import agenda, fire_due
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Answered,
    CallBackNoted,
    Called,
    Categorised,
    Closed,
    CustomerWrote,
    Fact,
    FollowUpSet,
    Noted,
    Paused,
    Reassigned,
    Refused,
    Resumed,
)
from domain.ticket.simulation import Event, play
from domain.ticket.standing import Light, due_at, escalation_level, light
from domain.ticket.ticket import Status, Ticket
from domain.ticket.transitions import apply
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, parse_span
from processes.loader import SHIPPED, load_calendar
from tests.domain.scenes import (
    ANNA,
    BERLIN,
    CONTROLLER,
    INQUIRY,
    OFFICE,
    SENIOR,
    STAFF,
    at,
    inquiry,
    played,
    rule_context,
    times,
)

LUNCH = BusinessCalendar.from_mapping(
    {
        "zone": "Europe/Berlin",
        "holidays": "DE",
        "hours": {"sat": ["09:00-13:00"]}
        | {key: ["09:00-12:00", "13:00-18:00"] for key in ("mon", "tue", "wed", "thu", "fri")},
    },
    name="lunch.toml",
)

VECTORS = [
    ("2027-03-02 17:00", "R1 03.03. 09:30", "E1 03.03. 10:00", "E2.1 03.03. 14:00", "EM2.1 03.03. 16:00"),
    ("2027-03-02 16:00", "R1 02.03. 17:30", "E1 02.03. 18:00", "E2.1 03.03. 13:00", "EM2.1 03.03. 15:00"),
    ("2027-03-02 18:00", "R1 03.03. 10:30", "E1 03.03. 11:00", "E2.1 03.03. 15:00", "EM2.1 03.03. 17:00"),
    ("2027-03-03 03:00", "R1 03.03. 10:30", "E1 03.03. 11:00", "E2.1 03.03. 15:00", "EM2.1 03.03. 17:00"),
    ("2027-03-06 12:00", "R1 08.03. 09:30", "E1 08.03. 10:00", "E2.1 08.03. 14:00", "EM2.1 08.03. 16:00"),
    ("2027-03-06 20:00", "R1 08.03. 10:30", "E1 08.03. 11:00", "E2.1 08.03. 15:00", "EM2.1 08.03. 17:00"),
    ("2027-03-25 17:30", "R1 27.03. 10:00", "E1 27.03. 10:30", "E2.1 30.03. 10:30", "EM2.1 30.03. 12:30"),
]

HANDLINGS = [Answered(), Called(), FollowUpSet(at("2027-06-01 10:00")), Closed("won")]


def passed(ticket: Ticket, until: str, on: RuleContext | None = None) -> Ticket:
    """Let everything come to pass until an instant, inclusively."""
    return fire_due(ticket, on or rule_context(), at(until), inclusive=True)[0]


@pytest.mark.parametrize(("received_at", *"abcd"), VECTORS)
def test_ac_01_all_times_count_business_hours(received_at: str, a: str, b: str, c: str, d: str) -> None:
    assert times(played(inquiry(received_at)), "R1", "E1", "E2.1", "EM2.1") == [a, b, c, d]


def test_ac_01_lunch_break_does_not_count() -> None:
    moments = played(inquiry("2027-03-02 11:30"), on=rule_context(Roster(), LUNCH))
    assert times(moments, "R1", "E1", "E2.1", "EM2.1") == [
        "R1 02.03. 14:00",
        "E1 02.03. 14:30",
        "E2.1 03.03. 09:30",
        "EM2.1 03.03. 11:30",
    ]


def test_ac_02_inquiry_before_closing_becomes_overdue_next_morning() -> None:
    assert times(played(inquiry("2027-03-02 17:00")), "E1") == ["E1 03.03. 10:00"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-03-03 09:59", Light.YELLOW),
        ("2027-03-03 10:00", Light.RED),
        ("2027-03-03 10:01", Light.RED),
        ("2027-03-03 13:59", Light.RED),
        ("2027-03-03 14:00", Light.ESCALATED),
    ],
)
def test_ac_03_ac_05_open_request_turns_red_then_escalates(now: str, expected: Light) -> None:
    assert light(passed(inquiry("2027-03-02 17:00"), now), rule_context()) is expected


def test_ac_04_pop_up_opens_for_the_handler_when_overdue() -> None:
    (overdue,) = [m for m in agenda(inquiry("2027-03-02 17:00"), rule_context()) if m.code == "E1"]
    assert [str(action) for action in overdue.rule.does] == ["mark overdue", "pop-up"]
    assert overdue.told(inquiry("2027-03-02 17:00"), STAFF) == [ANNA]


def test_ac_05_escalated_request_is_visible_to_controllers_only() -> None:
    ticket = inquiry("2027-03-02 17:00")
    (escalation,) = [m for m in agenda(ticket, rule_context()) if m.code == "E2.1"]
    assert escalation.told(ticket, STAFF) == [CONTROLLER]
    assert escalation_level(passed(ticket, "2027-03-03 14:00"), rule_context()) == 1


def test_ac_06_follow_up_turns_green_into_red_at_its_instant() -> None:
    ticket = apply(
        inquiry("2027-03-02 17:00"), FollowUpSet(at("2027-03-05 17:00")), at("2027-03-02 17:30"), rule_context()
    )
    assert light(passed(ticket, "2027-03-05 16:59"), rule_context()) is Light.GREEN
    assert light(passed(ticket, "2027-03-05 17:00"), rule_context()) is Light.RED


@pytest.mark.parametrize(
    ("follow_up", "escalated"),
    [("2027-03-02 10:00", "E2.2 04.03. 16:00"), ("2027-03-05 17:00", "E2.2 10.03. 10:00")],
)
def test_ac_07_overdue_follow_up_escalates_after_24_business_hours(follow_up: str, escalated: str) -> None:
    moments = played(inquiry("2027-03-01 10:00"), ("2027-03-01 10:30", FollowUpSet(at(follow_up))))
    assert times(moments, "E2.2") == [escalated]


def test_ac_09_superior_controller_has_an_own_offset() -> None:
    moments = played(inquiry("2027-03-02 17:00"), on=rule_context())
    assert times(moments, "E2.1", "E2.1/helga", "EM2.1", "EM2.1/helga") == [
        "E2.1 03.03. 14:00",
        "EM2.1 03.03. 16:00",
        "E2.1/helga 03.03. 18:00",
        "EM2.1/helga 04.03. 11:00",
    ]


def test_ac_09_who_has_an_own_offset_is_not_told_at_the_common_one() -> None:
    ticket = inquiry("2027-03-02 17:00")
    told = {m.code: [p.short for p in m.told(ticket, STAFF)] for m in agenda(ticket, rule_context())}
    assert told["EM2.1"] == ["carl"]
    assert told["EM2.1/helga"] == ["helga"]


def test_ac_09_earliest_controller_sets_the_public_state() -> None:
    """Reading 20: with superior controllers only, the first of them escalates the ticket."""
    bold = Member("bernd", SENIOR.roles, {"E2.1": parse_span("1h", Clock.BUSINESS_HOURS)})
    alone = rule_context(Roster((ANNA, SENIOR, bold)))
    assert light(passed(inquiry("2027-03-02 17:00"), "2027-03-03 11:00", alone), alone) is Light.ESCALATED
    assert times(played(inquiry("2027-03-02 17:00"), on=alone), "E2.1") == []


@pytest.mark.parametrize(
    ("event", "fact"),
    [
        ("2027-03-03 11:00", CustomerWrote()),
        ("2027-03-03 11:00", CallBackNoted()),
    ],
)
def test_ac_10_instant_mail_each_time_the_status_becomes_open(event: str, fact: Fact) -> None:
    moments = played(inquiry("2027-03-02 17:00"), ("2027-03-02 17:30", Answered()), (event, fact))
    assert times(moments, "DM1") == ["DM1 02.03. 17:00", "DM1 03.03. 11:00"]


def test_ac_10_instant_mail_on_assignment_of_an_open_request() -> None:
    moments = played(inquiry("2027-03-02 17:00"), ("2027-03-02 17:30", Reassigned("paul")))
    assert times(moments, "DM1") == ["DM1 02.03. 17:00", "DM1 02.03. 17:30"]


def test_ac_10_no_instant_mail_on_assignment_of_a_handled_request() -> None:
    moments = played(
        inquiry("2027-03-02 17:00"), ("2027-03-02 17:20", Answered()), ("2027-03-02 17:30", Reassigned("paul"))
    )
    assert times(moments, "DM1") == ["DM1 02.03. 17:00"]


def test_ac_11_reminder_of_a_pool_request_goes_to_dispatcher_and_pool() -> None:
    ticket = inquiry("2027-03-02 17:00", owner=None)
    (reminder,) = [m for m in agenda(ticket, rule_context()) if m.code == "R1"]
    assert [p.short for p in reminder.told(ticket, STAFF)] == ["paul", "dora"]


@pytest.mark.parametrize(("received_at", *"abcd"), VECTORS)
def test_ac_12_reminder_precedes_overdue_by_30_business_minutes(
    received_at: str, a: str, b: str, c: str, d: str
) -> None:
    by_code = {m.code: m.at for m in played(inquiry(received_at))}
    assert OFFICE.between(by_code["R1"], by_code["E1"]).total_seconds() == 30 * 60


def test_ac_12_handled_request_gets_neither_reminder_nor_overdue() -> None:
    assert times(played(inquiry("2027-03-02 17:00"), ("2027-03-03 09:29", Answered()))) == ["DM1 02.03. 17:00"]


def test_ac_14_controller_mail_two_hours_after_escalation() -> None:
    by_code = {m.code: m.at for m in played(inquiry("2027-03-02 17:00"))}
    assert OFFICE.between(by_code["E2.1"], by_code["EM2.1"]).total_seconds() == 2 * 3600
    assert OFFICE.between(by_code["E1"], by_code["EM2.1"]).total_seconds() == 6 * 3600
    assert OFFICE.between(at("2027-03-02 17:00"), by_code["EM2.1"]).total_seconds() == 8 * 3600


FORETOLD = Member("anna", ANNA.roles, {"WR1": parse_span("30m", Clock.WALL)})


def test_ac_16_reminder_before_follow_up_only_for_who_chose_minutes() -> None:
    event = ("2027-03-02 17:10", FollowUpSet(at("2027-03-05 17:00")))
    assert times(played(inquiry("2027-03-02 17:00"), event, on=rule_context()), "WR1", "WR1/anna") == []
    chosen = rule_context(Roster((FORETOLD,)))
    assert times(played(inquiry("2027-03-02 17:00"), event, on=chosen), "WR1/anna") == ["WR1/anna 05.03. 16:30"]


def test_ac_16_reminder_that_would_lie_before_the_setting_is_skipped() -> None:
    event = ("2027-03-05 16:40", FollowUpSet(at("2027-03-05 17:00")))
    moments = played(inquiry("2027-03-05 16:00"), event, on=rule_context(Roster((FORETOLD,))))
    assert times(moments, "WR1/anna", "WV") == ["WV 05.03. 17:00"]


def test_ac_17_every_mail_that_may_be_switched_off_says_so() -> None:
    switches = {rule.code: rule.optional for rule in INQUIRY.moments if rule.tells}
    assert switches == {
        "DM1": False,
        "R1": True,
        "R1.new": True,
        "E1": True,
        "EM2.1": True,
        "WR1": True,
        "WV": True,
    }


@pytest.mark.parametrize("fact", HANDLINGS, ids=lambda fact: fact.kind)
@pytest.mark.parametrize(
    ("when", "left"),
    [
        ("2027-03-03 09:29", []),
        ("2027-03-03 09:30", []),
        ("2027-03-03 09:31", ["R1"]),
        ("2027-03-03 10:00", ["R1"]),
        ("2027-03-03 10:01", ["R1", "E1"]),
        ("2027-03-03 14:01", ["R1", "E1", "E2.1"]),
        ("2027-03-03 16:01", ["R1", "E1", "E2.1", "EM2.1"]),
    ],
)
def test_ac_18_handling_cancels_that_rung_and_all_later_ones(when: str, left: list[str], fact: Fact) -> None:
    moments = played(inquiry("2027-03-02 17:00"), (when, fact), until="2027-03-31 12:00")
    assert [m.code for m in moments if m.code != "DM1"] == left


@pytest.mark.parametrize("fact", [Noted(), Reassigned("paul")], ids=lambda fact: fact.kind)
def test_ac_18_reading_7_notes_and_reassignment_are_not_handling(fact: Fact) -> None:
    moments = played(inquiry("2027-03-02 17:00"), ("2027-03-03 09:00", fact))
    assert times(moments, "R1", "E1") == ["R1 03.03. 09:30", "E1 03.03. 10:00"]


def test_ac_19_requests_and_follow_ups_escalate_at_separate_offsets() -> None:
    assert (str(INQUIRY.by_code["E2.1"].span), str(INQUIRY.by_code["E2.2"].span)) == ("4h", "24h")
    assert INQUIRY.by_code["E2.1"].anchors == ("E1",)
    assert INQUIRY.by_code["E2.2"].anchors == ("WV",)


def test_ac_20_saturday_afternoon_request_raises_no_alarm_on_the_weekend() -> None:
    moments = [m for m in played(inquiry("2027-03-06 15:00")) if m.code != "DM1"]
    assert moments
    assert all(OFFICE.is_open(m.at) or m.at.hour == 18 for m in moments)
    assert min(m.at for m in moments) > at("2027-03-08 09:00")


def test_ac_20_only_what_was_asked_for_may_go_out_outside_business_hours() -> None:
    at_once = {rule.code for rule in INQUIRY.moments if rule.deliver is Delivery.AT_ONCE}
    assert at_once == {"DM1", "WR1"}


def test_ac_21_saturday_evening_request_is_overdue_on_monday_morning() -> None:
    assert times(played(inquiry("2027-03-06 20:00")), "E1") == ["E1 08.03. 11:00"]


def test_ac_22_the_four_notifiable_roles_are_reached() -> None:
    roles = {role.value for rule in INQUIRY.moments for role in rule.to}
    assert roles == {"owner", "controller", "senior_controller"}
    ticket = inquiry("2027-03-02 17:00", owner=None)
    told = {p.short for m in agenda(ticket, rule_context()) for p in m.told(ticket, STAFF)}
    assert told == {"paul", "dora", "carl", "helga"}


def test_reading_8_customer_writing_again_starts_a_new_clock_and_keeps_the_follow_up() -> None:
    moments = played(
        inquiry("2027-03-01 10:00"),
        ("2027-03-01 11:00", FollowUpSet(at("2027-03-05 10:00"))),
        ("2027-03-02 17:00", CustomerWrote()),
        ("2027-03-03 10:30", Answered()),
        until="2027-03-05 12:00",
    )
    assert times(moments, "E1", "WV") == ["E1 03.03. 10:00", "WV 05.03. 10:00"]


def test_reading_8_customer_writing_while_waiting_does_not_restart_the_clock() -> None:
    moments = played(inquiry("2027-03-02 17:00"), ("2027-03-03 09:10", CustomerWrote()))
    assert times(moments, "E1") == ["E1 03.03. 10:00"]


def test_reading_8_answer_after_the_follow_up_consumes_it() -> None:
    moments = played(
        inquiry("2027-03-01 10:00"),
        ("2027-03-01 11:00", FollowUpSet(at("2027-03-02 10:00"))),
        ("2027-03-02 10:30", Called()),
    )
    assert times(moments, "WV", "E2.2") == ["WV 02.03. 10:00"]


def test_reading_9_reassignment_does_not_restart_the_clock_and_keeps_the_escalation() -> None:
    ticket = passed(inquiry("2027-03-02 17:00"), "2027-03-03 14:00")
    moved = apply(ticket, Reassigned("paul"), at("2027-03-03 14:30"), rule_context())
    assert light(moved, rule_context()) is Light.ESCALATED
    assert due_at(moved, rule_context()) == at("2027-03-03 10:00")


def test_reading_13_moved_follow_up_fires_again_on_the_same_day() -> None:
    moments = played(
        inquiry("2027-03-01 10:00"),
        ("2027-03-01 11:00", FollowUpSet(at("2027-03-02 10:00"))),
        ("2027-03-02 10:05", FollowUpSet(at("2027-03-02 15:00"))),
    )
    assert times(moments, "WV", "E2.2") == ["WV 02.03. 10:00", "WV 02.03. 15:00", "E2.2 05.03. 12:00"]


def test_reading_22_handling_after_escalation_ends_it() -> None:
    ticket = passed(inquiry("2027-03-02 17:00"), "2027-03-03 15:00")
    handled = apply(ticket, Answered(), at("2027-03-03 15:01"), rule_context())
    assert (light(handled, rule_context()), escalation_level(handled, rule_context())) == (Light.GREEN, 0)
    assert any(key.startswith("E2.1#") for key in handled.fired)


def test_pause_stops_the_clock_and_resuming_continues_it() -> None:
    moments = played(inquiry("2027-03-02 10:00"), ("2027-03-02 11:00", Paused()), ("2027-03-04 11:00", Resumed()))
    assert times(moments, "R1", "E1", "E2.1") == ["R1 04.03. 11:30", "E1 04.03. 12:00", "E2.1 04.03. 16:00"]


def test_nothing_comes_to_pass_during_a_pause() -> None:
    ticket = apply(inquiry("2027-03-02 10:00"), Paused(), at("2027-03-02 11:00"), rule_context())
    assert agenda(ticket, rule_context()) == []
    assert light(ticket, rule_context()) is Light.PAUSED
    assert due_at(ticket, rule_context()) is None


def test_follow_up_that_fell_into_a_pause_is_due_when_it_ends() -> None:
    moments = played(
        inquiry("2027-03-02 10:00"),
        ("2027-03-02 10:10", FollowUpSet(at("2027-03-03 10:00"))),
        ("2027-03-02 11:00", Paused()),
        ("2027-03-04 11:00", Resumed()),
        on=rule_context(Roster((FORETOLD,))),
    )
    assert times(moments, "WR1/anna", "WV") == ["WR1/anna 04.03. 11:00", "WV 04.03. 11:00"]


def test_customer_writing_ends_a_pause() -> None:
    ticket = apply(inquiry("2027-03-02 10:00"), Paused(), at("2027-03-02 11:00"), rule_context())
    woken = apply(ticket, CustomerWrote(), at("2027-03-04 11:00"), rule_context())
    assert not woken.paused
    assert times(played(woken), "E1") == ["E1 04.03. 12:00"]


def test_closed_ticket_has_neither_light_nor_agenda_nor_deadline() -> None:
    closed = apply(
        passed(inquiry("2027-03-02 10:00"), "2027-03-04 12:00"), Closed("won"), at("2027-03-04 13:00"), rule_context()
    )
    assert agenda(closed, rule_context()) == []
    assert (
        light(closed, rule_context()),
        due_at(closed, rule_context()),
        escalation_level(closed, rule_context()),
    ) == (
        Light.CLOSED,
        None,
        0,
    )
    assert (closed.status, closed.reason) == (Status.CLOSED, "won")


@pytest.mark.parametrize(
    ("before", "fact", "code"),
    [
        ([Closed("won")], Answered(), "already_closed"),
        ([Closed("won")], Closed("won"), "already_closed"),
        ([], Closed("  "), "reason_missing"),
        ([], FollowUpSet(at("2027-03-02 12:00")), "follow_up_in_the_past"),
        ([], Reassigned("anna"), "already_owner"),
        ([], Resumed(), "not_paused"),
        ([Paused()], Paused(), "already_paused"),
    ],
)
def test_fact_against_the_rules_is_refused_with_its_code(before: list[Fact], fact: Fact, code: str) -> None:
    ticket = inquiry("2027-03-02 10:00")
    for earlier in before:
        ticket = apply(ticket, earlier, at("2027-03-02 11:00"), rule_context())
    with pytest.raises(Refused) as refused:
        apply(ticket, fact, at("2027-03-02 12:00"), rule_context())
    assert refused.value.code == code


def test_calendar_changed_after_a_moment_came_to_pass_moves_only_what_lies_ahead() -> None:
    """Steps count from when the ticket became overdue, not from when it would have by today's calendar."""
    ticket = passed(inquiry("2027-03-02 17:00"), "2027-03-03 10:00")
    later = dataclasses.replace(rule_context(), calendar=LUNCH)
    (escalation,) = [m for m in agenda(ticket, later) if m.code == "E2.1"]
    assert escalation.at == at("2027-03-03 15:00")


def test_playing_stops_where_it_is_told_to() -> None:
    """Events after the end do not happen, and moments neither."""
    ticket = inquiry("2027-03-02 17:00")
    late = ("2027-03-03 12:00", Closed("won"))
    assert times(played(ticket, late, until="2027-03-03 10:00"), "R1", "E1", "E2.1") == [
        "R1 03.03. 09:30",
        "E1 03.03. 10:00",
    ]


def test_ac_09_own_offset_of_a_later_step_replaces_the_inherited_one() -> None:
    """It counts from their own earlier step, not from the common one."""
    process = dataclasses.replace(
        INQUIRY,
        moments=tuple(
            dataclasses.replace(rule, personal=True) if rule.code == "EM2.1" else rule for rule in INQUIRY.moments
        ),
    )
    both = Member("helga", SENIOR.roles, dict(SENIOR.offsets) | {"EM2.1": parse_span("1h", Clock.BUSINESS_HOURS)})
    moments = played(inquiry("2027-03-02 17:00"), on=RuleContext(process, OFFICE, Roster((ANNA, CONTROLLER, both))))
    assert times(moments, "EM2.1", "EM2.1/helga") == ["EM2.1 03.03. 16:00", "EM2.1/helga 04.03. 10:00"]


ALWAYS = load_calendar(SHIPPED / "calendars" / "around-the-clock.toml")


@pytest.mark.parametrize(
    ("received_at", "expected"),
    [
        ("2027-10-31 01:15", ["R1 02:45 CEST", "E1 02:15 CET", "E2.1 06:15 CET", "EM2.1 08:15 CET"]),
        ("2027-10-31 01:30", ["R1 02:00 CET", "E1 02:30 CET", "E2.1 06:30 CET", "EM2.1 08:30 CET"]),
        ("2027-03-28 01:30", ["R1 04:00 CEST", "E1 04:30 CEST", "E2.1 08:30 CEST", "EM2.1 10:30 CEST"]),
    ],
)
def test_moments_keep_their_order_when_the_clock_is_changed(received_at: str, expected: list[str]) -> None:
    """Elapsed time decides, not the hands of the clock, which show 02:15 twice in autumn."""
    moments = [m for m in played(inquiry(received_at), on=rule_context(Roster(), ALWAYS)) if m.code != "DM1"]
    assert [f"{m.code} {m.at.astimezone(BERLIN):%H:%M %Z}" for m in moments] == expected


def test_answer_between_the_two_halves_of_a_repeated_hour_is_in_time() -> None:
    """02:20 the first time is before 02:15 the second time."""
    first = at("2027-10-31 02:20")
    happened = play(inquiry("2027-10-31 01:15"), rule_context(Roster(), ALWAYS), [Event(first, Answered())], None)
    assert [m.code for m in happened] == ["DM1"]


def test_category_is_said_without_handling_anything() -> None:
    """SL-05: what it is about is known now; the promise is the same."""
    ticket = inquiry("2027-03-02 14:00")
    said = apply(ticket, Categorised("invoice"), at("2027-03-02 14:30"), rule_context())
    assert dataclasses.replace(said, facts=ticket.facts) == ticket
