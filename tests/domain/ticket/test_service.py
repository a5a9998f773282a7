"""QG-05, the way between office and field and back (S1:2), on the pure rules."""

import pytest

from domain.process.gates import NO, YES, Answer, Gate
from domain.process.handovers import Stage
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.agenda import agenda, holds
from domain.ticket.context import RuleContext
from domain.ticket.facts import (
    Closed,
    Fact,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    MilestoneSet,
    PhaseDone,
    Refused,
)
from domain.ticket.handover_rules import Evidence, earliest_days
from domain.ticket.simulation import Event, play
from domain.ticket.ticket import Status, Ticket, received
from domain.ticket.transitions import apply
from processes.loader import find_process
from tests.domain.scenes import OFFICE, at, times

SERVICE = find_process("service")
INA = Member("ina", frozenset({Role.CASE_HANDLER}))
TOM = Member("tom", frozenset({Role.TECHNICIAN}))
TIM = Member("tim", frozenset({Role.TECHNICIAN}))
CARL = Member("carl", frozenset({Role.CONTROLLER}))
STRANGER = Member("sven", frozenset({Role.SALESPERSON}))
SITE = RuleContext(SERVICE, OFFICE, Roster((INA, TOM, TIM, CARL, STRANGER)))
TO_FIELD, TO_OFFICE = SERVICE.gates["office_to_field"], SERVICE.gates["field_to_office"]

BRIEFING = {
    "task": Answer("Pumpe 3 läuft nicht an"),
    "quality": Answer("Dauerlauf 1 h ohne Meldung"),
    "visit_date": Answer("2027-03-04"),
    "way": Answer("ab 9 Uhr, Schlüssel beim Pförtner"),
    "address": Answer("Hafenstr. 1, Musterstadt"),
    "contact_on_site": Answer("Herr Roth, 030 1234"),
    "spare_parts": Answer("Dichtungssatz, Regal 4"),
    "documents": Answer("7"),
}
REPORT = {
    "service_report": Answer("8"),
    "work": Answer("Dichtung getauscht"),
    "hours": Answer("2,5"),
    "parts_used": Answer("Dichtungssatz"),
    "signature": Answer(YES),
    "follow_up": Answer("nothing"),
}

Step = tuple[str, str, Fact]


def walked(*story: Step, ticket: Ticket | None = None) -> Ticket:
    """Return a service case after what people did; checklists are complete."""
    walking = ticket or received(SITE, at("2027-03-01 09:00"), "ina")
    for when, who, fact in story:
        walking = apply(walking, fact, at(when), SITE, Evidence(who))
    return walking


def happened(*story: Step, codes: tuple[str, ...]) -> list[str]:
    """Return what comes to pass in a story."""
    events = [Event(at(when), fact, Evidence(who)) for when, who, fact in story]
    return times(play(received(SITE, at("2027-03-01 09:00"), "ina"), SITE, events, None), *codes)


def refused(*story: Step, ticket: Ticket | None = None) -> Refused:
    """Return with what the last fact of a story is refused."""
    before = walked(*story[:-1], ticket=ticket)
    with pytest.raises(Refused) as caught:
        walked(story[-1], ticket=before)
    return caught.value


def told(ticket: Ticket, code: str) -> list[str]:
    """Return whom a moment on the agenda speaks to."""
    (moment,) = [moment for moment in agenda(ticket, SITE) if moment.code == code]
    return [member.short for member in moment.told(ticket, SITE.roster)]


PLANNED: list[Step] = [("2027-03-01 10:00", "ina", MilestoneSet("appointment", at("2027-03-04 00:00")))]
BRIEFED: list[Step] = [*PLANNED, ("2027-03-01 11:00", "ina", HandoverSubmitted("office_to_field"))]
IN_FIELD: list[Step] = [*BRIEFED, ("2027-03-01 12:00", "tom", HandoverAccepted("office_to_field"))]
WORKED: list[Step] = [*IN_FIELD, ("2027-03-04 15:00", "tom", MilestoneSet("work_done"))]
REPORTED: list[Step] = [*WORKED, ("2027-03-04 16:00", "tom", HandoverSubmitted("field_to_office"))]
BACK: list[Step] = [*REPORTED, ("2027-03-05 09:30", "ina", HandoverAccepted("field_to_office"))]


def test_qg_05_case_goes_from_the_office_to_the_field_and_back() -> None:
    walks = [walked(*story) for story in (PLANNED, BRIEFED, IN_FIELD, REPORTED, BACK)]
    assert [(ticket.phase, ticket.owner) for ticket in walks] == [
        ("dispatch", "ina"),
        ("dispatch", "ina"),
        ("field", "tom"),
        ("field", "tom"),
        ("report", "ina"),
    ]
    passed = {key: (h.stage, h.giver, h.decided_by) for key, h in walks[-1].handovers.items()}
    assert passed == {
        "office_to_field": (Stage.ACCEPTED, "ina", "tom"),
        "field_to_office": (Stage.ACCEPTED, "tom", "ina"),
    }


