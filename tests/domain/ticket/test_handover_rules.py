"""S1, handing over at a quality gate, statement by statement, on the pure rules: handovers, open points, clocks."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.process.definition import Condition, Holding
from domain.process.handovers import Override, Stage
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.agenda import agenda, fire_due, holds, in_force
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Closed,
    CustomerWelcomed,
    Fact,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    MilestoneSet,
    ObjectionRaised,
    PhaseDone,
    PhaseSkipped,
    PhaseSteppedBack,
    PointAssigned,
    PointSettled,
    Reassigned,
    Refused,
)
from domain.ticket.handover_rules import Evidence
from domain.ticket.simulation import Event, play
from domain.ticket.standing import Light, escalation_level, light
from domain.ticket.ticket import Ended, Status, Ticket, received
from domain.ticket.transitions import apply
from processes.loader import find_process
from tests.domain.scenes import INQUIRY, OFFICE, at, times

CAST = {
    "anna": Role.SALESPERSON,
    "bert": Role.SALESPERSON,
    "paula": Role.PROJECT_MANAGER,
    "peter": Role.PROJECT_MANAGER,
    "tom": Role.TECHNICIAN,
    "ida": Role.SERVICE,
    "dora": Role.DISPATCHER,
    "carl": Role.CONTROLLER,
    "helga": Role.SENIOR_CONTROLLER,
    "sven": Role.ASSISTANT,
}
STAFF = tuple(Member(short, frozenset({role})) for short, role in CAST.items())
SITE = RuleContext(find_process("statuskette"), OFFICE, Roster(STAFF))
INTAKE, ORDER, TO_SITE, OPERATION = "intake_complete", "sales_to_project", "project_to_site", "start_of_operation"


def without(short: str) -> RuleContext:
    """Return the site after somebody left it."""
    return replace(SITE, roster=Roster(tuple(member for member in STAFF if member.short != short)))


def did(who: str, when: str, fact: Fact, *missing: str) -> Event:
    """Return what somebody did in 2027, and what the checklist in question lacked then."""
    return Event(at(f"2027-{when}"), fact, Evidence(who, missing))


def walked(*story: Event, ticket: Ticket | None = None, on: RuleContext = SITE) -> Ticket:
    """Return a project after what people did."""
    walking = ticket or received(on, at("2027-03-01 09:00"), "anna")
    for event in story:
        walking = apply(walking, event.fact, event.at, on, event.evidence)
    return walking


def refused(*story: Event, on: RuleContext = SITE) -> tuple[str, dict[str, str]]:
    """Return the code and context with which the last step of a story is refused."""
    before = walked(*story[:-1], on=on)
    with pytest.raises(Refused) as caught:
        walked(story[-1], ticket=before, on=on)
    return caught.value.code, caught.value.context


def happened(*story: Event, codes: tuple[str, ...]) -> list[str]:
    """Return what comes to pass in a story."""
    return times(play(received(SITE, at("2027-03-01 09:00"), "anna"), SITE, list(story), None), *codes)


def told(ticket: Ticket, code: str, on: RuleContext = SITE) -> list[str]:
    """Return whom a moment that lies ahead speaks to."""
    (moment,) = [moment for moment in agenda(ticket, on) if moment.code == code]
    return [member.short for member in moment.told(ticket, on.roster)]


IN_SALES = [
    did("anna", "03-01 10:00", HandoverSubmitted(INTAKE)),
    did("anna", "03-01 10:00", HandoverAccepted(INTAKE)),
    did("anna", "03-01 10:00", PhaseDone()),
    did("anna", "03-01 10:00", PhaseDone()),
]
ORDERED = [*IN_SALES, did("anna", "03-01 12:00", MilestoneSet("order_placed"))]
SUBMITTED = [*ORDERED, did("anna", "03-02 10:00", HandoverSubmitted(ORDER))]
TO_PAULA = [*ORDERED, did("anna", "03-02 10:00", HandoverSubmitted(ORDER, "paula"))]
RETURNED = [*TO_PAULA, did("paula", "03-02 11:00", HandoverRejected(ORDER, ("drawings",)))]
IN_PLANNING = [*TO_PAULA, did("paula", "03-02 11:00", HandoverAccepted(ORDER))]
TO_TOM = did("paula", "03-03 10:00", HandoverSubmitted(TO_SITE, "tom"))
ON_SITE = [*IN_PLANNING, TO_TOM, did("tom", "03-03 11:00", HandoverAccepted(TO_SITE))]
BUILT = [*ON_SITE, did("tom", "03-05 12:00", MilestoneSet("project_delivered"))]
IN_SERVICE = [
    *BUILT,
    did("tom", "03-05 14:00", HandoverSubmitted(OPERATION)),
    did("ida", "03-05 16:00", HandoverAccepted(OPERATION)),
]


def test_qg_01_complete_handover_waits_for_the_other_department() -> None:
    ticket = walked(*SUBMITTED)
    handover = ticket.handovers[ORDER]
    assert (handover.stage, handover.giver, handover.submission) == (Stage.SUBMITTED, "anna", 1)
    assert (handover.receiver, handover.decided_by, handover.missing, handover.is_passed) == (None, None, (), False)
    assert (ticket.phase, ticket.owner) == ("sales", "anna")


@pytest.mark.parametrize("giver", ["anna", "bert"], ids=["owner", "department"])
def test_qg_01_owner_and_giving_department_hand_over(giver: str) -> None:
    ticket = walked(*ORDERED, did(giver, "03-02 10:00", HandoverSubmitted(ORDER)))
    assert ticket.handovers[ORDER].giver == giver


def test_qg_01_owner_of_another_department_hands_over_too() -> None:
    passed_on = did("dora", "03-01 13:00", Reassigned("sven"))
    ticket = walked(*ORDERED, passed_on, did("sven", "03-02 10:00", HandoverSubmitted(ORDER)))
    assert ticket.handovers[ORDER].giver == "sven"


@pytest.mark.parametrize("who", ["sven", "paula", "carl", "nobody"])
def test_qg_01_nobody_else_hands_over(who: str) -> None:
    code, context = refused(*ORDERED, did(who, "03-02 10:00", HandoverSubmitted(ORDER)))
    assert (code, context) == ("not_giver", {"gate": ORDER, "role": "salesperson"})


@pytest.mark.parametrize("to", ["sven", "bert", "anna", "nobody"])
def test_qg_01_only_the_receiving_department_is_asked(to: str) -> None:
    refusal = refused(*ORDERED, did("anna", "03-02 10:00", HandoverSubmitted(ORDER, to)))
    assert refusal == ("not_receiver", {"gate": ORDER, "person": to, "role": "project_manager"})


def test_qg_01_nobody_asks_themselves_unless_the_gate_allows_it() -> None:
    """The owner may well belong to the department that receives."""
    own = [*ORDERED, did("dora", "03-01 13:00", Reassigned("paula"))]
    refusal = refused(*own, did("paula", "03-02 10:00", HandoverSubmitted(ORDER, "paula")))
    assert refusal == ("own_handover", {"gate": ORDER})
    to_colleague = did("paula", "03-02 10:00", HandoverSubmitted(ORDER, "peter"))
    assert walked(*own, to_colleague).handovers[ORDER].receiver == "peter"


@pytest.mark.parametrize(("to", "receiver"), [(None, "anna"), ("anna", "anna"), ("bert", "bert")])
def test_km_01_intake_is_handed_over_to_oneself_or_to_somebody_named(to: str | None, receiver: str) -> None:
    ticket = walked(did("anna", "03-01 10:00", HandoverSubmitted(INTAKE, to)))
    assert ticket.handovers[INTAKE].receiver == receiver


def test_qg_01_incomplete_checklist_does_not_pass_a_critical_gate_and_says_what_is_missing() -> None:
    handover = did("anna", "03-02 10:00", HandoverSubmitted(ORDER), "order_value", "promises")
    expected = ("checklist_incomplete", {"gate": ORDER, "items": "order_value, promises"})
    assert refused(*ORDERED, handover) == expected


@pytest.mark.parametrize(
    ("story", "gate", "code"),
    [
        (ORDERED, "moon_landing", "gate_unknown"),
        (ORDERED, TO_SITE, "not_at_gate"),
        (ORDERED[:3], ORDER, "not_at_gate"),
        (ORDERED, INTAKE, "gate_passed"),
    ],
)
@pytest.mark.parametrize("fact", [HandoverSubmitted, HandoverAccepted, HandoverRejected, GateOverridden])
def test_qg_01_only_the_gate_the_ticket_stands_before_is_handed_over_at(
    story: list[Event], gate: str, code: str, fact: type[HandoverSubmitted]
) -> None:
    assert refused(*story, did("anna", "03-02 10:00", fact(gate)))[0] == code


def test_qg_01_refusal_names_the_phase_the_gate_ends() -> None:
    refusal = refused(*ORDERED, did("anna", "03-02 10:00", HandoverSubmitted(OPERATION)))
    assert refusal == ("not_at_gate", {"gate": OPERATION, "phase": "execution"})


def test_reading_39_newer_submission_replaces_the_one_before() -> None:
    again = [*TO_PAULA, did("bert", "03-02 10:30", HandoverSubmitted(ORDER, "peter"))]
    handover = walked(*again).handovers[ORDER]
    assert (handover.submission, handover.giver, handover.receiver) == (2, "bert", "peter")


@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER, submission=1), HandoverRejected(ORDER, submission=1)])
def test_reading_39_decision_on_what_was_replaced_is_refused(fact: Fact) -> None:
    again = [*TO_PAULA, did("bert", "03-02 10:30", HandoverSubmitted(ORDER))]
    refusal = refused(*again, did("paula", "03-02 11:00", fact))
    assert refusal == ("submission_replaced", {"gate": ORDER, "by": "bert"})


def test_reading_39_decision_on_the_latest_submission_counts() -> None:
    again = [*TO_PAULA, did("bert", "03-02 10:30", HandoverSubmitted(ORDER))]
    ticket = walked(*again, did("paula", "03-02 11:00", HandoverAccepted(ORDER, submission=2)))
    assert ticket.handovers[ORDER].decided_by == "paula"


def test_qg_03_acceptance_changes_the_responsible_person_and_ends_the_phase() -> None:
    ticket = walked(*IN_PLANNING)
    handover = ticket.handovers[ORDER]
    assert (handover.stage, handover.giver, handover.receiver) == (Stage.ACCEPTED, "anna", "paula")
    assert (handover.decided_by, handover.is_passed) == ("paula", True)
    assert (ticket.owner, ticket.phase, ticket.ended["sales"]) == ("paula", "planning", Ended.DONE)
    assert (ticket.status, dict(ticket.points)) == (Status.IN_PROGRESS, {})


@pytest.mark.parametrize("anchor", ["assigned", f"passed:{ORDER}", "phase:planning"])
def test_qg_03_acceptance_starts_the_clocks_that_wait_for_it(anchor: str) -> None:
    assert anchor not in walked(*TO_PAULA).anchors
    assert walked(*IN_PLANNING).anchors[anchor].at == at("2027-03-02 11:00")


def test_qg_03_who_hands_over_to_themselves_stays_responsible_and_is_not_assigned_anew() -> None:
    ticket = walked(*IN_SALES[:2])
    assert (ticket.owner, ticket.phase, "assigned" in ticket.anchors) == ("anna", "information", False)
    assert ticket.handovers[INTAKE].decided_by == "anna"


def test_reading_39_colleague_of_the_named_receiver_may_accept() -> None:
    ticket = walked(*TO_PAULA, did("peter", "03-02 11:00", HandoverAccepted(ORDER)))
    handover = ticket.handovers[ORDER]
    assert (handover.receiver, handover.decided_by, ticket.owner) == ("paula", "peter", "peter")


@pytest.mark.parametrize("who", ["sven", "bert", "helga", "nobody"])
@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER), HandoverRejected(ORDER)])
def test_reading_39_only_the_receiving_department_decides(who: str, fact: Fact) -> None:
    refusal = refused(*TO_PAULA, did(who, "03-02 11:00", fact))
    assert refusal == ("not_receiver", {"gate": ORDER, "person": who, "role": "project_manager"})


@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER), HandoverRejected(ORDER)])
def test_reading_39_sender_only_submits(fact: Fact) -> None:
    """Even who belongs to both sides does not decide about their own handover."""
    own = [*ORDERED, did("dora", "03-01 13:00", Reassigned("paula"))]
    submitted = [*own, did("paula", "03-02 10:00", HandoverSubmitted(ORDER))]
    assert refused(*submitted, did("paula", "03-02 11:00", fact)) == ("own_handover", {"gate": ORDER})


@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER), HandoverRejected(ORDER)])
@pytest.mark.parametrize("story", [ORDERED, RETURNED])
def test_reading_39_what_was_not_submitted_is_not_decided(story: list[Event], fact: Fact) -> None:
    assert refused(*story, did("paula", "03-02 12:00", fact)) == ("nothing_submitted", {"gate": ORDER})


@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER), HandoverSubmitted(ORDER), GateOverridden(ORDER)])
def test_reading_39_second_to_decide_is_told_who_was_first(fact: Fact) -> None:
    refusal = refused(*IN_PLANNING, did("peter", "03-02 11:01", fact))
    assert refusal == ("gate_passed", {"gate": ORDER, "by": "paula"})


def test_reading_39_rejection_leaves_phase_and_owner_and_names_who_rejected() -> None:
    ticket = walked(*RETURNED)
    handover = ticket.handovers[ORDER]
    assert (handover.stage, handover.decided_by, handover.is_passed) == (Stage.REJECTED, "paula", False)
    assert (ticket.phase, ticket.owner, f"passed:{ORDER}" in ticket.anchors) == ("sales", "anna", False)


def test_reading_39_rejection_names_items_of_the_gate_only() -> None:
    fact = HandoverRejected(ORDER, ("drawings", "warranty_start"))
    refusal = refused(*TO_PAULA, did("paula", "03-02 11:00", fact))
    assert refusal == ("item_unknown", {"gate": ORDER, "item": "warranty_start"})


def test_reading_39_returned_handover_is_submitted_anew() -> None:
    again = [*RETURNED, did("anna", "03-02 14:00", HandoverSubmitted(ORDER))]
    handover = walked(*again).handovers[ORDER]
    assert (handover.stage, handover.submission, handover.decided_by) == (Stage.SUBMITTED, 2, None)
    assert walked(*again, did("paula", "03-02 15:00", HandoverAccepted(ORDER, 2))).phase == "planning"


@pytest.mark.parametrize("fact", [PhaseDone(), PhaseSkipped()])
@pytest.mark.parametrize("who", ["anna", "paula", "carl", "helga", ""])
@pytest.mark.parametrize("story", [ORDERED, SUBMITTED, RETURNED])
def test_reading_38_critical_gate_blocks_whoever_asks(story: list[Event], who: str, fact: Fact) -> None:
    assert refused(*story, did(who, "03-02 12:00", fact)) == ("gate_blocks", {"gate": ORDER})


def test_reading_38_who_may_lets_pass_what_is_incomplete() -> None:
    ticket = walked(*ORDERED, did("helga", "03-02 10:00", GateOverridden(ORDER), "drawings"))
    handover = ticket.handovers[ORDER]
    assert (handover.stage, handover.giver, handover.decided_by) == (Stage.OVERRIDDEN, "anna", "helga")
    assert (handover.missing, handover.submission, handover.is_passed) == (("drawings",), 0, True)
    assert (ticket.phase, ticket.ended["sales"]) == ("planning", Ended.DONE)
    assert ticket.anchors[f"passed:{ORDER}"].at == at("2027-03-02 10:00")


@pytest.mark.parametrize(("story", "giver", "number"), [(TO_PAULA, "anna", 1), (RETURNED, "anna", 1)])
def test_reading_38_override_decides_what_was_submitted(story: list[Event], giver: str, number: int) -> None:
    handed = [*story, did("dora", "03-02 11:30", Reassigned("sven"))]
    handover = walked(*handed, did("helga", "03-02 12:00", GateOverridden(ORDER))).handovers[ORDER]
    assert (handover.giver, handover.submission, handover.decided_by) == (giver, number, "helga")


def test_reading_38_override_of_a_ticket_without_an_owner_is_given_by_who_overrides() -> None:
    unowned = received(SITE, at("2027-03-01 09:00"))
    ticket = walked(did("carl", "03-01 10:00", GateOverridden(INTAKE), "fax"), ticket=unowned)
    assert (ticket.handovers[INTAKE].giver, ticket.points[f"{INTAKE}.fax"].owner) == ("carl", "carl")


@pytest.mark.parametrize("who", ["anna", "paula", "carl", "nobody"])
def test_reading_38_override_takes_a_role(who: str) -> None:
    refusal = refused(*SUBMITTED, did(who, "03-02 11:00", GateOverridden(ORDER)))
    assert refusal == ("may_not_override", {"gate": ORDER, "role": "senior_controller"})


def test_reading_38_override_is_remembered_though_the_gate_is_passed_anew() -> None:
    overridden = [*ORDERED, did("helga", "03-02 10:00", GateOverridden(ORDER))]
    noted = (Override(ORDER, "helga", at("2027-03-02 10:00")),)
    back = [*overridden, did("anna", "03-02 11:00", PhaseSteppedBack("sales"))]
    anew = [*back, *TO_PAULA[-1:], *IN_PLANNING[-1:]]
    assert [walked(*story).overrides for story in (ORDERED, overridden, back, anew)] == [(), noted, noted, noted]
    assert walked(*anew).handovers[ORDER].stage is Stage.ACCEPTED


def test_reading_38_each_override_is_noted() -> None:
    twice = [
        did("carl", "03-01 10:00", GateOverridden(INTAKE)),
        *IN_SALES[2:],
        did("helga", "03-02 10:00", GateOverridden(ORDER)),
    ]
    assert [(override.gate, override.by) for override in walked(*twice).overrides] == [
        (INTAKE, "carl"),
        (ORDER, "helga"),
    ]


def test_reading_27_phase_before_a_gate_that_is_not_critical_may_be_skipped() -> None:
    ticket = walked(*IN_PLANNING, did("paula", "03-03 10:00", PhaseSkipped()))
    assert (ticket.phase, ticket.ended["planning"]) == ("execution", Ended.SKIPPED)
    assert TO_SITE not in ticket.handovers


def test_reading_27_stepping_back_opens_the_gates_from_there_on() -> None:
    ticket = walked(*ON_SITE, did("tom", "03-04 10:00", PhaseSteppedBack("sales")))
    assert {key: handover.stage for key, handover in ticket.handovers.items()} == {
        INTAKE: Stage.ACCEPTED,
        ORDER: Stage.REOPENED,
        TO_SITE: Stage.REOPENED,
    }
    assert (ticket.phase, list(ticket.ended)) == ("sales", ["intake", "information", "quotation"])
    steps = [name for name in ticket.anchors if name.startswith(("submitted:", "rejected:", "passed:"))]
    assert sorted(steps) == [f"passed:{INTAKE}", f"submitted:{INTAKE}"]


def test_reading_27_gate_that_was_opened_again_is_passed_again() -> None:
    back = [*IN_PLANNING, did("paula", "03-03 10:00", PhaseSteppedBack("sales"))]
    assert refused(*back, did("paula", "03-03 11:00", PhaseDone()))[0] == "gate_blocks"
    again = [
        *back,
        did("anna", "03-03 12:00", HandoverSubmitted(ORDER)),
        did("peter", "03-03 13:00", HandoverAccepted(ORDER)),
    ]
    assert (walked(*again).phase, walked(*again).owner) == ("planning", "peter")


def test_reading_27_rejection_is_no_deadline_any_more_when_its_gate_is_opened_again() -> None:
    back = walked(*RETURNED, did("anna", "03-02 12:00", PhaseSteppedBack("quotation")))
    assert back.handovers[ORDER].stage is Stage.REOPENED
    (due,) = [moment for moment in agenda(back, SITE) if moment.code == f"{ORDER}.give.due"]
    assert due.why.anchor == "order_placed"


@pytest.mark.parametrize("fact", [HandoverAccepted(ORDER), HandoverRejected(ORDER)])
@pytest.mark.parametrize("story", [TO_PAULA, IN_PLANNING])
def test_reading_27_what_was_submitted_before_is_not_decided_after_a_step_back(story: list[Event], fact: Fact) -> None:
    back = [*story, did("paula", "03-02 12:00", PhaseSteppedBack("quotation"))]
    again = [*back, did("anna", "03-02 13:00", PhaseDone()), did("peter", "03-02 14:00", fact)]
    assert refused(*again) == ("nothing_submitted", {"gate": ORDER})


def test_reading_39_submissions_go_on_counting_after_a_step_back() -> None:
    """Who still has the old one on the screen does not take the new one unseen."""
    back = [*IN_PLANNING, did("paula", "03-02 12:00", PhaseSteppedBack("sales"))]
    again = [*back, did("bert", "03-02 13:00", HandoverSubmitted(ORDER))]
    assert walked(*again).handovers[ORDER].submission == 2
    refusal = refused(*again, did("paula", "03-02 14:00", HandoverAccepted(ORDER, submission=1)))
    assert refusal == ("submission_replaced", {"gate": ORDER, "by": "bert"})


WAIVED = [*IN_PLANNING, did("paula", "03-04 10:00", PhaseDone(), "drawings", "access")]
DRAWINGS, ACCESS = f"{TO_SITE}.drawings", f"{TO_SITE}.access"


def test_reading_38_gate_that_is_not_critical_is_waived_by_going_on() -> None:
    ticket = walked(*WAIVED)
    handover = ticket.handovers[TO_SITE]
    assert (handover.stage, handover.giver, handover.missing) == (Stage.WAIVED, "paula", ("drawings", "access"))
    assert (ticket.phase, ticket.ended["planning"], handover.is_passed) == ("execution", Ended.DONE, True)
    assert refused(*WAIVED, did("tom", "03-04 11:00", HandoverAccepted(TO_SITE))) == (
        "gate_passed",
        {"gate": TO_SITE, "by": "paula"},
    )


def test_reading_38_waiving_replaces_what_was_submitted_and_names_who_went_on() -> None:
    ticket = walked(*IN_PLANNING, TO_TOM, did("peter", "03-03 12:00", PhaseDone(), "access"))
    handover = ticket.handovers[TO_SITE]
    assert (handover.stage, handover.giver, handover.submission) == (Stage.WAIVED, "peter", 1)
    assert (ticket.points[ACCESS].owner, ticket.owner) == ("peter", "paula")


def test_reading_38_what_was_let_pass_stays_owed_by_a_name_with_a_deadline() -> None:
    """Three working days from Thursday, over a weekend whose Saturday is open but no working day."""
    points = walked(*WAIVED).points
    assert {key: (point.owner, point.due_at) for key, point in points.items()} == {
        DRAWINGS: ("paula", at("2027-03-09 18:00")),
        ACCESS: ("paula", at("2027-03-09 18:00")),
    }
    assert [(point.gate, point.item) for point in points.values()] == [(TO_SITE, "drawings"), (TO_SITE, "access")]


def test_reading_38_incomplete_handover_is_accepted_with_open_points_of_the_giver() -> None:
    submitted = [*IN_PLANNING, did("paula", "03-04 10:00", HandoverSubmitted(TO_SITE), "drawings")]
    assert dict(walked(*submitted).points) == {}
    ticket = walked(*submitted, did("tom", "03-05 10:00", HandoverAccepted(TO_SITE)))
    (point,) = ticket.points.values()
    assert (point.owner, point.due_at, ticket.owner) == ("paula", at("2027-03-10 18:00"), "tom")


def test_reading_38_complete_gate_leaves_nothing_open() -> None:
    assert dict(walked(*ON_SITE).points) == {}
    assert dict(walked(*IN_PLANNING, did("paula", "03-04 10:00", PhaseDone())).points) == {}


def test_reading_38_override_leaves_what_is_missing_open_for_five_working_days() -> None:
    ticket = walked(*TO_PAULA, did("helga", "03-04 10:00", GateOverridden(ORDER), "drawings"))
    (point,) = ticket.points.values()
    assert (point.owner, point.due_at) == ("anna", at("2027-03-11 18:00"))


def test_reading_38_points_of_one_gate_stay_beside_those_of_another() -> None:
    overridden = [*ORDERED, did("helga", "03-02 10:00", GateOverridden(ORDER), "payment")]
    ticket = walked(*overridden, did("paula", "03-04 10:00", PhaseDone(), "access"))
    assert list(ticket.points) == [f"{ORDER}.payment", ACCESS]


def test_open_point_is_given_to_somebody_else_with_a_new_deadline() -> None:
    ticket = walked(*WAIVED, did("carl", "03-05 10:00", PointAssigned(DRAWINGS, "peter", at("2027-03-12 12:00"))))
    point = ticket.points[DRAWINGS]
    assert (point.owner, point.due_at, point.set_at) == ("peter", at("2027-03-12 12:00"), at("2027-03-05 10:00"))
    assert (point.gate, point.item) == (TO_SITE, "drawings")
    assert ticket.points[ACCESS] == walked(*WAIVED).points[ACCESS]


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (PointAssigned(f"{ORDER}.payment", "peter", at("2027-03-12 12:00")), "point_unknown"),
        (PointAssigned(DRAWINGS, "nobody", at("2027-03-12 12:00")), "person_unknown"),
        (PointAssigned(DRAWINGS, "peter", at("2027-03-05 09:59")), "point_due_in_the_past"),
        (PointAssigned(DRAWINGS, "peter", at("2027-03-05 10:00")), "point_due_in_the_past"),
        (PointSettled(f"{TO_SITE}.material"), "point_unknown"),
    ],
)
def test_open_point_is_refused_what_cannot_be(fact: Fact, code: str) -> None:
    assert refused(*WAIVED, did("carl", "03-05 10:00", fact))[0] == code


def test_open_point_is_due_at_a_whole_second_in_utc() -> None:
    """Instants of one zone compare by the hands of the clock, which go back once a year."""
    assert walked(*WAIVED).points[DRAWINGS].due_at.isoformat() == "2027-03-09T17:00:00+00:00"
    promised = at("2027-03-12 12:00").replace(microsecond=5)
    ticket = walked(*WAIVED, did("carl", "03-05 10:00", PointAssigned(DRAWINGS, "peter", promised)))
    assert ticket.points[DRAWINGS].due_at.isoformat() == "2027-03-12T11:00:00+00:00"


def test_open_point_may_be_due_in_a_minute() -> None:
    soon = did("carl", "03-05 10:00", PointAssigned(DRAWINGS, "peter", at("2027-03-05 10:01")))
    assert walked(*WAIVED, soon).points[DRAWINGS].due_at == at("2027-03-05 10:01")


def test_reading_38_missing_item_is_settled_by_its_answer_not_by_saying_so() -> None:
    settled = PointSettled(DRAWINGS)
    refusal = refused(*WAIVED, did("paula", "03-05 10:00", settled, "access", "drawings"))
    assert refusal == ("point_still_missing", {"gate": TO_SITE, "item": "drawings"})
    assert list(walked(*WAIVED, did("paula", "03-05 10:00", settled, "access")).points) == [ACCESS]


def test_open_point_becomes_overdue_and_a_working_day_later_escalates() -> None:
    codes = (f"point.due/{DRAWINGS}", f"point.escalated/{DRAWINGS}", f"point.due/{ACCESS}")
    assert happened(*WAIVED, codes=codes) == [
        f"{codes[0]} 09.03. 18:00",
        f"{codes[2]} 09.03. 18:00",
        f"{codes[1]} 10.03. 18:00",
    ]


def test_open_point_given_to_somebody_else_is_due_anew() -> None:
    assigned = did("carl", "03-10 10:00", PointAssigned(DRAWINGS, "peter", at("2027-03-12 12:00")))
    codes = (f"point.due/{DRAWINGS}", f"point.escalated/{DRAWINGS}")
    assert happened(*WAIVED, assigned, codes=codes) == [
        f"{codes[0]} 09.03. 18:00",
        f"{codes[0]} 12.03. 12:00",
        f"{codes[1]} 15.03. 18:00",
    ]


def test_settled_point_is_neither_due_nor_escalated() -> None:
    settled = did("paula", "03-09 17:59", PointSettled(DRAWINGS))
    codes = (f"point.due/{DRAWINGS}", f"point.escalated/{DRAWINGS}")
    assert happened(*WAIVED, settled, codes=codes) == []
    late = did("paula", "03-09 18:01", PointSettled(DRAWINGS))
    assert happened(*WAIVED, late, codes=codes) == [f"{codes[0]} 09.03. 18:00"]


def test_overdue_point_turns_the_light_red_and_then_escalates_until_it_is_settled() -> None:
    waived = walked(*WAIVED)
    red, _ = fire_due(waived, SITE, at("2027-03-09 18:00"), inclusive=True)
    escalated, _ = fire_due(red, SITE, at("2027-03-10 18:00"), inclusive=True)
    assert [light(ticket, SITE) for ticket in (waived, red, escalated)] == [Light.GREEN, Light.RED, Light.ESCALATED]
    settled = [did("paula", "03-11 10:00", PointSettled(key)) for key in (DRAWINGS, ACCESS)]
    assert light(walked(*settled, ticket=escalated), SITE) is Light.GREEN


def test_open_point_speaks_to_who_owes_it_and_its_escalation_to_the_controllers() -> None:
    ticket = walked(*WAIVED, did("carl", "03-05 10:00", PointAssigned(DRAWINGS, "bert", at("2027-03-12 12:00"))))
    assert told(ticket, f"point.due/{DRAWINGS}") == ["bert"]
    assert told(ticket, f"point.due/{ACCESS}") == ["paula"]
    assert told(ticket, f"point.escalated/{DRAWINGS}") == ["carl", "helga"]


def test_open_point_of_who_left_speaks_to_the_owner_of_the_ticket() -> None:
    submitted = [*IN_PLANNING, did("paula", "03-04 10:00", HandoverSubmitted(TO_SITE), "drawings")]
    ticket = walked(*submitted, did("tom", "03-04 11:00", HandoverAccepted(TO_SITE)))
    assert told(ticket, f"point.due/{DRAWINGS}") == ["paula"]
    assert told(ticket, f"point.due/{DRAWINGS}", without("paula")) == ["tom"]


@pytest.mark.parametrize(("owner", "owes"), [("anna", "anna"), (None, "bert")], ids=["owner", "no owner"])
def test_objection_belongs_to_the_owner_otherwise_to_who_took_it_down(owner: str | None, owes: str) -> None:
    sales = replace(SITE, process=find_process("sales"))
    lead = received(sales, at("2027-03-01 09:00"), owner)
    ticket = walked(did("bert", "03-01 10:00", ObjectionRaised()), ticket=lead, on=sales)
    assert [point.owner for point in ticket.points.values()] == [owes]


def test_phase_that_settles_points_says_how_many_are_open() -> None:
    sales = replace(SITE, process=find_process("sales"))
    lead = replace(received(sales, at("2027-03-01 09:00"), "anna"), phase="objections")
    raised = [did("anna", "03-01 10:00", ObjectionRaised()), did("anna", "03-01 11:00", ObjectionRaised())]
    with pytest.raises(Refused) as caught:
        walked(*raised, did("anna", "03-01 12:00", PhaseDone()), ticket=lead, on=sales)
    assert (caught.value.code, caught.value.context) == ("points_open", {"points": "2"})


def test_objection_is_not_recorded_where_the_process_knows_none() -> None:
    assert refused(did("anna", "03-01 10:00", ObjectionRaised())) == ("no_objections_here", {})


WELCOMED = did("ida", "03-08 10:00", CustomerWelcomed("call"))
BILLED = Closed("billed")


@pytest.mark.parametrize(
    ("story", "needed"),
    [
        ([], f"passed:{OPERATION}"),
        (BUILT, f"passed:{OPERATION}"),
        (IN_SERVICE, "customer_welcomed"),
        (
            [*IN_SERVICE, WELCOMED, did("ida", "03-08 11:00", PhaseSteppedBack("execution"))],
            f"passed:{OPERATION}",
        ),
    ],
)
def test_qg_02_work_is_not_billed_before_service_took_over_and_welcomed(story: list[Event], needed: str) -> None:
    refusal = refused(*story, did("ida", "03-08 12:00", BILLED))
    assert refusal == ("not_done_yet", {"reason": "billed", "needed": needed})


def test_qg_02_work_is_billed_when_service_took_over_and_welcomed() -> None:
    ticket = walked(*IN_SERVICE, WELCOMED, did("ida", "03-08 12:00", BILLED))
    assert (ticket.status, ticket.phase, ticket.reason) == (Status.CLOSED, "invoicing", "billed")


def test_qg_02_work_is_not_billed_while_a_point_is_open() -> None:
    overridden = [*BUILT, did("helga", "03-05 14:00", GateOverridden(OPERATION), "defects", "warranty_start"), WELCOMED]
    assert refused(*overridden, did("ida", "03-08 12:00", BILLED)) == ("points_open", {"points": "2"})
    settled = [did("tom", "03-08 11:00", PointSettled(f"{OPERATION}.{item}")) for item in ("defects", "warranty_start")]
    assert walked(*overridden, *settled, did("ida", "03-08 12:00", BILLED)).status is Status.CLOSED


@pytest.mark.parametrize("reason", ["withdrawn", "price", "duplicate"])
@pytest.mark.parametrize("story", [[], SUBMITTED, WAIVED, BUILT])
def test_km_08_any_other_reason_ends_a_ticket_in_any_phase(story: list[Event], reason: str) -> None:
    ticket = walked(*story, did("anna", "03-08 12:00", Closed(reason)))
    assert (ticket.status, ticket.reason) == (Status.CLOSED, reason)
    assert agenda(ticket, SITE) == []


def test_qg_02_welcome_reaches_its_milestone_and_handles_the_ticket() -> None:
    ticket = walked(did("ida", "03-02 10:00", CustomerWelcomed("mail")))
    anchor = ticket.anchors["customer_welcomed"]
    assert (anchor.at, anchor.planned, ticket.status) == (at("2027-03-02 10:00"), False, Status.IN_PROGRESS)


def test_qg_02_customer_is_welcomed_once() -> None:
    refusal = refused(*IN_SERVICE, WELCOMED, did("ida", "03-09 10:00", CustomerWelcomed("mail")))
    assert refusal == ("milestone_reached_already", {"milestone": "customer_welcomed"})


def test_qg_02_welcome_that_was_only_planned_is_still_owed() -> None:
    """Under a definition without a welcome its milestone may have been planned like any other."""
    ticket = walked(*IN_SERVICE, WELCOMED)
    unreached = replace(ticket.anchors["customer_welcomed"], planned=True)
    planned = replace(ticket, anchors={**ticket.anchors, "customer_welcomed": unreached})
    welcomed = walked(did("ida", "03-09 10:00", CustomerWelcomed("mail")), ticket=planned)
    assert welcomed.anchors["customer_welcomed"].planned is False


@pytest.mark.parametrize("when", [None, at("2027-03-20 00:00")])
def test_qg_02_welcome_is_a_mail_or_a_call_and_no_box_to_tick(when: datetime | None) -> None:
    refusal = refused(*IN_SERVICE, did("ida", "03-08 10:00", MilestoneSet("customer_welcomed", when)))
    assert refusal == ("welcome_by_mail_or_call", {"milestone": "customer_welcomed"})


def test_qg_02_process_without_a_welcome_refuses_one() -> None:
    assert refused(WELCOMED, on=replace(SITE, process=INQUIRY)) == ("no_welcome_here", {})


def clock(side: str, gate: str = ORDER) -> tuple[str, ...]:
    """Return the codes of one side's clock."""
    return tuple(f"{gate}.{side}.{step}" for step in ("remind", "due", "escalated"))


