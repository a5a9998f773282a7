"""A person is told what waits: messages for their ticket, messages in the mailbox, mails that nobody looked at."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from activities.incoming.boxes import Why
from activities.incoming.stuck import TOLD_AFTER, Stuck
from activities.incoming.undone import Undone
from activities.incoming.waits import LATE
from models.tables import IncomingRow, SiteRow
from tests.incoming.mails import mail
from tests.web.shop import NOW, Shop
from tests.web.tickets.test_mails import MACHINE, rows, take
from tests.web.visitor import Visitor
from web.intake.unseen import unseen_count

SITE = "musterstadt"
MINUTE = timedelta(minutes=1)


def waits(shop: Shop, since: timedelta, trouble: str = "Unavailable (gateway.py:104)") -> int:
    """Have a mail wait for its ticket for so long; returns the ticket's number."""
    taken = take(shop, mail(b"x", "Nora <nora@neu.example>"))
    Undone(shop.database, SITE, "anfrage").postpone(taken, trouble, NOW)
    with shop.database.writing() as session:
        session.get_one(IncomingRow, taken.row).received_at = NOW - since
    return taken.ticket or 0


async def test_messages_that_wait_for_their_ticket_are_named_after_a_while(
    carl: Visitor, anna: Visitor, shop: Shop
) -> None:
    number = waits(shop, LATE + MINUTE)
    sentence = "Mails, die seit Di 02.03.2027 14:14 auf ihren Vorgang warten: 1. Der Vorgang antwortet nicht."
    assert sentence in (await carl.opens("/")).text
    assert sentence not in (await anna.opens("/")).text
    page = (await carl.opens("/mails-in")).text
    assert f'<a href="/tickets/{number}">Zu Vorgang #{number}</a>' in page.partition('class="trail waits"')[2]
    assert "Versuche: 1" in page
    health = (await carl.opens("/health")).json()
    assert health["mail_in"] == {SITE: "messages wait for their tickets"}


async def test_message_that_waits_for_a_moment_alarms_nobody(carl: Visitor, shop: Shop) -> None:
    waits(shop, LATE - MINUTE)
    assert "auf ihren Vorgang warten" not in (await carl.opens("/")).text
    assert "mail_in" not in (await carl.opens("/health")).json()


async def test_error_nobody_foresaw_is_named_by_its_kind(carl: Visitor, shop: Shop) -> None:
    waits(shop, LATE + MINUTE, "KeyError (taking.py:12)")
    assert "Ein Fehler im Programm: KeyError (taking.py:12)." in (await carl.opens("/mails-in")).text


async def test_waiting_ends_when_the_ticket_has_heard(carl: Visitor, shop: Shop) -> None:
    waits(shop, LATE + MINUTE)
    undone = Undone(shop.database, SITE, "anfrage")
    for left in undone.left(NOW + 60 * MINUTE):
        undone.done(left)
    assert "auf ihren Vorgang warten" not in (await carl.opens("/mails-in")).text


@pytest.mark.parametrize(("tries", "told"), [(TOLD_AFTER - 1, False), (TOLD_AFTER, True)])
async def test_message_that_cannot_be_taken_is_named_after_a_few_tries(
    carl: Visitor, shop: Shop, tries: int, told: bool
) -> None:
    """By its place, and by what its head says."""
    notes = Stuck(shop.database, SITE)
    for n in range(tries):
        notes.note(
            "7.4711", Why.NO_BODY, mail(b"", "Nora <nora@neu.example>", subject="Wagen defekt"), NOW + n * MINUTE
        )
    sentence = "Mails, die sich seit Di 02.03.2027 14:20 nicht aus dem Postfach übernehmen lassen: 1."
    page = (await carl.opens("/mails-in")).text
    lying = page.partition('class="trail lying"')[2]
    assert (sentence in page) is told
    for said in ("Wagen defekt", "im Postfach: 7.4711", "nora@neu.example", "gibt aber ihren Inhalt nicht her"):
        assert (said in lying) is told
    health = (await carl.opens("/health")).json()
    assert health.get("mail_in") == ({SITE: "messages cannot be taken"} if told else None)


async def test_message_whose_head_nobody_knows_is_named_by_its_place(carl: Visitor, shop: Shop) -> None:
    notes = Stuck(shop.database, SITE)
    for _ in range(TOLD_AFTER):
        notes.note("7.4711", Why.BROKEN_OFF, b"", NOW)
    lying = (await carl.opens("/mails-in")).text.partition('class="trail lying"')[2]
    assert "im Postfach: 7.4711" in lying
    assert "unbekannter Absender" in lying


