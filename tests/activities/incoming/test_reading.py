"""Whatever the bytes are, a mail is read: as well as can be, within limits, and never with an error."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.incoming.message import Incoming
from activities.incoming.reading import read
from domain.text.legible import LONGEST_TEXT, is_legible
from tests.incoming.mails import INVITATION, PDF, PNG, UMLAUTS, attached, mail, multipart, nested, part, parts, winmail


def codes(message: Incoming) -> list[str]:
    """Return the codes of a mail's remarks."""
    return [remark.code for remark in message.remarks]


def names(message: Incoming) -> list[str]:
    """Return the names of the files that are kept."""
    return [file.name for file in message.files]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("utf-8", "cp1252"),
        ("x-unknown", "utf-8"),
        ("x-unknown", "cp1252"),
        ("utf-16", "utf-16"),
        ("base64", "utf-8"),
        ('"utf-8', "utf-8"),
        ("", "cp1252"),
    ],
)
def test_umlauts_are_read_whatever_charset_is_claimed(charset: str, encoding: str) -> None:
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    assert read(mail(UMLAUTS.encode(encoding), kind=kind)).text == UMLAUTS


def test_euro_of_latin_9_is_read() -> None:
    """What is claimed and can be is believed: the same byte is another sign in Latin-1."""
    assert read(mail(b"12 \xa4", kind="text/plain; charset=iso-8859-15")).text == "12 €"


def test_utf_7_is_refused() -> None:
    """Its plus signs hide characters; what is kept is what stands there."""
    message = read(mail(b"+ADw-script+AD4-", kind="text/plain; charset=utf-7"))
    assert message.text == "+ADw-script+AD4-"
    assert codes(message) == ["charset_refused"]


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        ("=?iso-8859-1?b?R3L232U=?=", "Größe"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?tsOfZQ==?=", "Größe"),
        ("=?x-unknown?q?Gr=F6=DFe?=", "Größe"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
        ("=?utf-8?b?!!!?=", None),
        ("Größe", "Größe"),
        ("=?utf-8?q?eins=0D=0ABcc:_zwei?=", "eins Bcc: zwei"),
        ("=?utf-8?q?a=00b=E2=80=AEc?=", "ab c"),
        ("x" * 5000, "x" * 200),
    ],
)
def test_subject_is_one_legible_line(header: str, subject: str | None) -> None:
    message = read(mail(subject=header))
    assert is_legible(message.subject)
    assert len(message.subject) <= 200
    assert subject is None or message.subject == subject


def test_eight_bit_header_in_latin_1_is_read() -> None:
    assert read(mail(subject="Gr\udcf6\udcdfe")).subject == "Größe"


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        ("Kim Kunde <Kim@Kunde.Example>", "Kim Kunde", "Kim@kunde.example"),
        ("kim@kunde.example", "", "kim@kunde.example"),
        ("=?utf-8?q?J=C3=BCrgen=2C_Meier?= <j@kunde.example>", "Jürgen, Meier", "j@kunde.example"),
        ('"Meier, Jürgen" <j@kunde.example>', "Meier, Jürgen", "j@kunde.example"),
        ("kim@müller.example", "", "kim@xn--mller-kva.example"),
        ("a@x.example, b@y.example", "", "a@x.example"),
        ("undisclosed, b@y.example", "", "b@y.example"),
        ("nobody", "nobody", ""),
        ("<>", "", ""),
        ("<<<>>,;:@", None, ""),
        ("x" * 100_000 + "@y.example", None, ""),
    ],
)
def test_sender_is_the_first_usable_address(header: str, name: str | None, address: str) -> None:
    message = read(mail(sender=header))
    assert message.sender.address == address
    assert name is None or message.sender.name == name


def test_mail_without_from_date_or_message_id_is_read() -> None:
    """Its id is derived from its bytes: the same again is the same mail, one byte else is another."""
    bare = b"Subject: Hallo\r\n\r\nText"
    message = read(bare)
    assert (message.sender.address, message.sent_at, message.text) == ("", None, "Text")
    assert message.message_id == read(bare).message_id != read(bare + b".").message_id


