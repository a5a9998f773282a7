"""Steps along the chain that an engine accepts or refuses: a real Temporal server, workers and ledger."""

import re
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.ticket.facts import PhaseDone
from tests.web.shop import Shop
from tests.web.tickets.test_actions import Arrive, _end, arrive, happened, now, office  # noqa: F401 - fixtures
from tests.web.visitor import Visitor

pytestmark = pytest.mark.usefixtures("office")

INTAKE = {"value:mobile": "+49 170 1234567", "value:email": "kim@kunde.example", "reason:fax": "Hat keines."}


@pytest.fixture
async def number(office: Shop, dev_server: WorkflowEnvironment) -> int:  # noqa: F811
    """Return a project that has just come in."""
    project = office.inquiry("Dachausbau", at=now() - timedelta(seconds=5), process="statuskette")
    await _end(dev_server, project)
    return project


@pytest.fixture
async def anna(arrive: Arrive) -> Visitor:  # noqa: F811
    """Return a seller who is signed in."""
    visitor = arrive()
    await visitor.signs_in("anna")
    return visitor


def days_ahead(days: int) -> str:
    """Return a day as a date field sends it."""
    return f"{now() + timedelta(days=days):%Y-%m-%d}"


async def test_every_step_is_accepted(office: Shop, anna: Visitor, number: int) -> None:  # noqa: F811
    """Handed over to oneself, skipped, back, a milestone planned and reached, done: each told in the history."""
    page = f"/tickets/{number}"
    gate = f"{page}/gates/intake_complete"
    assert (await anna.sends(gate, f"{gate}/submit", own="1", **INTAKE)).status_code == 303
    steps = [
        ("skip", {"text": "Unterlagen sind da."}),
        ("back", {"phase": "information", "text": "Doch nicht."}),
        ("milestone", {"milestone": "site_survey", "when": "planned", "planned_for": days_ahead(9)}),
        ("milestone", {"milestone": "site_survey", "when": "reached", "text": "War schon da."}),
        *[("done", {})] * 2,
    ]
    for name, typed in steps:
        sent = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/{name}", **typed)
        assert sent.status_code == 303, name
    expected = ["phase_skipped", "phase_back", "milestone", "milestone", *["phase_done"] * 2]
    assert happened(office, number) == ["received", "handover_submitted", "handover_accepted", *expected]
    assert office.row(number).phase == "sales"
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "Anna Berger ist von „Angebotsphase“ zu „Info-Phase“ zurückgegangen" in page
    assert "Unterlagen sind da." in page


@pytest.mark.parametrize(
    ("before", "name", "typed", "field", "sentence"),
    [
        (
            {"milestone": "order_placed", "when": "planned", "planned_for": days_ahead(60)},
            "milestone",
            {"milestone": "construction_start", "when": "planned", "planned_for": days_ahead(30)},
            "milestone-name",
            "„Baubeginn“ und „Auftragserteilung“ lägen in der falschen Reihenfolge.",
        ),
        (
            {"milestone": "site_survey", "when": "reached"},
            "milestone",
            {"milestone": "site_survey", "when": "reached", "text": "Noch einmal"},
            "milestone-name",
            "„Aufmaßtermin“ ist bereits erreicht.",
        ),
        (
            {"milestone": "site_survey", "when": "reached"},
            "milestone",
            {"milestone": "project_delivered", "when": "planned", "planned_for": "2099-12-31"},
            "milestone-day",
            "Der Zeitpunkt liegt zu weit in der Zukunft.",
        ),
    ],
    ids=["out of sequence", "reached already", "too far"],
)
async def test_refused_milestone_is_told_at_its_field(
    anna: Visitor, number: int, before: dict[str, str], name: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    """409 with titles instead of keys; what was typed stays chosen."""
    page, action = f"/tickets/{number}", f"/tickets/{number}/{name}"
    assert (await anna.sends(page, action, **before)).status_code == 303
    refused = await anna.sends(page, action, **typed)
    assert refused.status_code == 409
    assert f'id="{field}-problem">{sentence}' in refused.text
    assert f'<option value="{typed["milestone"]}" selected>' in refused.text
    assert f'value="{typed.get("planned_for", "")}"' in refused.text


async def test_later_phase_is_no_way_back(anna: Visitor, number: int) -> None:
    """The field names the phase; the reason stays typed."""
    page = f"/tickets/{number}"
    gate = f"{page}/gates/intake_complete"
    await anna.sends(gate, f"{gate}/submit", own="1", **INTAKE)
    refused = await anna.sends(page, f"{page}/back", phase="sales", text="Zurück, marsch!")
    assert refused.status_code == 409
    assert 'id="back-phase-problem">„Vertriebsphase“ ist keine frühere Phase.' in refused.text
    assert "Zurück, marsch!</textarea>" in refused.text


async def test_last_phase_is_left_by_archiving(
    office: Shop,  # noqa: F811
    anna: Visitor,
    dev_server: WorkflowEnvironment,
) -> None:
    """A page from before cannot go on after the end, and without the work nothing is billed."""
    number = office.inquiry("Carport", at=now() - timedelta(days=2), process="statuskette")
    at = now() - timedelta(days=1)
    office.passes_gate(number, "intake_complete", at)
    for _ in range(2):
        office.happens(number, PhaseDone(), at)
    office.passes_gate(number, "sales_to_project", at, to="mia")
    office.passes_gate(number, "project_to_site", at, by="mia", to="tom")
    office.passes_gate(number, "start_of_operation", at, by="tom", to="sara")
    await _end(dev_server, number)
    page = f"/tickets/{number}"
    refused = await anna.sends(page, f"{page}/back", phase="invoicing", text="x")
    assert refused.status_code == 409
    renewed = dict(re.findall(r'name="(csrf|command|version)" value="([^"]*)"', refused.text))
    refused = await anna.posts(f"{page}/skip", **renewed, text="Entfällt.")
    assert refused.status_code == 409
    assert "Dies ist die letzte Phase" in refused.text
    assert "Entfällt.</textarea>" in refused.text
    refused = await anna.sends(page, f"{page}/close", reason="billed")
    assert refused.status_code == 409
    assert "Für diesen Grund fehlt noch: Begrüßung durch den Service." in refused.text
    assert (await anna.sends(page, f"{page}/welcome_call", text="Herzlich willkommen.")).status_code == 303
    assert (await anna.sends(page, f"{page}/close", reason="billed")).status_code == 303
