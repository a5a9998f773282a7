"""S0, the Statuskette of a builder, statement by statement, on the pure rules."""

import pytest

from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.agenda import agenda, fire_due, holds
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Closed,
    Fact,
    MilestoneSet,
    PartnerChosen,
    PhaseDone,
    PhaseSkipped,
    PhaseSteppedBack,
    Refused,
)
from domain.ticket.simulation import CAST, Event, play, steps
from domain.ticket.standing import Light, light
from domain.ticket.ticket import Status, Ticket, received
from domain.ticket.transitions import apply
from processes.loader import find_process
from tests.domain.scenes import OFFICE, at, times

HANDLER = Member("anna", frozenset({Role.CASE_HANDLER}))
CONTROLLER = Member("carl", frozenset({Role.CONTROLLER}))
SITE = RuleContext(find_process("statuskette"), OFFICE, Roster((*CAST.members, HANDLER, CONTROLLER)))

Story = tuple[str, Fact]


def project(received_at: str = "2027-03-01 10:00") -> Ticket:
    """Return a project whose customer was just met."""
    return received(SITE, at(received_at), "anna")


def day(text: str) -> str:
    """Return a planned day's first instant."""
    return f"{text} 00:00"


def planned(name: str, text: str) -> MilestoneSet:
    """Return a milestone planned for a day."""
    return MilestoneSet(name, at(day(text)))


def walked(*story: Story, ticket: Ticket | None = None) -> Ticket:
    """Return a project after facts."""
    walking = ticket or project()
    for when, fact in story:
        for step in steps(walking, Event(at(when), fact), SITE):
            walking = apply(walking, step.fact, step.at, SITE, step.evidence)
    return walking


def happened(*story: Story, received_at: str = "2027-03-01 10:00", codes: tuple[str, ...] = ()) -> list[str]:
    """Return what comes to pass in a story."""
    events = [Event(at(when), fact) for when, fact in story]
    return times(play(project(received_at), SITE, events, None), *codes)


def to_phase(number: int) -> list[Story]:
    """Return the facts that end so many phases."""
    return [("2027-03-01 11:00", PhaseDone())] * number


@pytest.mark.parametrize(
    ("contact", "due"),
    [
        ("2027-03-02 10:00", "intake.due 02.03. 18:00"),
        ("2027-03-02 18:00", "intake.due 02.03. 18:00"),
        ("2027-03-02 18:01", "intake.due 03.03. 18:00"),
        ("2027-03-07 12:00", "intake.due 08.03. 18:00"),
    ],
)
def test_km_01_intake_is_due_on_the_day_of_first_contact(contact: str, due: str) -> None:
    """Reading 24: after closing it is due at the end of the next day that opens."""
    assert happened(received_at=contact, codes=("intake.due",)) == [due]


@pytest.mark.parametrize(
    ("contact", "due"),
    [("2027-03-05 10:00", "information.due 09.03. 18:00"), ("2027-03-24 10:00", "information.due 30.03. 18:00")],
)
def test_km_02_information_is_due_two_working_days_after_first_contact(contact: str, due: str) -> None:
    assert happened(received_at=contact, codes=("information.due",)) == [due]


def test_km_03_quotation_is_due_six_working_days_after_the_survey() -> None:
    story = ("2027-03-22 15:00", MilestoneSet("site_survey"))
    assert happened(story, codes=("quotation.due",)) == ["quotation.due 01.04. 18:00"]


def test_km_04_sales_is_due_three_working_days_after_the_quote() -> None:
    story = ("2027-03-25 15:00", MilestoneSet("quote_submitted"))
    assert happened(story, codes=("sales.due",)) == ["sales.due 01.04. 18:00"]


@pytest.mark.parametrize(
    ("contact", "start", "due"),
    [
        ("2027-03-01 10:00", "2027-05-10", "planning.due 27.04. 18:00"),
        ("2027-02-01 10:00", "2027-03-01", "planning.due 17.02. 18:00"),
    ],
)
def test_km_05_planning_is_due_eight_working_days_before_construction_starts(
    contact: str, start: str, due: str
) -> None:
    story = (contact, planned("construction_start", start))
    assert happened(story, received_at=contact, codes=("planning.due",)) == [due]


def test_km_05_soft_target_is_the_end_of_the_working_day_after_the_order() -> None:
    story = ("2027-03-05 11:00", MilestoneSet("order_placed"))
    assert happened(story, codes=("planning.target", "planning.due")) == ["planning.target 08.03. 18:00"]


