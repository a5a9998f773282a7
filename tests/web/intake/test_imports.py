"""The pages of imports: what they take and refuse, how far it is, and the lines that were not taken."""

import csv
import io

import httpx
import pytest
from sqlmodel import col, select

from activities.intake.external_facts import Outcome
from activities.intake.imports import _noting, keep_file
from domain.customers.import_files import LARGEST, read_file
from models.tables import ImportLineRow, ImportRow, PersonRow
from tests.web.shop import NOW, Shop
from tests.web.visitor import HERE, Visitor, hidden_fields

PAGE = "/customers/import"
FILE = (
    b"id;what;customer;name\r\n1;registered;k-1;Kim\r\n2;offer;=k-1;\r\n\r\n3;offer;k-1;<b>Kai</b>;x\r\n4;offer;k-2\r\n"
)


async def sends(
    visitor: Visitor, file: bytes | None = FILE, name: str = "buchungen.csv", **typed: str
) -> httpx.Response:
    """Send a file with the form of the page."""
    hidden = hidden_fields((await visitor.opens(PAGE)).text, PAGE)
    files = {} if file is None else {"file": (name, file, "text/csv")}
    data = hidden | {"site": "musterstadt"} | typed
    return await visitor.client.post(PAGE, data=data, files=files or {"file": ("", b"")}, headers=HERE)


def kept(shop: Shop) -> list[ImportRow]:
    """Return the imports there are."""
    with shop.database.reading() as session:
        return list(session.exec(select(ImportRow).order_by(col(ImportRow.id))))


def settles(shop: Shop, identity: int, *, done: bool = True, **outcomes: Outcome) -> None:
    """Lines get their outcome, as the worker writes it down."""
    with shop.database.writing() as session:
        for line, outcome in outcomes.items():
            _noting(identity, int(line.removeprefix("line")))(session, outcome)
        session.get_one(ImportRow, identity).done = done


@pytest.mark.parametrize(
    "path", [PAGE, f"{PAGE}/1", f"{PAGE}/1/progress", f"{PAGE}/1/refused.csv", f"{PAGE}/example.csv"]
)
async def test_imports_are_for_those_who_oversee(
    shop: Shop, anna: Visitor, dora: Visitor, carl: Visitor, path: str
) -> None:
    """A seller gets 403 and no entry in the menu; nobody gets in without signing in."""
    keep_file(shop.database, "b.csv", read_file(FILE), "dora", "musterstadt", NOW)
    for overseer in (dora, carl):
        assert (await overseer.opens(path)).status_code == 200
        assert f'href="{PAGE}"' in (await overseer.opens("/customers")).text
    assert (await anna.opens(path)).status_code == 403
    assert f'href="{PAGE}"' not in (await anna.opens("/customers")).text


async def test_file_is_kept_line_by_line_while_the_engine_is_down(shop: Shop, dora: Visitor) -> None:
    """Temporal does not answer: the file is kept, the sweep will start it, and the page says so."""
    answer = await sends(dora)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/1")
    (row,) = kept(shop)
    assert (row.name, row.by, row.site, row.started_at, row.done) == (
        "buchungen.csv",
        "dora",
        "musterstadt",
        NOW,
        False,
    )
    with shop.database.reading() as session:
        lines = session.exec(select(ImportLineRow).order_by(col(ImportLineRow.line))).all()
    assert [(line.line, line.outcome, line.refusal) for line in lines] == [
        (2, "", ""),
        (3, "", ""),
        (4, "refused", "line_empty"),
        (5, "refused", "too_many_columns"),
        (6, "", ""),
    ]
    page = (await dora.opens(f"{PAGE}/1")).text
    assert "wird in wenigen Augenblicken eingelesen" in page
    assert "2 von 5 Zeilen" in page


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "Bitte eine Datei auswählen"),
        (b"", "Die Datei ist leer"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "keine Textdatei"),
        (b"id;what;customer;Farbe\n1;offer;k;rot", "„farbe“ gibt es nicht"),
        (b"id;what\n1;offer", "„customer“ fehlt"),
        (b'id;what;customer\n1;offer;"k\n2;offer;k', "ab Zeile 2"),
        (b"id;what;customer\n" + b"x" * LARGEST, "Höchstens 10 MB"),
    ],
    ids=["none", "empty", "binary", "column", "missing", "quote", "large"],
)
async def test_file_that_cannot_be_read_is_refused_at_the_field(
    shop: Shop, dora: Visitor, file: bytes | None, words: str
) -> None:
    answer = await sends(dora, file)
    assert answer.status_code == 422
    assert words in answer.text.partition('id="file-problem">')[2].partition("</p>")[0]
    assert kept(shop) == []


