"""The mail catcher's pages: everything that was caught can be found and read, and nothing in a mail can act."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from embedded.mail_pages import create_app
from embedded.mailbag import Mailbag

REMINDER = b"""From: =?utf-8?q?Autohaus_M=C3=BCsterstadt?= <office@musterstadt.example>\r
To: anna@musterstadt.example\r
Subject: =?utf-8?q?Erinnerung_an_M=C3=BCller_=26_S=C3=B6hne?=\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
\r
Bitte melden Sie sich.\r
--x\r
Content-Type: text/html; charset=utf-8\r
\r
<!doctype html><html><head><title>R1</title></head><body><script>alert(1)</script></body></html>\r
--x--\r
"""


@pytest.fixture
def mailbag(tmp_path: Path) -> Mailbag:
    """Return a mailbag with a reminder to Anna."""
    bag = Mailbag(tmp_path / "mails")
    bag.keep("office@musterstadt.example", ["anna@musterstadt.example"], REMINDER)
    return bag


@pytest.fixture
async def pages(mailbag: Mailbag) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the pages."""
    transport = httpx.ASGITransport(create_app(mailbag))
    async with httpx.AsyncClient(transport=transport, base_url="http://mails") as client:
        yield client


def key(mailbag: Mailbag) -> str:
    """Return the key of the newest mail."""
    return mailbag.caught()[0].key


async def test_list_shows_subject_and_recipient(pages: httpx.AsyncClient) -> None:
    page = (await pages.get("/")).text
    assert "Erinnerung an Müller &amp; Söhne" in page
    assert "anna@musterstadt.example" in page


async def test_newest_mail_is_at_the_top(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    mailbag.keep("a@b.example", ["paul@musterstadt.example"], b"Subject: Die zweite\r\n\r\nText\r\n")
    page = (await pages.get("/")).text
    assert page.index("Die zweite") < page.index("Erinnerung")


async def test_search_finds_recipients_in_any_case_also_hidden_ones(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    """The envelope counts, not the header: a blind copy is found too."""
    mailbag.keep("a@b.example", ["Hidden@musterstadt.example"], b"To: list@b.example\r\nSubject: Blind\r\n\r\nText\r\n")
    found = (await pages.get("/", params={"to": "hidden"})).text
    assert "Blind" in found
    assert "Erinnerung" not in found
    assert "Keine Mail an diesen" in (await pages.get("/", params={"to": "nobody"})).text


async def test_html_is_shown_in_a_sandbox_in_which_nothing_runs(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    page = (await pages.get(f"/mails/{key(mailbag)}")).text
    assert '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script>alert" not in page
    html = await pages.get(f"/mails/{key(mailbag)}/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "allow-scripts" not in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert '<head><base target="_blank"><title>' in html.text


async def test_text_can_be_read_instead(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    page = (await pages.get(f"/mails/{key(mailbag)}", params={"view": "text"})).text
    assert "<pre>Bitte melden Sie sich." in page
    assert "<iframe" not in page


async def test_source_is_what_was_sent_with_the_envelope_in_front(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    source = await pages.get(f"/mails/{key(mailbag)}/source")
    assert source.headers["Content-Type"].startswith("text/plain")
    assert source.text.startswith("X-Envelope-From: office@musterstadt.example")
    assert "boundary=x" in source.text


@pytest.mark.parametrize("path", ["/none", "/none/html", "/none/source", "/..%2f..%2fledger.db"])
async def test_mail_that_is_not_there_is_not_found(pages: httpx.AsyncClient, path: str) -> None:
    assert (await pages.get(f"/mails{path}")).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no headers at all",
        b"Subject: =?unknown-charset?q?=FF?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff\xfe",
        b"Subject: \xff\xfe\r\nTo: <<<>>>,,;\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=never\r\n\r\nno parts",
    ],
)
async def test_broken_mail_can_be_listed_and_read(pages: httpx.AsyncClient, mailbag: Mailbag, content: bytes) -> None:
    mailbag.keep("", ["anna@musterstadt.example"], content)
    assert (await pages.get("/")).status_code == 200
    assert (await pages.get(f"/mails/{key(mailbag)}")).status_code == 200


async def test_pages_speak_english_to_those_who_ask(pages: httpx.AsyncClient) -> None:
    assert "Caught mails" in (await pages.get("/", headers={"Accept-Language": "en"})).text


async def test_long_list_comes_in_pages(pages: httpx.AsyncClient, mailbag: Mailbag) -> None:
    for number in range(60):
        mailbag.keep("a@b.example", ["paul@musterstadt.example"], f"Subject: Nummer {number}\r\n\r\n".encode())
    first, second = (await pages.get("/")).text, (await pages.get("/", params={"page": 2})).text
    assert "Nummer 59<" in first
    assert "Erinnerung" not in first
    assert "Erinnerung" in second


async def test_empty_mailbag_says_so(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(create_app(Mailbag(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://mails") as client:
        assert "Noch keine Mail gefangen." in (await client.get("/")).text
        assert (await client.get("/count")).json() == {"total": 0}
