"""The record of a handover: complete, with names and times, on the page and on paper."""

import io

from pypdf import PdfReader

from domain.ticket.facts import (
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    PhaseDone,
    PhaseSteppedBack,
)
from tests.office import berlin
from tests.web.gates.test_handover import SALES, gate_of
from tests.web.shop import NOW, Shop
from tests.web.site import project_in_planning, project_in_sales
from tests.web.visitor import Visitor


def accepted_at_the_second_try(shop: Shop) -> int:
    """Return a project whose handover was given back once."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 09:00"), promises="Wird geklärt")
    text = shop.ticket_service.keep_text(number, "mia", "Noch nicht.", NOW, parts={"promises": "Wer zahlt das Gerüst?"})
    shop.tells(number, HandoverRejected(SALES, ("promises",), 1), berlin("2027-03-02 10:00"), "mia", text)
    shop.fills_in(number, SALES, NOW, promises="Gerüst zahlt Łukasz Żółć & Söhne")
    shop.happens(number, HandoverSubmitted(SALES), berlin("2027-03-02 11:00"))
    shop.happens(number, HandoverAccepted(SALES, 2), berlin("2027-03-02 11:30"), "mia", text="Danke, gut vorbereitet.")
    return number


def paper(content: bytes) -> str:
    """Return what can be read on a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


SAID = [
    "Vertrieb an Projekt", "Familie Aydın", "Dachausbau Lindenweg 4", "Adresse der Baustelle", "12.500,50",
    "Abschläge nach Baufortschritt", "Mi 01.09.2027", "Auftrag Müller.pdf", "Anna Berger", "Di 02.03.2027 11:00",
    "Mia Yıldız", "Di 02.03.2027 11:30", "Danke, gut vorbereitet.", "Frühere Übergaben", "Wer zahlt das Gerüst?",
    "Di 02.03.2027 10:00", "Noch nicht.",
]  # fmt: skip


async def test_record_is_complete(anna: Visitor, shop: Shop) -> None:
    """Every question with the answer as it was submitted, both names with their times, what was given back before."""
    page = (await anna.opens(f"{gate_of(accepted_at_the_second_try(shop))}/record")).text
    for words in (*SAID, "Gerüst zahlt Łukasz Żółć &amp; Söhne", "Übergeben:", "Angenommen:"):
        assert words in page
    assert "Wird geklärt" not in page


async def test_paper_says_the_same(anna: Visitor, shop: Shop) -> None:
    """A PDF for download, with every letter of every name."""
    sent = await anna.opens(f"{gate_of(accepted_at_the_second_try(shop))}/record.pdf")
    assert sent.content.startswith(b"%PDF")
    assert sent.headers["content-type"] == "application/pdf"
    assert "filename*=UTF-8''%C3%9Cbergabeprotokoll" in sent.headers["content-disposition"]
    text = " ".join(paper(sent.content).split())
    for words in (*SAID, "Gerüst zahlt Łukasz Żółć & Söhne", "Übergeben:", "Angenommen:"):
        assert words in text


async def test_long_answers_fill_more_pages(anna: Visitor, shop: Shop) -> None:
    """Nothing is cut off; signs the font lacks and words without an end break no page."""
    number = project_in_sales(shop)
    long = "W" * 3000 + " 建築 🏗 " + "Zeile\n" * 300 + "Ende der Zusagen"
    shop.hands_over(number, SALES, berlin("2027-03-02 09:00"), promises=long)
    shop.happens(number, HandoverAccepted(SALES), NOW, "mia")
    sent = await anna.opens(f"{gate_of(number)}/record.pdf")
    assert sent.status_code == 200
    assert len(PdfReader(io.BytesIO(sent.content)).pages) > 3
    assert "Ende der Zusagen" in paper(sent.content)


async def test_what_was_opened_without_its_check_says_so(anna: Visitor, shop: Shop) -> None:
    """Who, when and why, instead of two signatures."""
    number = project_in_sales(shop)
    shop.happens(number, GateOverridden(SALES), berlin("2027-03-02 11:00"), "helga", text="Der Kunde wartet.")
    page = (await anna.opens(f"{gate_of(number)}/record")).text
    sentence = "Ohne Prüfung geöffnet von Helga Brandt am Di 02.03.2027 11:00, weil: Der Kunde wartet."
    assert sentence in page
    assert "keine Antwort" in page
    assert sentence in " ".join(paper((await anna.opens(f"{gate_of(number)}/record.pdf")).content).split())


async def test_what_was_passed_without_a_handover_says_so(anna: Visitor, shop: Shop) -> None:
    """A gate that is not critical; what was missing and came later is told as later."""
    number = project_in_planning(shop)
    shop.happens(number, PhaseDone(), berlin("2027-03-02 11:00"), "mia")
    page = (await anna.opens(gate_of(number, "project_to_site") + "/record")).text
    assert "Ohne Übergabe passiert durch Mia Yıldız am Di 02.03.2027 11:00" in page


async def test_there_is_no_record_before_the_end(anna: Visitor, shop: Shop) -> None:
    """404 while nobody has accepted."""
    number = project_in_sales(shop)
    shop.hands_over(number, SALES, berlin("2027-03-02 09:00"))
    assert (await anna.opens(f"{gate_of(number)}/record")).status_code == 404
    assert (await anna.opens(f"{gate_of(number)}/record.pdf")).status_code == 404


async def test_record_stays_when_the_phase_is_done_again(anna: Visitor, shop: Shop) -> None:
    """What was accepted once was accepted."""
    number = accepted_at_the_second_try(shop)
    shop.happens(number, PhaseSteppedBack("sales"), berlin("2027-03-02 12:00"), "mia", text="Falsch abgebogen.")
    page = await anna.opens(f"{gate_of(number)}/record")
    assert page.status_code == 200
    assert "Di 02.03.2027 11:30" in page.text


async def test_what_was_added_later_is_told_as_later(anna: Visitor, shop: Shop) -> None:
    """The record says what was handed over, and what came after."""
    number = project_in_planning(shop)
    gate = "project_to_site"
    shop.hands_over(number, gate, berlin("2027-03-02 09:00"), by="mia", contact_on_site="")
    shop.happens(number, HandoverAccepted(gate), berlin("2027-03-02 10:00"), "tom")
    shop.fills_in(number, gate, NOW, by="mia", contact_on_site="Frau Aydın")
    page = (await anna.opens(gate_of(number, gate) + "/record")).text
    assert "keine Antwort" in page
    assert "später ergänzt: Frau Aydın" in page


async def test_ticket_lists_its_records(anna: Visitor, shop: Shop) -> None:
    """For good, from the ticket's page."""
    number = accepted_at_the_second_try(shop)
    assert f'href="{gate_of(number)}/record">Vertrieb an Projekt' in (await anna.opens(f"/tickets/{number}")).text
