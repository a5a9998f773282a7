"""The chain of a builder's ticket as a picture, and the forms along it that need no engine to refuse."""

import re

import pytest

from domain.ticket.facts import MilestoneSet, Paused
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.site import (
    project,
    project_archived,
    project_in_planning,
    project_overdue,
    project_with_new_partner,
)
from tests.web.visitor import Visitor, hidden_fields


def links(page: str) -> list[str]:
    """Return the phases of the picture as a reader hears them."""
    picture = page.split('<ol class="phases">')[1].split("</ol>", maxsplit=1)[0]
    spoken = [re.sub(r"<svg.*?</svg>|<[^>]+>", " ", link, flags=re.DOTALL) for link in picture.split("<li ")[1:]]
    return [" ".join(link.partition(">")[2].split()) for link in spoken]


async def test_picture_tells_done_skipped_present_and_ahead(anna: Visitor, shop: Shop) -> None:
    """Each phase with its state, its deadline, and the milestone that hangs on."""
    page = (await anna.opens(f"/tickets/{project_in_planning(shop)}")).text
    assert links(page) == [
        "Ersterfassung erledigt Ersterfassung vollständig angenommen",
        "Info-Phase erledigt",
        "Angebotsphase übersprungen Frist entfällt",
        "Vertriebsphase erledigt Vertrieb an Projekt angenommen",
        "Planungsphase jetzt Frist noch offen Ziel Di 02.03. Baubeginn: offen Planung an Baustelle zu übergeben",
        "Ausführungsphase kommt noch keine Frist Übergabe in den Betrieb kommt noch",
        "Abrechnungsphase kommt noch Frist noch offen Abgabe des Bauvorhabens: offen",
    ]
    assert page.count('aria-current="step"') == 1
    assert 'class="flag"' in page
    assert "Baubeginn fehlt" in page


async def test_picture_tells_overdue_and_what_is_armed_early(anna: Visitor, shop: Shop) -> None:
    """KM-02 is late since last week; KM-03 runs already, from the survey (reading 26)."""
    page = (await anna.opens(f"/tickets/{project_overdue(shop)}")).text
    _, information, quotation, *_ = links(page)
    assert information == "Info-Phase jetzt überfällig seit Mi 24.02. Erstkontakt: Mo 22.02.2027, erreicht"
    assert quotation == "Angebotsphase kommt noch bis Di 09.03. Aufmaßtermin: Mo 01.03.2027, erreicht"
    assert 'class="phase is-present due-overdue"' in page


async def test_picture_tells_planned_milestones_and_the_new_partner(anna: Visitor, shop: Shop) -> None:
    """KM-07 counts from the planned delivery, over Ascension Day; the partner of the second job is watched (KM-06)."""
    page = (await anna.opens(f"/tickets/{project_with_new_partner(shop)}")).text
    assert links(page)[-1] == (
        "Abrechnungsphase kommt noch bis Mo 10.05. Abgabe des Bauvorhabens: Fr 30.04.2027, geplant"
    )
    assert "neuer Partner, Kontrolle alle 2 Arbeitstage" in page
    assert "Partner mit 1 früherem Auftrag" in page
    assert "Baubeginn fehlt" not in page


async def test_planned_day_that_has_passed_is_told(anna: Visitor, shop: Shop) -> None:
    """Somebody has to say whether it was reached."""
    number = project(shop)
    shop.happens(number, MilestoneSet("site_survey", berlin("2027-02-10 00:00")), berlin("2027-02-01 11:00"))
    assert "geplant, Tag ist vorbei" in (await anna.opens(f"/tickets/{number}")).text


async def test_order_at_short_notice_is_told(anna: Visitor, shop: Shop) -> None:
    """Reading 25: less than eight working days before construction starts, it is due at once."""
    number = project_in_planning(shop)
    shop.happens(number, MilestoneSet("construction_start", berlin("2027-03-04 00:00")), berlin("2027-03-02 10:00"))
    assert "überfällig: kurzfristig" in links((await anna.opens(f"/tickets/{number}")).text)[4]


async def test_deadlines_of_a_paused_ticket_rest(anna: Visitor, shop: Shop) -> None:
    """No day is promised while the clock stands still."""
    number = project(shop, at="2027-03-02 10:00")
    shop.happens(number, Paused(), NOW)
    assert "Ersterfassung jetzt Frist ruht" in links((await anna.opens(f"/tickets/{number}")).text)[0]


async def test_archived_ticket_tells_where_it_ended(anna: Visitor, shop: Shop) -> None:
    """KM-08: the phase is kept, no deadline runs, and the history names both."""
    page = (await anna.opens(f"/tickets/{project_archived(shop)}")).text
    assert links(page)[1] == "Info-Phase hier archiviert"
    assert "Vorgang in „Info-Phase“ archiviert: Missverständnis über das Leistungsangebot" in page


async def test_history_names_phases_milestones_and_reasons(anna: Visitor, shop: Shop) -> None:
    """Titles, not codes; what was written stands below."""
    page = (await anna.opens(f"/tickets/{project_with_new_partner(shop)}")).text
    assert "Anna Berger hat „Angebotsphase“ übersprungen; „Vertriebsphase“ beginnt" in page
    assert "Der Kunde bringt ein Angebot mit." in page
    assert "Anna Berger hat festgehalten: Auftragserteilung erreicht (Mo 01.03.2027)" in page
    assert "Anna Berger hat geplant: Baubeginn am Mo 15.03.2027" in page
    assert "frühere Aufträge mit uns: 1" in page