@pytest.mark.parametrize(
    ("when", "remind", "due", "escalated"),
    [
        ("03-02 10:00", "02.03. 13:00", "02.03. 14:00", "02.03. 16:00"),
        ("03-02 14:00", "02.03. 17:00", "02.03. 18:00", "03.03. 11:00"),
        ("03-05 16:30", "06.03. 10:30", "06.03. 11:30", "08.03. 09:30"),
        ("03-06 12:00", "08.03. 11:00", "08.03. 12:00", "08.03. 14:00"),
        ("03-06 13:00", "08.03. 12:00", "08.03. 13:00", "08.03. 15:00"),
        ("03-07 20:00", "08.03. 12:00", "08.03. 13:00", "08.03. 15:00"),
    ],
)
def test_receiver_has_four_business_hours_from_the_submission(when: str, remind: str, due: str, escalated: str) -> None:
    """Reminded an hour before, escalated two hours after; nights and Sundays do not count, a short Saturday does."""
    submitted = did("anna", when, HandoverSubmitted(ORDER))
    expected = [f"{code} {moment}" for code, moment in zip(clock("take"), (remind, due, escalated), strict=True)]
    assert happened(*ORDERED, submitted, codes=clock("take")) == expected


@pytest.mark.parametrize(
    ("when", "remind", "due", "escalated"),
    [
        ("03-02 09:00", "02.03. 16:00", "02.03. 17:00", "03.03. 10:00"),
        ("03-05 12:00", "06.03. 10:00", "06.03. 11:00", "06.03. 13:00"),
        ("03-05 14:00", "06.03. 12:00", "06.03. 13:00", "08.03. 11:00"),
        ("03-06 11:00", "08.03. 14:00", "08.03. 15:00", "08.03. 17:00"),
        ("03-07 11:00", "08.03. 16:00", "08.03. 17:00", "09.03. 10:00"),
    ],
)
def test_giver_has_eight_business_hours_from_the_order(when: str, remind: str, due: str, escalated: str) -> None:
    placed = did("anna", when, MilestoneSet("order_placed"))
    expected = [f"{code} {moment}" for code, moment in zip(clock("give"), (remind, due, escalated), strict=True)]
    assert happened(*IN_SALES, placed, codes=clock("give")) == expected