def test_km_05_order_on_short_notice_is_due_at_once_and_says_so() -> None:
    """Reading 25: the order comes later than the deadline; red at once, with the reason."""
    ticket = walked(
        *to_phase(4),
        ("2027-03-02 09:00", planned("construction_start", "2027-03-10")),
        ("2027-03-02 10:00", MilestoneSet("order_placed")),
    )
    (due,) = [moment for moment in agenda(ticket, SITE) if moment.code == "planning.due"]
    assert (due.at, due.why.late) == (at("2027-03-02 10:00"), True)


def test_km_05_order_after_the_deadline_passed_makes_it_due_again() -> None:
    story = [
        ("2027-03-02 10:00", planned("construction_start", "2027-04-12")),
        ("2027-04-06 09:00", MilestoneSet("order_placed")),
    ]
    assert happened(*story, codes=("planning.due",)) == ["planning.due 31.03. 18:00", "planning.due 06.04. 09:00"]


def test_km_05_missing_construction_start_is_flagged_while_planning() -> None:
    (flag,) = SITE.process.flags
    in_planning = walked(*to_phase(4))
    known = walked(("2027-03-02 10:00", planned("construction_start", "2027-05-10")), ticket=in_planning)
    shown = [all(holds(c, ticket, SITE) for c in flag.conditions) for ticket in (project(), in_planning, known)]
    assert (flag.key, shown) == ("construction_start_missing", [False, True, False])


def test_km_06_new_partner_is_checked_every_two_working_days() -> None:
    ticket = walked(*to_phase(5), ("2027-03-02 10:00", PartnerChosen(jobs=2)))
    moments = play(ticket, SITE, [], at("2027-03-09 12:00"))
    assert times(moments, "execution.check") == ["execution.check 04.03. 18:00", "execution.check 08.03. 18:00"]


def test_km_06_story_without_an_end_is_told_once_round() -> None:
    """What repeats for ever is played once, where nobody says until when."""
    ticket = walked(*to_phase(5), ("2027-03-02 10:00", PartnerChosen(jobs=2)))
    assert times(play(ticket, SITE, [], None)) == ["execution.check 04.03. 18:00"]


def test_km_06_check_ends_with_the_phase() -> None:
    ticket = walked(*to_phase(5), ("2027-03-02 10:00", PartnerChosen(jobs=0)))
    moments = play(ticket, SITE, [Event(at("2027-03-05 10:00"), PhaseDone())], None)
    assert times(moments, "execution.check") == ["execution.check 04.03. 18:00"]


def test_km_06_established_partner_is_not_checked() -> None:
    ticket = walked(*to_phase(5), ("2027-03-02 10:00", PartnerChosen(jobs=3)))
    assert [moment for moment in agenda(ticket, SITE) if moment.rule.code == "execution.check"] == []


def test_km_06_execution_itself_has_no_deadline() -> None:
    assert "execution.due" not in SITE.process.by_code


def test_km_07_invoicing_is_due_five_working_days_after_delivery() -> None:
    story = ("2027-05-14 10:00", MilestoneSet("project_delivered"))
    assert happened(story, codes=("invoicing.due",)) == ["invoicing.due 24.05. 18:00"]


def test_km_08_archiving_keeps_the_phase_and_says_what_it_usually_means() -> None:
    archived = walked(*to_phase(2), ("2027-03-02 10:00", Closed("deadlines_missed")))
    assert (archived.status, archived.phase, archived.reason) == (Status.CLOSED, "quotation", "deadlines_missed")
    meant = SITE.process.phases[archived.phase].archived
    assert meant is not None
    assert meant["en"] == "Deadlines missed, trust lost"


def test_km_08_archiving_needs_a_reason() -> None:
    with pytest.raises(Refused, match="reason_missing"):
        walked(("2027-03-02 10:00", Closed("")))


def test_km_09_moved_milestone_moves_its_deadline() -> None:
    story = [
        ("2027-03-02 10:00", planned("site_survey", "2027-03-08")),
        ("2027-03-03 10:00", planned("site_survey", "2027-03-22")),
    ]
    assert happened(*story, codes=("quotation.due",)) == ["quotation.due 01.04. 18:00"]


