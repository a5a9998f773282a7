"""S1 as stories: two people and a gate between them, on the real workflow, with the clock wound forward."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from activities.ledger import handover_papers
from domain.ticket.facts import (
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    MilestoneSet,
    PhaseDone,
    PhaseSkipped,
    PointSettled,
    Refused,
)
from models.messages import Command
from models.tables import EventRow, HandoverRow, PersonRow
from processes.loader import SHIPPED
from tests.office import Office, berlin
from workflows.names import ticket_id
from workflows.ticket import TicketWorkflow

SALES = "sales_to_project"


async def at_the_gate(office: Office) -> int:
    """Bring a project to the gate between sales and project on Wednesday, 10 March 2027."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    for at in ("2027-03-02 10:00", "2027-03-08 10:00"):
        await office.acts(number, PhaseDone(), at=at)
    await office.acts(number, MilestoneSet("order_placed"), at="2027-03-10 10:00")
    return number


async def submitted(office: Office, to: str | None = None) -> int:
    """Hand over with a full checklist on Wednesday at 10:30."""
    number = await at_the_gate(office)
    office.fills(number, SALES, **office.full_answers(number, SALES))
    await office.acts(number, HandoverSubmitted(SALES, to), at="2027-03-10 10:30")
    return number


async def refused(office: Office, number: int, fact: Any, *, at: str, by: str) -> Refused:
    """Return why a fact is not accepted."""
    with pytest.raises(Refused) as refusal:
        await office.acts(number, fact, at=at, by=by, text="Ein Grund.")
    return refusal.value


def record(office: Office, number: int) -> HandoverRow:
    """Return what was submitted last."""
    with office.database.reading() as session:
        return handover_papers.submissions(session, number, SALES)[-1]


@pytest.mark.parametrize("fact", [PhaseDone(), PhaseSkipped()], ids=lambda fact: fact.kind)
async def test_reading_38_critical_gate_blocks_whoever_asks(office: Office, fact: Any) -> None:
    number = await at_the_gate(office)
    refusal = await refused(office, number, fact, at="2027-03-10 11:00", by="helga")
    assert (refusal.code, refusal.context) == ("gate_blocks", {"gate": SALES})
    assert office.row(number).phase == "sales"


async def test_qg_01_incomplete_checklist_is_not_handed_over(office: Office) -> None:
    number = await at_the_gate(office)
    office.fills(number, SALES, **{**office.full_answers(number, SALES), "order_value": "viel", "promises": ""})
    wrong = await refused(office, number, HandoverSubmitted(SALES), at="2027-03-10 11:00", by="anna")
    assert (wrong.code, wrong.context["items"]) == ("answer_wrong", "order_value")
    office.fills(number, SALES, order_value="12.500")
    missing = await refused(office, number, HandoverSubmitted(SALES), at="2027-03-10 11:01", by="anna")
    assert (missing.code, missing.context["items"]) == ("checklist_incomplete", "promises")


async def test_qg_01_file_of_another_ticket_is_no_answer(office: Office) -> None:
    number = await at_the_gate(office)
    other = await office.inquiry_arrives("2027-03-10 10:10", process="statuskette")
    theirs = office.full_answers(other, SALES)["drawings"]
    office.fills(number, SALES, **{**office.full_answers(number, SALES), "drawings": theirs})
    missing = await refused(office, number, HandoverSubmitted(SALES), at="2027-03-10 11:00", by="anna")
    assert missing.context["items"] == "drawings"


async def test_day_before_the_milestone_it_follows_is_refused(office: Office) -> None:
    number = await at_the_gate(office)
    office.fills(number, SALES, **{**office.full_answers(number, SALES), "wanted_start": "2027-03-09"})
    wrong = await refused(office, number, HandoverSubmitted(SALES), at="2027-03-10 11:00", by="anna")
    assert wrong.context["items"] == "wanted_start"


async def test_qg_03_acceptance_records_both_names_both_times_and_the_documents(office: Office) -> None:
    number = await submitted(office)
    standing = await office.acts(number, HandoverAccepted(SALES, 1), at="2027-03-10 13:00", by="petra")
    assert (standing.owner, standing.phase) == ("petra", "planning")
    kept = record(office, number)
    assert (kept.giver, kept.submitted_at) == ("anna", berlin("2027-03-10 10:30"))
    assert (kept.decided_by, kept.decided_at) == ("petra", berlin("2027-03-10 13:00"))
    assert kept.answers["order_value"]["value"] == "12.500,00"
    assert kept.answers["order_confirmation"]["value"].isdigit()


