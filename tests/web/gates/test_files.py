"""Files of a checklist: taken once they were looked at, refused at their field, handed out as downloads only."""

import pytest
from sqlmodel import select

from activities.intake.attachments import LARGEST
from models.tables import AnswerRow, FileRow
from tests.web.gates.test_handover import JSON, SALES, gate_of
from tests.web.shop import NOW, PDF, Shop
from tests.web.site import project_in_sales
from tests.web.visitor import HERE, Visitor, hidden_fields

ITEM = "order_confirmation"


async def uploads(visitor: Visitor, number: int, name: str, content: bytes, **fields: str) -> tuple[int, str]:
    """Press “upload” in a browser without scripts: the whole form, every file field of it, and one file."""
    page, action = gate_of(number), f"{gate_of(number)}/items/{ITEM}/file"
    hidden = hidden_fields((await visitor.opens(page)).text, f"{page}/submit")
    files = {f"file:{ITEM}": (name, content), "file:drawings": ("", b"")}
    sent = await visitor.client.post(action, data={**hidden, **fields}, files=files, headers=HERE)
    return sent.status_code, sent.text


def answer(shop: Shop, number: int, item: str = ITEM) -> str:
    """Return what the draft says at a line."""
    with shop.database.reading() as session:
        row = session.get(AnswerRow, (number, SALES, item))
    return row.value if row else ""


async def test_file_is_kept_with_whatever_else_was_typed(anna: Visitor, shop: Shop) -> None:
    """The whole form is saved; the page shows the file with a link."""
    number = project_in_sales(shop)
    status, _ = await uploads(anna, number, "Auftrag Yıldız.pdf", PDF, **{"value:promises": "Rampe bleibt frei"})
    assert status == 303
    assert answer(shop, number, "promises") == "Rampe bleibt frei"
    page = (await anna.opens(gate_of(number))).text
    assert f'href="/tickets/{number}/files/{answer(shop, number)}">Auftrag Yıldız.pdf</a>' in page


async def test_script_is_told_where_the_file_is(anna: Visitor, shop: Shop) -> None:
    """A name with a path in front, as some browsers send it, loses the path."""
    number = project_in_sales(shop)
    csrf = hidden_fields((await anna.opens(gate_of(number))).text, f"{gate_of(number)}/submit")["csrf"]
    files = {f"file:{ITEM}": ("C:\\Bilder\\Auftrag.pdf", PDF)}
    action = f"{gate_of(number)}/items/{ITEM}/file"
    told = await anna.client.post(action, data={"csrf": csrf}, files=files, headers=JSON)
    assert told.status_code == 200
    line = told.json()["lines"][ITEM]
    assert line["file"] == {"name": "Auftrag.pdf", "href": f"/tickets/{number}/files/{line['value']}"}
    assert told.json()["progress"] == "7 von 8 Zeilen fehlen"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("leer.pdf", b"", "„leer.pdf“ ist leer."),
        ("gross.pdf", PDF + b"x" * LARGEST, "„gross.pdf“ ist größer als 10 MB."),
        ("programm.exe", b"MZ" + b"x" * 99, "„programm.exe“ ist keine der erlaubten Arten"),
        ("falsch.pdf", b"<html>", "„falsch.pdf“ enthält etwas anderes"),
    ],
    ids=["empty", "too large", "forbidden kind", "disguised"],
)
async def test_file_that_cannot_be_is_refused_at_its_field(
    anna: Visitor, shop: Shop, name: str, content: bytes, sentence: str
) -> None:
    """422; what else was typed stays and is saved."""
    number = project_in_sales(shop)
    status, page = await uploads(anna, number, name, content, **{"value:promises": "Rampe bleibt frei"})
    assert status == 422
    assert f'id="item-{ITEM}-problem" data-problem>{sentence}' in page
    assert "Rampe bleibt frei</textarea>" in page
    assert answer(shop, number) == ""
    assert answer(shop, number, "promises") == "Rampe bleibt frei"


async def test_no_other_form_takes_files(anna: Visitor, shop: Shop) -> None:
    """A note with a file is refused as no form of ours."""
    hidden = hidden_fields((await anna.opens("/tickets/1")).text, "/tickets/1/note")
    sent = await anna.client.post(
        "/tickets/1/note", data={**hidden, "text": "x"}, files={"file": ("a.pdf", PDF)}, headers=HERE
    )
    assert sent.status_code in (400, 404)
    with shop.database.reading() as session:
        assert session.exec(select(FileRow)).first() is None


async def test_download_is_never_a_page_of_ours(anna: Visitor, shop: Shop) -> None:
    """As attachment, under its name in every alphabet, in a sandbox, with the type it was looked at for."""
    number = project_in_sales(shop)
    file = shop.attaches(number, NOW, "Auftrag Yıldız „2“.pdf")
    sent = await anna.opens(f"/tickets/{number}/files/{file}")
    assert sent.content == PDF
    assert sent.headers["content-type"] == "application/pdf"
    assert sent.headers["content-disposition"] == (
        'attachment; filename="Auftrag Y_ld_z _2_.pdf"; '
        "filename*=UTF-8''Auftrag%20Y%C4%B1ld%C4%B1z%20%E2%80%9E2%E2%80%9C.pdf"
    )
    assert "sandbox" in sent.headers["content-security-policy"]
    assert sent.headers["x-content-type-options"] == "nosniff"


async def test_file_of_another_ticket_is_not_there(anna: Visitor, shop: Shop) -> None:
    """Neither under the other ticket's address nor as its answer."""
    number, other = project_in_sales(shop), project_in_sales(shop)
    file = shop.attaches(other, NOW)
    assert (await anna.opens(f"/tickets/{number}/files/{file}")).status_code == 404
    assert (await anna.opens(f"/tickets/{number}/files/999999999999")).status_code == 404
    typed = {f"value:{ITEM}": str(file)}
    refused = await anna.sends(gate_of(number), f"{gate_of(number)}/submit", **typed)
    assert refused.status_code == 422
    assert f'id="item-{ITEM}-problem" data-problem>Bitte die Datei hinzufügen.' in refused.text


async def test_download_needs_signing_in(visitor: object, shop: Shop) -> None:
    """A guest is sent to the sign-in page."""
    number = project_in_sales(shop)
    file = shop.attaches(number, NOW)
    guest = visitor()  # type: ignore[operator]
    assert (await guest.opens(f"/tickets/{number}/files/{file}")).status_code == 303