def test_handover_that_waits_and_one_that_was_returned_are_told_at_once() -> None:
    codes = (f"{ORDER}.submitted", f"{ORDER}.rejected")
    rejected = did("paula", "03-06 20:00", HandoverRejected(ORDER))
    assert happened(*ORDERED, did("anna", "03-06 19:00", HandoverSubmitted(ORDER)), rejected, codes=codes) == [
        f"{ORDER}.submitted 06.03. 19:00",
        f"{ORDER}.rejected 06.03. 20:00",
    ]


@pytest.mark.parametrize(
    ("decision", "due"),
    [
        (did("paula", "03-02 13:59", HandoverAccepted(ORDER)), []),
        (did("paula", "03-02 13:59", HandoverRejected(ORDER)), []),
        (did("helga", "03-02 13:59", GateOverridden(ORDER)), []),
        (did("paula", "03-02 14:00", HandoverAccepted(ORDER)), []),
        (did("paula", "03-02 14:01", HandoverAccepted(ORDER)), [f"{ORDER}.take.due 02.03. 14:00"]),
        (did("anna", "03-02 13:59", PhaseSteppedBack("quotation")), []),
    ],
)
def test_receivers_clock_stops_with_the_decision(decision: Event, due: list[str]) -> None:
    """A decision at the very minute is in time."""
    assert happened(*SUBMITTED, decision, codes=clock("take")[1:]) == due


