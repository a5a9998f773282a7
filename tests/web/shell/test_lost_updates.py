"""Two pages about the same: the later save from the older one is told what happened since, and undoes nothing."""

import asyncio
import re
from collections.abc import Callable

import httpx
import pytest
from sqlmodel import select

from models.tables import NoticeLockRow, OptInRow, PersonRow, SiteRow, WebhookRow
from tests.web.shop import NOW, Shop
from tests.web.standstill import standstill
from tests.web.visitor import Visitor, hidden_fields

ANNA = {"name": "Anna Berger", "email": "anna@musterstadt.example", "language": "de", "site": "musterstadt"}
ANNA |= {"role:salesperson": "on", "active": "on"}
SECRET = {"password": "brand new one", "password_again": "brand new one"}
URL = "https://93.184.216.34/"
HOOK = "/admin/webhooks/1"


@pytest.fixture
def shop(shop_everywhere: Shop) -> Shop:
    """Return a busy shop, once on each kind of database, whom helga and carl administer."""
    for short in ("helga", "carl"):
        shop_everywhere.plays(short, "admin")
    return shop_everywhere


@pytest.fixture
async def helga(shop: Shop, visitor: Callable[[], Visitor]) -> Visitor:
    """Return an administrator who is signed in."""
    arrived = visitor()
    await arrived.signs_in("helga")
    return arrived


async def draws(who: Visitor, path: str) -> dict[str, str]:
    """Open a page; returns the hidden fields of its form."""
    return hidden_fields((await who.opens(path)).text, path)


async def both_draw(path: str, first: Visitor, second: Visitor) -> tuple[dict[str, str], dict[str, str]]:
    """Have two people open the same page; returns the hidden fields of the form that each has."""
    return await draws(first, path), await draws(second, path)


def drawn_again(answer: httpx.Response, path: str) -> dict[str, str]:
    """Return the hidden fields of the form that was shown again, to be sent once more."""
    assert answer.status_code == 409
    return hidden_fields(answer.text, path)


def person(shop: Shop, short: str = "anna") -> PersonRow:
    """Return somebody's row."""
    with shop.database.reading() as session:
        return session.get_one(PersonRow, short)


async def test_older_page_does_not_make_active_again_whom_another_one_deactivated(
    helga: Visitor, carl: Visitor, shop: Shop
) -> None:
    """Helga hears who, what and when; what she typed is kept; sent again it goes on top of what is there now."""
    path = "/admin/people/anna"
    older, newer = await both_draw(path, helga, carl)
    gone = {name: value for name, value in ANNA.items() if name != "active"} | SECRET
    assert (await carl.posts(path, **newer, **gone)).status_code == 303
    hashed = person(shop).password_hash
    typed = {**ANNA, "name": "Anna Berg"}
    refused = await helga.posts(path, **older, **typed)
    assert (person(shop).active, person(shop).name, person(shop).password_hash) == (False, "Anna Berger", hashed)
    assert "Carl Maurer, " in refused.text
    assert f"{NOW:%H:%M}" in refused.text
    assert re.search(r"Aktiv\W+vorher:\W+ja\W+nachher:\W+nein", re.sub(r"<[^>]*>", " ", refused.text))
    assert 'value="Anna Berg"' in refused.text
    assert 'name="active" checked' not in refused.text
    again = {name: value for name, value in typed.items() if name != "active"}
    assert (await helga.posts(path, **drawn_again(refused, path), **again)).status_code == 303
    assert (person(shop).active, person(shop).name, person(shop).password_hash) == (False, "Anna Berg", hashed)


async def test_two_new_passwords_do_not_overtake_each_other(helga: Visitor, carl: Visitor, shop: Shop) -> None:
    """The second one is told that there is a new one; typed again it counts."""
    path = "/admin/people/anna"
    older, newer = await both_draw(path, helga, carl)
    await carl.posts(path, **newer, **ANNA, **SECRET)
    kept = person(shop).password_hash
    another = {"password": "quite another", "password_again": "quite another"}
    refused = await helga.posts(path, **older, **ANNA, **another)
    assert (refused.status_code, person(shop).password_hash) == (409, kept)
    assert "quite another" not in refused.text
    await helga.posts(path, **drawn_again(refused, path), **ANNA, **another)
    assert person(shop).password_hash != kept


