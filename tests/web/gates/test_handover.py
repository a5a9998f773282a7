"""The checklist of who gives, and the submission before who takes: what is shown, refused, kept and counted once."""

# ruff: noqa: F401, F811 - fixtures are imported by their names

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from domain.ticket.facts import HandoverAccepted, HandoverRejected, HandoverSubmitted
from models.tables import AnswerRow, HandoverRow, TextRow
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.site import project, project_in_sales
from tests.web.tickets.test_actions import Arrive, _end, arrive, happened, now, office
from tests.web.visitor import HERE, Visitor, hidden_fields

SALES = "sales_to_project"
JSON = {**HERE, "accept": "application/json"}


async def arrived(visitor: Callable[[], Visitor], name: str) -> Visitor:
    """Return somebody who is signed in."""
    one = visitor()
    await one.signs_in(name)
    return one


@pytest.fixture
async def mia(visitor: Callable[[], Visitor]) -> Visitor:
    """Return a project manager who is signed in."""
    return await arrived(visitor, "mia")


def gate_of(number: int, gate: str = SALES) -> str:
    """Return the address of a gate."""
    return f"/tickets/{number}/gates/{gate}"


def drafts(shop: Shop, number: int) -> dict[str, tuple[str, str, str]]:
    """Return the draft of a ticket: value, reason and author by item."""
    with shop.database.reading() as session:
        rows = session.exec(select(AnswerRow).where(AnswerRow.ticket == number, AnswerRow.gate == SALES)).all()
    return {row.item: (row.value, row.reason, row.by) for row in rows}


async def saves(visitor: Visitor, number: int, **fields: str) -> object:
    """Save single lines as the page's script does; returns what it is told."""
    hidden = hidden_fields((await visitor.opens(gate_of(number))).text, f"{gate_of(number)}/submit")
    named = {name.replace("__", ":"): value for name, value in fields.items()}
    return await visitor.client.post(f"{gate_of(number)}/answers", data={"csrf": hidden["csrf"], **named}, headers=JSON)


