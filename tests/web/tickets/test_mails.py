"""Mails that came in, on the pages: shown safely under the ticket they became, or listed with why they became none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from activities.incoming.classify import Ours
from activities.incoming.taking import Mailroom, Taking
from activities.incoming.undone import Taken
from activities.incoming.watch_log import WatchLog
from models.tables import IncomingRow, PersonRow, SiteRow, TicketRow
from tests.incoming.mails import OFFICE, PDF, attached, away, delivery_report, mail, multipart, part
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor

EVIL = (
    b'<p onclick="x()">Guten <b>Tag</b></p><script>alert(1)</script><img src="https://tracker.example/p.gif">'
    b'<a href="javascript:alert(2)">hier</a><form action="https://evil.example"><input name="password"></form>'
    b'<style>body{display:none}</style><iframe src="https://evil.example"></iframe>'
)
MACHINE = "Auto-Submitted: auto-generated"


def take(shop: Shop, content: bytes, place: str = "1.1") -> Taken:
    """Have a mail come in, two minutes ago."""
    taking = Taking(shop.database, Mailroom("musterstadt", "anfrage", Ours(OFFICE, "musterstadt.example")))
    return taking.take(place, content, NOW - timedelta(minutes=2))


def ticket_of(shop: Shop, content: bytes) -> int:
    """Have a mail come in that opens a ticket; returns its number."""
    taken = take(shop, content)
    assert taken.start is not None
    return taken.start.number


def rows(shop: Shop) -> list[IncomingRow]:
    """Return what came in."""
    with shop.database.reading() as session:
        return list(session.exec(select(IncomingRow)))


async def test_ticket_shows_the_mail_with_its_own_date_its_files_and_what_was_left_out(
    anna: Visitor, shop: Shop
) -> None:
    content = multipart(
        part(b"Anbei der Plan.", "text/plain"),
        attached("Grundriss.pdf", PDF),
        attached("virus.exe", b"MZ" * 3000, "application/octet-stream"),
        sender="Nora Neu <nora@neu.example>",
    )
    number = ticket_of(shop, content)
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "Anbei der Plan." in page
    assert "vom Absender datiert auf Di 02.03.2027 16:30" in page
    assert "Nicht übernommen: „virus.exe“ (5,9 kB). Dateien dieser Art werden nicht angenommen." in page
    link = page.partition(">Grundriss.pdf<")[0].rpartition('href="')[2].rstrip('"')
    file = await anna.opens(link)
    assert (file.content, file.headers["Content-Disposition"].partition(";")[0]) == (PDF, "attachment")


async def test_html_of_a_mail_is_shown_apart_and_can_do_nothing(anna: Visitor, shop: Shop) -> None:
    """On the ticket's page there are only its words; as designed, it is a document in which nothing runs or loads."""
    number = ticket_of(shop, mail(EVIL, "Nora <nora@neu.example>", kind="text/html; charset=utf-8"))
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "Guten Tag" in page
    assert "alert(1)" not in page
    (row,) = rows(shop)
    link = f"/tickets/{number}/mails/{row.id}"
    assert f'href="{link}" target="_blank" rel="noopener noreferrer"' in page
    designed = await anna.opens(link)
    assert "Guten <b>Tag</b>" in designed.text
    for harm in ("script", "onclick", "javascript", "tracker", "form", "input", "iframe", "style"):
        assert harm not in designed.text
    policy = designed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


async def test_mail_is_shown_under_its_own_ticket_only_and_to_staff_only(
    anna: Visitor, shop: Shop, visitor: Callable[[], Visitor]
) -> None:
    ticket_of(shop, mail(b"<b>x</b>", "Nora <nora@neu.example>", kind="text/html"))
    (row,) = rows(shop)
    assert (await anna.opens(f"/tickets/1/mails/{row.id}")).status_code == 404
    assert (await anna.opens(f"/tickets/{row.ticket}/mails/{2**40}")).status_code == 404
    found = await visitor().opens(f"/tickets/{row.ticket}/mails/{row.id}")
    assert (found.status_code, "<b>x</b>" in found.text) == (303, False)


async def test_forged_reply_says_which_ticket_it_only_names(anna: Visitor, shop: Shop) -> None:
    number = ticket_of(shop, mail(b"Bitte stornieren", "Fremd <fremd@x.example>", subject="Re: [#1]"))
    page = (await anna.opens(f"/tickets/{number}")).text
    assert "Nennt Vorgang #1, kommt aber nicht von dessen Kunden." in page
    assert '<a href="/tickets/1">Zu Vorgang #1</a>' in page
    assert "Bitte stornieren" not in (await anna.opens("/tickets/1")).text


ASIDE = [
    (delivery_report("<0@elsewhere.example>"), "Unzustellbar", "Ein Mailserver meldet etwas zu einer unserer Mails."),
    (away("<0@elsewhere.example>"), "Automatische Antwort", "Sie gibt selbst an, von einer Maschine zu kommen."),
    (mail(b"x", OFFICE), "Schleife", "Es ist eine unserer eigenen Mails, die zurückkam."),
]


async def test_mails_that_opened_nothing_are_listed_with_the_reason(carl: Visitor, shop: Shop) -> None:
    for n, (content, _, _) in enumerate(ASIDE):
        take(shop, content, f"1.{n}")
    once = mail(b"einmal", "Nora <nora@neu.example>")
    take(shop, once, "1.8")
    take(shop, once, "1.9")
    page = (await carl.opens("/mails-in")).text
    for _, fate, why in [*ASIDE, (b"", "Duplikat", "Dieselbe Mail wurde schon übernommen.")]:
        assert f'<span class="tag">{fate}</span>' in page
        assert why in page
    assert page.count('class="card"') == 4


