"""The private calendar: what is in it, who can read it, and how its address begins and ends."""

import re
from collections.abc import Callable
from datetime import UTC, timedelta

import icalendar
import pytest
from icalendar import Calendar
from sqlmodel import select

from domain.ticket.facts import CustomerWrote, FollowUpSet, Paused, Reassigned
from models.tables import FeedRow, PersonRow
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.visitor import HERE, Visitor
from web.me import calendar_feed

PAGE = "/me/notifications"


async def made(visitor: Visitor) -> str:
    """Make an address and return its path."""
    page = await visitor.sends(PAGE, "/me/feed", do="make")
    assert page.status_code == 200
    found = re.search(r'value="http://127.0.0.1:8000(/feed/[\w-]{43}\.ics)"', page.text)
    assert found
    return found[1]


def parsed(text: str) -> Calendar:
    """Parse as strictly as the parser can: every line folded, every property known, nothing ignored."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    assert [component.errors for component in calendar.walk() if component.errors] == []
    assert {"PRODID", "VERSION"} <= set(calendar)
    for event in calendar.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART"} <= set(event)
        assert str(event["dtstart"].to_ical()).rstrip("'").endswith("Z")
    return calendar


def events(text: str) -> dict[str, icalendar.Event]:
    """Return the events by what they are called."""
    return {str(event["summary"]): event for event in parsed(text).walk("VEVENT")}  # type: ignore[misc]


async def test_calendar_holds_deadlines_and_follow_ups_of_own_tickets(
    anna: Visitor, visitor: Callable[[], Visitor]
) -> None:
    """In UTC, with a link, fifteen minutes long, read without signing in; what is over or somebody else's is not."""
    answer = await visitor().opens(await made(anna))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    found = events(answer.text)
    assert set(found) == {
        "#1 Probefahrt E-Kombi am Wochenende möglich? · Frist",
        "#2 Inzahlungnahme Golf VII, 84.000 km · Frist",
        "#5 Angebot Transporter, 3 Stück · Wiedervorlage",
    }
    first = found["#1 Probefahrt E-Kombi am Wochenende möglich? · Frist"]
    assert first.decoded("dtstart") == berlin("2027-03-02 15:30").astimezone(UTC)
    assert first.decoded("duration") == timedelta(minutes=15)
    assert first["url"] == "http://127.0.0.1:8000/tickets/1"
    assert first["uid"] == "1.E1.1@127.0.0.1"
    assert first["description"] == "Miriam Osterkamp"
    promised = found["#5 Angebot Transporter, 3 Stück · Wiedervorlage"]
    assert promised.decoded("dtstart") == berlin("2027-03-04 09:00").astimezone(UTC)


async def test_phases_of_a_chain_are_named(anna: Visitor, shop: Shop) -> None:
    """A builder reads which deadline it is."""
    shop.happens(shop.inquiry("Neubau", process="statuskette", at=NOW), FollowUpSet(NOW + timedelta(days=3)), NOW)
    summaries = [summary.partition(" · ")[2] for summary in events((await anna.opens(await made(anna))).text)]
    assert "Ersterfassung: Frist" in summaries
    assert "Wiedervorlage" in summaries


async def test_follow_up_stays_when_the_customer_writes_meanwhile(anna: Visitor, shop: Shop) -> None:
    """The ticket is open again and has a deadline; what was promised is promised all the same."""
    path = await made(anna)
    shop.happens(5, CustomerWrote(), NOW)
    found = events((await anna.opens(path)).text)
    promised = found["#5 Angebot Transporter, 3 Stück · Wiedervorlage"]
    assert promised.decoded("dtstart") == berlin("2027-03-04 09:00").astimezone(UTC)


async def test_event_keeps_its_name_until_its_anchor_moves(anna: Visitor, shop: Shop) -> None:
    """A follow-up set anew is a new event, and the old one is gone; nothing else changes, not even a byte."""
    path = await made(anna)
    before = await anna.opens(path)
    assert (await anna.opens(path)).text == before.text
    shop.happens(5, FollowUpSet(NOW + timedelta(days=9)), NOW)
    after = parsed((await anna.opens(path)).text)
    old, new = ({str(event["uid"]) for event in calendar.walk("VEVENT")} for calendar in (parsed(before.text), after))
    assert len(old - new) == len(new - old) == 1


