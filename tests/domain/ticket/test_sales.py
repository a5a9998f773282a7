"""SP-01 and SP-02, the classic sales chain of S4, statement by statement, on the pure rules."""

from dataclasses import replace

import pytest

from domain.process.gates import NO, YES, Answer
from domain.process.handovers import Stage
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.agenda import agenda, fire_due, holds
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Closed,
    Fact,
    HandoverAccepted,
    HandoverSubmitted,
    MilestoneSet,
    ObjectionRaised,
    PhaseDone,
    PointAssigned,
    PointSettled,
    Refused,
)
from domain.ticket.handover_rules import Evidence, earliest_days
from domain.ticket.simulation import Event, play
from domain.ticket.standing import Light, light
from domain.ticket.ticket import Status, Ticket, received
from domain.ticket.transitions import apply
from processes.loader import find_process
from tests.domain.scenes import OFFICE, at, times

SALES = find_process("sales")
ANNA = Member("anna", frozenset({Role.SALESPERSON}))
PAULA = Member("paula", frozenset({Role.PROJECT_MANAGER}))
CARL = Member("carl", frozenset({Role.CONTROLLER}))
STRANGER = Member("sven", frozenset({Role.SALESPERSON}))
SITE = RuleContext(SALES, OFFICE, Roster((ANNA, PAULA, CARL, STRANGER)))
QUALIFICATION, TO_PRODUCTION = SALES.gates["qualification"], SALES.gates["sales_to_production"]

CRITERIA = {
    "need": Answer("Dämmung des Dachs"),
    "time_frame": Answer("vor dem Winter"),
    "solution": Answer(YES),
    "budget": Answer("approved"),
    "decision_makers": Answer("Frau Aydın, Bauleitung"),
}
ORDER = {
    "order": Answer("7"),
    "scope": Answer("Dach und Rinne"),
    "price": Answer("12.500"),
    "payment": Answer("14 Tage netto"),
    "delivery_date": Answer("2027-05-03"),
    "contact_person": Answer("Frau Aydın, 030 1234"),
    "promises": Answer("nichts"),
}

Story = tuple[str, Fact]


def event(when: str, fact: Fact) -> Event:
    """Return what Anna does, or Paula where a fact is the other department's; checklists are complete."""
    other = isinstance(fact, HandoverAccepted) and fact.gate == TO_PRODUCTION.key
    return Event(at(when), fact, Evidence("paula" if other else "anna"))


def walked(*story: Story, ticket: Ticket | None = None) -> Ticket:
    """Return a lead after facts."""
    walking = ticket or received(SITE, at("2027-03-01 09:00"), "anna")
    for when, fact in story:
        each = event(when, fact)
        walking = apply(walking, each.fact, each.at, SITE, each.evidence)
    return walking


def happened(*story: Story, codes: tuple[str, ...]) -> list[str]:
    """Return what comes to pass in a story."""
    events = [event(when, fact) for when, fact in story]
    return times(play(received(SITE, at("2027-03-01 09:00"), "anna"), SITE, events, None), *codes)


def through(gate: str, when: str) -> list[Story]:
    """Return the facts that lead through a gate."""
    return [(when, HandoverSubmitted(gate)), (when, HandoverAccepted(gate))]


QUALIFIED: list[Story] = [("2027-03-01 10:00", PhaseDone()), *through("qualification", "2027-03-02 10:00")]
QUOTED: list[Story] = [
    *QUALIFIED,
    ("2027-03-03 10:00", MilestoneSet("need_verified")),
    ("2027-03-03 10:00", PhaseDone()),
    ("2027-03-08 10:00", MilestoneSet("quote_submitted")),
    ("2027-03-08 10:00", PhaseDone()),
]
DECIDED: list[Story] = [
    *QUOTED,
    ("2027-03-10 10:00", PhaseDone()),
    ("2027-03-11 10:00", MilestoneSet("close")),
    ("2027-03-11 10:00", PhaseDone()),
]
ORDERED: list[Story] = [*DECIDED, ("2027-03-15 10:00", MilestoneSet("conclusion"))]
HANDED_OVER: list[Story] = [*ORDERED, *through("sales_to_production", "2027-03-15 16:00")]


def refusal(*story: Story, ticket: Ticket | None = None) -> str:
    """Return the code with which the last fact of a story is refused."""
    before = walked(*story[:-1], ticket=ticket)
    with pytest.raises(Refused) as refused:
        walked(story[-1], ticket=before)
    return refused.value.code


def test_sp_01_lead_goes_through_eight_phases_in_the_order_of_the_source() -> None:
    seen = [walked(*HANDED_OVER[:number]).phase for number in range(len(HANDED_OVER) + 1)]
    assert list(dict.fromkeys(seen)) == [
        "pre_contact",
        "qualification",
        "positioning",
        "quotation",
        "objections",
        "close",
        "conclusion",
        "after_sales",
    ]
    assert SALES.chain == tuple(dict.fromkeys(seen))
    assert refusal(*HANDED_OVER, ("2027-03-16 10:00", PhaseDone())) == "last_phase"