def test_giver_who_handed_over_is_not_late() -> None:
    assert happened(*SUBMITTED, codes=clock("give")) == []


def test_reading_39_submitting_again_starts_the_receivers_clock_anew() -> None:
    again = did("anna", "03-02 12:00", HandoverSubmitted(ORDER))
    assert happened(*SUBMITTED, again, codes=clock("take")[1:2]) == [f"{ORDER}.take.due 02.03. 16:00"]


def test_reading_39_rejection_starts_the_givers_clock_anew() -> None:
    """Not from the order any more, which was a day before."""
    assert happened(*RETURNED, codes=clock("give")) == [
        f"{ORDER}.give.remind 03.03. 09:00",
        f"{ORDER}.give.due 03.03. 10:00",
        f"{ORDER}.give.escalated 03.03. 12:00",
    ]


def test_reading_39_each_rejection_starts_the_givers_clock_anew() -> None:
    again = [did("anna", "03-02 14:00", HandoverSubmitted(ORDER)), did("peter", "03-02 16:00", HandoverRejected(ORDER))]
    assert happened(*RETURNED, *again, codes=clock("give")[1:2]) == [f"{ORDER}.give.due 03.03. 15:00"]


def test_gate_whose_giver_waits_for_no_event_has_a_deadline_after_a_rejection_only() -> None:
    rejected = did("tom", "03-03 11:00", HandoverRejected(TO_SITE))
    assert happened(*IN_PLANNING, codes=clock("give", TO_SITE)) == []
    assert happened(*IN_PLANNING, TO_TOM, rejected, codes=clock("give", TO_SITE)[1:2]) == [
        f"{TO_SITE}.give.due 04.03. 10:00"
    ]


