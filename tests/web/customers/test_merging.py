"""Merging duplicates in the pages: who may, what the preview says, what follows, and taking it back."""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from sqlmodel import select

from domain.ticket.facts import Closed
from models.database import Database
from models.tables import CustomerRow, MergeRow
from tests.activities.customers.test_merging import customer_of, everything, opens
from tests.web.customers.test_contacts import contact, entries
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor, hidden_fields


@pytest.fixture
def shop(database: Database) -> Shop:
    """Return a furnished shop, once on each kind of database."""
    return Shop(database)


@pytest.fixture
def two(shop: Shop) -> tuple[int, int]:
    """Return two customers who are likely the same, each with a ticket."""
    return opens(shop, "Kim Müller", phone=""), opens(shop, "Kim Mueller", email="KIM@kunde.example")


def where(stays: int, goes: int) -> str:
    """Return the address of the preview."""
    return f"/customers/{stays}/merge/{goes}"


async def test_page_proposes_duplicates_with_reasons_and_leads_to_the_preview(
    anna: Visitor, ina: Visitor, two: tuple[int, int]
) -> None:
    """Everybody sees them; who may merge is led on."""
    for somebody, leads in ((ina, True), (anna, False)):
        page = (await somebody.opens(f"/customers/{two[0]}/contacts")).text
        assert "gleiche E-Mail-Adresse, gleicher Name und gleiche Firma" in page
        assert (f'href="{where(*two)}"' in page) is leads


@pytest.mark.parametrize(
    ("who", "may"), [("carl", True), ("helga", True), ("ina", True), ("anna", False), ("dora", False)]
)
async def test_controllers_and_case_handlers_may_merge(
    visitor: Callable[[], Visitor], two: tuple[int, int], who: str, may: bool
) -> None:
    somebody = visitor()
    await somebody.signs_in(who)
    assert ((await somebody.opens(where(*two))).status_code == 200) is may
    page = (await somebody.opens(f"/customers/{two[0]}/contacts")).text
    csrf = hidden_fields(page, f"/customers/{two[0]}/contacts")["csrf"]
    for action in (where(*two), f"/customers/{two[0]}/merges/1/undo"):
        assert ((await somebody.posts(action, csrf=csrf)).status_code == 403) is not may


async def test_merge_and_undo_by_the_pages_restore_every_row(ina: Visitor, shop: Shop, two: tuple[int, int]) -> None:
    """Preview, merge, the history under the one that stayed, the way on from the other; then as before."""
    stays, goes = two
    preview = (await ina.opens(where(*two))).text
    assert "1 Vorgang, davon 1 offen" in " ".join(preview.split())
    assert 'name="phone" value="merged" checked' in preview
    assert 'name="name" value="kept" checked' in preview
    before = everything(shop.database)
    fields = hidden_fields(preview, where(*two))
    sent = await ina.posts(where(*two), **fields, name="kept", company="kept", email="merged", phone="merged")
    assert sent.headers["location"] == f"/customers/{stays}/contacts#merges"
    assert contact(shop, stays) == ("Kim Müller", "", "KIM@kunde.example", "+49 89 123456")
    page = (await ina.opens(f"/customers/{stays}/contacts")).text
    assert "Zusammengeführt. Das lässt sich unten jederzeit" in page
    titles = [title for _, title, _ in entries(page)]
    assert titles == ["Mit einem anderen Kunden zusammengeführt", "Eingang", "Eingang"]
    for path in (f"/customers/{goes}/contacts", f"/customers/{goes}"):
        moved = await ina.opens(path)
        while moved.status_code == 303:
            last = moved.headers["location"]
            moved = await ina.opens(last)
        assert last == f"/customers/{stays}/contacts?merged={goes}"
        assert f"K{goes} Kim Mueller wurde mit diesem Kunden zusammengeführt." in moved.text
    undo = f"/customers/{stays}/merges/1/undo"
    back = await ina.sends(f"/customers/{stays}/contacts", undo)
    assert back.headers["location"] == f"/customers/{stays}/contacts#content"
    now = everything(shop.database)
    assert {name for name in now if now[name] != before[name]} <= {"session"}
    page = (await ina.opens(f"/customers/{stays}/contacts")).text
    assert "Zusammenführung rückgängig gemacht" in page
    assert "merges/1/undo" not in page
    assert "In einen anderen Kunden überführt" in (await ina.opens(f"/customers/{goes}/contacts")).text
    again = await ina.posts(undo, csrf=fields["csrf"])
    assert again.status_code == 409
    assert "bereits rückgängig gemacht" in again.text


async def test_preview_says_what_is_in_the_way_before_anybody_clicks(
    ina: Visitor, shop: Shop, two: tuple[int, int]
) -> None:
    """Who has a life stays; of two that go on, one has to be ended first."""
    stays, goes = two
    shop.registers(known=goes)
    page = (await ina.opens(where(stays, goes))).text
    assert "Bitte andersherum zusammenführen." in page
    assert f'href="{where(goes, stays)}"' in page
    assert f">Zusammenführen: K{stays}" not in page
    assert f">Zusammenführen: K{goes}" in (await ina.opens(where(goes, stays))).text
    shop.registers(known=stays)
    page = (await ina.opens(where(stays, goes))).text
    assert "Beide haben einen laufenden Lebenszyklus." in page
    assert where(goes, stays) not in page
    forced = await ina.posts(where(stays, goes), **hidden_fields(page, where(stays, goes)))
    assert forced.status_code == 409
    shop.lives(goes, Closed("left"), NOW)
    assert "Lebenszyklus beendet" in (await ina.opens(where(stays, goes))).text
    assert (await ina.sends(where(stays, goes), where(stays, goes))).status_code == 303
    listed = (await ina.opens("/customers?owner=*&tab=left")).text
    assert f'href="/customers/{goes}"' not in listed


