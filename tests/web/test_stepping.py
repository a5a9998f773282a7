"""Steps along the chain that an engine accepts or refuses: a real Temporal server, workers and ledger."""

import re
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.web.shop import Shop
from tests.web.test_acting import Arrive, _end, arrive, happened, now, office  # noqa: F401 - fixtures
from tests.web.visitor import Visitor

pytestmark = pytest.mark.usefixtures("office")


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
    """Done, skipped, back, a milestone planned and reached, a partner: each one fact, told in the history."""
    steps = [
        ("done", {}),
        ("skip", {"text": "Unterlagen sind da."}),
        ("back", {"phase": "information", "text": "Doch nicht."}),
        ("milestone", {"milestone": "site_survey", "when": "planned", "planned_for": days_ahead(9)}),
        ("milestone", {"milestone": "site_survey", "when": "reached", "text": "War schon da."}),
        *[("done", {})] * 3,
        ("partner", {"jobs": "0", "text": "Zimmerei Huber"}),
    ]
    for name, typed in steps:
        sent = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/{name}", **typed)
        assert sent.status_code == 303, name
    expected = ["phase_done", "phase_skipped", "phase_back", "milestone", "milestone", *["phase_done"] * 3, "partner"]
    assert happened(office, number) == ["received", *expected]
    assert office.row(number).phase == "planning"
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
    await anna.sends(page, f"{page}/done")
    refused = await anna.sends(page, f"{page}/back", phase="sales", text="Zurück, marsch!")
    assert refused.status_code == 409
    assert 'id="back-phase-problem">„Vertriebsphase“ ist keine frühere Phase.' in refused.text
    assert "Zurück, marsch!</textarea>" in refused.text


async def test_last_phase_is_left_by_archiving(anna: Visitor, number: int) -> None:
    """A page from before cannot go on after the end."""
    page = f"/tickets/{number}"
    for _ in range(6):
        seen = await anna.sends(page, f"{page}/done")
        assert seen.status_code == 303
    refused = await anna.sends(page, f"{page}/back", phase="invoicing", text="x")
    renewed = dict(re.findall(r'name="(csrf|command|version)" value="([^"]*)"', refused.text))
    refused = await anna.posts(f"{page}/skip", **renewed, text="Entfällt.")
    assert refused.status_code == 409
    assert "Dies ist die letzte Phase" in refused.text
    assert "Entfällt.</textarea>" in refused.text
    assert (await anna.sends(page, f"{page}/close", reason="billed")).status_code == 303