async def test_receiver_is_told_reminded_and_then_the_owner_of_the_gate_hears(office: Office) -> None:
    """Wednesday 10:30 and four business hours: 14:30; a reminder an hour before, the controller two hours after."""
    number = await submitted(office, to="petra")
    await office.fast_forward("2027-03-10 10:31")
    assert len(office.mails("petra")) == 1
    assert office.mails("ponti") == []
    await office.fast_forward("2027-03-10 14:31")
    assert (SALES + ".take.due", berlin("2027-03-10 14:30")) in office.events(number)
    assert (len(office.mails("petra")), office.row(number).light) == (2, "red")
    await office.fast_forward("2027-03-10 16:31")
    assert (SALES + ".take.escalated", berlin("2027-03-10 16:30")) in office.events(number)
    assert (len(office.mails("carl")), office.mails("helga")) == (1, [])
    await office.acts(number, HandoverAccepted(SALES), at="2027-03-10 16:40", by="petra")
    assert office.row(number).light == "green"


async def test_reading_39_rejection_returns_with_reasons_and_restarts_the_givers_clock(office: Office) -> None:
    number = await submitted(office, to="petra")
    await office.acts(number, HandoverRejected(SALES, ("promises",), 1), at="2027-03-10 12:00", by="petra")
    row = office.row(number)
    assert (row.phase, row.owner, row.waits_for, row.gate_side) == ("sales", "anna", "anna", "give")
    await office.fast_forward("2027-03-10 12:01")
    assert len(office.mails("anna")) == 1
    due = next(moment for moment in office.agenda(number) if moment.code == SALES + ".give.due")
    assert due.at == berlin("2027-03-11 11:00")


async def test_two_receivers_accept_at_once_and_the_second_is_told_who_did(office: Office) -> None:
    number = await submitted(office)
    start = office.ticket_service.ticket_start(number)
    commands = [Command(HandoverAccepted(SALES, 1), by, f"accept-{by}") for by in ("petra", "ponti")]
    answers = await asyncio.gather(
        *(office.gateway.act(start, command) for command in commands), return_exceptions=True
    )
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    winner = office.row(number).owner
    assert winner in {"petra", "ponti"}
    assert [(refusal.code, refusal.context["by"]) for refusal in lost] == [("gate_passed", winner)]


async def test_decision_is_on_what_was_submitted_though_the_giver_goes_on_typing(office: Office) -> None:
    number = await submitted(office)
    office.fills(number, SALES, promises="Doch kein Carport.")
    await office.acts(number, HandoverAccepted(SALES, 1), at="2027-03-10 13:00", by="petra")
    assert record(office, number).answers["promises"]["value"] == "steht fest"


async def test_decision_on_what_was_replaced_meanwhile_is_refused(office: Office) -> None:
    number = await submitted(office)
    office.fills(number, SALES, promises="Doch kein Carport.")
    await office.acts(number, HandoverSubmitted(SALES), at="2027-03-10 12:00")
    stale = await refused(office, number, HandoverAccepted(SALES, 1), at="2027-03-10 12:01", by="petra")
    assert (stale.code, stale.context["by"]) == ("submission_replaced", "anna")


