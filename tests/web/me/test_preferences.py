"""What a person sets for themselves, and what pops up for them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from activities.ledger.outbox import is_wanted
from activities.mail.render import GENERAL, GENERAL_LIST
from domain.service.catalogue import AUTOMATIC_LETTER, CONFIRMING_LETTER
from models.tables import Channel, NoticeLockRow, NoticeRow, OptInRow, PersonRow, SiteRow
from tests.web.shop import Shop
from tests.web.visitor import HERE, Visitor

ROOT = Path(__file__).parents[3]
TO_OTHERS = {"answer", "bundle", "undeliverable", "delayed", "question", AUTOMATIC_LETTER, CONFIRMING_LETTER}


async def test_switches_start_as_the_definition_says(anna: Visitor) -> None:
    """DM1 is off, R1 and the pop-up of E1 are on (reading 19); escalation itself has no switch."""
    page = (await anna.opens("/me/notifications")).text
    assert 'name="DM1:mail">' in page
    assert 'name="R1:mail" checked>' in page
    assert 'name="E1:pop-up" checked>' in page
    assert "E2.1:" not in page


async def test_switches_language_sound_and_reminder_are_kept(anna: Visitor, shop: Shop) -> None:
    """AC-16, AC-17; own spans of other moments stay."""
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").offsets = {"E2.1": "8h"}
    fields = {"DM1:mail": "on", "language": "en", "sound": "on", "reminder": "30"}
    saved = await anna.sends("/me/notifications", "/me/notifications", **fields)
    assert saved.status_code == 303
    with shop.database.reading() as session:
        person = session.get_one(PersonRow, "anna")
        assert (person.language, person.sound, person.offsets) == ("en", True, {"E2.1": "8h", "WR1": "30m"})
        assert session.get_one(OptInRow, ("anna", "DM1", "mail")).on
        assert not session.get_one(OptInRow, ("anna", "R1", "mail")).on
    page = (await anna.opens("/me/notifications")).text
    assert "Settings saved." in page
    assert 'value="30"' in page
    await anna.sends("/me/notifications", "/me/notifications", language="de", reminder="")
    with shop.database.reading() as session:
        assert session.get_one(PersonRow, "anna").offsets == {"E2.1": "8h"}


async def test_only_what_differs_from_the_definition_is_kept(anna: Visitor, shop: Shop) -> None:
    """Saving without a change decides nothing: a default that changes later still reaches the person."""
    page = (await anna.opens("/me/notifications")).text
    on = dict.fromkeys(re.findall(r'name="([^"]+)" checked', page), "on")
    assert (await anna.sends("/me/notifications", "/me/notifications", language="de", **on)).status_code == 303
    with shop.database.reading() as session:
        assert session.exec(select(OptInRow)).all() == []


async def test_every_kind_says_when_it_comes(anna: Visitor) -> None:
    """One sentence from the rule itself: anchor, span and clock; in the reader's language."""
    page = (await anna.opens("/me/notifications")).text
    for sentence in (
        "Kommt 1 h 30 min Geschäftszeit nach „Eingang“.",
        "Kommt sofort bei „Eingang“ oder „Zuweisung“.",
        "Kommt 2 Arbeitstage nach „Erstkontakt“.",
        "Kommt am selben Tag wie „Erstkontakt“.",
        "Kommt 8 Arbeitstage vor „Baubeginn“.",
        "Kommt 4 h Geschäftszeit vor „Info-Phase: Frist“.",
        "Kommt sofort bei „Vertrieb an Projekt (übergeben)“.",
        "Kommt vor „Wiedervorlage“, so lange vorher, wie Sie unten angeben.",
        "Kommt 2 Arbeitstage nach „Ausführungsphase“ oder „Partner gewählt“ und danach immer wieder",
        "Kommt Mo, Di, Mi, Do, Fr, Sa um 07:00, außer sie ist leer.",
    ):
        assert sentence in page
    await anna.sends("/me/notifications", "/me/notifications", language="en")
    assert "Comes 1 h 30 min business time after “Receipt”." in (await anna.opens("/me/notifications")).text