async def test_form_is_ours_and_names_a_site_there_is(shop: Shop, dora: Visitor) -> None:
    assert (await sends(dora, site="nowhere")).status_code == 422
    forged = await dora.client.post(PAGE, data={"site": "musterstadt"}, files={"file": ("b.csv", FILE)}, headers=HERE)
    assert forged.status_code == 403
    elsewhere = await dora.client.post(
        PAGE, files={"file": ("b.csv", FILE)}, headers={"origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 403
    assert kept(shop) == []


async def test_page_shows_how_far_it_is_and_renews_itself_without_scripts_while_it_runs(
    shop: Shop, dora: Visitor
) -> None:
    await sends(dora)
    settles(shop, 1, done=False, line2=Outcome("taken"))
    running = (await dora.opens(f"{PAGE}/1")).text
    assert '<progress value="3" max="5"' in running
    assert '<noscript><meta http-equiv="refresh"' in running
    assert "importing.js" in running
    told = (await dora.opens(f"{PAGE}/1/progress")).json()
    assert told == {
        "settled": 3,
        "total": 5,
        "done": False,
        "taken": 1,
        "known": 0,
        "refused": 2,
        "words": "3 von 5 Zeilen",
    }
    settles(shop, 1, line3=Outcome("known"), line6=Outcome("refused", "customer_unknown", {"customer": "k-2"}))
    done = (await dora.opens(f"{PAGE}/1")).text
    assert '<progress value="5" max="5"' in done
    assert "http-equiv" not in done
    assert "importing.js" not in done
    assert (await dora.opens(f"{PAGE}/1/progress")).json()["done"] is True
    listed = (await dora.opens(PAGE)).text
    assert "buchungen.csv" in listed
    assert "läuft" not in listed


async def test_refused_lines_say_where_what_and_why_in_the_reader_s_language(shop: Shop, dora: Visitor) -> None:
    await sends(dora)
    settles(shop, 1, line6=Outcome("refused", "customer_unknown", {"customer": "k-2"}))
    page = (await dora.opens(f"{PAGE}/1")).text
    assert "Einen Kunden „k-2“ gibt es nicht." in page
    assert "id=4 · what=offer · customer=k-2" in page
    assert "Mehr Spalten als die 4 der Kopfzeile." in page
    assert "<b>Kai</b>" not in page
    assert "&lt;b&gt;Kai&lt;/b&gt;" in page
    with shop.database.writing() as session:
        session.get_one(PersonRow, "dora").language = "en"
    assert "There is no customer “k-2”." in (await dora.opens(f"{PAGE}/1")).text


async def test_many_refused_lines_come_in_pages(shop: Shop, dora: Visitor) -> None:
    body = b"".join(b"%d;offer;k;;surplus\n" % n for n in range(120))
    await sends(dora, b"id;what;customer;name\n" + body)
    first = (await dora.opens(f"{PAGE}/1")).text
    assert "Seite 1 von 3" in first
    assert ("id=0 ·" in first, "id=50 ·" in first) == (True, False)
    last = (await dora.opens(f"{PAGE}/1?page=3")).text
    assert ("id=119 ·" in last, "id=99 ·" in last) == (True, False)
    for odd in ("0", "-1", "x", "99999999999", "²"):
        assert (await dora.opens(f"{PAGE}/1?page={odd}")).status_code == 200


async def test_download_of_refused_lines_is_harmless_and_may_be_sent_again(shop: Shop, dora: Visitor) -> None:
    """Nothing in it is computed by a spreadsheet; what is not corrected is refused again, not taken by mistake."""
    await sends(dora)
    settles(
        shop,
        1,
        line3=Outcome("refused", "customer_unknown", {"customer": "=k-1"}),
        line6=Outcome("refused", "customer_unknown", {"customer": "k-2"}),
    )
    answer = await dora.opens(f"{PAGE}/1/refused.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="abgelehnt aus buchungen.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["id"] for row in rows] == ["2", "", "3", "4"]
    assert rows[0]["customer"] == "'=k-1"
    assert rows[3]["reason"] == "Einen Kunden „k-2“ gibt es nicht."
    assert (await sends(dora, answer.content, "wieder.csv")).status_code == 303
    with shop.database.reading() as session:
        lines = session.exec(select(ImportLineRow).where(ImportLineRow.import_id == 2)).all()
    assert {line.content.get("id"): line.refusal for line in lines} == {
        "2": "",
        None: "line_empty",
        "3": "too_many_columns",
        "4": "",
    }
    assert next(line for line in lines if line.content.get("id") == "2").content["customer"] == "=k-1"


async def test_example_is_taken_as_it_is(shop: Shop, dora: Visitor) -> None:
    answer = await dora.opens(f"{PAGE}/example.csv")
    assert 'filename="beispiel.csv"' in answer.headers["content-disposition"]
    assert (await sends(dora, answer.content)).status_code == 303
    assert len(kept(shop)) == 1


@pytest.mark.parametrize(
    "path", [f"{PAGE}/7", f"{PAGE}/7/progress", f"{PAGE}/7/refused.csv", f"{PAGE}/99999999999999999999"]
)
async def test_import_that_is_not_there_is_404(shop: Shop, dora: Visitor, path: str) -> None:
    assert (await dora.opens(path)).status_code == 404


async def test_name_of_a_file_is_text(shop: Shop, dora: Visitor) -> None:
    """It is shown as it was, and never as markup."""
    await sends(dora, name="<i>März</i>.csv")
    page = (await dora.opens(f"{PAGE}/1")).text
    assert "&lt;i&gt;März&lt;/i&gt;.csv" in page
    assert "<i>März" not in page
