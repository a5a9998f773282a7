"""The lists: what they show, in which order, and to whom."""

import re
from datetime import timedelta

import pytest

from domain.ticket.facts import Called, Reassigned
from models.tables import EscalationRow, TicketRow, WorkerRow
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor
from web.shell import paging


@pytest.fixture
def shop(shop_everywhere: Shop) -> Shop:
    """Return a busy shop, once on each kind of database."""
    return shop_everywhere


def numbers(page: str) -> list[int]:
    """Return the tickets of a page in their order."""
    return [int(number) for number in re.findall(r'class="line-subject" href="/tickets/(\d+)"', page)]


async def test_my_list_shows_least_time_left_first_and_no_deadline_last(anna: Visitor) -> None:
    """Overdue ones most late first.

    The paused one, which has no deadline, comes last; closed ones are not there.
    """
    assert numbers((await anna.opens("/")).text) == [4, 3, 1, 2, 5, 6]


@pytest.mark.parametrize(
    ("light", "expected"),
    [
        ("yellow", [1, 2]),
        ("green", [5]),
        ("red", [3]),
        ("escalated", [4]),
        ("paused", [6]),
        ("closed", [7]),
        ("nonsense", [4, 3, 1, 2, 5, 6]),
    ],
)
async def test_list_filters_by_light(anna: Visitor, light: str, expected: list[int]) -> None:
    """The light is in the address; one that does not exist filters nothing."""
    assert numbers((await anna.opens(f"/?light={light}")).text) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("golf", [2]),
        ("HUBER", [5]),
        ("#4", [4]),
        ("4", [4]),
        ("%", []),
        ("_", []),
        ("nobody", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_search_finds_number_subject_and_customer(anna: Visitor, search: str, expected: list[int]) -> None:
    """Wildcards are letters like others."""
    assert numbers((await anna.client.get("/", params={"q": search})).text) == expected


async def test_every_light_is_shape_and_word(anna: Visitor) -> None:
    """Nobody needs to tell colours apart."""
    page = (await anna.opens("/")).text
    for light, word in {
        "yellow": "Offen",
        "red": "Überfällig",
        "escalated": "Eskaliert",
        "paused": "Ruht",
    }.items():
        assert f'mark-{light}"' in page
        assert f"<span>{word}</span>" in page


async def test_countdown_is_business_time(anna: Visitor) -> None:
    """Received Monday 15:30, due 17:30, now Tuesday 14:20: 5 h 50 min of open time late, not 20 hours."""
    page = (await anna.opens("/")).text
    assert "seit 5 h 50 min überfällig" in page
    assert "noch 1 h 10 min" in page
    assert "Geschäftszeit · fällig Di 15:30" in page


async def test_ticket_past_its_deadline_is_red_before_the_ledger_notes_it(anna: Visitor, shop: Shop) -> None:
    """While a worker is down the list still tells the truth."""
    with shop.database.writing() as session:
        session.get_one(TicketRow, 1).due_at = NOW
    assert numbers((await anna.opens("/?light=red")).text) == [3, 1]


async def test_pages_are_in_the_address_and_keep_the_filter(anna: Visitor, shop: Shop) -> None:
    """25 a page.

    The next page keeps what was searched for; a page beyond the last is empty, not a mistake.
    """
    for _ in range(26):
        shop.inquiry("Serie", at=berlin("2027-03-02 14:00"))
    first = (await anna.opens("/?q=Serie")).text
    assert len(numbers(first)) == 25
    assert 'href="/?q=Serie&amp;page=2"' in first
    assert len(numbers((await anna.opens("/?q=Serie&page=2")).text)) == 1
    assert (await anna.opens("/?q=Serie&page=99999999999999999999")).status_code == 200


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("anna", "/escalated", 403),
        ("anna", "/pool", 403),
        ("anna", "/all", 403),
        ("carl", "/escalated", 200),
        ("carl", "/all", 200),
        ("carl", "/pool", 403),
        ("dora", "/pool", 200),
        ("dora", "/all", 200),
        ("dora", "/escalated", 403),
    ],
)
async def test_lists_are_for_their_roles(
    who: str,
    path: str,
    status: int,
    anna: Visitor,
    carl: Visitor,
    dora: Visitor,
) -> None:
    """Sellers see their own; dispatchers the pool; controllers what is escalated; both see all."""
    somebody = {"anna": anna, "carl": carl, "dora": dora}[who]
    page = await somebody.opens(path)
    assert page.status_code == status
    assert (f'href="{path}"' in (await somebody.opens("/")).text) == (status == 200)


async def test_controller_sees_the_escalated_of_all_sellers_grouped(carl: Visitor) -> None:
    """AC-08: every seller's escalated tickets, with a way to write to the seller."""
    page = (await carl.opens("/escalated")).text
    assert numbers(page) == [4, 8, 9]
    assert re.findall(r"<h2>(.+?) <em", page) == ["Anna Berger", "Paul Seidl"]
    assert 'href="mailto:paul%40musterstadt.example?subject=' in page


async def test_reassigned_escalation_stays_on_the_controller_s_list(carl: Visitor, shop: Shop) -> None:
    """The customer still waits, so a new owner alone ends nothing (reading 9)."""
    shop.happens(8, Reassigned("anna"), NOW, by="carl")
    assert sorted(numbers((await carl.opens("/escalated")).text)) == [4, 8, 9]


async def test_handled_escalation_leaves_the_controller_s_list(carl: Visitor, shop: Shop) -> None:
    """It ends with the call (reading 22)."""
    shop.happens(8, Called(), NOW, by="paul")
    assert numbers((await carl.opens("/escalated")).text) == [4, 9]


async def test_owner_filter_narrows_all_tickets(carl: Visitor) -> None:
    """One seller's, or nobody's."""
    assert numbers((await carl.opens("/all?owner=paul")).text) == [8, 9]
    assert sorted(numbers((await carl.opens("/all?owner=-")).text)) == [10, 11]


async def test_names_and_subjects_are_never_markup(anna: Visitor, shop: Shop) -> None:
    """What customers write is shown, not run."""
    shop.inquiry("<script>alert(1)</script>", at=NOW, customer='"><img src=x onerror=alert(1)>')
    page = (await anna.opens("/")).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_clock_of_the_shop_stands_at_a_tuesday_in_office_hours() -> None:
    """The instants above are counted from here."""
    assert NOW.strftime("%A %H:%M") == "Tuesday 14:20"


async def test_escalated_list_has_pages_and_counts_all(carl: Visitor, shop: Shop) -> None:
    numbers = [shop.inquiry(f"Eskaliert {number}") for number in range(paging.PAGE_SIZE + 3)]
    with shop.database.writing() as session:
        for number in numbers:
            session.merge(EscalationRow(ticket=number, person="carl", code="E2.1", since=NOW))
    first = (await carl.opens("/escalated")).text
    second = (await carl.opens("/escalated?page=2")).text
    assert "Seite 1 von 2" in first
    assert "Seite 2 von 2" in second
    beyond = (await carl.opens("/escalated?page=9")).text
    assert "Auf dieser Seite steht nichts." in beyond


async def test_overseers_see_on_every_page_that_no_worker_works(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    with shop.database.writing() as session:
        session.get_one(WorkerRow, "one").seen_at = NOW - timedelta(minutes=2)
    assert "Seit Di 02.03.2027 14:18 arbeitet kein Worker" in (await carl.opens("/")).text
    assert "arbeitet kein Worker" not in (await anna.opens("/")).text