@pytest.mark.parametrize(("gate", "answers"), [(TO_FIELD, BRIEFING), (TO_OFFICE, REPORT)])
def test_qg_05_checklist_asks_for_every_information(gate: Gate, answers: dict[str, Answer]) -> None:
    assert gate.missing({}) == tuple(answers)
    assert gate.missing(answers) == ()
    for item in answers:
        assert gate.missing({key: answer for key, answer in answers.items() if key != item}) == (item,)


def test_qg_05_technician_learns_what_in_which_quality_when_and_how() -> None:
    asked = [item.title["de"].partition(":")[0] for item in TO_FIELD.items[:4]]
    assert asked == ["Was", "In welcher Qualität", "Wann", "Wie"]


@pytest.mark.parametrize(("answer", "missing"), [(Answer(), True), (Answer(reason="erster Einsatz"), False)])
def test_qg_05_documents_may_be_missing_with_a_reason_only(answer: Answer, missing: bool) -> None:
    assert TO_FIELD.missing({**BRIEFING, "documents": answer}) == (("documents",) if missing else ())


@pytest.mark.parametrize(("day", "missing"), [("2027-02-28", ("visit_date",)), ("2027-03-01", ())])
def test_qg_05_visit_is_not_planned_for_a_day_before_the_report(day: str, missing: tuple[str, ...]) -> None:
    earliest = earliest_days(TO_FIELD, walked(), SITE)
    assert TO_FIELD.missing({**BRIEFING, "visit_date": Answer(day)}, earliest) == missing


@pytest.mark.parametrize(
    ("item", "answer", "missing"),
    [
        ("signature", Answer(NO), True),
        ("signature", Answer(reason="niemand vor Ort"), False),
        ("hours", Answer("zwei"), True),
        ("hours", Answer("2"), False),
        ("follow_up", Answer("vielleicht"), True),
        ("follow_up", Answer("second_visit"), False),
        ("service_report", Answer(reason="kommt nach"), True),
    ],
)
def test_qg_05_service_report_is_answered_as_the_office_needs_it(item: str, answer: Answer, missing: bool) -> None:
    assert TO_OFFICE.missing({**REPORT, item: answer}) == ((item,) if missing else ())


@pytest.mark.parametrize(
    ("story", "gate", "who"), [(PLANNED, "office_to_field", "ina"), (WORKED, "field_to_office", "tom")]
)
def test_qg_05_both_gates_block_what_is_incomplete(story: list[Step], gate: str, who: str) -> None:
    ticket = walked(*story)
    when = "2027-03-05 09:00"
    missing = SERVICE.gates[gate].missing({})[:1]
    with pytest.raises(Refused) as incomplete:
        apply(ticket, HandoverSubmitted(gate), at(when), SITE, Evidence(who, missing))
    assert (incomplete.value.code, incomplete.value.context["items"]) == ("checklist_incomplete", missing[0])
    assert refused((when, who, PhaseDone()), ticket=ticket).code == "gate_blocks"


@pytest.mark.parametrize(
    ("story", "gate", "who", "code"),
    [
        (PLANNED, "office_to_field", "sven", "not_giver"),
        (WORKED, "field_to_office", "sven", "not_giver"),
        (WORKED, "field_to_office", "ina", "not_giver"),
        (PLANNED, "field_to_office", "tom", "not_at_gate"),
    ],
)
def test_qg_05_each_way_has_its_giver(story: list[Step], gate: str, who: str, code: str) -> None:
    assert refused(*story, ("2027-03-05 09:00", who, HandoverSubmitted(gate))).code == code


@pytest.mark.parametrize(
    ("story", "gate", "who", "code"),
    [
        (BRIEFED, "office_to_field", "ina", "own_handover"),
        (BRIEFED, "office_to_field", "sven", "not_receiver"),
        (REPORTED, "field_to_office", "tom", "own_handover"),
        (REPORTED, "field_to_office", "tim", "not_receiver"),
    ],
)
def test_qg_05_each_way_has_its_receiver(story: list[Step], gate: str, who: str, code: str) -> None:
    assert refused(*story, ("2027-03-05 09:00", who, HandoverAccepted(gate))).code == code