async def test_ones_own_handover_is_not_accepted_unless_the_gate_allows_it(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    standing = await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    assert standing.phase == "information"
    with office.database.writing() as session:
        session.get_one(PersonRow, "anna").roles = ["salesperson", "project_manager"]
    for at in ("2027-03-02 10:00", "2027-03-08 10:00"):
        await office.acts(number, PhaseDone(), at=at)
    office.fills(number, SALES, **office.full_answers(number, SALES))
    await office.acts(number, HandoverSubmitted(SALES), at="2027-03-08 11:00")
    own = await refused(office, number, HandoverAccepted(SALES), at="2027-03-08 11:05", by="anna")
    assert own.code == "own_handover"


async def test_open_handover_keeps_the_version_of_its_gate(office: Office) -> None:
    number = await submitted(office)
    text = (SHIPPED / "statuskette.toml").read_text(encoding="utf-8")
    changed = text.replace('take = { span = "4h" }', 'take = { span = "1h" }').replace('"drawings",\n]', "]")
    office.ticket_service.apply_definition("statuskette", changed, "changed")
    await office.fast_forward("2027-03-10 14:31")
    assert (SALES + ".take.due", berlin("2027-03-10 14:30")) in office.events(number)
    assert "drawings" in record(office, number).answers
    fresh = await office.inquiry_arrives("2027-03-10 15:00", process="statuskette")
    assert office.row(fresh).definition != office.row(number).definition


async def test_reading_38_gate_that_is_not_critical_lets_pass_with_open_points(office: Office) -> None:
    """Each missing line is owed by the giver for three working days, then the controllers hear."""
    number = await submitted(office)
    await office.acts(number, HandoverAccepted(SALES), at="2027-03-10 13:00", by="petra")
    full = office.full_answers(number, "project_to_site")
    office.fills(number, "project_to_site", by="petra", **{**full, "access": ""})
    await office.acts(number, HandoverSubmitted("project_to_site"), at="2027-03-11 10:00", by="petra")
    standing = await office.acts(number, HandoverAccepted("project_to_site"), at="2027-03-11 11:00", by="toni")
    assert standing.phase == "execution"
    point = "project_to_site.access"
    unsettled = await refused(office, number, PointSettled(point), at="2027-03-11 12:00", by="petra")
    assert unsettled.code == "point_still_missing"
    await office.fast_forward("2027-03-17 12:00")
    due = (f"point.due/{point}", berlin("2027-03-16 18:00"))
    assert due in office.events(number)
    assert (office.row(number).light, len(office.mails("petra"))) == ("red", 2)
    office.fills(number, "project_to_site", by="petra", access="yes")
    await office.acts(number, PointSettled(point), at="2027-03-17 13:00", by="petra")
    assert office.row(number).light == "green"


async def test_override_takes_a_role_and_a_reason_and_stays_in_the_history(office: Office) -> None:
    number = await at_the_gate(office)
    forbidden = await refused(office, number, GateOverridden(SALES), at="2027-03-10 11:00", by="carl")
    assert forbidden.code == "may_not_override"
    with pytest.raises(Refused) as silent:
        await office.acts(number, GateOverridden(SALES), at="2027-03-10 11:01", by="helga")
    assert silent.value.code == "text_missing"
    standing = await office.acts(
        number, GateOverridden(SALES), at="2027-03-10 11:02", by="helga", text="Der Kunde baut morgen."
    )
    assert standing.phase == "planning"
    assert f"`{SALES}` ohne Prüfung geöffnet von helga" in standing.details
    assert ("gate_overridden", berlin("2027-03-10 11:02")) in office.events(number, moments_only=False)


async def test_qg_02_service_hears_before_the_gate_and_the_welcome_has_a_deadline(office: Office) -> None:
    """Ten working days before Friday, 18 June 2027 (Corpus Christi is not nation-wide): Friday, 4 June."""
    number = await submitted(office)
    await office.acts(number, HandoverAccepted(SALES), at="2027-03-10 13:00", by="petra")
    await office.hands_over(number, "project_to_site", "petra", "toni", at="2027-03-11 10:00")
    await office.acts(
        number, MilestoneSet("project_delivered", berlin("2027-06-18 00:00")), at="2027-03-12 10:00", by="toni"
    )
    await office.fast_forward("2027-06-07 12:00")
    assert [code for code, _ in office.events(number)][-1] == "service.involve"
    assert len(office.mails("sonja")) == 1
    await office.acts(number, MilestoneSet("project_delivered"), at="2027-06-18 10:00", by="toni")
    await office.hands_over(number, "start_of_operation", "toni", "sonja", at="2027-06-18 11:00")
    await office.fast_forward("2027-06-22 18:01")
    assert ("welcome.due", berlin("2027-06-22 18:00")) in office.events(number)
    assert office.row(number).light == "red"


async def test_signal_takes_the_same_path_as_the_form(office: Office) -> None:
    number = await submitted(office)
    handle = office.environment.client.get_workflow_handle(ticket_id(number))
    await handle.signal("tell", {"fact": {"kind": "handover_accepted", "gate": SALES}, "by": "petra"})
    await office.fast_forward("2027-03-10 11:00")
    assert (office.row(number).owner, office.row(number).phase) == ("petra", "planning")


@pytest.mark.parametrize(
    ("told", "by", "why"),
    [
        ({"fact": {"kind": "phase_done"}, "by": "anna"}, "anna", "nur durch das Quality Gate"),
        ({"fact": {"kind": "handover_accepted", "gate": SALES}, "by": "anna"}, "anna", "jemand anderes"),
        ({"fact": {"kind": "handover_acepted", "gate": SALES}, "by": "petra"}, None, "fact.kind"),
        ({"fact": {"kind": "handover_accepted"}, "by": "petra"}, None, "gate: Field required"),
        ("accept it, please", None, "fact.kind"),
    ],
)
async def test_refused_signal_is_shown_with_its_reason(office: Office, told: Any, by: str | None, why: str) -> None:
    number = await submitted(office)
    handle = office.environment.client.get_workflow_handle(ticket_id(number))
    await handle.signal("tell", told)
    await office.fast_forward("2027-03-10 11:00")
    with office.database.reading() as session:
        rows = session.exec(select(EventRow).where(EventRow.ticket == number, col(EventRow.code) == "refused")).all()
    assert [(row.by, why in row.why["de"]) for row in rows] == [(by, True)]
    standing = await handle.query(TicketWorkflow.standing)
    assert standing is not None
    assert "⛔ Signal abgelehnt" in standing.details
    assert rows[0].why["de"] in standing.details
    assert office.row(number).phase == "sales"
    accepted = await office.acts(number, HandoverAccepted(SALES), at="2027-03-10 11:05", by="petra")
    assert "⛔" not in accepted.details