async def test_kinds_are_grouped_by_process_and_a_shared_one_is_there_once(anna: Visitor) -> None:
    """Lists first; what only a deputy gets comes last."""
    page = (await anna.opens("/me/notifications")).text
    groups = re.findall(r"<summary><span>(.+?)</span>", page)
    assert groups == [
        "Listen",
        "Kundenanfrage",
        "In mehreren Prozessen",
        "Kunde (Lebenszyklus)",
        "Vertrieb (klassischer Sales-Prozess)",
        "Serviceeinsatz (Innendienst und Außendienst)",
        "Bauvorhaben (Statuskette)",
        "Nur wenn Sie jemanden vertreten",
    ]
    assert page.count('name="WV:pop-up"') == 1
    assert page.index('id="EM2.1"') > page.index(groups[-1])


async def test_lists_have_switches_for_those_who_read_them(anna: Visitor, carl: Visitor, shop: Shop) -> None:
    """EL1 is for everybody, EL2 for controllers; one that the site made compulsory has none."""
    assert 'name="EL1:mail" checked' in (await anna.opens("/me/notifications")).text
    assert 'name="EL2:mail"' not in (await anna.opens("/me/notifications")).text
    assert 'name="EL2:mail" checked' in (await carl.opens("/me/notifications")).text
    await anna.sends("/me/notifications", "/me/notifications", language="de")
    with shop.database.writing() as session:
        assert not is_wanted(session, "anna", "EL1", Channel.MAIL, default=True)
        own = (
            '[[digests]]\ncode = "EL1"\ntitle = { de = "Liste", en = "List" }\ncites = "-"\nweekdays = ["mon"]\n'
            'at = "08:15"\ncontent = "due"\nto = ["owner"]\noptional = false\n'
        )
        session.get_one(SiteRow, "musterstadt").digests = own
    assert 'name="EL1:mail"' not in (await anna.opens("/me/notifications")).text


async def test_what_the_administration_decided_is_shown_and_cannot_be_changed(anna: Visitor, shop: Shop) -> None:
    """Neither by the page nor by a forged form; the other channel of the kind stays free."""
    with shop.database.writing() as session:
        session.add(NoticeLockRow(kind="R1", channel="mail", on=True))
        session.add(NoticeLockRow(kind="E1", channel="pop-up", on=False))
        session.add(NoticeLockRow(kind="execution.check", channel="mail", on=False))
        session.add(NoticeLockRow(kind="EL1", channel="mail", on=True))
    page = (await anna.opens("/me/notifications")).text
    assert page.count("Ihre Administration hat entschieden: immer per E-Mail.") == 2
    assert "Ihre Administration hat entschieden: nie als Fenster." in page
    for name in ("R1:mail", "E1:pop-up", "execution.check:mail", "EL1:mail"):
        assert f'name="{name}"' not in page
    assert 'name="execution.check:pop-up" checked' in page
    forged = {"E1:pop-up": "on", "execution.check:mail": "on", "NOPE:mail": "on", "R1:fax": "on"}
    assert (await anna.sends("/me/notifications", "/me/notifications", language="de", **forged)).status_code == 303
    with shop.database.reading() as session:
        kept = {(row.kind, row.channel) for row in session.exec(select(OptInRow))}
        assert not kept & {("R1", "mail"), ("E1", "pop-up"), ("execution.check", "mail"), ("EL1", "mail")}
        assert not {kind for kind, _ in kept} & {"NOPE"}
        assert ("execution.check", "pop-up") in kept
        assert is_wanted(session, "anna", "R1", Channel.MAIL, default=True)