async def test_same_form_pressed_twice_is_saved(helga: Visitor, shop: Shop) -> None:
    """The second press changes nothing, so nobody is in its way."""
    path = "/admin/people/anna"
    drawn = await draws(helga, path)
    for _ in range(2):
        assert (await helga.posts(path, **drawn, **{**ANNA, "name": "Anna Berg"}, **SECRET)).status_code == 303


async def test_what_became_again_what_it_was_is_in_nobody_s_way(helga: Visitor, carl: Visitor, shop: Shop) -> None:
    path = "/admin/people/anna"
    older = await draws(helga, path)
    for name in ("Anna Berg", "Anna Berger"):
        await carl.sends(path, path, **{**ANNA, "name": name})
    assert (await helga.posts(path, **older, **ANNA, **{"role:pool": "on"})).status_code == 303
    assert set(person(shop).roles) == {"salesperson", "pool"}


async def test_form_that_says_nothing_of_what_it_saw_has_seen_nothing(helga: Visitor, carl: Visitor) -> None:
    path = "/admin/people/anna"
    await carl.sends(path, path, **{**ANNA, "name": "Anna Berg"})
    csrf = (await draws(helga, path))["csrf"]
    for seen in ({}, {"seen": "x"}, {"seen": "9" * 5000}):
        assert (await helga.posts(path, csrf=csrf, **seen, **ANNA)).status_code == 409


async def test_calendar_that_another_one_saved_stays_when_a_name_is_changed(
    helga: Visitor, carl: Visitor, shop: Shop
) -> None:
    """Browsers send other line ends than they were given: the text was left alone all the same."""
    path = "/admin/sites/musterstadt"
    older, newer = await both_draw(path, helga, carl)
    with shop.database.reading() as session:
        calendar = session.get_one(SiteRow, "musterstadt").calendar
    site = {"name": "Autohaus", "calendar": calendar.replace("\n", "\r\n"), "digests": "", "catalogue": ""}
    site |= {"distribution": "by hand", "mails_per_hour": "6"}
    closed = f'closed = ["2027-03-05"]\n{calendar}'
    assert (await carl.posts(path, **newer, **{**site, "calendar": closed, "name": "Autohaus M"})).status_code == 303
    refused = await helga.posts(path, **older, **{**site, "mails_per_hour": "9"})
    assert "2027-03-05" in refused.text.partition('id="calendar"')[2].partition("</textarea>")[0]
    with shop.database.reading() as session:
        kept = session.get_one(SiteRow, "musterstadt")
    assert (kept.name, kept.mails_per_hour, kept.calendar) == ("Autohaus M", 6, closed)
    again = {**site, "mails_per_hour": "9", "calendar": closed}
    assert (await helga.posts(path, **drawn_again(refused, path), **again)).status_code == 303


async def test_lock_that_another_one_set_stays_when_another_kind_is_decided(
    helga: Visitor, carl: Visitor, shop: Shop
) -> None:
    """Shown again the form has both: what the other one decided, and what was chosen."""
    path = "/admin/locks"
    older, newer = await both_draw(path, helga, carl)
    assert (await carl.posts(path, **newer, **{"R1:mail": "on", "DM1:mail": "free"})).status_code == 303
    refused = await helga.posts(path, **older, **{"R1:mail": "free", "DM1:mail": "off"})
    assert "<dt>R1:mail</dt>" in refused.text
    again = drawn_again(refused, path) | chosen(refused)
    assert (again["R1:mail"], again["DM1:mail"]) == ("on", "off")
    assert (await helga.posts(path, **again)).status_code == 303
    with shop.database.reading() as session:
        assert {row.kind: row.on for row in session.exec(select(NoticeLockRow))} == {"R1": True, "DM1": False}