async def test_list_is_for_those_who_oversee_and_of_their_own_site(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    taken = take(shop, mail(b"x", "b@m.example", MACHINE))
    assert (await anna.opens("/mails-in")).status_code == 403
    assert (await anna.opens(f"/mails-in/{taken.row}/original")).status_code == 403
    assert 'href="/mails-in"' not in (await anna.opens("/")).text
    assert 'href="/mails-in"' in (await carl.opens("/")).text
    with shop.database.writing() as session:
        session.add(
            SiteRow(key="elsewhere", name="Elsewhere", calendar=session.get_one(SiteRow, "musterstadt").calendar)
        )
        session.flush()
        session.get_one(PersonRow, "carl").site = "elsewhere"
    assert "b@m.example" not in (await carl.opens("/mails-in")).text
    assert (await carl.opens(f"/mails-in/{taken.row}/original")).status_code == 404


async def test_original_is_a_download(carl: Visitor, shop: Shop) -> None:
    content = mail(b"x", "b@m.example", MACHINE)
    found = await carl.opens(f"/mails-in/{take(shop, content).row}/original")
    assert found.content == content
    assert found.headers["Content-Disposition"].startswith("attachment;")
    assert found.headers["Content-Type"] == "message/rfc822"
    assert (await carl.opens("/mails-in/4711/original")).status_code == 404


async def test_person_opens_a_ticket_with_one_click_and_a_second_click_leads_there(carl: Visitor, shop: Shop) -> None:
    """The engine is down: the ticket waits for it, and nothing is lost."""
    identity = take(shop, mail(b"Anfrage vom Formular", "Shop <shop@m.example>", MACHINE)).row
    before = len(tickets(shop))
    action = f"/mails-in/{identity}/open"
    opened = await carl.sends("/mails-in", action)
    assert opened.status_code == 303
    page = (await carl.opens(opened.headers["location"])).text
    assert "Anfrage vom Formular" in page
    assert "Carl Maurer" in page
    assert f'action="{action}"' not in (await carl.opens("/mails-in")).text
    csrf = page.partition('data-csrf="')[2].partition('"')[0]
    again = await carl.posts(action, csrf=csrf)
    assert again.headers["location"] == opened.headers["location"]
    assert len(tickets(shop)) == before + 1


def tickets(shop: Shop) -> list[int]:
    """Return the numbers of all tickets."""
    with shop.database.reading() as session:
        return list(session.exec(select(TicketRow.number)))


@pytest.mark.parametrize("identity", [0, 4711, 2**40])
async def test_mail_that_was_not_put_aside_cannot_be_opened(carl: Visitor, shop: Shop, identity: int) -> None:
    csrf = (await carl.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]
    assert (await carl.posts(f"/mails-in/{identity}/open", csrf=csrf)).status_code == 404


async def test_ticket_is_opened_by_our_own_form_and_by_overseers_only(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    identity = take(shop, mail(b"x", "b@m.example", MACHINE)).row
    before = len(tickets(shop))
    assert (await carl.posts(f"/mails-in/{identity}/open", csrf="wrong")).status_code == 403
    csrf = (await anna.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]
    assert (await anna.posts(f"/mails-in/{identity}/open", csrf=csrf)).status_code == 403
    assert len(tickets(shop)) == before


async def test_hostile_subject_and_sender_are_only_words(carl: Visitor, shop: Shop) -> None:
    take(shop, mail(b"x", '"<script>a</script>" <b@m.example>', MACHINE, subject="<img src=x onerror=alert(1)>"))
    page = (await carl.opens("/mails-in")).text
    assert "<script>a" not in page
    assert "<img src=x" not in page


async def test_long_list_comes_in_pages(carl: Visitor, shop: Shop) -> None:
    for n in range(30):
        take(shop, mail(b"%d" % n, f"b{n}@m.example", MACHINE, subject=f"Meldung {n:02}"), f"1.{n}")
    first, second = (await carl.opens("/mails-in")).text, (await carl.opens("/mails-in?page=2")).text
    assert "Meldung 29" in first
    assert "Meldung 04" not in first
    assert "Meldung 04" in second
    for odd in ("0", "-1", "x", "9" * 50, "99"):
        assert (await carl.opens(f"/mails-in?page={odd}")).status_code == 200


async def test_mailbox_out_of_reach_is_seen_by_overseers_on_every_page_and_by_whoever_watches(
    carl: Visitor, anna: Visitor, shop: Shop
) -> None:
    log = WatchLog(shop.database, "musterstadt")
    log.reached(NOW)
    assert "nicht erreichbar" not in (await carl.opens("/")).text
    assert "mail_in" not in (await carl.opens("/health")).json()
    log.out_of_reach(NOW, "imap.example:993 refuses the login of mail in")
    assert "seit Di 02.03.2027 14:20 nicht erreichbar" in (await carl.opens("/")).text
    assert "nicht erreichbar" not in (await anna.opens("/")).text
    assert "imap.example:993 refuses the login of mail in" in (await carl.opens("/mails-in")).text
    health = await anna.opens("/health")
    assert (health.status_code, health.json()["mail_in"]) == (200, {"musterstadt": "out of reach"})
    assert "mail_in_silent" in [each["code"] for each in health.json()["findings"]]


async def test_mailbox_nobody_looks_into_is_seen_too(carl: Visitor, shop: Shop) -> None:
    """The worker is down."""
    WatchLog(shop.database, "musterstadt").reached(NOW - timedelta(minutes=11))
    assert "hat seit Di 02.03.2027 14:09 niemand" in (await carl.opens("/")).text
    assert (await carl.opens("/health")).json()["mail_in"] == {"musterstadt": "not watched"}