@pytest.mark.parametrize("fact", [PhaseDone(), PhaseSkipped()])
def test_clocks_of_a_gate_end_with_its_phase(fact: Fact) -> None:
    ticket = walked(*IN_PLANNING, TO_TOM, did("paula", "03-03 12:00", fact))
    assert [moment.code for moment in agenda(ticket, SITE) if moment.code.startswith(TO_SITE)] == []


def test_late_receiver_turns_the_light_red_and_then_escalates_until_they_accept() -> None:
    red, _ = fire_due(walked(*SUBMITTED), SITE, at("2027-03-02 14:00"), inclusive=True)
    escalated, _ = fire_due(red, SITE, at("2027-03-02 16:00"), inclusive=True)
    late = {f"{ORDER}.take.due", f"{ORDER}.take.escalated"}
    assert light(red, SITE) is Light.RED
    assert (escalation_level(escalated, SITE), late <= {m.code for m in in_force(escalated, SITE)}) == (1, True)
    accepted = walked(did("paula", "03-02 16:30", HandoverAccepted(ORDER)), ticket=escalated)
    assert (light(accepted, SITE), escalation_level(accepted, SITE)) == (Light.GREEN, 0)


@pytest.mark.parametrize("code", [f"{ORDER}.submitted", *clock("take")[:2]])
@pytest.mark.parametrize(
    ("story", "on", "expected"),
    [
        (SUBMITTED, SITE, ["paula", "peter"]),
        (TO_PAULA, SITE, ["paula"]),
        (TO_PAULA, without("paula"), ["peter"]),
        (TO_PAULA, without("peter"), ["paula"]),
    ],
    ids=["department", "named", "who left", "colleague left"],
)
def test_waiting_handover_is_told_to_who_was_asked_otherwise_to_the_department(
    story: list[Event], on: RuleContext, expected: list[str], code: str
) -> None:
    assert told(walked(*story), code, on) == expected


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (ORDERED, ["anna"]),
        ([*ORDERED, did("dora", "03-01 13:00", Reassigned("bert"))], ["bert"]),
        (RETURNED, ["anna"]),
        (
            [
                *ORDERED,
                did("bert", "03-02 10:00", HandoverSubmitted(ORDER)),
                did("paula", "03-02 11:00", HandoverRejected(ORDER)),
            ],
            ["bert"],
        ),
    ],
    ids=["owner", "new owner", "giver is owner", "giver is a colleague"],
)
@pytest.mark.parametrize("code", clock("give")[:2])
def test_late_handover_is_told_to_who_gives(story: list[Event], expected: list[str], code: str) -> None:
    assert told(walked(*story), code) == expected


