"""S0 as stories: months of a construction project on the real workflow, with the clock wound forward."""

import pytest

from domain.ticket.facts import Closed, CustomerWelcomed, Fact, MilestoneSet, PhaseDone, PhaseSteppedBack, Refused
from tests.office import Office, berlin

VECTORS = [
    ("2027-03-05 10:00", None, ("information.due", "2027-03-09 18:00")),
    ("2027-03-24 10:00", None, ("information.due", "2027-03-30 18:00")),
    ("2027-03-22 09:00", MilestoneSet("site_survey"), ("quotation.due", "2027-04-01 18:00")),
    ("2027-03-25 09:00", MilestoneSet("quote_submitted"), ("sales.due", "2027-04-01 18:00")),
    (
        "2027-04-01 09:00",
        MilestoneSet("construction_start", berlin("2027-05-10 00:00")),
        ("planning.due", "2027-04-27 18:00"),
    ),
    (
        "2027-02-01 09:00",
        MilestoneSet("construction_start", berlin("2027-03-01 00:00")),
        ("planning.due", "2027-02-17 18:00"),
    ),
    ("2027-05-14 09:00", MilestoneSet("project_delivered"), ("invoicing.due", "2027-05-24 18:00")),
]


@pytest.mark.parametrize(("contact", "fact", "due"), VECTORS, ids=lambda value: getattr(value, "name", None))
async def test_deadline_comes_to_pass_when_the_vector_says(
    office: Office, contact: str, fact: Fact | None, due: tuple[str, str]
) -> None:
    await office.opens("2027-01-29 08:00")
    number = await office.inquiry_arrives(contact, process="statuskette")
    if fact is not None:
        await office.acts(number, fact, at=contact)
    planned = {(moment.code, moment.at) for moment in office.agenda(number)}
    await office.fast_forward("2027-06-15 12:00")
    assert (due[0], berlin(due[1])) in office.events(number)
    assert planned <= set(office.events(number))


async def test_project_walks_from_first_contact_to_archived_billing(office: Office) -> None:
    """Seven phases and four gates in time: nobody is reminded of what is done, nothing is ever overdue."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    walk: list[tuple[str, Fact]] = [
        ("2027-03-02 09:00", MilestoneSet("site_survey")),
        ("2027-03-02 10:00", PhaseDone()),
        ("2027-03-08 10:00", MilestoneSet("quote_submitted")),
        ("2027-03-08 10:01", PhaseDone()),
        ("2027-03-10 10:00", MilestoneSet("order_placed")),
    ]
    for at, fact in walk:
        await office.acts(number, fact, at=at)
    planning = await office.hands_over(number, "sales_to_project", "anna", "petra", at="2027-03-10 10:30")
    assert (planning.phase, planning.owner) == ("planning", "petra")
    await office.acts(
        number, MilestoneSet("construction_start", berlin("2027-05-10 00:00")), at="2027-03-10 11:00", by="petra"
    )
    await office.hands_over(number, "project_to_site", "petra", "toni", at="2027-03-11 10:00")
    await office.acts(number, MilestoneSet("construction_start"), at="2027-05-10 08:00", by="toni")
    await office.acts(
        number, MilestoneSet("project_delivered", berlin("2027-06-18 00:00")), at="2027-05-10 08:05", by="toni"
    )
    await office.acts(number, MilestoneSet("project_delivered"), at="2027-06-18 15:00", by="toni")
    await office.hands_over(number, "start_of_operation", "toni", "sonja", at="2027-06-18 15:30")
    await office.acts(number, CustomerWelcomed("call"), at="2027-06-18 16:00", by="sonja")
    standing = await office.acts(number, Closed("billed"), at="2027-06-22 10:00", by="sonja")
    assert (standing.closed, standing.phase, standing.owner) == (True, "invoicing", "sonja")
    told = {"sales_to_project.submitted", "project_to_site.submitted", "start_of_operation.submitted"}
    assert {code for code, _ in office.events(number)} - told == {"intake_complete.submitted", "service.involve"}
    assert office.mails("anna") == []


async def test_forgotten_phase_reminds_then_turns_red_then_tells_the_controller(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    await office.fast_forward("2027-03-03 14:00")
    assert [mail["X-Statuskette-Ticket"] for mail in office.mails("anna")] == [str(number)]
    await office.fast_forward("2027-03-03 18:00")
    assert office.row(number).light == "red"
    await office.fast_forward("2027-03-05 09:00")
    assert office.row(number).light == "escalated"
    assert len(office.mails("carl")) == 1
    await office.acts(number, PhaseDone(), at="2027-03-05 10:00")
    assert office.row(number).light == "green"


async def test_archiving_keeps_the_phase_it_happened_in(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    await office.acts(number, Closed("misunderstanding"), at="2027-03-01 12:00")
    assert (office.row(number).phase, office.row(number).closed) == ("information", True)


async def test_stepping_back_or_skipping_without_a_reason_is_refused(office: Office) -> None:
    """Reading 27; the words of the reason rest in the ledger, so the ledger asks for them."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", process="statuskette")
    await office.hands_over(number, "intake_complete", "anna", "anna", at="2027-03-01 11:00")
    with pytest.raises(Refused) as refused:
        await office.acts(number, PhaseSteppedBack("intake"), at="2027-03-01 12:00")
    assert refused.value.code == "text_missing"
    standing = await office.acts(number, PhaseSteppedBack("intake"), at="2027-03-01 12:00", text="Adresse fehlt.")
    assert standing.phase == "intake"
