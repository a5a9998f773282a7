"""Open points, objections and the welcome: what is owed has a name, a deadline and a way to be settled."""

# ruff: noqa: F401, F811 - fixtures are imported by their names

import re
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.ticket.facts import MilestoneSet, Noted, ObjectionRaised, PhaseDone
from processes.loader import SHIPPED
from tests.maildrop import Maildrop
from tests.office import berlin
from tests.web.gates.test_handover import gate_of
from tests.web.shop import NOW, Shop
from tests.web.site import project, project_in_planning
from tests.web.tickets.test_actions import Arrive, _end, arrive, happened, now, office
from tests.web.visitor import Visitor, hidden_fields

GATE = "project_to_site"


def with_points(shop: Shop) -> int:
    """Return a project that went to the site without a single answer."""
    number = project_in_planning(shop)
    shop.happens(number, PhaseDone(), berlin("2027-03-02 11:00"), "mia")
    return number


async def test_points_have_owner_deadline_and_a_link_to_their_field(anna: Visitor, shop: Shop) -> None:
    """Four required lines were missing at a gate that is not critical."""
    number = with_points(shop)
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "4 offene Punkte" in page
    assert f'href="/tickets/{number}/gates/{GATE}#line-drawings">Ausfüllen' in page
    assert "Mia Yıldız · bis Fr 05.03.2027 " in page
    assert "Offener Punkt: Frist · Pläne und Aufmaß" in page


async def test_gate_page_lets_fill_in_what_is_owed(anna: Visitor, shop: Shop) -> None:
    """Only the lines that are owed are fields; strangers see none."""
    number = with_points(shop)
    page = (await anna.opens(gate_of(number, GATE))).text
    assert 'name="value:' not in page
    shop.plays("anna", "controller")
    page = (await anna.opens(gate_of(number, GATE))).text
    assert set(re.findall(r'data-item="(\w+)"', page)) == {
        "drawings", "partner_appointed", "access", "contact_on_site",
    }  # fmt: skip
    assert "Erledigt: „Pläne und Aufmaß“" in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"until": "2027-03-09"}, "to", "Bitte etwas auswählen."),
        ({"to": "tom"}, "until", "Bitte ein Datum wählen."),
        ({"to": "tom", "until": "2027-03-01"}, "until", "Das liegt in der Vergangenheit."),
    ],
)
async def test_point_is_given_to_somebody_until_a_day(
    anna: Visitor, shop: Shop, typed: dict[str, str], field: str, sentence: str
) -> None:
    """422 at the field; the form stays open with what was typed."""
    number = with_points(shop)
    action = f"/tickets/{number}/points/{GATE}.drawings/assign"
    refused = await anna.sends(f"/tickets/{number}", action, **typed)
    assert refused.status_code == 422
    assert re.search(rf'id="point-\d-{field}-problem">{re.escape(sentence)}', refused.text)


async def test_point_nobody_has_any_more_is_told(anna: Visitor, shop: Shop) -> None:
    """503 without the engine, and the note stays."""
    number = with_points(shop)
    action = f"/tickets/{number}/points/{GATE}.drawings/assign"
    failed = await anna.sends(f"/tickets/{number}", action, to="tom", until="2027-03-09", text="Bitte bald.")
    assert failed.status_code == 503
    assert "Bitte bald.</textarea>" in failed.text


async def test_welcome_is_offered_when_it_is_due(anna: Visitor, shop: Shop) -> None:
    """Not before the delivery; then with a friendly draft in the customer's language."""
    number = with_points(shop)
    assert "action-welcome" not in (await anna.opens(f"/tickets/{number}")).text
    for milestone in ("construction_start", "project_delivered"):
        shop.happens(number, MilestoneSet(milestone), NOW - timedelta(minutes=5), "mia")
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "action-welcome" in page
    assert "Ihr Vorhaben „Dachausbau Lindenweg 4“ ist fertig" in page
    assert "customer_welcomed" not in page


async def test_process_without_objections_offers_none(anna: Visitor, shop: Shop) -> None:
    """And refuses one that is sent all the same, in words."""
    assert "action-objection" not in (await anna.opens(f"/tickets/{project(shop)}")).text