def test_several_froms_are_noted_and_the_first_counts() -> None:
    message = read(mail(b"x", "a@x.example", "From: b@y.example"))
    assert message.sender.address == "b@y.example"
    assert codes(message) == ["several_senders"]


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Tue, 2 Mar 2027 17:00:00 +0100", datetime(2027, 3, 2, 16, tzinfo=UTC)),
        ("Tue, 2 Mar 2027 17:00:00 -0000", datetime(2027, 3, 2, 17, tzinfo=UTC)),
        ("gestern", None),
        ("Tue, 99 Mar 2027 17:00:00 +0100", None),
        ("Tue, 2 Mar 1066 17:00:00 +0100", None),
        ("Tue, 2 Mar 9999 23:59:59 -2300", None),
    ],
)
def test_own_date_is_kept_where_it_is_one(date: str, at: datetime | None) -> None:
    assert read(f"From: a@x.example\r\nDate: {date}\r\n\r\nx".encode()).sent_at == at


def test_plain_text_wins_over_html_and_html_is_kept_harmless() -> None:
    message = read(multipart(part(b"plain", "text/plain"), part(b"<b>bold</b>", "text/html"), how="alternative"))
    assert (message.text, message.html) == ("plain", "<b>bold</b>")


def test_html_beside_a_plain_footer_is_not_lost() -> None:
    """Scanners add their footer as a part of its own."""
    message = read(multipart(part(b"<p>Frage</p>", "text/html"), part(b"Virenfrei.", "text/plain")))
    assert message.text == "Frage\n\nVirenfrei."


HOSTILE = """<html><head><title>t</title><style>p{background:url(http://spy.example/a)}</style></head>
<body onload=alert(1)><p style="background:url(http://spy.example/b)">Hallo<br>Welt</p>
<img src="http://spy.example/pixel.gif"><a href="javascript:alert(1)">eins</a><a href="https://x.example/">zwei</a>
<form action="http://spy.example"><input name=a></form><iframe src="http://spy.example"></iframe>
<svg><script>alert(1)</script></svg><base href="http://spy.example"><meta http-equiv=refresh content="0;url=http://spy.example">
<script>alert(1)</script><table><tr><td background="http://spy.example/c">Zelle</td></tr></table></body></html>"""


def test_html_loads_nothing_runs_nothing_and_its_links_carry_rel() -> None:
    message = read(mail(HOSTILE.encode(), kind="text/html; charset=utf-8"))
    for forbidden in ("script", "spy.example", "onload", "style", "<img", "<form", "<iframe", "<svg", "<base", "<meta"):
        assert forbidden not in message.html
    assert '<a href="https://x.example/" rel="noopener noreferrer nofollow">zwei</a>' in message.html
    assert "Zelle" in message.html
    assert message.text.splitlines()[:2] == ["Hallo", "Welt"]
    assert "alert" not in message.text


@pytest.mark.parametrize("element", ["div", "b", "table", "a href=x"])
def test_html_nested_without_end_is_reduced_to_its_words_in_no_time(element: str) -> None:
    begun = time.process_time()
    message = read(mail((f"<{element}>" * 100_000 + "Ende").encode(), kind="text/html"))
    assert (message.html, message.text) == ("", "Ende")
    assert time.process_time() - begun < 5


def test_related_pictures_become_files() -> None:
    picture = part(PNG, 'image/png; name="logo.png"', "Content-ID: <1>", encoded=True)
    message = read(multipart(part(b"<p>Hallo</p><img src=cid:1>", "text/html"), picture, how="related"))
    assert (message.text, names(message), message.files[0].content) == ("Hallo", ["logo.png"], PNG)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf", "Größe.pdf"),
        ("filename*0*=utf-8''Gr%C3%B6; filename*1*=%C3%9Fe.pdf", "Größe.pdf"),
        ('filename="=?utf-8?q?Gr=C3=B6=C3=9Fe.pdf?="', "Größe.pdf"),
        ('filename="Größe.pdf"', "Größe.pdf"),
        ('filename="../../etc/plan.pdf"', "plan.pdf"),
        ('filename="C:\\\\x\\\\plan.pdf"', "plan.pdf"),
        ('filename="=?utf-8?q?a=0D=0Ab.pdf?="', "a b.pdf"),
    ],
)
def test_names_of_files_are_decoded_and_lose_their_paths(header: str, name: str) -> None:
    file = part(PDF, "application/pdf", f"Content-Disposition: attachment; {header}", encoded=True)
    assert names(read(multipart(part(b"x", "text/plain"), file))) == [name]