@pytest.mark.parametrize(
    ("story", "due"),
    [
        ([], "pre_contact.due 02.03. 18:00"),
        ([("2027-03-01 10:00", PhaseDone())], "qualification.due 08.03. 18:00"),
        (QUALIFIED, "positioning.due 09.03. 18:00"),
        (QUOTED[:-2], "quotation.due 11.03. 18:00"),
        (QUOTED, "objections.due 15.03. 18:00"),
        (QUOTED, "close.due 22.03. 18:00"),
        (DECIDED, "conclusion.due 16.03. 18:00"),
        (HANDED_OVER, "after_sales.due 14.04. 18:00"),
    ],
)
def test_sp_01_each_phase_has_a_deadline_that_hangs_on_an_event(story: list[Story], due: str) -> None:
    assert happened(*story, codes=(due.split(maxsplit=1)[0],)) == [due]


def test_sp_01_deadline_of_the_quote_counts_from_the_verified_need_and_not_from_entering_the_phase() -> None:
    assert happened(*QUALIFIED, ("2027-03-03 10:00", PhaseDone()), codes=("quotation.due",)) == []


def test_sp_01_finished_phase_is_neither_reminded_of_nor_escalated() -> None:
    codes = {moment.code.split(".")[0] for moment in agenda(walked(*DECIDED), SITE)}
    assert codes == {"conclusion"}


def test_sp_02_qualification_asks_for_exactly_the_five_criteria() -> None:
    assert QUALIFICATION.missing({}) == ("need", "time_frame", "solution", "budget", "decision_makers")
    assert QUALIFICATION.missing(CRITERIA) == ()
    assert all(item.help for item in QUALIFICATION.items)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("answer", [None, Answer(), Answer(" "), Answer(reason="fragen wir später")])
def test_sp_02_none_of_the_five_criteria_may_be_missing(criterion: str, answer: Answer | None) -> None:
    answers = {key: evidence for key, evidence in CRITERIA.items() if key != criterion}
    if answer is not None:
        answers[criterion] = answer
    assert QUALIFICATION.missing(answers) == (criterion,)


@pytest.mark.parametrize(("criterion", "value"), [("solution", NO), ("budget", "vielleicht")])
def test_sp_02_criterion_needs_an_answer_that_qualifies(criterion: str, value: str) -> None:
    """Without a solution there is nothing to position; "none yet" is an answer about the budget."""
    assert QUALIFICATION.missing({**CRITERIA, criterion: Answer(value)}) == (criterion,)
    assert QUALIFICATION.missing({**CRITERIA, "budget": Answer("none")}) == ()


def test_sp_02_lead_without_its_criteria_stays_in_qualification() -> None:
    lead = walked(("2027-03-01 10:00", PhaseDone()))
    missing = QUALIFICATION.missing({key: CRITERIA[key] for key in ("need", "time_frame", "solution", "budget")})
    with pytest.raises(Refused) as refused:
        apply(lead, HandoverSubmitted("qualification"), at("2027-03-02 10:00"), SITE, Evidence("anna", missing))
    assert (refused.value.code, refused.value.context["items"]) == ("checklist_incomplete", "decision_makers")
    assert refusal(("2027-03-02 10:00", PhaseDone()), ticket=lead) == "gate_blocks"


def test_sp_02_who_qualified_a_lead_goes_on_with_it() -> None:
    lead = walked(*QUALIFIED)
    assert (lead.phase, lead.owner) == ("positioning", "anna")
    handover = lead.handovers["qualification"]
    assert (handover.stage, handover.giver, handover.decided_by) == (Stage.ACCEPTED, "anna", "anna")


def test_sp_02_lead_that_does_not_qualify_is_lost_with_its_phase_and_reason() -> None:
    lost = walked(("2027-03-01 10:00", PhaseDone()), ("2027-03-02 10:00", Closed("no_budget")))
    assert (lost.status, lost.phase, lost.reason) == (Status.CLOSED, "qualification", "no_budget")


@pytest.mark.parametrize(
    ("raised", "due", "escalated"),
    [
        ("2027-03-09 10:00", "11.03. 18:00", "12.03. 18:00"),
        ("2027-03-09 17:59", "11.03. 18:00", "12.03. 18:00"),
        ("2027-03-12 10:00", "16.03. 18:00", "17.03. 18:00"),
        ("2027-03-25 10:00", "31.03. 18:00", "01.04. 18:00"),
    ],
)
def test_sp_01_objection_is_an_open_point_with_a_deadline(raised: str, due: str, escalated: str) -> None:
    """Two working days, over a weekend and over Easter; a working day later the controllers hear of it."""
    ticket = walked(*QUOTED, (raised, ObjectionRaised()))
    ((key, point),) = ticket.points.items()
    assert (point.owner, point.gate, point.item) == ("anna", "", "")
    codes = (f"point.due/{key}", f"point.escalated/{key}")
    expected = [f"{codes[0]} {due}", f"{codes[1]} {escalated}"]
    assert happened(*QUOTED, (raised, ObjectionRaised()), codes=codes) == expected


