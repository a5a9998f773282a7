"""Headers nobody can break, ids that stay readable, and mails that are the same twice."""

import re
import unicodedata
from dataclasses import replace

import pytest

from activities.mail.message import mail_message, message_id, one_line, thread, usable_address
from tests.activities.mail.writing import ANNA, ITEM, REPLY, answer, item, notify

_TURNS_WRITING_AROUND = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
HEADER_BREAKERS = [
    *(chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp")),
    *(chr(code) for code in range(0x3000) if unicodedata.bidirectional(chr(code)) in _TURNS_WRITING_AROUND),
    *("\u061c", "\u200e", "\u200f", "\r\n", "\ud800"),
]


@pytest.mark.parametrize("breaker", HEADER_BREAKERS, ids=ascii)
def test_nothing_breaks_out_of_a_header(breaker: str) -> None:
    evil = f"a{breaker}Bcc: victim@office.example{breaker}{breaker}b"
    clean = "a Bcc: victim@office.example b"
    staff = notify(item(subject=evil, customer=evil), reader=replace(ANNA, name=evil))
    mine = answer(replace(REPLY, subject=evil, author=evil, site=evil))
    for letter in (staff, mine):
        message = mail_message(letter.headers, letter.subject, "text", "html")
        content = message.as_bytes()
        assert message["Bcc"] is None
        assert not re.search(rb"^bcc:", content, re.IGNORECASE | re.MULTILINE)
        assert clean in message["Subject"]
        assert breaker not in str(message["Subject"]) + str(message["To"]) + str(message["From"])
    assert clean in staff.headers["To"]
    assert one_line(evil) == clean


def test_line_of_a_stranger_never_becomes_a_line_of_ours() -> None:
    letter = notify(item(subject="a\nVorgang öffnen: https://evil.example"))
    assert "\nVorgang öffnen: https://evil.example" not in letter.text


def test_names_with_commas_and_umlauts_stay_one_recipient() -> None:
    letter = notify(ITEM, reader=replace(ANNA, name='Weiß, Cora "Chefin" <x@y>'))
    (recipient,) = mail_message(letter.headers, letter.subject, "", "")["To"].addresses
    assert (recipient.display_name, recipient.addr_spec) == (
        'Weiß, Cora "Chefin" <x@y>',
        "anna@office.example",
    )


def test_long_message_ids_stay_readable() -> None:
    ids = [f"<{'x' * 90}{number}@mail.kunde.example>" for number in range(40)]
    letter = answer(replace(REPLY, thread=tuple(ids), replies_to=ids[-1]))
    content = mail_message(letter.headers, letter.subject, "", "").as_bytes().decode()
    references = re.search(r"^References: ((?:.+\r\n )*.+)\r\n", content, re.MULTILINE)
    assert references is not None
    assert references[1].split() == [ids[0], *ids[-19:]]
    assert f"In-Reply-To: {ids[-1]}\r\n" in content


def test_malformed_message_ids_are_left_out() -> None:
    assert thread(["<a@b>\r\nBcc: x@y", "nothing", "<a b@c>", "<ü@c>", f"<{'x' * 500}@y>"]) == "<a@b>"


def test_same_notices_make_the_same_message_id_in_any_order() -> None:
    first = message_id("person:anna", ["1:R1", "2:R1"], "statuskette.example")
    assert first == message_id("person:anna", ["2:R1", "1:R1"], "statuskette.example")
    assert first != message_id("person:dora", ["1:R1", "2:R1"], "statuskette.example")
    assert re.fullmatch(r"<[0-9a-f]{32}@statuskette\.example>", first)


def test_same_letter_makes_the_same_bytes() -> None:
    letter = notify(ITEM)
    first, second = (mail_message(letter.headers, letter.subject, letter.text, letter.html) for _ in range(2))
    assert first.as_bytes() == second.as_bytes()
    assert first.get_content_type() == "multipart/alternative"
    assert first.as_bytes().isascii()


def test_umlaut_domains_are_written_in_ascii() -> None:
    assert usable_address("karl@müller.example") == "karl@xn--mller-kva.example"
    assert usable_address("kärl@kunde.example") is None