def test_large_attachment_is_left_out_with_its_name_and_size_and_the_mail_is_read() -> None:
    content = PDF + b"x" * (30 * 1024 * 1024)
    message = read(
        multipart(part(b"Siehe Anhang", "text/plain"), attached("film.pdf", content), attached("a.pdf", PDF))
    )
    (remark,) = message.remarks
    assert (message.text, names(message)) == ("Siehe Anhang", ["a.pdf"])
    assert remark.written() == {
        "code": "file_left_out",
        "file": "film.pdf",
        "size": str(len(content)),
        "why": "file_too_large",
    }


def test_forbidden_and_disguised_files_are_left_out() -> None:
    message = read(multipart(attached("a.exe", b"MZ"), attached("b.pdf", b"<html>"), attached("c.pdf", PDF)))
    assert names(message) == ["c.pdf"]
    assert [remark.context["why"] for remark in message.remarks] == ["file_kind", "file_disguised"]


def test_more_files_than_anybody_sends_are_left_out() -> None:
    message = read(multipart(*(attached(f"{n}.pdf", PDF) for n in range(40))))
    assert len(message.files) == 25
    assert {remark.context["why"] for remark in message.remarks} == {"too_many_files"}
    assert len(message.remarks) == 15


def test_invitation_becomes_a_line_and_a_file() -> None:
    message = read(multipart(part(b"Bitte kommen", "text/plain"), part(INVITATION, "text/calendar; method=REQUEST")))
    assert message.text == "Bitte kommen\n\n📅 Aufmaßtermin · 04.03.2027 13:00 UTC · Baustelle"
    assert names(message) == ["invitation.ics"]


def test_broken_invitation_is_still_a_mail() -> None:
    message = read(multipart(part(b"Bitte kommen", "text/plain"), part(b"BEGIN:VEVENT", "text/calendar")))
    assert message.text == "Bitte kommen"
    assert codes(message) == ["file_left_out"]


def test_forwarded_mail_is_read_and_kept() -> None:
    inner = multipart(part(b"Urspr\xfcngliche Frage", "text/plain; charset=latin1"), attached("plan.pdf", PDF))
    message = read(multipart(part(b"zur Info", "text/plain"), part(inner, "message/rfc822")))
    assert message.text == "zur Info\n\n— Kim Kunde · kim@kunde.example · Kombi gesucht —\n\nUrsprüngliche Frage"
    assert names(message) == ["Kombi gesucht.eml", "plan.pdf"]


def test_winmail_dat_is_unpacked() -> None:
    packed = winmail("Grüße aus Outlook".encode("cp1252"), [(b"plan.pdf", PDF), ("Maß.pdf".encode("cp1252"), PDF)])
    message = read(multipart(attached("winmail.dat", packed, "application/ms-tnef")))
    assert (message.text, names(message)) == ("Grüße aus Outlook", ["plan.pdf", "Maß.pdf"])


@pytest.mark.parametrize("packed", [b"", b"nonsense", winmail(b"x", [])[:20], winmail(b"", [(b"a", b"")] * 300)])
def test_broken_winmail_dat_is_named(packed: bytes) -> None:
    message = read(multipart(part(b"Text", "text/plain"), attached("winmail.dat", packed, "application/ms-tnef")))
    assert (message.text, codes(message)) == ("Text", ["winmail_unreadable"])


def test_long_text_goes_on_in_a_file() -> None:
    text = "\n".join(f"Zeile {n}" for n in range(10_000))
    message = read(mail(text.encode()))
    assert len(message.text) == LONGEST_TEXT
    assert message.files[0].name == "message.txt"
    assert message.files[0].content.decode() == text
    assert codes(message) == ["text_continues"]