def chosen(answer: httpx.Response) -> dict[str, str]:
    """Return what the fields of a page to choose from say."""
    found = re.findall(r'<select id="[^"]*" name="([^"]+)".*?<option value="([^"]+)" selected', answer.text)
    return dict(found)


async def test_webhook_that_another_one_leads_elsewhere_keeps_its_address(
    helga: Visitor, carl: Visitor, shop: Shop
) -> None:
    """It keeps its name in the trail by its number, whatever it is called."""
    row = WebhookRow(
        title="CRM", url="https://93.184.216.34/", kinds=["ticket.opened"], secret="s", by="", created_at=NOW
    )
    with shop.database.writing() as session:
        session.add(row)
    older = await draws(helga, HOOK)
    typed = {"title": "CRM", "url": URL, "site": "", "kind:ticket.opened": "on"}
    for title in ("ERP", "ERP 2"):
        sent = await carl.sends(HOOK, HOOK, **{**typed, "title": title, "url": "https://93.184.216.35/"})
        assert sent.status_code == 303
    refused = await helga.posts(HOOK, **older, **typed, words="on")
    assert 'value="https://93.184.216.35/"' in refused.text
    assert 'value="ERP 2"' in refused.text
    with shop.database.reading() as session:
        kept = session.get_one(WebhookRow, 1)
    assert (kept.title, kept.url, kept.words) == ("ERP 2", "https://93.184.216.35/", False)


async def test_language_that_the_administration_changed_is_not_undone_by_an_older_page_of_one_s_own(
    helga: Visitor, anna: Visitor, shop: Shop
) -> None:
    """What else the administration changed is not told: the page has nothing of it."""
    path = "/me/notifications"
    older = await draws(anna, path)
    changed = {**ANNA, "role:pool": "on"}
    assert (await helga.sends("/admin/people/anna", "/admin/people/anna", **changed)).status_code == 303
    assert (await anna.posts(path, **older, language="de", reminder="30")).status_code == 303
    older = await draws(anna, path)
    changed |= {"offset:WR1": "30m", "language": "en"}
    assert (await helga.sends("/admin/people/anna", "/admin/people/anna", **changed)).status_code == 303
    refused = await anna.posts(path, **older, language="de", reminder="45")
    assert "Helga Brandt" in refused.text
    assert person(shop).offsets == {"WR1": "30m"}
    assert (await anna.posts(path, **drawn_again(refused, path), language="en", reminder="45")).status_code == 303
    assert (person(shop).language, person(shop).offsets) == ("en", {"WR1": "45m"})


async def test_switch_that_was_left_alone_stays_as_another_page_set_it(anna: Visitor, shop: Shop) -> None:
    """Two pages of one person: each switches what was switched on it."""
    path = "/me/notifications"
    page = (await anna.opens(path)).text
    drawn = hidden_fields(page, path)
    on = dict.fromkeys(re.findall(r'name="([^"]+)" checked', page), "on") | {"language": "de", "reminder": ""}
    assert (await anna.posts(path, **drawn, **on, **{"DM1:mail": "on"})).status_code == 303
    without = {name: value for name, value in on.items() if name != "R1:mail"}
    assert (await anna.posts(path, **drawn, **without)).status_code == 303
    with shop.database.reading() as session:
        assert {(row.kind, row.on) for row in session.exec(select(OptInRow))} == {("DM1", True), ("R1", False)}


async def test_of_two_who_save_at_the_same_moment_one_is_told(helga: Visitor, carl: Visitor, shop: Shop) -> None:
    """Both have looked at the trail before either has written: no look comes between the other's look and writing."""
    path = "/admin/people/anna"
    forms = await both_draw(path, helga, carl)
    async with standstill(shop.database, "audit", waiting=2):
        saving = [
            asyncio.create_task(who.posts(path, **form, **{**ANNA, "name": name}))
            for who, form, name in zip((helga, carl), forms, ("Anna H", "Anna C"), strict=True)
        ]
    answers = await asyncio.gather(*saving)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    winner = [answer.status_code for answer in answers].index(303)
    assert person(shop).name == ("Anna H", "Anna C")[winner]
