"""SL-03 to SL-05 on the pages: what a ticket is about, the answer that is proposed, and the shares of a month."""

import re
from datetime import timedelta

from sqlmodel import select

from domain.ticket.facts import Answered, Called, Noted
from models.tables import TextRow
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor, hidden_fields

ORDER = "Wann kommt meine Bestellung?"


async def test_page_says_what_it_is_about_and_proposes_the_answer(anna: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    number = shop.inquiry(ORDER)
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "Bestell- und Service-Informationen <span" in page
    assert "erkannt an „wann kommt bestellung“" in page
    assert "Vorgeschlagene Antwort: Bestell- und Service-Informationen" in page
    hidden = hidden_fields(page, f"/tickets/{number}/answer")
    assert hidden["proposal"] == "order"
    assert hidden["text"].startswith("Guten Tag Kim Kunde,\n\nvielen Dank")


async def test_one_click_sends_the_proposal_and_it_is_kept_while_the_engine_is_down(anna: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    number = shop.inquiry(ORDER)
    answer = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/answer")
    assert answer.status_code == 503
    assert "vielen Dank für Ihre Nachfrage" in answer.text
    assert hidden_fields(answer.text, f"/tickets/{number}/answer")["proposal"] == "order"
    with shop.database.reading() as session:
        (kept,) = session.exec(select(TextRow).where(TextRow.ticket == number, TextRow.author == "anna")).all()
    assert kept.body.startswith("Guten Tag Kim Kunde,")


async def test_proposal_can_be_changed_first(anna: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    number = shop.inquiry(ORDER)
    page = (await anna.opens(f"/tickets/{number}?proposed=1")).text
    assert "Vorgeschlagene Antwort" not in page
    assert re.search(r"<textarea[^>]*>\s*Guten Tag Kim Kunde,", page)
    assert hidden_fields(page, f"/tickets/{number}/answer")["proposal"] == "order"


async def test_nothing_is_proposed_without_a_catalogue_an_address_or_need(anna: Visitor, shop: Shop) -> None:
    plain = shop.inquiry(ORDER)
    shop.serves_by_catalogue()
    nowhere = shop.inquiry(ORDER, email="", phone="+49 89 9")
    answered = shop.inquiry(ORDER, email="bo@kunde.example")
    shop.happens(answered, Called(), NOW)
    for number in (plain, nowhere, answered):
        page = (await anna.opens(f"/tickets/{number}?proposed=1")).text
        assert "Vorgeschlagene Antwort" not in page
        assert "vielen Dank" not in page
    assert "/categorise" not in (await anna.opens(f"/tickets/{plain}")).text


async def test_category_is_chosen_among_those_there_are(anna: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    number = shop.inquiry()
    page = f"/tickets/{number}"
    assert (await anna.sends(page, f"{page}/categorise", category="dream")).status_code == 422
    assert (await anna.sends(page, f"{page}/categorise", category="webshop")).status_code == 503


async def test_proposal_that_nobody_knows_is_an_answer_like_any_other(anna: Visitor, shop: Shop) -> None:
    number = shop.inquiry()
    answer = await anna.sends(f"/tickets/{number}", f"/tickets/{number}/answer", text="Gern.", proposal="<script>")
    assert answer.status_code == 503
    assert "<script>alert" not in answer.text


async def test_statistics_tell_channels_and_automatic_answers(carl: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    before = numbers((await carl.opens("/statistics")).text)
    proposed = shop.inquiry(ORDER, channel="web")
    shop.happens(proposed, Answered("order"), NOW, text="So ist es.")
    alone = shop.inquiry("Passwort vergessen", channel="web")
    shop.happens(alone, Noted(), NOW + timedelta(minutes=1), text="Alles gesagt.")
    shop.inquiry("Wann kommt meine Bestellung?", at=berlin("2026-01-05 09:00"))
    page = (await carl.opens("/statistics?weeks=4")).text
    assert numbers(page)["Passwort"] == ["1", "1", "0", "100 %"]
    assert numbers(page)["Bestell- und Service-Informationen"] == ["1", "0", "1", "100 %"]
    assert "Passwort" not in before
    assert 'class="way-web"' in page
    assert (await carl.opens("/statistics?weeks=dream")).status_code == 200


async def test_statistics_are_for_those_who_oversee(anna: Visitor, carl: Visitor) -> None:
    assert (await anna.opens("/statistics")).status_code == 403
    assert 'href="/statistics"' not in (await anna.opens("/")).text
    assert 'href="/statistics"' in (await carl.opens("/")).text


def numbers(page: str) -> dict[str, list[str]]:
    """Return the numbers of every category."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', page)
    return {title: re.findall(r'<span class="count">([^<]+)</span>', cells) for title, cells in rows}