def test_returned_handover_is_told_to_who_gave_it() -> None:
    assert told(walked(*RETURNED), f"{ORDER}.rejected") == ["anna"]


@pytest.mark.parametrize(
    ("story", "code", "expected"),
    [
        (TO_PAULA, clock("take")[2], ["carl"]),
        (ORDERED, clock("give")[2], ["carl"]),
        ([did("anna", "03-01 10:00", HandoverSubmitted(INTAKE, "bert"))], clock("take", INTAKE)[2], ["dora"]),
    ],
)
def test_escalation_of_a_gate_is_told_to_its_owner_only(story: list[Event], code: str, expected: list[str]) -> None:
    assert told(walked(*story), code) == expected


@pytest.mark.parametrize(
    ("planned_for", "involved"),
    [("2027-05-10", "23.04. 18:00"), ("2027-04-12", "25.03. 18:00"), ("2027-03-05", "01.03. 10:30")],
)
def test_qg_02_service_is_involved_ten_working_days_before_the_delivery(planned_for: str, involved: str) -> None:
    """Ascension Day and Easter skipped backwards; on short notice at once."""
    planned = did("anna", "03-01 10:30", MilestoneSet("project_delivered", at(f"{planned_for} 00:00")))
    assert happened(planned, codes=("service.involve",)) == [f"service.involve {involved}"]
    assert told(walked(planned), "service.involve") == ["ida"]