async def test_inquiry_has_no_chain_and_no_steps(anna: Visitor) -> None:
    """A process of one phase looks as it always did, and accepts no step."""
    page = (await anna.opens("/tickets/1")).text
    assert 'class="phases"' not in page
    assert re.findall(r'class="action action-(\w+)"', page) == [
        "answer", "call", "followup", "note", "callback", "reassign", "pause", "close",
    ]  # fmt: skip
    assert "Abschließen" in page
    hidden = hidden_fields(page, "/tickets/1/note")
    assert (await anna.posts("/tickets/1/done", **hidden)).status_code == 404


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (project, ["milestone"]),
        (project_overdue, ["done", "milestone", "skip", "back"]),
        (project_in_planning, ["done", "milestone", "partner", "skip", "back"]),
        (project_archived, []),
    ],
)
async def test_only_steps_that_lead_somewhere_are_offered(
    anna: Visitor, shop: Shop, make: object, steps: list[str]
) -> None:
    """A critical gate leaves no way around it; no partner before planning, nothing after the end."""
    page = (await anna.opens(f"/tickets/{make(shop)}")).text  # type: ignore[operator]
    found = re.findall(r'class="action action-(\w+)"', page)
    assert [name for name in found if name in ("done", "milestone", "partner", "skip", "back")] == steps


async def test_last_phase_cannot_be_left_forwards(anna: Visitor, shop: Shop) -> None:
    """It ends with archiving."""
    number = project_with_new_partner(shop)
    shop.passes_gate(number, "start_of_operation", NOW, by="tom", to="sara")
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "action-done" not in page
    assert "action-skip" not in page
    assert "action-back" in page


async def test_closing_is_archiving_and_tells_what_it_usually_means(anna: Visitor, shop: Shop) -> None:
    """KM-08, next to the reason."""
    page = (await anna.opens(f"/tickets/{project_overdue(shop)}")).text
    assert "Vorgang archivieren" in page
    assert "Ein Ende in „Info-Phase“ heißt meist: Bedarf nicht getroffen" in page


@pytest.mark.parametrize(
    ("name", "typed", "field", "sentence"),
    [
        ("milestone", {"when": "reached"}, "milestone-name", "Bitte etwas auswählen."),
        ("milestone", {"milestone": "topping_out", "when": "reached"}, "milestone-name", "Bitte etwas auswählen."),
        ("milestone", {"milestone": "construction_start"}, "milestone-when", "Bitte etwas auswählen."),
        ("milestone", {"when": "planned"}, "milestone-day", "Bitte ein Datum wählen."),
        ("milestone", {"when": "planned", "planned_for": "2027-03-01"}, "milestone-day", "Das liegt in der"),
        ("milestone", {"when": "planned", "planned_for": "2027-02-30"}, "milestone-day", "Das ist kein Datum"),
        ("milestone", {"when": "planned", "planned_for": "0001-01-01"}, "milestone-day", "Das ist kein Datum"),
        ("milestone", {"when": "reached", "planned_for": "2027-04-01"}, "milestone-day", "Was erreicht ist, zählt"),
        ("skip", {"text": " "}, "skip-text", "Bitte etwas schreiben."),
        ("back", {"phase": "intake"}, "back-text", "Bitte etwas schreiben."),
        ("back", {"text": "x"}, "back-phase", "Bitte etwas auswählen."),
        ("partner", {"jobs": "-1"}, "partner-jobs", "Bitte eine ganze Zahl von 0 bis 9999"),
        ("partner", {"jobs": "10000"}, "partner-jobs", "Bitte eine ganze Zahl von 0 bis 9999"),
        ("partner", {"jobs": "²"}, "partner-jobs", "Bitte eine ganze Zahl von 0 bis 9999"),
    ],
)  # fmt: skip
async def test_step_says_at_the_field_what_is_wrong(
    anna: Visitor, shop: Shop, name: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    """422, and everything that was typed stays typed."""
    number = project_in_planning(shop)
    refused = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/{name}", **typed)
    assert refused.status_code == 422
    assert f'id="{field}-problem">{sentence}' in refused.text
    for key in ("planned_for", "jobs"):
        assert key not in typed or f'value="{typed[key]}"' in refused.text


async def test_milestone_can_be_planned_for_today(anna: Visitor, shop: Shop) -> None:
    """Today is not over; the engine is down, so the form gets that far and keeps everything."""
    number = project_in_planning(shop)
    typed = {"milestone": "construction_start", "when": "planned", "planned_for": "2027-03-02"}
    sent = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/milestone", **typed)
    assert sent.status_code == 503
    assert '<option value="construction_start" selected>' in sent.text
    assert 'value="2027-03-02"' in sent.text


async def test_list_names_the_phase_where_there_is_a_chain(anna: Visitor, shop: Shop) -> None:
    """Beside the number; inquiries have none."""
    project_overdue(shop)
    page = (await anna.opens("/")).text
    assert re.findall(r'class="in-phase">([^<]+)<', page) == ["Info-Phase"]