async def test_page_names_the_gate_its_sides_and_its_questions(anna: Visitor, shop: Shop) -> None:
    """QG-04: between whom, how critical, how controlled, by what, when, how documented, and who answers for it."""
    page = (await anna.opens(gate_of(project_in_sales(shop)))).text
    assert "<h1>Vertrieb an Projekt</h1>" in page
    for words in (
        "Vertrieb</span>", "Projektleitung</span>", "kritisch", "Die Planung beginnt erst mit der Annahme",
        "Neuer Kunde mit allen Auftragsdaten und Zusagen", "Nach Auftragserteilung, vor der Planung",
        "Übergabeprotokoll mit Unterlagen", "Controlling", "Leitendes Controlling",
        "Als Nächstes übergibt: Anna Berger.", "8 von 8 Zeilen fehlen",
    ):  # fmt: skip
        assert words in page
    assert re.findall(r'data-for="(\w+)"', page) == [
        "site_address", "contact_on_site", "order_confirmation", "order_value", "payment", "wanted_start", "promises",
        "drawings",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/tickets/1/gates/sales_to_project", "/tickets/99999/gates/sales_to_project"])
async def test_gate_that_is_not_there_gets_a_page(anna: Visitor, path: str) -> None:
    """404 for a process without gates, and for a ticket nobody has."""
    assert (await anna.opens(path)).status_code == 404
    assert (await anna.opens(f"{path}/record")).status_code == 404


async def test_customer_s_card_fills_in_what_it_knows(anna: Visitor, shop: Shop) -> None:
    """It is not saved until somebody hands over; only the fax is missing, or why there is none."""
    number = project(shop)
    page = (await anna.opens(gate_of(number, "intake_complete"))).text
    assert 'value="kim@kunde.example"' in page.replace("\n", "") or "kim@kunde.example</textarea>" in page
    assert "aus der Kundenkartei" in page
    assert "1 von 3 Zeilen fehlen" in page


async def test_line_is_saved_alone_and_others_stay(anna: Visitor, shop: Shop) -> None:
    """What somebody else typed into another line is not lost, whichever page it was typed on."""
    number = project_in_sales(shop)
    shop.fills_in(number, SALES, NOW, by="paul", promises="Rampe bleibt frei")
    told = await saves(anna, number, value__site_address="Lindenweg 4", value__promises="Rampe bleibt frei",
                       value__promises__was="Rampe bleibt frei")  # fmt: skip
    assert told.status_code == 409  # type: ignore[attr-defined]
    kept = drafts(shop, number)
    assert kept["promises"] == ("Rampe bleibt frei", "", "paul")


async def test_line_somebody_else_changed_meanwhile_is_not_overwritten(anna: Visitor, shop: Shop) -> None:
    """Both answers are shown; with the newer one seen, the own one may replace it."""
    number = project_in_sales(shop)
    shop.fills_in(number, SALES, NOW, by="paul", promises="Pauls Fassung")
    told = await saves(anna, number, value__promises="Annas Fassung", value__promises__was="")
    conflict = told.json()["lines"]["promises"]["conflict"]  # type: ignore[attr-defined]
    assert conflict == {"by": "Paul Seidl", "shown": "Pauls Fassung"}
    assert drafts(shop, number)["promises"][0] == "Pauls Fassung"
    typed = {"value:promises": "Annas Fassung", "value:promises:was": ""}
    hidden = hidden_fields((await anna.opens(gate_of(number))).text, f"{gate_of(number)}/submit")
    page = await anna.posts(f"{gate_of(number)}/submit", **{**hidden, **typed})
    assert page.status_code == 409
    assert "Annas Fassung</textarea>" in page.text
    assert "Pauls Fassung</q>" in page.text
    await saves(anna, number, value__promises="Annas Fassung", value__promises__was="Pauls Fassung")
    assert drafts(shop, number)["promises"] == ("Annas Fassung", "", "anna")


@pytest.mark.parametrize(
    ("item", "typed", "sentence"),
    [
        ("order_value", "viel", "Das ist keine Zahl"),
        ("wanted_start", "morgen", "Das ist kein Datum"),
        ("wanted_start", "2027-02-28", "Das ist zu früh: nicht vor Mo 01.03.2027 (Auftragserteilung)."),
        ("payment", "barter", "Bitte etwas auswählen."),
        ("order_confirmation", "999999", "Bitte die Datei hinzufügen."),
        ("promises", "x" * 20_001, "Höchstens 20000 Zeichen."),
        ("site_address", " ", "Bitte etwas schreiben."),
    ],
)
async def test_answer_that_does_not_fit_is_told_at_its_field_and_kept_as_typed(
    anna: Visitor, shop: Shop, item: str, typed: str, sentence: str
) -> None:
    """422 and nothing is asked of the engine; the draft keeps it, and everything else that was typed."""
    number = project_in_sales(shop)
    fields = {f"value:{item}": typed, "value:contact_on_site": "Frau Şahin, 0170 1"}
    refused = await anna.sends(gate_of(number), f"{gate_of(number)}/submit", **fields)
    assert refused.status_code == 422
    problem = re.search(rf'id="item-{item}-problem" data-problem>([^<]*)', refused.text)
    assert problem is not None
    assert problem[1].startswith(sentence)
    assert "Noch nicht übergeben" in refused.text
    assert "Frau Şahin, 0170 1</textarea>" in refused.text
    kept = drafts(shop, number)
    assert kept["contact_on_site"][0] == "Frau Şahin, 0170 1"
    assert (item in kept) == (len(typed) <= 20_000)
    if item == "order_value":
        assert 'value="viel"' in refused.text


async def test_critical_gate_names_every_missing_line(anna: Visitor, shop: Shop) -> None:
    """Seven of eight are missing: a link to each, and a sentence at each."""
    number = project_in_sales(shop)
    refused = await anna.sends(gate_of(number), f"{gate_of(number)}/submit", **{"value:site_address": "Lindenweg 4"})
    assert refused.status_code == 422
    assert "7 von 8 Zeilen fehlen" in refused.text
    assert refused.text.count('aria-invalid="true"') == 7
    assert 'href="#item-drawings"' in refused.text


async def test_engine_down_keeps_the_checklist_and_the_form(anna: Visitor, shop: Shop) -> None:
    """503, and the same id, so that sending again counts once."""
    number = project_in_sales(shop)
    shop.fills_in(number, SALES, NOW)
    failed = await anna.sends(gate_of(number), f"{gate_of(number)}/submit", **{"value:promises": "Neu"}, to="mia")
    assert failed.status_code == 503
    assert "Die Anwendung" in failed.text or "antwortet" in failed.text
    assert 'value="mia" selected' in failed.text
    assert drafts(shop, number)["promises"][0] == "Neu"


async def test_strangers_read_and_cannot_write(visitor: Callable[[], Visitor], shop: Shop) -> None:
    """No form for who neither gives nor takes; what is sent all the same is refused."""
    number = project_in_sales(shop)
    shop.fills_in(number, SALES, NOW, promises="Rampe bleibt frei")
    tom = await arrived(visitor, "tom")
    page = (await tom.opens(gate_of(number))).text
    assert "Rampe bleibt frei" in page
    assert f'action="{gate_of(number)}' not in page
    csrf = re.findall(r'data-csrf="([^"]+)"', page)[0]
    sent = await tom.posts(f"{gate_of(number)}/answers", **{"csrf": csrf, "value:promises": "Meins"})
    assert sent.status_code == 403
    assert drafts(shop, number)["promises"][0] == "Rampe bleibt frei"


async def test_receiver_sees_what_was_handed_over_not_the_draft(mia: Visitor, anna: Visitor, shop: Shop) -> None:
    """Changing the draft afterwards changes nothing of what is decided about."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 10:00"), promises="Rampe bleibt frei")
    shop.fills_in(number, SALES, NOW, promises="Nachträglich geändert")
    page = (await mia.opens(gate_of(number))).text
    assert "Anna Berger hat am Di 02.03.2027 10:00 übergeben und wartet auf: Projektleitung." in page
    assert "Rampe bleibt frei" in page
    assert "Nachträglich" not in page
    assert 'name="submission" value="1"' in page
    assert "Annehmen und übernehmen" in page
    assert "Annehmen und übernehmen" not in (await anna.opens(gate_of(number))).text


async def test_rejection_needs_words_and_acceptance_no_marks(mia: Visitor, shop: Shop) -> None:
    """What was marked and typed stays."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 10:00"))
    page, accept = gate_of(number), f"{gate_of(number)}/accept"
    hidden = hidden_fields((await mia.opens(page)).text, accept)
    silent = await mia.posts(f"{page}/reject", **hidden)
    assert silent.status_code == 422
    assert "Was ist nicht in Ordnung?" in silent.text
    marked = await mia.posts(accept, **{**hidden, "wrong:drawings": "1", "remark:drawings": "Schnitt fehlt"})
    assert marked.status_code == 422
    assert "Bitte zurückgeben oder vor dem Annehmen" in marked.text
    assert 'name="wrong:drawings" value="1" checked' in marked.text
    assert 'value="Schnitt fehlt"' in marked.text


