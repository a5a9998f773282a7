"""The customer manager: its tabs, its search, its pages, and that tickets and customers stay apart."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.ticket.customer_facts import Acknowledged, PackageBooked, TaskPosted, Watched
from domain.ticket.facts import Closed, Reassigned
from models.tables import EscalationRow, PersonRow, TicketRow
from processes.loader import SHIPPED
from tests.office import berlin
from tests.web.customers.cast import Cast
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor
from web.commands import queries as queries_
from web.shell import paging


@pytest.fixture
def shop(shop_everywhere: Shop) -> Shop:
    """Return a busy shop, once on each kind of database."""
    return shop_everywhere


def listed(page: str) -> list[int]:
    """Return the customers of a page in their order."""
    return [int(number) for number in re.findall(r'class="line-subject" href="/customers/(\d+)"', page)]


def tabs(page: str) -> dict[str, tuple[str, int]]:
    """Return the light and the count of every tab."""
    every = re.findall(r'data-tab="(\w+)"(.*?)<b>(\d+)</b>', page, re.DOTALL)
    lights = {tab: re.search(r"mark-(\w+)", inside) for tab, inside, _ in every}
    return {tab: (found.group(1) if (found := lights[tab]) else "", int(n)) for tab, _, n in every}


async def test_every_customer_is_on_one_tab_and_on_the_watchlist_besides(ina: Visitor, cast: Cast) -> None:
    """Invited leads and no-shows are not on their stage's tab; who left is on no tab but the last."""
    on = {
        "lead": [cast.lead, cast.called],
        "first": [cast.waiting, cast.first],
        "second": [cast.second],
        "third": [cast.third],
        "regular": [cast.regular],
        "invited": [cast.invited],
        "no_show": [cast.no_show],
        "watched": [cast.regular],
        "left": [cast.left],
    }
    found = {tab: listed((await ina.opens(f"/customers?tab={tab}&owner=*")).text) for tab in on}
    assert {tab: sorted(numbers) for tab, numbers in found.items()} == {tab: sorted(n) for tab, n in on.items()}
    everybody = (await ina.opens("/customers?owner=*")).text
    assert sorted(listed(everybody)) == sorted({n for tab, ns in on.items() for n in ns if tab != "left"})
    assert {tab: n for tab, (_, n) in tabs(everybody).items()} == {tab: len(n) for tab, n in on.items()} | {"all": 9}


async def test_tab_shows_the_worst_light_of_its_customers(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """Of an escalated and a yellow one the escalated; once it is worked on, the yellow."""
    before = tabs((await ina.opens("/customers")).text)
    assert before["first"] == ("escalated", 2)
    assert before["regular"][0] == before["watched"][0] == "red"
    assert before["third"] == ("green", 1)
    shop.lives(cast.waiting, Acknowledged(), NOW)
    assert tabs((await ina.opens("/customers")).text)["first"] == ("yellow", 2)


async def test_tab_without_customers_has_no_light(anna: Visitor, cast: Cast) -> None:
    """And the one of those who left is not there."""
    found = tabs((await anna.opens("/customers")).text)
    assert found["lead"] == ("yellow", 1)
    assert found["regular"] == ("", 0)
    assert "left" not in found


async def test_customers_are_mine_unless_others_are_asked_for(anna: Visitor, ina: Visitor, cast: Cast) -> None:
    """The default is mine, as for tickets; `*` everybody's, `-` nobody's, a short name somebody's."""
    assert listed((await anna.opens("/customers")).text) == [cast.called]
    assert cast.called not in listed((await ina.opens("/customers")).text)
    assert listed((await ina.opens("/customers?owner=anna")).text) == [cast.called]
    assert listed((await ina.opens("/customers?owner=-")).text) == []


async def test_nobodys_customers_are_found(ina: Visitor, shop: Shop) -> None:
    """One whom nobody owned when there was no case handler."""
    for handler in ("ina", "ole"):
        shop.plays(handler, "salesperson")
    lost = shop.registers("Nie Mand", owner=None)
    assert listed((await ina.opens("/customers?owner=-")).text) == [lost]


async def test_kd_13_least_time_left_comes_first(ina: Visitor, cast: Cast) -> None:
    """The most late one first, those without a deadline last."""
    found = listed((await ina.opens("/customers")).text)
    assert found[:3] == [cast.no_show, cast.waiting, cast.regular]
    assert set(found[-2:]) == {cast.lead, cast.invited}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("zoe", ["second"]),
        ("WARTET GMBH", ["waiting"]),
        ("lead.example", ["lead"]),
        ("+49 30", ["called"]),
        ("ext-77", ["first"]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("nobody", []),
    ],
)
async def test_search_finds_name_company_mail_phone_and_key(
    ina: Visitor, cast: Cast, search: str, expected: list[str]
) -> None:
    """Wildcards are letters like others."""
    page = (await ina.client.get("/customers", params={"q": search, "owner": "*"})).text
    assert listed(page) == [getattr(cast, name) for name in expected]