async def test_owed_line_is_filled_in_and_settled(
    office: Shop,
    arrive: Arrive,
    dev_server: WorkflowEnvironment,
    maildrop: Maildrop,
) -> None:
    """Settled by its answer, not by saying so; given away, it has a new name and deadline; then the welcome."""
    at = now() - timedelta(hours=2)
    number = office.inquiry("Carport", at=at, customer="Familie Aydın", process="statuskette")
    office.passes_gate(number, "intake_complete", at)
    for _ in range(2):
        office.happens(number, PhaseDone(), at)
    office.passes_gate(number, "sales_to_project", at, to="mia")
    office.happens(number, PhaseDone(), at, "mia")
    for milestone in ("order_placed", "construction_start", "project_delivered"):
        office.happens(number, MilestoneSet(milestone), at, "mia")
    await _end(dev_server, number)
    mia = arrive()
    await mia.signs_in("mia")
    page, ticket = gate_of(number, GATE), f"/tickets/{number}"
    settle = f"{page}/items/contact_on_site/settle"
    hidden = re.findall(r'<form class="checklist.*?name="csrf" value="([^"]+)', (await mia.opens(page)).text, re.DOTALL)
    unanswered = await mia.posts(settle, csrf=hidden[0], command="a")
    assert unanswered.status_code == 409
    assert "„Ansprechpartner beim Kunden“ fehlt noch" in unanswered.text
    typed = {"csrf": hidden[0], "command": "b", "value:contact_on_site": "Frau Aydın"}
    assert (await mia.posts(settle, **typed)).status_code == 303
    until = f"{now() + timedelta(days=9):%Y-%m-%d}"
    given = await mia.sends(ticket, f"{ticket}/points/{GATE}.drawings/assign", to="tom", until=until)
    assert given.status_code == 303
    shown = (await mia.opens(ticket)).text
    assert "3 offene Punkte" in shown
    assert "Mia Yıldız hat den offenen Punkt „Pläne und Aufmaß“ an Tom Jäger gegeben" in shown
    assert (await mia.sends(ticket, f"{ticket}/welcome", text="Willkommen, Familie Aydın!")).status_code == 303
    assert happened(office, number)[-1] == "welcomed"
    assert "Mia Yıldız hat den Kunden mit einer Mail begrüßt" in (await mia.opens(ticket)).text
    await _end(dev_server, number)


def with_objections(shop: Shop) -> None:
    """Have new projects record objections, for two working days each."""
    text = (SHIPPED / "statuskette.toml").read_text(encoding="utf-8")
    changed = text.replace("new_partner_jobs = 3", 'objections = "2d"\nnew_partner_jobs = 3', 1)
    shop.ticket_service.apply_definition("statuskette", changed, "with objections")


async def test_objection_is_an_open_point_until_it_is_treated(anna: Visitor, shop: Shop) -> None:
    """SP-01: what was objected stands there, with owner and deadline; how it was treated has to be said."""
    with_objections(shop)
    number = project(shop, at="2027-03-02 09:00")
    shop.happens(number, Noted(), berlin("2027-03-02 09:30"), text="Ruft morgen an.")
    shop.happens(number, ObjectionRaised(), berlin("2027-03-02 10:00"), text="Zu teuer ohne Gerüst.")
    ticket = f"/tickets/{number}"
    page = (await anna.opens(ticket)).text
    assert "1 offener Punkt" in page
    assert 'Einwand</b>: <span class="words-plain">Zu teuer ohne Gerüst.</span>' in page
    assert "Anna Berger · bis Do 04.03.2027 18:00" in page
    assert "Anna Berger hat einen Einwand erfasst" in page
    assert "action-objection" in page
    (point,) = re.findall(r"/points/(objection\.\d+)/settle", page)
    silent = await anna.sends(ticket, f"{ticket}/points/{point}/settle", text=" ")
    assert silent.status_code == 422
    assert 'id="point-1-text-problem">Bitte etwas schreiben.' in silent.text


async def test_treated_objection_is_settled(office: Shop, arrive: Arrive, dev_server: WorkflowEnvironment) -> None:
    """Taken down and treated through the forms; a second settling is told that there is none any more."""
    with_objections(office)
    number = office.inquiry("Carport", at=now() - timedelta(hours=2), process="statuskette")
    await _end(dev_server, number)
    anna, ticket = arrive(), f"/tickets/{number}"
    await anna.signs_in("anna")
    assert (await anna.sends(ticket, f"{ticket}/objection", text="Zu teuer.")).status_code == 303
    settle = f"{ticket}/points/objection.2/settle"
    seen = hidden_fields((await anna.opens(ticket)).text, settle)
    assert (await anna.posts(settle, **seen, text="Rabatt gegeben.")).status_code == 303
    late = await anna.posts(settle, **{**seen, "command": "another"}, text="Noch einmal.")
    assert late.status_code == 409
    page = (await anna.opens(ticket)).text
    assert "Anna Berger hat den offenen Punkt „Einwand“ erledigt" in page
    assert "Rabatt gegeben." in page
    assert "offener Punkt</h2>" not in page
    await _end(dev_server, number)