def test_controls_nul_bytes_and_half_pairs_never_reach_the_database() -> None:
    message = read(mail(b"a\x00b\x07c\xed\xa0\x80d\r\ne\x0bf\rg", sender="A\x00B <a@x.example>", subject="a\x00b"))
    assert message.text.startswith("abc")
    for said in (message.text, message.subject, message.sender.name):
        said.encode("utf-8")
        assert "\x00" not in said
    assert message.text.endswith("d\nef\ng")


def test_ten_thousand_recipients_are_counted_and_the_envelope_s_is_known() -> None:
    many = ", ".join(f"r{n}@x.example" for n in range(10_000))
    begun = time.process_time()
    message = read(mail(b"x", "a@x.example", "Delivered-To: anfragen+17@musterstadt.example", to=many))
    assert time.process_time() - begun < 3
    assert len(message.recipients) == 100
    assert message.recipients[0] == "anfragen+17@musterstadt.example"
    assert message.remarks[0].written() == {"code": "many_recipients", "n": "10001"}


@pytest.mark.parametrize("depth", [20, 40, 290])
def test_nesting_has_an_end(depth: int) -> None:
    message = read(nested(depth))
    assert message.sender.address == "kim@kunde.example"
    assert message.unreadable == ""
    assert (message.text == "innermost") == (depth == 20)
    assert (codes(message) == []) == (depth == 20)


def test_nesting_beyond_reason_leaves_the_headers_in_no_time() -> None:
    content = nested(5_000)
    begun = time.process_time()
    message = read(content)
    assert (message.sender.address, message.subject, codes(message)) == (
        "kim@kunde.example",
        "Kombi gesucht",
        ["too_deep"],
    )
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "content",
    [
        mail(b"", kind="multipart/mixed"),
        mail(b"--b0\r\n", kind="multipart/mixed; boundary=b0"),
        mail(b"x", kind="multipart/mixed; boundary=b0"),
        mail(b"x", kind=";;;=;"),
        mail(b"x", kind="text/plain; charset*=''%"),
        mail(b"x", kind="text/plain; charset*0*=utf"),
        mail(b"!!", "a@x.example", "Content-Transfer-Encoding: base64"),
        mail(b"begin 644 x\r\nbroken", "a@x.example", "Content-Transfer-Encoding: x-uuencode"),
        mail(b"x", "a@x.example", "Content-Disposition: attachment; filename*=x''%ZZ%"),
        mail(b"x", "a@x.example", "Content-Type"),
        mail(parts(part(b"x", "message/rfc822")), kind="multipart/mixed; boundary=b0"),
        mail(b"x", kind="message/rfc822"),
        mail(b"x", kind="message/delivery-status"),
        mail(b"x", kind="message/partial"),
    ],
)
def test_broken_structure_is_a_mail_all_the_same(content: bytes) -> None:
    message = read(content)
    assert message.unreadable == ""
    assert message.subject == "Kombi gesucht"


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\x00\xff\xfe", b"no header at all"])
def test_what_is_no_mail_is_unreadable(content: bytes) -> None:
    assert read(content).unreadable


def test_references_name_the_answered_mail_first_then_the_thread_from_its_end() -> None:
    message = read(
        mail(b"x", "a@x.example", "References: <1@x> <2@x>\r\n <3@x> rubbish <no> <3@x>", "In-Reply-To: <3@x>")
    )
    assert message.references == ("<3@x>", "<2@x>", "<1@x>")


@given(st.binary(max_size=2000))
def test_no_bytes_raise(content: bytes) -> None:
    assert read(content).unreadable in ("", "empty", "no_headers", "too_deep")


@given(
    st.lists(
        st.sampled_from(
            [
                b"From: ",
                b"Content-Type: ",
                b"multipart/mixed; boundary=b",
                b"\r\n",
                b"--b",
                b"--",
                b"=?utf-8?q?=FF?=",
                b"\xff",
                b'"',
                b";",
                b"charset=",
                b"message/rfc822",
                b"filename*0*=",
                b"<",
                b"@",
                b"text/html",
                b"Content-Disposition: attachment",
                b"a",
                b" ",
            ]
        ),
        max_size=60,
    )
)
def test_no_pieces_of_mails_raise(several: list[bytes]) -> None:
    content = b"".join(several)
    message = read(b"Subject: x\r\n" + content)
    assert message.unreadable in ("", "no_headers")
    message.text.encode("utf-8")