async def test_what_has_not_changed_is_not_sent_again(anna: Visitor) -> None:
    """Calendars ask often; most of the time the answer is empty."""
    path = await made(anna)
    tag = (await anna.opens(path)).headers["etag"]
    again = await anna.opens(path, **{"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    head = await anna.client.head(path)
    assert (head.status_code, head.content) == (200, b"")


async def test_plain_calendar_names_nobody(anna: Visitor) -> None:
    """Numbers and times only: a subject may carry a name as well."""
    text = (await anna.opens(await made(anna) + "?plain")).text
    assert set(events(text)) == {"#1 · Frist", "#2 · Frist", "#5 · Wiedervorlage"}
    assert "DESCRIPTION" not in text
    for word in ("Osterkamp", "Kombi", "Reiter", "Transporter"):
        assert word not in text


async def test_nothing_else_about_people_is_in_it(anna: Visitor) -> None:
    """No telephone number, no address, no letter, no colleague."""
    text = (await anna.opens(await made(anna))).text.replace("\r\n ", "")
    for word in ("@kunde.example", "+49", "Rabatt", "anna@", "Berger", "Paul"):
        assert word not in text


async def test_words_in_a_subject_break_no_line(anna: Visitor, shop: Shop) -> None:
    """Commas, semicolons, backslashes and long umlauts come back as they were."""
    subject = 'Ein, zwei; drei \\n "vier" BEGIN:VALARM ' + "ü" * 120
    shop.inquiry(subject)
    text = (await anna.opens(await made(anna))).text
    assert any(subject in summary for summary in events(text))
    assert "\r\nBEGIN:VALARM" not in text.replace("\r\n ", "")


async def test_paused_and_moved_tickets_have_no_events(anna: Visitor, shop: Shop) -> None:
    """The clock stands still, or it is somebody else's."""
    path = await made(anna)
    shop.happens(1, Paused(), NOW, text="Warten.")
    shop.happens(2, Reassigned("paul"), NOW)
    assert [summary[:2] for summary in events((await anna.opens(path)).text)] == ["#5"]


async def test_empty_calendar_is_still_a_calendar(visitor: Callable[[], Visitor]) -> None:
    """Strict readers want at least one component."""
    helga = visitor()
    await helga.signs_in("helga")
    calendar = parsed((await helga.opens(await made(helga))).text)
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE"]


async def test_table_holds_only_the_hash_and_the_page_shows_the_address_once(anna: Visitor, shop: Shop) -> None:
    """A stolen copy of the database opens nothing."""
    assert "Es gibt noch keine Adresse." in (await anna.opens(PAGE)).text
    path = await made(anna)
    token = path.removeprefix("/feed/").removesuffix(".ics")
    with shop.database.reading() as session:
        (row,) = session.exec(select(FeedRow)).all()
    assert (row.person, token in row.token_hash) == ("anna", False)
    page = (await anna.opens(PAGE)).text
    assert token not in page
    assert "Es gibt eine Adresse seit Di 02.03.2027 14:20." in page


async def test_renewed_and_revoked_addresses_lead_nowhere(anna: Visitor, shop: Shop) -> None:
    """So does one that never was, and one of somebody who left."""
    first = await made(anna)
    second = await made(anna)
    assert first != second
    assert (await anna.opens(first)).status_code == 404
    assert (await anna.opens(second)).status_code == 200
    assert (await anna.sends(PAGE, "/me/feed", do="revoke")).status_code == 303
    assert (await anna.opens(second)).status_code == 404
    for path in ("/feed/.ics", "/feed/x.ics", f"/feed/{'A' * 43}.ics", f"/feed/{'x' * 5000}.ics", "/feed/%00.ics"):
        assert (await anna.opens(path)).status_code == 404
    third = await made(anna)
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").active = False
    assert (await anna.opens(third)).status_code == 404


async def test_nobody_else_makes_or_revokes_an_address(anna: Visitor, carl: Visitor, shop: Shop) -> None:
    """Not without our own form, not without signing in, and only one's own."""
    path = await made(anna)
    assert (await anna.posts("/me/feed", do="revoke")).status_code == 403
    stranger = await anna.client.post(
        "/me/feed", data={"do": "revoke"}, headers={**HERE, "origin": "http://evil.example"}
    )
    assert stranger.status_code == 403
    assert (await carl.sends(PAGE, "/me/feed", do="revoke")).status_code == 303
    assert (await anna.sends(PAGE, "/me/feed", do="steal")).status_code == 404
    assert (await anna.opens(path)).status_code == 200
    with shop.database.reading() as session:
        assert [row.person for row in session.exec(select(FeedRow))] == ["anna"]


async def test_asking_too_often_is_answered_with_patience(anna: Visitor, carl: Visitor) -> None:
    """Counted per person and, for unknown addresses, per caller; others are served meanwhile."""
    mine, his = await made(anna), await made(carl)
    answers = [(await anna.opens(mine)).status_code for _ in range(calendar_feed.TRIES + 1)]
    assert answers == [200] * calendar_feed.TRIES + [429]
    assert (await anna.opens(mine)).headers["retry-after"] == str(calendar_feed.MINUTES * 60)
    assert (await anna.opens(his)).status_code == 200
    guesses = [(await anna.opens(f"/feed/{n}.ics")).status_code for n in range(calendar_feed.TRIES + 1)]
    assert guesses == [404] * calendar_feed.TRIES + [429]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_calendar_speaks_the_reader_s_language(anna: Visitor, shop: Shop, language: str) -> None:
    """As their pages and mails do."""
    path = await made(anna)
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").language = language
    word = {"de": "Wiedervorlage", "en": "Follow-up"}[language]
    assert f"#5 Angebot Transporter, 3 Stück · {word}" in events((await anna.opens(path)).text)