async def test_what_waits_at_another_site_is_told_there(carl: Visitor, shop: Shop) -> None:
    with shop.database.writing() as session:
        calendar = session.get_one(SiteRow, SITE).calendar
        session.add(SiteRow(key="elsewhere", name="Elsewhere", calendar=calendar))
    notes = Stuck(shop.database, "elsewhere")
    for _ in range(TOLD_AFTER):
        notes.note("7.4711", Why.NO_BODY, b"", NOW)
    assert "7.4711" not in (await carl.opens("/mails-in")).text


def badge(page: str) -> str:
    """Return the count beside the menu's "mail in"; empty for none."""
    entry = page.partition('<a href="/mails-in">')[2].partition("</a>")[0]
    return entry.partition('<em class="badge">')[2].partition("<")[0]


async def test_menu_counts_what_was_put_aside_and_nobody_looked_at(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    assert badge((await carl.opens("/")).text) == ""
    for n in range(3):
        take(shop, mail(b"%d" % n, "b@m.example", MACHINE), f"1.{n}")
    take(shop, mail(b"x", "Nora <nora@neu.example>"), "1.9")
    assert badge((await carl.opens("/")).text) == "3"
    assert badge((await anna.opens("/")).text) == ""
    page = (await carl.opens("/mails-in")).text
    assert page.count("noch nicht gesehen") == 3
    first, second, _third, _ticket = rows(shop)
    assert (await carl.sends("/mails-in", f"/mails-in/{first.id}/seen")).status_code == 303
    assert badge((await carl.opens("/")).text) == "2"
    assert (await carl.sends("/mails-in", f"/mails-in/{second.id}/open")).status_code == 303
    page = (await carl.opens("/mails-in")).text
    assert (badge(page), page.count("noch nicht gesehen")) == ("1", 1)
    assert (rows(shop)[0].seen_by, rows(shop)[0].seen_at) == ("carl", NOW)


async def test_all_are_seen_with_one_press_but_not_what_came_meanwhile(carl: Visitor, shop: Shop) -> None:
    for n in range(2):
        take(shop, mail(b"%d" % n, "b@m.example", MACHINE), f"1.{n}")
    page = (await carl.opens("/mails-in")).text
    newest = page.partition('name="newest" value="')[2].partition('"')[0]
    csrf = page.partition('data-csrf="')[2].partition('"')[0]
    take(shop, mail(b"meanwhile", "b@m.example", MACHINE), "1.9")
    assert (await carl.posts("/mails-in/seen", csrf=csrf, newest=newest)).status_code == 303
    page = (await carl.opens("/mails-in")).text
    assert badge(page) == "1"
    assert page.index("noch nicht gesehen") < page.index('id="mail-1"')


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 40])
async def test_all_is_refused_without_a_number_of_ours(carl: Visitor, shop: Shop, newest: str) -> None:
    csrf = (await carl.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]
    assert (await carl.posts("/mails-in/seen", csrf=csrf, newest=newest)).status_code == 400


async def test_only_overseers_look_and_only_at_what_was_put_aside(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    opened = take(shop, mail(b"x", "Nora <nora@neu.example>"), "1.1").row
    aside = take(shop, mail(b"y", "b@m.example", MACHINE), "1.2").row
    csrf = (await anna.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]
    assert (await anna.posts(f"/mails-in/{aside}/seen", csrf=csrf)).status_code == 403
    assert (await anna.posts("/mails-in/seen", csrf=csrf, newest="9")).status_code == 403
    csrf = (await carl.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]
    for identity in (opened, 0, 4711, 2**40):
        assert (await carl.posts(f"/mails-in/{identity}/seen", csrf=csrf)).status_code == 404
    assert [row.seen_at for row in rows(shop)] == [None, None]


def test_counting_reads_the_indexes_of_the_unseen_only(shop: Shop) -> None:
    """It stands on every page of those who oversee, however many mails there were."""
    asked: list[tuple[str, Any]] = []

    def ask(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with shop.database.reading() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", ask)
        unseen_count(session, SITE)
        event.remove(connection, "before_cursor_execute", ask)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {what}", of).all() for what, of in asked]
    assert [("ix_incoming_aside" in str(plan), "ix_incoming_refused" in str(plan)) for plan in plans] == [
        (True, False),
        (False, True),
    ]