async def test_kind_that_nobody_may_decline_is_shown_where_it_was_decided(anna: Visitor, shop: Shop) -> None:
    """Without a lock it has no place on the page; with one people see why it comes, or why not."""
    own = (
        '[[digests]]\ncode = "T"\ntitle = { de = "Tag", en = "Day" }\ncites = "-"\nweekdays = ["mon"]\n'
        'at = "08:15"\ncontent = "due"\nto = ["owner"]\noptional = false\n'
    )
    with shop.database.writing() as session:
        session.get_one(SiteRow, "musterstadt").digests = own
    assert "<summary><span>Listen" not in (await anna.opens("/me/notifications")).text
    with shop.database.writing() as session:
        session.add(NoticeLockRow(kind="T", channel="mail", on=False))
    assert "Ihre Administration hat entschieden: nie per E-Mail." in (await anna.opens("/me/notifications")).text


async def test_every_mail_s_link_has_a_place_on_the_page(carl: Visitor, shop: Shop) -> None:
    """A mail names its kind by its template; the page can be opened there.

    The general words are no kind: a mail in them names the kind whose own templates are shipped no longer.
    """
    page = (await carl.opens("/me/notifications")).text
    anchors = set(re.findall(r'id="([^"]+)"', page))
    folders = {path.name for path in (ROOT / "templates" / "mail").iterdir() if not path.name.startswith("_")}
    assert folders - TO_OTHERS - {GENERAL, GENERAL_LIST} <= anchors
    assert len(re.findall(r' id="', page)) == len(anchors)


@pytest.mark.parametrize("minutes", ["0", "-5", "1.5", "10081", "abc", "9" * 5000, "٣"])
async def test_reminder_is_whole_minutes_up_to_a_week(anna: Visitor, minutes: str) -> None:
    """Anything else is refused at the field and stays typed."""
    refused = await anna.sends("/me/notifications", "/me/notifications", language="de", reminder=minutes)
    assert refused.status_code == 422
    assert 'id="reminder-problem"' in refused.text


async def test_pop_up_shows_until_it_is_confirmed(anna: Visitor, shop: Shop) -> None:
    """AC-04: a banner on every page, the same in the script's answer; confirming ends both."""
    shop.pops_up("anna")
    waiting = (await anna.opens("/popups")).json()
    assert [one["number"] for one in waiting] == [4, 3]
    assert "#4 Bitte um Rückruf" in (await anna.opens("/")).text
    for one in waiting:
        assert (await anna.sends("/", f"/popups/{one['id']}/seen")).status_code == 303
    assert (await anna.opens("/popups")).json() == []
    assert 'class="popup"' not in (await anna.opens("/")).text


async def test_pop_up_can_be_confirmed_without_leaving_the_page(anna: Visitor, shop: Shop) -> None:
    """The script gets JSON and stays where the person types."""
    shop.pops_up("anna")
    first = (await anna.opens("/popups")).json()[0]["id"]
    token = (await anna.opens("/")).text.split('data-csrf="')[1].split('"')[0]
    headers = {**HERE, "accept": "application/json"}
    confirmed = await anna.client.post(f"/popups/{first}/seen", data={"csrf": token}, headers=headers)
    assert confirmed.json() == {"seen": first}


async def test_nobody_confirms_somebody_else_s_pop_up(carl: Visitor, shop: Shop) -> None:
    """Another person's notice is not there."""
    shop.pops_up("anna")
    with shop.database.reading() as session:
        notice = session.exec(select(NoticeRow.id).where(NoticeRow.mailbox == "person:anna")).first()
    token = (await carl.opens("/")).text.split('data-csrf="')[1].split('"')[0]
    assert (await carl.posts(f"/popups/{notice}/seen", csrf=token)).status_code == 404


async def test_asking_for_pop_ups_signed_out_is_answered_without_a_page(
    visitor: Callable[[], Visitor],
) -> None:
    """The script of a page left open overnight gets 401, not a sign-in page."""
    answer = await visitor().opens("/popups")
    assert (answer.status_code, answer.json()) == (401, [])