@pytest.mark.parametrize("search", ["K{}", "k{}", "{}"])
async def test_search_finds_the_number(ina: Visitor, cast: Cast, search: str) -> None:
    """With its letter or without."""
    page = (await ina.client.get("/customers", params={"q": search.format(cast.second), "owner": "*"})).text
    assert listed(page) == [cast.second]


async def test_search_counts_in_every_tab(ina: Visitor, cast: Cast) -> None:
    """The tabs say where what was searched for is."""
    found = tabs((await ina.opens("/customers?q=wartet&owner=*")).text)
    assert (found["all"][1], found["first"][1], found["lead"][1]) == (1, 1, 0)


async def test_pages_are_in_the_address_and_keep_what_was_asked_for(ina: Visitor, shop: Shop) -> None:
    """25 a page; a page beyond the last is empty, not a mistake."""
    for n in range(26):
        shop.registers(f"Serie {n}", email="")
    first = (await ina.opens("/customers?tab=lead&q=Serie")).text
    assert len(listed(first)) == paging.PAGE_SIZE
    assert 'href="/customers?tab=lead&amp;q=Serie&amp;page=2"' in first
    assert len(listed((await ina.opens("/customers?tab=lead&q=Serie&page=2")).text)) == 1
    assert (await ina.opens("/customers?page=99999999999999999999&tab=nonsense")).status_code == 200