def test_qg_05_waiting_handover_is_told_to_the_other_side() -> None:
    assert told(walked(*BRIEFED), "office_to_field.submitted") == ["tom", "tim"]
    named = walked(*PLANNED, ("2027-03-01 11:00", "ina", HandoverSubmitted("office_to_field", "tim")))
    assert told(named, "office_to_field.submitted") == ["tim"]
    assert told(walked(*REPORTED), "field_to_office.submitted") == ["ina"]


def test_qg_05_returned_report_goes_back_to_the_technician_with_a_new_deadline() -> None:
    back = ("2027-03-05 10:00", "ina", HandoverRejected("field_to_office", ("hours", "signature")))
    returned = walked(*REPORTED, back)
    assert (returned.phase, returned.owner) == ("field", "tom")
    assert told(returned, "field_to_office.rejected") == ["tom"]
    assert happened(*REPORTED, back, codes=("field_to_office.give.due",)) == ["field_to_office.give.due 05.03. 14:00"]
    again = walked(
        ("2027-03-05 11:00", "tom", HandoverSubmitted("field_to_office")),
        ("2027-03-05 12:00", "ina", HandoverAccepted("field_to_office")),
        ticket=returned,
    )
    assert (again.phase, again.handovers["field_to_office"].submission) == ("report", 2)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (
            [],
            ["dispatch.remind 02.03. 14:00", "dispatch.due 02.03. 18:00", "dispatch.escalated 03.03. 18:00"],
        ),
        (
            BRIEFED,
            [
                "office_to_field.take.remind 01.03. 14:00",
                "office_to_field.take.due 01.03. 15:00",
                "office_to_field.take.escalated 01.03. 17:00",
            ],
        ),
        (
            IN_FIELD,
            ["field.remind 04.03. 14:00", "field.due 04.03. 18:00", "field.escalated 05.03. 18:00"],
        ),
        (
            WORKED,
            [
                "field_to_office.give.remind 05.03. 09:00",
                "field_to_office.give.due 05.03. 10:00",
                "field_to_office.give.escalated 05.03. 12:00",
            ],
        ),
        (
            REPORTED,
            [
                "field_to_office.take.remind 05.03. 10:00",
                "field_to_office.take.due 05.03. 11:00",
                "field_to_office.take.escalated 05.03. 13:00",
            ],
        ),
        (
            BACK,
            ["report.remind 09.03. 14:00", "report.due 09.03. 18:00", "report.escalated 10.03. 18:00"],
        ),
    ],
)
def test_qg_05_who_is_late_is_reminded_and_then_escalated(story: list[Step], expected: list[str]) -> None:
    codes = tuple(line.split(maxsplit=1)[0] for line in expected)
    assert happened(*story, codes=codes) == expected


def test_qg_05_technician_is_briefed_a_business_day_before_the_appointment() -> None:
    code = "briefing.remind"
    assert happened(*PLANNED, codes=(code,)) == ["briefing.remind 03.03. 10:00"]
    assert told(walked(*PLANNED), code) == ["ina"]
    assert happened(*BRIEFED, codes=(code,)) == []


def test_qg_05_moved_appointment_moves_the_briefing_and_the_visit() -> None:
    moved = ("2027-03-02 10:00", "ina", MilestoneSet("appointment", at("2027-03-09 14:00")))
    codes = ("briefing.remind", "field.due")
    assert happened(*PLANNED, moved, codes=codes) == ["briefing.remind 08.03. 15:00", "field.due 09.03. 18:00"]


def test_qg_05_visit_without_an_appointment_is_flagged() -> None:
    (flag,) = SERVICE.flags
    unplanned = walked(*BRIEFED[1:], ("2027-03-01 12:00", "tom", HandoverAccepted("office_to_field")))
    shown = [all(holds(c, ticket, SITE) for c in flag.conditions) for ticket in (walked(), unplanned, walked(*WORKED))]
    assert (flag.key, shown) == ("appointment_missing", [False, True, False])


@pytest.mark.parametrize("story", [PLANNED, IN_FIELD, REPORTED])
def test_qg_05_case_is_not_settled_before_the_report_is_back(story: list[Step]) -> None:
    settled = ("2027-03-05 10:00", "ina", Closed("settled"))
    refusal = refused(*story, settled)
    assert (refusal.code, refusal.context["needed"]) == ("not_done_yet", "passed:field_to_office")
    assert walked(*BACK, settled).status is Status.CLOSED


@pytest.mark.parametrize("reason", ["settled_by_phone", "no_access", "withdrawn", "duplicate"])
def test_qg_05_case_may_end_without_a_report_for_another_reason(reason: str) -> None:
    assert reason in SERVICE.reasons
    assert walked(*IN_FIELD, ("2027-03-04 10:00", "tom", Closed(reason))).phase == "field"