async def test_rejection_is_shown_at_its_lines_until_handed_over_anew(anna: Visitor, shop: Shop) -> None:
    """Who gave it back, when, and what was said about each line; also in the history."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 10:00"))
    text = shop.ticket_service.keep_text(number, "mia", "Fast.", NOW, parts={"drawings": "Schnitt fehlt"})
    shop.tells(number, HandoverRejected(SALES, ("drawings", "promises"), 1), berlin("2027-03-02 11:00"), "mia", text)
    page = (await anna.opens(gate_of(number))).text
    assert "Zurückgegeben von Mia Yıldız, Di 02.03.2027 11:00" in page
    assert "Fast." in page
    assert re.findall(r'id="item-(\w+)-remark"><b>Zurückgegeben:</b> ([^<]+)<', page) == [
        ("promises", "Nicht in Ordnung"),
        ("drawings", "Schnitt fehlt"),
    ]
    ticket = (await anna.opens(f"/tickets/{number}")).text
    assert "<b>Pläne und Aufmaß</b>: Schnitt fehlt" in ticket
    assert "Mia Yıldız hat die Übergabe bei „Vertrieb an Projekt“ zurückgegeben" in ticket
    shop.happens(number, HandoverSubmitted(SALES), NOW)
    assert "item-drawings-remark" not in (await anna.opens(gate_of(number))).text


async def test_only_who_may_override_is_offered_it(visitor: Callable[[], Visitor], anna: Visitor, shop: Shop) -> None:
    """The senior controller; a reason is mandatory, and without the engine it stays typed."""
    number = project_in_sales(shop)
    assert "/override" not in (await anna.opens(gate_of(number))).text
    helga = await arrived(visitor, "helga")
    page, action = gate_of(number), f"{gate_of(number)}/override"
    silent = await helga.sends(page, action, text=" ")
    assert silent.status_code == 422
    assert "Bitte sagen, warum." in silent.text
    failed = await helga.sends(page, action, text="Der Kunde wartet.")
    assert failed.status_code == 503
    assert "Der Kunde wartet.</textarea>" in failed.text


async def test_list_shows_what_waits_for_me(mia: Visitor, anna: Visitor, shop: Shop) -> None:
    """Of my department or for me by name; nobody sees their own, and what is for somebody else by name."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 10:00"))
    assert "Wartet auf Ihre Annahme" in (await mia.opens("/")).text
    assert f'href="{gate_of(number)}"' in (await mia.opens("/")).text
    assert "Wartet auf Ihre Annahme" not in (await anna.opens("/")).text
    shop.happens(number, HandoverSubmitted(SALES, "piotr"), NOW)
    assert "Wartet auf Ihre Annahme" not in (await mia.opens("/")).text


