"""Worked off by Friday (KD-13): the bar, what is left, by when, and whose week one may see."""

import re
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI

from activities.intake.tickets import TicketService
from domain.ticket.customer_facts import Acknowledged, PackageBooked
from domain.ticket.facts import Called, FollowUpSet, Reassigned
from settings import Settings
from tests.office import berlin
from tests.web.conftest import BASE
from tests.web.customers.cast import Cast
from tests.web.customers.test_list import listed
from tests.web.shop import CHEAP, NOW, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from web.customers.queries import SHOWN_OF_A_WEEK
from workflows.gateway import Gateway


def bar(page: str) -> tuple[int, int]:
    """Return how far the bar is: done, and of how many."""
    found = re.search(r'<progress max="(\d+)" value="(\d+)"', page)
    assert found
    return int(found.group(2)), int(found.group(1))


async def test_kd_13_week_counts_what_is_done_and_lists_what_is_left(ina: Visitor, cast: Cast) -> None:
    """The third buyer was worked on yesterday; leads, no-shows and who left are no weekly duty."""
    page = (await ina.opens("/customers/week")).text
    assert bar(page) == (1, 5)
    assert "Abgearbeitet: 1 von 5" in page
    assert set(listed(page)) == {cast.first, cast.waiting, cast.second, cast.regular}
    assert listed(page)[0] == cast.waiting  # left over from last week
    assert "Abzuarbeiten bis Fr 05.03.2027 18:00." in page


@pytest.mark.parametrize("fact", [Acknowledged(), Called(), FollowUpSet(berlin("2027-03-16 09:00"))])
async def test_kd_13_seen_a_contact_and_a_reminder_work_off(
    ina: Visitor, cast: Cast, shop: Shop, fact: Acknowledged | Called | FollowUpSet
) -> None:
    """Reading 34: each of them moves the bar by one, and the line is gone."""
    shop.lives(cast.second, fact, NOW)
    page = (await ina.opens("/customers/week")).text
    assert bar(page) == (2, 5)
    assert cast.second not in listed(page)


async def test_kd_13_everything_worked_off_is_said(ina: Visitor, cast: Cast, shop: Shop) -> None:
    for customer in (cast.first, cast.waiting, cast.second, cast.regular):
        shop.lives(customer, Acknowledged(), NOW)
    page = (await ina.opens("/customers/week")).text
    assert bar(page) == (5, 5)
    assert "Diese Woche ist alles abgearbeitet." in page
    assert listed(page) == []


async def test_nobody_to_work_on_is_no_empty_bar(anna: Visitor, cast: Cast) -> None:
    """A lead with an appointment is no weekly duty."""
    page = (await anna.opens("/customers/week")).text
    assert "<progress" not in page
    assert "Es gibt keinen Kunden, der jede Woche zu bearbeiten ist." in page


def clocked(app: FastAPI, shop: Shop, at: datetime) -> FastAPI:
    """Return the pages at another instant."""
    gateway: Gateway = app.state.services.gateway
    ticket_service = TicketService(shop.database)
    return create_app(Settings(base_url=BASE), shop.database, gateway, ticket_service, lambda: at, passwords=CHEAP)


@pytest.mark.parametrize(
    ("at", "words", "done"),
    [
        ("2027-03-05 17:59", "Abzuarbeiten bis Fr 05.03.2027 18:00.", 1),
        ("2027-03-06 10:00", "Abzuarbeiten seit Fr 05.03.2027 18:00.", 1),
        ("2027-03-08 09:00", "Abzuarbeiten bis Fr 12.03.2027 18:00.", 0),
        ("2027-03-22 09:00", "Abzuarbeiten bis Do 25.03.2027 18:00.", 0),
    ],
)
async def test_kd_13_week_ends_with_its_last_working_day(
    app: FastAPI, cast: Cast, shop: Shop, at: str, words: str, done: int
) -> None:
    """Before closing, on the Saturday after it, on Monday, and in the week of Good Friday (reading 34)."""
    shop.passes(shop.life(cast.third), berlin(at))
    transport = httpx.ASGITransport(app=clocked(app, shop, berlin(at)))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        visitor = Visitor(client)
        await visitor.signs_in("ina")
        page = (await visitor.opens("/customers/week")).text
    assert words in page
    assert bar(page)[0] == done


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("carl", 200), ("dora", 200), ("helga", 200), ("ina", 200)])
async def test_weeks_of_others_are_for_those_who_oversee(
    visitor: Callable[[], Visitor], cast: Cast, who: str, status: int
) -> None:
    """And one's own is everybody's; who is nobody has none."""
    somebody = visitor()
    await somebody.signs_in(who)
    page = await somebody.opens("/customers/week?person=ina")
    assert page.status_code == status
    if status == 200:
        assert bar(page.text) == (1, 5)
    offered = '<select id="person"' in (await somebody.opens("/customers/week")).text
    assert offered is (who in {"carl", "dora", "helga"})
    assert (await somebody.opens("/customers/week?person=nobody")).status_code == (404 if offered else 403)


async def test_line_has_seen_and_a_reminder_in_two_weeks(ina: Visitor, cast: Cast) -> None:
    """Both are one press, and lead back here; the reminder is at the opening of a working day."""
    page = (await ina.opens("/customers/week")).text
    assert 'aria-label="Gesehen: Zoe Zweit"' in page
    assert f'formaction="/customers/{cast.second}/remind"' in page
    assert 'name="follow_up_at" value="2027-03-16T09:00"' in page
    assert "Reminder am Di 16.03." in page
    assert page.count('name="back" value="/customers/week"') == 4


async def test_press_while_the_engine_is_down_is_not_lost_silently(ina: Visitor, cast: Cast) -> None:
    """503 on the card, with what to do."""
    refused = await ina.sends("/customers/week", f"/customers/{cast.second}/seen")
    assert refused.status_code == 503
    assert "antwortet gerade nicht" in refused.text


async def test_long_week_shows_the_first_ones_and_counts_all(ina: Visitor, cast: Cast, shop: Shop) -> None:
    for _ in range(SHOWN_OF_A_WEEK):
        customer = shop.registers("Serie", email="", at=berlin("2027-02-25 10:00"))
        shop.lives(customer, PackageBooked(5), berlin("2027-02-26 11:00"))
    page = (await ina.opens("/customers/week")).text
    assert bar(page) == (1, 5 + SHOWN_OF_A_WEEK)
    assert len(listed(page)) == SHOWN_OF_A_WEEK
    assert "Und 4 weitere, sobald diese abgearbeitet sind." in page


async def test_customer_given_away_is_in_the_colleagues_week(
    ina: Visitor, carl: Visitor, cast: Cast, shop: Shop
) -> None:
    shop.lives(cast.second, Reassigned("anna"), NOW, by="dora")
    assert bar((await ina.opens("/customers/week")).text) == (1, 4)
    assert bar((await carl.opens("/customers/week?person=anna")).text) == (0, 1)