def test_km_09_milestone_reached_on_another_day_than_planned_counts_from_that_day() -> None:
    story = [
        ("2027-03-02 10:00", planned("site_survey", "2027-03-08")),
        ("2027-03-09 16:00", MilestoneSet("site_survey")),
    ]
    assert happened(*story, codes=("quotation.due",)) == ["quotation.due 17.03. 18:00"]


def test_km_09_deadline_does_not_hang_on_entering_the_phase() -> None:
    assert happened(*to_phase(2), codes=("quotation.due",)) == []


def test_reading_26_known_deadline_runs_while_an_earlier_phase_is_open() -> None:
    ticket = walked(("2027-03-02 10:00", planned("construction_start", "2027-05-10")))
    assert ticket.phase == "intake"
    assert "planning.due" in [moment.code for moment in agenda(ticket, SITE)]


def test_deadline_is_reminded_of_before_and_escalates_after() -> None:
    story = happened(codes=("information.remind", "information.due", "information.escalated"))
    assert story == [
        "information.remind 03.03. 14:00",
        "information.due 03.03. 18:00",
        "information.escalated 04.03. 18:00",
    ]


def test_finished_phase_has_neither_reminder_nor_deadline_nor_escalation() -> None:
    codes = [moment.code for moment in agenda(walked(*to_phase(2)), SITE)]
    assert [code for code in codes if code.startswith(("intake", "information"))] == []


def test_reading_27_skipped_deadline_is_not_applicable() -> None:
    ticket = walked(("2027-03-01 11:00", PhaseDone()), ("2027-03-01 11:01", PhaseSkipped()))
    assert (ticket.phase, dict(ticket.ended)) == ("quotation", {"intake": "done", "information": "skipped"})
    assert "information.due" not in [moment.code for moment in agenda(ticket, SITE)]


def test_reading_27_stepping_back_arms_the_deadline_with_its_original_milestone() -> None:
    ticket = walked(*to_phase(3), ("2027-03-01 12:00", PhaseSteppedBack("information")))
    assert (ticket.phase, dict(ticket.ended)) == ("information", {"intake": "done"})
    (due,) = [moment for moment in agenda(ticket, SITE) if moment.code == "information.due"]
    assert due.at == at("2027-03-03 18:00")


def test_phase_done_is_handling() -> None:
    """Reading 7: a phase change by a person."""
    assert light(project(), SITE) is Light.YELLOW
    assert light(walked(*to_phase(1)), SITE) is Light.GREEN


def test_overdue_phase_turns_the_light_red_until_it_is_done() -> None:
    overdue, _ = fire_due(project(), SITE, at("2027-03-01 18:00"), inclusive=True)
    assert light(overdue, SITE) is Light.RED
    assert light(walked(("2027-03-01 18:05", PhaseDone()), ticket=overdue), SITE) is Light.GREEN


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ([("2027-03-02 10:00", MilestoneSet("moon_landing"))], "milestone_unknown"),
        ([("2027-03-02 10:00", MilestoneSet("order_placed"))] * 2, "milestone_reached_already"),
        ([("2027-03-02 10:00", MilestoneSet("first_contact"))], "milestone_reached_already"),
        (
            [
                ("2027-03-02 10:00", planned("construction_start", "2027-03-10")),
                ("2027-03-11 10:00", MilestoneSet("order_placed")),
            ],
            "milestone_out_of_sequence",
        ),
        (
            [
                ("2027-03-02 10:00", MilestoneSet("order_placed")),
                ("2027-03-02 10:00", planned("construction_start", "2027-03-01")),
            ],
            "milestone_out_of_sequence",
        ),
        ([("2027-03-02 10:00", planned("site_survey", "2027-02-27"))], "milestone_out_of_sequence"),
        ([*to_phase(7)], "last_phase"),
        ([("2027-03-02 10:00", PhaseSteppedBack("sales"))], "not_an_earlier_phase"),
        ([("2027-03-02 10:00", PhaseSteppedBack("intake"))], "not_an_earlier_phase"),
    ],
)
def test_step_against_the_chain_is_refused_with_its_code(story: list[Story], code: str) -> None:
    with pytest.raises(Refused) as refused:
        walked(*story)
    assert refused.value.code == code


def test_order_on_the_day_construction_starts_is_in_order() -> None:
    story = [
        ("2027-03-02 10:00", planned("construction_start", "2027-03-10")),
        ("2027-03-10 07:00", MilestoneSet("order_placed")),
    ]
    assert walked(*story).anchors["order_placed"].planned is False