async def test_ticket_page_leads_to_the_gate(mia: Visitor, anna: Visitor, shop: Shop) -> None:
    """Instead of “phase done” at a critical gate; who waits for whom stands there."""
    number = project_in_sales(shop)
    page = (await anna.opens(f"/tickets/{number}")).text
    assert f'href="{gate_of(number)}">Zur Checkliste' in page
    assert "8 von 8 Zeilen fehlen" in page
    assert "action-done" not in page
    shop.hands_over(number, SALES, berlin("2027-03-02 10:00"), to="mia")
    assert "wartet auf: Mia Yıldız" in (await anna.opens(f"/tickets/{number}")).text
    assert "Prüfen und annehmen" in (await mia.opens(f"/tickets/{number}")).text


@pytest.fixture
async def handed(office: Shop, dev_server: WorkflowEnvironment) -> AsyncIterator[int]:
    """Return a project in sales whose checklist is filled in, in the real engine."""
    number = project_in_sales(office, now() - timedelta(days=3))
    office.fills_in(number, SALES, now() - timedelta(hours=1))
    await _end(dev_server, number)
    yield number
    await _end(dev_server, number)


async def test_handover_counts_once_and_changes_the_owner(
    office: Shop,
    arrive: Arrive,
    handed: int,
) -> None:
    """QG-03: pressed twice, handed over once; accepted, the ticket is the receiver's, with the record of both."""
    anna, mia = arrive(), arrive()
    await anna.signs_in("anna")
    await mia.signs_in("mia")
    page = gate_of(handed)
    hidden = hidden_fields((await anna.opens(page)).text, f"{page}/submit")
    for _ in range(2):
        assert (await anna.posts(f"{page}/submit", **hidden, to="mia")).status_code == 303
    seen = hidden_fields((await mia.opens(page)).text, f"{page}/accept")
    for _ in range(2):
        accepted = await mia.posts(f"{page}/accept", **seen, text="Danke!")
        assert accepted.status_code == 303
    assert office.row(handed).owner == "mia"
    assert office.row(handed).phase == "planning"
    assert happened(office, handed)[-2:] == ["handover_submitted", "handover_accepted"]
    assert "angenommen von Mia Yıldız" in (await anna.opens(page)).text