async def test_second_of_two_mergers_is_told(ina: Visitor, carl: Visitor, shop: Shop, two: tuple[int, int]) -> None:
    """In whichever direction; the same person sending twice merges once."""
    stays, goes = two
    inas = hidden_fields((await ina.opens(where(stays, goes))).text, where(stays, goes))
    carls = hidden_fields((await carl.opens(where(goes, stays))).text, where(goes, stays))
    sent = await asyncio.gather(*(ina.posts(where(stays, goes), **inas) for _ in range(2)))
    assert [each.status_code for each in sent] == [303, 303]
    late = await carl.posts(where(goes, stays), **carls)
    assert late.status_code == 409
    assert f"K{goes} Kim Mueller ist bereits in K{stays} zusammengeführt." in late.text
    with shop.database.reading() as session:
        assert len(session.exec(select(MergeRow)).all()) == 1


async def test_data_that_changed_since_the_preview_is_shown_again(
    ina: Visitor, anna: Visitor, shop: Shop, two: tuple[int, int]
) -> None:
    seen = hidden_fields((await ina.opens(where(*two))).text, where(*two))
    page = f"/customers/{two[1]}/contacts"
    await anna.sends(page, page, name="Kim M.", company="", email="kim@kunde.example", phone="")
    late = await ina.posts(where(*two), **seen, name="merged")
    assert late.status_code == 409
    assert "Inzwischen wurden Kontaktdaten geändert." in late.text
    assert "Kim M." in late.text
    assert (await ina.posts(where(*two), **hidden_fields(late.text, where(*two)), name="merged")).status_code == 303
    assert contact(shop, two[0])[0] == "Kim M."


async def test_merge_below_another_is_undone_after_it(ina: Visitor, shop: Shop, two: tuple[int, int]) -> None:
    third = opens(shop, "Kim Dritt")
    await ina.sends(where(*two), where(*two))
    await ina.sends(where(two[0], third), where(two[0], third))
    page = f"/customers/{two[0]}/contacts"
    shown = (await ina.opens(page)).text
    assert re.findall(r"merges/(\d+)/undo", shown) == ["2"]
    csrf = hidden_fields(shown, f"/customers/{two[0]}/merges/2/undo")["csrf"]
    early = await ina.posts(f"/customers/{two[0]}/merges/1/undo", csrf=csrf)
    assert early.status_code == 409
    assert f"Bitte zuerst die mit K{third} Kim Dritt rückgängig machen." in early.text


async def test_merged_one_is_found_and_chosen_as_the_one_that_stayed(
    ina: Visitor, anna: Visitor, shop: Shop, two: tuple[int, int]
) -> None:
    """By old name, address or number: in the search for customers and tickets, and where a ticket is opened."""
    stays = shop.registers("Ada Lang", email="ada@lang.example")
    goes = opens(shop, "Adele Lang-Kurz", email="adele@firma.example", phone="089 77 88 99")
    ticket = 4
    assert customer_of(shop, ticket) == goes
    await ina.sends(where(stays, goes), where(stays, goes))
    assert f'href="/customers/{stays}"' in (await ina.opens("/customers?q=lang-kurz")).text
    for search in ("lang-kurz", "adele@", "+49 89 778899"):
        assert f'href="/tickets/{ticket}"' in (await anna.opens(f"/?q={quote(search)}")).text
    found = await anna.sends("/tickets/new", "/tickets/new", find="1", find_customer="lang-kurz")
    assert f'name="customer" value="{stays}"' in found.text
    known = await anna.sends(
        "/tickets/new",
        "/tickets/new",
        customer_name="A. L.",
        customer_email="",
        customer_phone="0049 89 778899",
        subject="Neu",
        channel="phone",
        owner="anna",
        process="anfrage",
    )
    assert known.status_code == 422
    assert f'name="customer" value="{stays}"' in known.text
    opened = await anna.sends(
        "/tickets/new",
        "/tickets/new",
        customer=str(goes),
        subject="Neu",
        channel="phone",
        owner="anna",
        process="anfrage",
    )
    assert customer_of(shop, int(opened.headers["location"].rpartition("/")[2])) == stays


@pytest.mark.parametrize("path", ["/customers/1/merge/999", "/customers/999/merge/1", "/customers/0/merge/1"])
async def test_merge_with_nobody_is_404(ina: Visitor, two: tuple[int, int], path: str) -> None:
    assert (await ina.opens(path)).status_code == 404
    csrf = hidden_fields((await ina.opens(where(*two))).text, where(*two))["csrf"]
    assert (await ina.posts(path, csrf=csrf)).status_code == 404
    assert (await ina.posts("/customers/1/merges/999/undo", csrf=csrf)).status_code == 404


async def test_chosen_field_that_is_neither_side_stays_as_it_was(
    ina: Visitor, shop: Shop, two: tuple[int, int]
) -> None:
    before = contact(shop, two[0])
    await ina.sends(where(*two), where(*two), name="__class__", email="", phone="x")
    assert contact(shop, two[0]) == before
    with shop.database.reading() as session:
        assert session.get_one(CustomerRow, two[1]).merged_into == two[0]
