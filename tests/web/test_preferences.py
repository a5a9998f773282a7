"""What a person sets for themselves, and what pops up for them."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from models.tables import NoticeRow, OptInRow, PersonRow
from tests.web.shop import Shop
from tests.web.visitor import HERE, Visitor


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