async def test_two_receivers_the_second_is_told_who(
    office: Shop,
    arrive: Arrive,
    handed: int,
) -> None:
    """409, in words; the remark that was typed can be copied."""
    mia, piotr = arrive(), arrive()
    await mia.signs_in("mia")
    await piotr.signs_in("piotr")
    office.happens(handed, HandoverSubmitted(SALES), now() - timedelta(minutes=5))
    page = gate_of(handed)
    seen = [hidden_fields((await one.opens(page)).text, f"{page}/accept") for one in (mia, piotr)]
    assert (await mia.posts(f"{page}/accept", **seen[0])).status_code == 303
    late = await piotr.posts(f"{page}/reject", **seen[1], text="Da fehlt etwas.")
    assert late.status_code == 409
    assert "bereits passiert; zuletzt hat Mia Yıldız gehandelt" in late.text
    assert "Da fehlt etwas.</textarea>" in late.text


async def test_what_was_seen_is_decided_about(
    office: Shop,
    arrive: Arrive,
    handed: int,
) -> None:
    """Reading 39: handed over anew meanwhile, the receiver is asked to look again."""
    mia = arrive()
    await mia.signs_in("mia")
    office.happens(handed, HandoverSubmitted(SALES), now() - timedelta(minutes=5))
    page = gate_of(handed)
    seen = hidden_fields((await mia.opens(page)).text, f"{page}/accept")
    office.fills_in(handed, SALES, now(), promises="Neue Fassung")
    office.happens(handed, HandoverSubmitted(SALES), now() - timedelta(minutes=1))
    refused = await mia.posts(f"{page}/accept", **seen)
    assert refused.status_code == 409
    assert "Anna Berger hat inzwischen neu übergeben" in refused.text
    assert "Neue Fassung" in refused.text
    again = hidden_fields(refused.text, f"{page}/accept")
    assert again["submission"] == "2"
    assert (await mia.posts(f"{page}/accept", **again)).status_code == 303


async def test_rejected_corrected_and_accepted(office: Shop, arrive: Arrive, handed: int) -> None:
    """A rejection with remarks at lines returns it; a page that stayed open hands over the corrected answers."""
    anna, mia = arrive(), arrive()
    await anna.signs_in("anna")
    await mia.signs_in("mia")
    page = gate_of(handed)
    stale = hidden_fields((await anna.opens(page)).text, f"{page}/submit")
    assert (await anna.posts(f"{page}/submit", **stale)).status_code == 303
    seen = hidden_fields((await mia.opens(page)).text, f"{page}/accept")
    rejected = await mia.posts(f"{page}/reject", **{**seen, "remark:promises": "Wer zahlt das Gerüst?"})
    assert rejected.status_code == 303
    assert "Wer zahlt das Gerüst?" in (await anna.opens(page)).text
    corrected = {**stale, "value:promises": "Gerüst zahlt der Kunde", "value:promises:was": stale["value:promises:was"]}
    assert (await anna.posts(f"{page}/submit", **corrected)).status_code == 303
    again = hidden_fields((await mia.opens(page)).text, f"{page}/accept")
    assert again["submission"] == "2"
    assert (await mia.posts(f"{page}/accept", **again)).status_code == 303
    with office.database.reading() as session:
        rows = session.exec(select(HandoverRow).where(HandoverRow.ticket == handed, HandoverRow.gate == SALES)).all()
        remark = session.get_one(TextRow, rows[0].remarks)
    assert [row.decision for row in rows] == ["rejected", "accepted"]
    assert remark.parts == {"promises": "Wer zahlt das Gerüst?"}