def test_qg_02_service_that_has_the_handover_need_not_be_involved() -> None:
    planned = did("tom", "03-03 12:00", MilestoneSet("project_delivered", at("2027-05-10 00:00")))
    submitted = did("tom", "03-04 12:00", HandoverSubmitted(OPERATION))
    assert happened(*ON_SITE, planned, submitted, codes=("service.involve",)) == []


def test_qg_02_service_welcomes_within_two_working_days_or_the_controllers_hear() -> None:
    """Accepted on a Friday: Tuesday evening, and Wednesday evening."""
    codes = ("welcome.due", "welcome.escalated")
    assert happened(*IN_SERVICE, codes=codes) == ["welcome.due 09.03. 18:00", "welcome.escalated 10.03. 18:00"]
    assert told(walked(*IN_SERVICE), "welcome.due") == ["ida"]
    assert told(walked(*IN_SERVICE), "welcome.escalated") == ["carl", "helga"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("03-09 17:59", []),
        ("03-09 18:00", []),
        ("03-09 18:01", ["welcome.due 09.03. 18:00"]),
        ("03-10 18:01", ["welcome.due 09.03. 18:00", "welcome.escalated 10.03. 18:00"]),
    ],
)
def test_qg_02_welcome_ends_its_clock(when: str, expected: list[str]) -> None:
    welcomed = did("ida", when, CustomerWelcomed("mail"))
    assert happened(*IN_SERVICE, welcomed, codes=("welcome.due", "welcome.escalated")) == expected