async def test_counts_of_all_tabs_are_one_statement(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """The page counts once, however many tabs there are."""
    said: list[str] = []

    def hears(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with shop.database.reading() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hears)
    await ina.opens("/customers?owner=*")
    event.remove(engine, "before_cursor_execute", hears)
    assert sum("count(*)" in statement and "FROM life" in statement for statement in said) == 1


async def test_line_says_stage_class_packages_and_what_is_special(ina: Visitor, cast: Cast) -> None:
    """A line tells why it is there, in words."""
    page = (await ina.opens("/customers?tab=regular")).text
    for words in ("Bestandskunde", '<span class="tag">A</span>', "Stamm AG", "20 · 20 · 20 · 20 Stunden", "Angebot"):
        assert words in page
    assert "Watchlist: diese Woche noch nicht bearbeitet" in page
    assert "1 Aufgabe wartet" in (await ina.opens("/customers?tab=first")).text
    assert "sonst: Diese Woche nicht abgearbeitet" in (await ina.opens("/customers?tab=third")).text


async def test_kd_01_phone_appointment_is_a_receiver_on_the_line(anna: Visitor, cast: Cast) -> None:
    """S3:17: one sees that a lead booked an appointment."""
    assert '<span class="unseen">Telefontermin</span>' in (await anna.opens("/customers")).text


async def test_kd_06_customer_who_grows_is_a_priority_customer_on_the_line(ina: Visitor, cast: Cast) -> None:
    assert '<span class="flagged">Prio</span>' in (await ina.opens("/customers?tab=second")).text


async def test_kd_09_first_task_takes_a_customer_off_the_no_shows(ina: Visitor, cast: Cast, shop: Shop) -> None:
    shop.lives(cast.no_show, TaskPosted("late"), NOW)
    found = tabs((await ina.opens("/customers")).text)
    assert (found["no_show"][1], found["first"][1]) == (0, 3)


async def test_kd_10_watched_customer_is_on_both_tabs(ina: Visitor, cast: Cast, shop: Shop) -> None:
    shop.lives(cast.second, Watched(), NOW)
    found = tabs((await ina.opens("/customers")).text)
    assert (found["watched"][1], found["second"][1]) == (2, 1)


async def test_booking_moves_a_customer_to_the_next_tab(ina: Visitor, cast: Cast, shop: Shop) -> None:
    shop.lives(cast.second, PackageBooked(20), NOW)
    found = tabs((await ina.opens("/customers")).text)
    assert (found["second"][1], found["third"][1]) == (0, 2)


async def test_ticket_lists_and_counts_know_no_customers(ina: Visitor, dora: Visitor, cast: Cast, shop: Shop) -> None:
    """A life is no ticket: not mine, not in the pool, not among all, not found by its name."""
    shop.plays("ina", "salesperson")
    shop.registers("Nie Mand", owner=None)
    assert "line-subject" not in (await ina.opens("/")).text
    for path in ("/pool", "/all?page=1", "/all?q=Rita", f"/all?q={shop.life(cast.regular)}"):
        page = (await dora.opens(path)).text
        assert not re.search(r"/customers/\d", page), path
    assert "Alle offenen <b>10</b>" in (await dora.opens("/all")).text
    with shop.database.reading() as session:
        assert queries_.pool_count(session) == 2


async def test_escalated_customer_is_named_and_leads_to_the_card(dora: Visitor, cast: Cast, shop: Shop) -> None:
    """KD-13: it goes to the dispatcher, who here is a controller as well; reassigning it stays on the list."""
    shop.plays("dora", "dispatcher", "controller")
    with shop.database.writing() as session:
        assert session.get(EscalationRow, (shop.life(cast.waiting), "dora")) is not None
    page = (await dora.opens("/escalated")).text
    assert listed(page) == [cast.waiting]
    assert f"K{cast.waiting}" in page
    assert f'action="/customers/{cast.waiting}/reassign"' in page
    assert f"K{cast.waiting} ankreuzen" in page


async def test_new_ticket_cannot_be_a_customers_life(ina: Visitor, shop: Shop) -> None:
    """The form does not offer the process, and refuses it."""
    page = (await ina.opens("/tickets/new")).text
    assert 'value="anfrage"' in page
    assert 'value="customer"' not in page
    typed = {"customer_name": "A", "customer_email": "a@b.example", "subject": "x", "channel": "mail", "owner": "ina"}
    assert (await ina.sends("/tickets/new", "/tickets/new", **typed, process="customer")).status_code == 422


async def test_menu_leads_everybody_to_the_customers(anna: Visitor, cast: Cast) -> None:
    page = (await anna.opens("/customers/week")).text
    assert '<a href="/customers" aria-current="page">' in page
    for path in ("/customers", "/customers/week", "/customers/new"):
        assert f'<a href="{path}"' in page


async def test_names_are_never_markup(ina: Visitor, shop: Shop) -> None:
    """What customers call themselves is shown, not run."""
    shop.registers("<script>alert(1)</script>", company='"><img src=x onerror=alert(1)>')
    page = (await ina.opens("/customers")).text
    assert "<script>alert" not in page
    assert "<img" not in page


async def test_who_left_is_on_a_tab_of_their_own(ina: Visitor, cast: Cast, shop: Shop) -> None:
    shop.lives(cast.lead, Closed("duplicate"), NOW)
    assert tabs((await ina.opens("/customers")).text)["left"] == ("closed", 2)
    assert cast.lead not in listed((await ina.opens("/customers?tab=lead")).text)


async def test_colleague_who_gets_a_customer_has_them_on_their_list(anna: Visitor, cast: Cast, shop: Shop) -> None:
    shop.lives(cast.third, Reassigned("anna"), NOW, by="dora")
    assert listed((await anna.opens("/customers?tab=third")).text) == [cast.third]


async def test_customers_page_speaks_english(ina: Visitor, cast: Cast, shop: Shop) -> None:
    with shop.database.writing() as session:
        session.get_one(PersonRow, "ina").language = "en"
    page = (await ina.opens("/customers")).text
    for words in ("Leads of colleagues", "No-shows", "Regular customer", "1 task waits", "Not worked off this week"):
        assert words in page, words


def test_life_is_one_row_that_is_no_ticket(shop: Shop) -> None:
    """What all of the above rests on."""
    customer = shop.registers(at=berlin("2027-03-01 09:00"))
    with shop.database.reading() as session:
        row = session.get_one(TicketRow, shop.life(customer))
    assert (row.life, row.customer) == (True, customer)


async def test_stage_is_a_row_of_the_definition(ina: Visitor, shop: Shop) -> None:
    """A sixth stage has its tab as soon as the definition is kept; an older one's customers keep theirs."""
    text = (SHIPPED / "customer.toml").read_text(encoding="utf-8")
    sixth = '[phases.regular]\nde = "Bestandskunde"\nen = "Regular customer"\n'
    with_sixth = text.replace(sixth, f'{sixth}[phases.partner]\nde = "Partnerkunde"\nen = "Partner"\n')
    assert with_sixth != text
    shop.ticket_service.apply_definition("customer", with_sixth, "sixth")
    customer = shop.registers("Petra Partner")
    for n in range(5):
        shop.lives(customer, PackageBooked(10), NOW + timedelta(seconds=n))
    page = (await ina.opens("/customers?tab=partner&owner=*")).text
    assert listed(page) == [customer]
    assert ">Partnerkunde <b>1</b>" in page
    assert (await ina.opens("/customers?tab=nowhere&owner=*")).status_code == 200