async def test_own_handover_is_refused(office: Shop, arrive: Arrive, handed: int) -> None:
    """Who gave cannot take, even who plays both sides."""
    office.plays("mia", "salesperson", "project_manager")
    mia = arrive()
    await mia.signs_in("mia")
    page = gate_of(handed)
    assert (await mia.sends(page, f"{page}/submit")).status_code == 303
    shown = (await mia.opens(page)).text
    assert "Annehmen und übernehmen" not in shown
    csrf = re.findall(r'data-csrf="([^"]+)"', shown)[0]
    refused = await mia.posts(f"{page}/accept", csrf=csrf, command="x", submission="1")
    assert refused.status_code == 409
    assert "Die eigene Übergabe nimmt jemand anderes an." in refused.text


async def test_override_stays_for_ever(office: Shop, arrive: Arrive, handed: int) -> None:
    """Reading 38: with name, time and reason on the ticket and at the gate; others are refused in words."""
    helga, anna = arrive(), arrive()
    await helga.signs_in("helga")
    await anna.signs_in("anna")
    page = gate_of(handed)
    csrf = re.findall(r'data-csrf="([^"]+)"', (await anna.opens(page)).text)[0]
    refused = await anna.posts(f"{page}/override", csrf=csrf, command="x", text="Eilt.")
    assert refused.status_code == 409
    assert "darf nur öffnen, wer diese Rolle hat: Leitendes Controlling." in refused.text
    assert (await helga.sends(page, f"{page}/override", text="Der Kunde wartet.")).status_code == 303
    ticket = (await anna.opens(f"/tickets/{handed}")).text
    assert 'class="overridden-banner"' in ticket
    assert "Helga Brandt hat „Vertrieb an Projekt“ am" in ticket
    assert "weil: Der Kunde wartet." in ticket
    assert "Ohne Prüfung geöffnet von Helga Brandt" in (await anna.opens(page)).text


async def test_accepted_meanwhile_keeps_what_was_typed(
    office: Shop,
    arrive: Arrive,
    handed: int,
) -> None:
    """The giver's page is too old: told who, and the words are there to be copied."""
    anna = arrive()
    await anna.signs_in("anna")
    page = gate_of(handed)
    hidden = hidden_fields((await anna.opens(page)).text, f"{page}/submit")
    office.happens(handed, HandoverSubmitted(SALES), now() - timedelta(minutes=5))
    office.happens(handed, HandoverAccepted(SALES), now() - timedelta(minutes=1), by="mia")
    late = await anna.posts(f"{page}/submit", **{**hidden, "value:promises": "Noch etwas"})
    assert late.status_code == 409
    assert "zuletzt hat Mia Yıldız gehandelt" in late.text
    assert "Noch etwas</textarea>" in late.text


async def test_handover_pops_up_under_its_own_name_and_leads_to_the_gate(mia: Visitor, shop: Shop) -> None:
    """A waiting handover is not called overdue."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 12:00"))
    shop.passes(number)
    shop.pops_up("mia")
    (waiting,) = (await mia.opens("/popups")).json()
    assert waiting["title"] == "Vertrieb an Projekt: Übergabe wartet"
    assert waiting["href"] == gate_of(number)
    assert f'Übergabe wartet: <a href="{gate_of(number)}">' in (await mia.opens("/")).text
    seen = await mia.sends("/", f"/popups/{waiting['id']}/seen", open="1")
    assert seen.headers["location"] == gate_of(number)


async def test_checklist_sent_after_the_session_ended_is_handed_back(anna: Visitor, shop: Shop) -> None:
    """To be copied; a script is told in its own way, and keeps the line on the device."""
    number = project_in_sales(shop)
    hidden = hidden_fields((await anna.opens(gate_of(number))).text, f"{gate_of(number)}/submit")
    anna.client.cookies.clear()
    typed = {**hidden, "value:promises": "Rampe bleibt frei"}
    page = await anna.posts(f"{gate_of(number)}/submit", **typed)
    assert page.status_code == 401
    assert "Rampe bleibt frei</textarea>" in page.text
    told = await anna.client.post(f"{gate_of(number)}/answers", data=typed, headers=JSON)
    assert told.status_code == 401
