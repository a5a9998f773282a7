"""Files as spreadsheets save them: each line by itself, and only a file without lines is refused as a whole."""

import csv
import io

import pytest

from domain.customers.external_facts import normalised, read_record
from domain.customers.import_files import MOST_LINES, Line, example, read_file, write_file
from domain.ticket.facts import Refused
from domain.words.wording import refusal
from tests.domain.scenes import OFFICE, at

HEAD = "id;what;customer;name;company\r\n"


def lines(body: str, head: str = HEAD, encoding: str = "utf-8") -> list[Line]:
    """Read a file."""
    return read_file((head + body).encode(encoding))


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_file_is_read_however_it_was_saved(delimiter: str, encoding: str, end: str) -> None:
    text = f"ID;What; customer ;name{end}1;registered;k-1;Jürgen Groß{end}2;offer;k-1;{end}"
    assert read_file(text.replace(";", delimiter).encode(encoding)) == [
        Line(2, {"id": "1", "what": "registered", "customer": "k-1", "name": "Jürgen Groß"}),
        Line(3, {"id": "2", "what": "offer", "customer": "k-1"}),
    ]


def test_delimiter_in_a_header_that_another_one_would_read_too() -> None:
    """The one that finds most of our columns counts, not the one that is there most often."""
    assert (
        read_file(b'id;what;customer;"name"\n1;registered;k,1,2,3,4,5;Kim, Dr.')[0].content["customer"] == "k,1,2,3,4,5"
    )


def test_quoted_cell_may_hold_delimiters_quotes_and_line_ends_and_lines_keep_their_numbers() -> None:
    found = lines('1;registered;k;"Kim ""K"";\r\nKunde";K\r\n2;offer;k;;\r\n')
    assert found[0].content["name"] == 'Kim "K";\r\nKunde'
    assert [line.number for line in found] == [2, 4]


def test_lines_that_cannot_be_read_are_refused_by_themselves() -> None:
    found = lines(
        '\r\n1;offer;k;;;surplus;more\r\n2;offer;"k"x;;\r\n3;offer;k\r\n4;offer;k;;;;;\r\n;;;;\r\n5;offer;k;;\r\n'
    )
    assert [(line.number, line.refusal) for line in found] == [
        (2, "line_empty"),
        (3, "too_many_columns"),
        (4, "line_unreadable"),
        (5, ""),
        (6, ""),
        (7, "line_empty"),
        (8, ""),
    ]
    assert found[1].content == {"id": "1", "what": "offer", "customer": "k", "+1": "surplus", "+2": "more"}


def test_empty_lines_at_the_end_and_before_the_header_are_nothing() -> None:
    found = lines("1;offer;k;;\r\n\r\n;;;;\r\n  \r\n", head=f"\r\n{HEAD}")
    assert [(line.number, line.content["id"]) for line in found] == [(3, "1")]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "import_empty"),
        (b" \r\n \r\n", "import_empty"),
        (b"%PDF-1.7\x00\x01\x02\xff", "import_not_text"),
        ("id;what;customer\n1;offer;k".encode("utf-16"), "import_not_text"),
        (b"id;what;customer\n1;offer;k\x81", "import_not_text"),
        (b"id;what;customer\n1;offer;k\x00", "import_not_text"),
        (b"Kundin;Stadt\nKim;Ulm", "header_missing"),
        (b"1;offer;k\n2;offer;k", "header_missing"),
        (b"id;what\n1;offer", "column_missing"),
        (b"id;what;customer;Farbe\n1;offer;k;rot", "column_unknown"),
        (b"id;what;customer;ID\n1;offer;k;2", "column_twice"),
        (b"id;what;customer\n", "import_without_lines"),
        (b"id;what;customer\n\n;;\n", "import_without_lines"),
        (b'id;what;customer\n1;offer;"k\n2;offer;k\n3;offer;k', "quote_open"),
        (b"id;what;customer\n" + b"1;offer;k\n" * (MOST_LINES + 1), "import_too_long"),
        (b"id;what;customer\n" + b"x" * (10 * 1024 * 1024), "import_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_that_is_none_of_ours_is_refused_as_a_whole(file: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_file(file)
    assert refused.value.code == code
    for language in ("de", "en"):
        assert "–" not in refusal(code, refused.value.context, language)
        assert refusal(code, refused.value.context, language) != code


def test_open_quote_names_its_line() -> None:
    with pytest.raises(Refused) as refused:
        lines('1;offer;k;;\r\n2;offer;"k;;\r\n3;offer;k;;\r\n')
    assert refused.value.context["line"] == "3"


def test_download_is_harmless_to_spreadsheets_and_comes_back_as_it_was() -> None:
    """A cell that a spreadsheet would compute is quoted; read again, it is what was sent."""
    evil = {"id": "1", "what": "registered", "customer": "=cmd|' /C calc'!A0", "name": "@Kim", "phone": "+49 89 1"}
    file = write_file([(evil, "-1 is the reason"), ({"id": "2", "+1": "=surplus"}, "too many")])
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    again = read_file(file)
    assert again[0] == Line(2, evil)
    assert again[1].refusal == "too_many_columns"
    assert again[1].content == {"id": "2", "+1": "=surplus"}


def test_example_is_a_file_of_ours_and_each_line_is_a_record() -> None:
    found = read_file(example())
    assert len(found) == 6
    for line in found:
        assert line.refusal == ""
        assert read_record(normalised(line.content), OFFICE, at("2026-12-01 10:00")) is not None