def test_sp_01_late_objection_turns_the_light_red_and_tells_its_owner_then_the_controller() -> None:
    raised = walked(*QUOTED, ("2027-03-09 10:00", ObjectionRaised()))
    before, _ = fire_due(raised, SITE, at("2027-03-11 17:59"), inclusive=True)
    late, happening = fire_due(raised, SITE, at("2027-03-11 18:00"), inclusive=True)
    assert (light(before, SITE), light(late, SITE)) == (Light.GREEN, Light.RED)
    assert [member.short for member in happening[-1].told(late, SITE.roster)] == ["anna"]
    _, happening = fire_due(late, SITE, at("2027-03-12 18:00"), inclusive=True)
    assert [member.short for member in happening[-1].told(late, SITE.roster)] == ["carl"]


def test_sp_01_objections_are_not_done_while_one_is_open() -> None:
    first, second = (
        ("2027-03-09 10:00", ObjectionRaised()),
        ("2027-03-09 11:00", ObjectionRaised()),
    )
    ticket = walked(*QUOTED, first, second)
    one, other = ticket.points
    done = ("2027-03-10 12:00", PhaseDone())
    assert refusal(done, ticket=ticket) == "points_open"
    half = walked(("2027-03-10 09:00", PointSettled(one)), ticket=ticket)
    assert refusal(done, ticket=half) == "points_open"
    treated = walked(("2027-03-10 10:00", PointSettled(other)), done, ticket=half)
    assert (treated.phase, dict(treated.points)) == ("close", {})


def test_sp_01_treated_objection_leaves_the_agenda() -> None:
    raised = walked(*QUOTED, ("2027-03-09 10:00", ObjectionRaised()))
    (key,) = raised.points
    treated = walked(("2027-03-10 10:00", PointSettled(key)), ticket=raised)
    on_agenda = [[m.code for m in agenda(t, SITE) if m.rule.code == "point.due"] for t in (raised, treated)]
    assert on_agenda == [[f"point.due/{key}"], []]


def test_sp_01_objection_given_to_somebody_else_is_due_when_they_promised() -> None:
    raised = walked(*QUOTED, ("2027-03-09 10:00", ObjectionRaised()))
    (key,) = raised.points
    passed_on = walked(("2027-03-09 11:00", PointAssigned(key, "paula", at("2027-03-17 12:00"))), ticket=raised)
    (due,) = [moment for moment in agenda(passed_on, SITE) if moment.rule.code == "point.due"]
    assert due.at == at("2027-03-17 12:00")
    assert [member.short for member in due.told(passed_on, SITE.roster)] == ["paula"]


def test_sp_01_objection_may_come_in_any_phase_but_nothing_is_won_before_it_is_treated() -> None:
    ticket = walked(*HANDED_OVER, ("2027-03-16 10:00", ObjectionRaised()))
    (key,) = ticket.points
    won = ("2027-04-01 10:00", Closed("won"))
    assert refusal(won, ticket=ticket) == "points_open"
    assert walked(("2027-03-17 10:00", PointSettled(key)), won, ticket=ticket).reason == "won"


def test_sp_01_close_and_conclusion_are_two_milestones() -> None:
    """Who has decided has not ordered yet: only the written order starts the clock of the handover."""
    assert walked(*DECIDED).anchors["close"].at == at("2027-03-11 10:00")
    assert "conclusion" not in walked(*DECIDED).anchors
    assert walked(*ORDERED).anchors["conclusion"].at == at("2027-03-15 10:00")
    codes = ("sales_to_production.give.due",)
    assert happened(*DECIDED, codes=codes) == []
    assert happened(*ORDERED, codes=codes) == ["sales_to_production.give.due 15.03. 18:00"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MilestoneSet("close", at("2027-03-12 00:00")), MilestoneSet("conclusion", at("2027-03-11 00:00"))),
        (MilestoneSet("conclusion", at("2027-03-11 00:00")), MilestoneSet("close", at("2027-03-12 00:00"))),
        (MilestoneSet("close"), MilestoneSet("conclusion", at("2027-03-08 00:00"))),
    ],
)
def test_sp_01_order_is_not_written_before_the_customer_has_decided(first: Fact, second: Fact) -> None:
    assert refusal(*QUOTED, ("2027-03-09 10:00", first), ("2027-03-09 11:00", second)) == "milestone_out_of_sequence"


