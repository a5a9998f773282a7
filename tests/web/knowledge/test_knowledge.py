"""Snippets on the pages: found while answering, added and edited by anybody, nothing overwritten unseen."""

import re

import pytest

from activities.knowledge import snippets
from activities.knowledge.snippets import Draft
from models.tables import SiteRow
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor, hidden_fields

FIELDS = {"title": "Rechnungskopie", "text": "Gern senden wir <b>Ihnen</b> die Kopie.", "category": "", "site": ""}


@pytest.fixture(autouse=True)
def hours(shop: Shop) -> None:
    """Keep a snippet, number 1."""
    with shop.database.writing() as session:
        snippets.add(session, Draft("Öffnungszeiten", "Wir haben von 8 bis 18 Uhr geöffnet."), "paul", NOW)


async def test_anybody_adds_a_snippet_and_it_is_found_and_escaped(anna: Visitor, carl: Visitor) -> None:
    made = await anna.sends("/knowledge/new", "/knowledge/new", **FIELDS)
    assert (made.status_code, made.headers["location"]) == (303, "/knowledge/2")
    page = (await carl.opens("/knowledge?q=rechnung")).text
    assert "<mark>Rechnungskopie</mark>" in page
    assert "&lt;b&gt;Ihnen" in page
    assert "Öffnungszeiten" not in page.partition("snippets")[2]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": ""}, "title", "Bitte ausfüllen"),
        ({"text": " "}, "text", "Bitte etwas schreiben"),
        ({"category": "Ö 1"}, "category", "Kleinbuchstaben"),
        ({"site": "nowhere"}, "site", "Bitte"),
    ],
)
async def test_what_cannot_be_is_refused_at_the_field_and_keeps_what_was_typed(
    anna: Visitor, typed: dict[str, str], field: str, words: str
) -> None:
    for path in ("/knowledge/new", "/knowledge/1"):
        answer = await anna.sends(path, path, **(FIELDS | {"category": "kopien"} | typed))
        assert answer.status_code == 422
        assert words in answer.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]
        assert "Gern senden" in answer.text or field == "text"


async def test_second_of_two_editors_is_told_and_loses_nothing(shop: Shop, anna: Visitor, carl: Visitor) -> None:
    page = (await carl.opens("/knowledge/1")).text
    await anna.sends("/knowledge/1", "/knowledge/1", **(FIELDS | {"title": "Annas Titel", "text": "Annas Text"}))
    hidden = hidden_fields(page, "/knowledge/1")
    told = await carl.posts("/knowledge/1", **{**hidden, **FIELDS, "title": "Carls Titel", "text": "Carls Text"})
    assert told.status_code == 409
    for words in ("Anna Berger", "Annas Text", "Carls Titel", "Carls Text"):
        assert words in told.text
    hidden = hidden_fields(told.text, "/knowledge/1")
    saved = await carl.posts("/knowledge/1", **{**hidden, **FIELDS, "title": "Carls Titel", "text": "Carls Text"})
    assert saved.status_code == 303
    versions = (await carl.opens("/knowledge/1")).text.partition('id="versions"')[2]
    assert re.findall(r"Fassung \d", versions) == ["Fassung 3", "Fassung 2", "Fassung 1"]
    assert "Annas Text" in versions


async def test_retired_snippet_is_not_found_and_comes_back(anna: Visitor) -> None:
    assert (await anna.sends("/knowledge/1", "/knowledge/1/retire")).status_code == 303
    assert (await anna.opens("/knowledge/hits?q=geöffnet")).json() == []
    assert "Öffnungszeiten" not in (await anna.opens("/knowledge")).text
    assert "Öffnungszeiten" in (await anna.opens("/knowledge?retired=1")).text
    await anna.sends("/knowledge/1", "/knowledge/1/back")
    assert len((await anna.opens("/knowledge/hits?q=geöffnet")).json()) == 1


async def test_hits_say_where_the_words_stand(anna: Visitor) -> None:
    (hit,) = (await anna.opens("/knowledge/hits?ticket=4&q=oeffnungsz geoeff")).json()
    assert hit["title"] == [["Öffnungszeiten", True]]
    assert ["geöffnet", True] in hit["excerpt"]
    assert hit["text"] == "Wir haben von 8 bis 18 Uhr geöffnet."


async def test_six_hits_at_most_of_the_tickets_site(shop: Shop, anna: Visitor) -> None:
    with shop.database.writing() as session:
        session.add(SiteRow(key="nord", name="Nord"))
        session.flush()
        snippets.add(session, Draft("Reifen Nord", "x", site="nord"), "paul", NOW)
        for n in range(9):
            snippets.add(session, Draft(f"Reifen {n}", "x", site="musterstadt"), "paul", NOW)
    found = (await anna.opens("/knowledge/hits?ticket=4&q=reifen")).json()
    assert len(found) == 6
    assert all("Nord" not in piece for hit in found for piece, _ in hit["title"])


@pytest.mark.parametrize("asked", ["%22", "NOT", "*", "a AND (", "%00", "-x NEAR/2", "x" * 5000])
async def test_nothing_that_is_typed_is_an_error(anna: Visitor, asked: str) -> None:
    assert (await anna.opens(f"/knowledge/hits?q={asked}")).status_code == 200
    assert (await anna.opens(f"/knowledge?q={asked}&page=x")).status_code == 200


async def test_long_list_has_pages(shop: Shop, anna: Visitor) -> None:
    with shop.database.writing() as session:
        for n in range(60):
            snippets.add(session, Draft(f"Baustein {n}", "x"), "paul", NOW)
    assert "Seite 1 von 2" in (await anna.opens("/knowledge")).text
    assert "Öffnungszeiten" in (await anna.opens("/knowledge?page=9")).text


async def test_answer_form_leads_to_the_same_search_without_scripts(anna: Visitor) -> None:
    page = (await anna.opens("/tickets/4")).text
    (link,) = re.findall(r'href="(/knowledge\?q=[^"]+)"', page)
    assert (await anna.opens(link)).status_code == 200


async def test_strangers_find_nothing_and_what_is_not_there_is_not_found(anna: Visitor, visitor) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    assert (await visitor().opens("/knowledge/hits?q=x", accept="application/json")).status_code == 401
    assert (await anna.opens("/knowledge/99")).status_code == 404
    csrf = hidden_fields((await anna.opens("/knowledge/new")).text, "/knowledge/new")
    for path in ("/knowledge/99", "/knowledge/99/retire"):
        assert (await anna.posts(path, **csrf, **FIELDS, number="1")).status_code == 404