def test_qg_02_welcome_before_the_handover_leaves_nothing_due() -> None:
    welcomed = did("ida", "03-05 13:00", CustomerWelcomed("call"))
    assert happened(*BUILT, welcomed, *IN_SERVICE[-2:], codes=("welcome.due",)) == []


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (ORDERED, (False, True, False)),
        (SUBMITTED, (True, False, False)),
        (RETURNED, (False, True, False)),
        (IN_PLANNING, (False, False, True)),
        ([*ORDERED, did("helga", "03-02 10:00", GateOverridden(ORDER))], (False, False, True)),
        ([*IN_PLANNING, did("paula", "03-03 10:00", PhaseSteppedBack("sales"))], (False, True, False)),
    ],
    ids=["nothing given", "submitted", "rejected", "accepted", "overridden", "reopened"],
)
def test_condition_about_a_gate_holds_as_its_handover_stands(story: list[Event], expected: tuple[bool, ...]) -> None:
    kinds = (Holding.AT_GATE, Holding.NOT_GIVEN, Holding.PASSED)
    assert tuple(holds(Condition(kind, ORDER), walked(*story), SITE) for kind in kinds) == expected


def test_waived_gate_is_passed_and_nothing_waits_there() -> None:
    kinds = (Holding.AT_GATE, Holding.NOT_GIVEN, Holding.PASSED)
    assert [holds(Condition(kind, TO_SITE), walked(*WAIVED), SITE) for kind in kinds] == [False, False, True]