def test_sp_01_decision_and_order_on_the_same_day_are_in_order() -> None:
    both = [("2027-03-09 10:00", MilestoneSet("close")), ("2027-03-09 10:00", MilestoneSet("conclusion"))]
    assert not walked(*QUOTED, *both).anchors["conclusion"].planned


def test_sp_01_order_still_missing_at_the_conclusion_is_flagged() -> None:
    (flag,) = [flag for flag in SALES.flags if flag.key == "order_missing"]
    shown = [all(holds(c, walked(*story), SITE) for c in flag.conditions) for story in (QUOTED, DECIDED, ORDERED)]
    assert shown == [False, True, False]


def test_sp_01_order_goes_to_the_producing_department_with_its_owner() -> None:
    ticket = walked(*HANDED_OVER)
    handover = ticket.handovers["sales_to_production"]
    assert (ticket.phase, ticket.owner) == ("after_sales", "paula")
    assert (handover.stage, handover.giver, handover.decided_by) == (Stage.ACCEPTED, "anna", "paula")


@pytest.mark.parametrize(
    ("who", "code"), [("anna", "own_handover"), ("sven", "not_receiver"), ("carl", "not_receiver")]
)
def test_sp_01_only_the_producing_department_accepts_the_order(who: str, code: str) -> None:
    submitted = walked(*ORDERED, ("2027-03-15 11:00", HandoverSubmitted("sales_to_production")))
    with pytest.raises(Refused) as refused:
        apply(submitted, HandoverAccepted("sales_to_production"), at("2027-03-15 12:00"), SITE, Evidence(who))
    assert refused.value.code == code
    assert refusal(("2027-03-15 12:00", PhaseDone()), ticket=submitted) == "gate_blocks"


def test_sp_01_waiting_order_is_told_to_the_producing_department_only() -> None:
    submitted = walked(*ORDERED, ("2027-03-15 11:00", HandoverSubmitted("sales_to_production")))
    ahead = {moment.code: moment for moment in agenda(submitted, SITE)}
    waits, due = ahead["sales_to_production.submitted"], ahead["sales_to_production.take.due"]
    assert [member.short for member in waits.told(submitted, SITE.roster)] == ["paula"]
    assert due.at == at("2027-03-15 15:00")


@pytest.mark.parametrize("item", ORDER)
def test_sp_01_handover_documents_what_was_ordered_and_promised(item: str) -> None:
    assert TO_PRODUCTION.missing({}) == tuple(ORDER)
    assert TO_PRODUCTION.missing(ORDER) == ()
    assert TO_PRODUCTION.missing({key: answer for key, answer in ORDER.items() if key != item}) == (item,)


@pytest.mark.parametrize(("promised", "missing"), [("2027-03-14", ("delivery_date",)), ("2027-03-15", ())])
def test_sp_01_delivery_is_not_promised_for_a_day_before_the_order(promised: str, missing: tuple[str, ...]) -> None:
    earliest = earliest_days(TO_PRODUCTION, walked(*ORDERED), SITE)
    assert TO_PRODUCTION.missing({**ORDER, "delivery_date": Answer(promised)}, earliest) == missing


@pytest.mark.parametrize(
    ("story", "needed"),
    [
        (QUOTED, "close"),
        (DECIDED, "conclusion"),
        (ORDERED, "passed:sales_to_production"),
        ([*QUOTED, ("2027-03-09 10:00", MilestoneSet("conclusion"))], "close"),
    ],
)
def test_sp_01_nothing_is_won_before_decision_order_and_handover(story: list[Story], needed: str) -> None:
    with pytest.raises(Refused) as refused:
        walked(("2027-03-31 10:00", Closed("won")), ticket=walked(*story))
    assert (refused.value.code, refused.value.context["needed"]) == ("not_done_yet", needed)


def test_sp_01_order_planned_but_not_written_wins_nothing() -> None:
    ticket = walked(*HANDED_OVER)
    unwritten = replace(ticket.anchors["conclusion"], planned=True)
    planned = replace(ticket, anchors={**ticket.anchors, "conclusion": unwritten})
    won = ("2027-04-01 10:00", Closed("won"))
    assert refusal(won, ticket=planned) == "not_done_yet"
    assert walked(won, ticket=ticket).status is Status.CLOSED


@pytest.mark.parametrize("reason", ["no_need", "no_budget", "price", "elsewhere", "no_decision", "duplicate"])
@pytest.mark.parametrize("story", [[], QUOTED, ORDERED])
def test_sp_01_lead_may_be_lost_in_any_phase(story: list[Story], reason: str) -> None:
    assert reason in SALES.reasons
    assert walked(*story, ("2027-03-31 10:00", Closed(reason))).reason == reason
