"""Many tickets to somebody else at once: who may, what is refused, and that a second press changes nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import NewTicket, TicketService
from domain.ticket.facts import Called
from models.database import Database
from models.messages import Command
from models.tables import EventRow, NoticeRow, PersonRow, TicketRow
from settings import Settings
from tests.maildrop import Maildrop
from tests.office import furnish
from tests.web.admin.test_administration import LISTS, csrf
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, PASSWORD, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from workflows.gateway import Gateway

MOVE = "/redistribution"


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("carl", 422), ("dora", 422), ("helga", 422)])
async def test_redistribution_is_for_those_who_oversee(visitor: Callable[[], Visitor], who: str, status: int) -> None:
    """Sellers get 403; the others are asked what they meant with an empty form."""
    somebody = visitor()
    await somebody.signs_in(who)
    assert (await somebody.posts(MOVE, csrf=await csrf(somebody))).status_code == status
    assert (await somebody.posts(MOVE, ticket="1-1", to="paul")).status_code == 403


async def test_controller_gives_away_by_seller_and_overseers_from_all(carl: Visitor, dora: Visitor) -> None:
    """A form for each seller with all of theirs behind one button, and one form below the list of all."""
    page = (await carl.opens("/escalated")).text
    assert re.findall(r'name="ticket" value="(\d+)-\d+" form="bulk-(\d)"', page) == [("4", "1"), ("8", "2"), ("9", "2")]
    assert re.findall(r'name="every" value="([^"]+)">([^<]+)', page) == [("8-1 9-2", "Alle 2 übergeben")]
    everybodys = (await dora.opens("/all?owner=paul")).text
    assert re.findall(r'name="ticket" value="(\d+)-\d+" form="bulk"', everybodys) == ["8", "9"]
    assert 'name="back" value="/all?owner=paul"' in everybodys
    assert MOVE not in (await dora.opens("/all?light=closed")).text
    assert MOVE not in (await dora.opens("/pool")).text


async def test_form_without_an_owner_keeps_what_was_ticked(carl: Visitor) -> None:
    """The page asks again, with the same tickets ticked."""
    asked = await carl.sends("/escalated", MOVE, ticket="4-1 8-1", to="nobody")
    assert asked.status_code == 422
    assert 'id="to-problem"' in asked.text
    assert re.findall(r'name="ticket" value="([^"]+)" checked', asked.text) == ["4-1", "8-1"]


@pytest.mark.parametrize("ticket", ["", "nonsense", "999999999-1", "99999999999999-1"])
async def test_nothing_ticked_is_refused(carl: Visitor, ticket: str) -> None:
    """Also tickets that are not there."""
    refused = await carl.sends("/escalated", MOVE, ticket=ticket, to="paul")
    assert refused.status_code == 422
    assert "mindestens einen Vorgang" in refused.text


async def test_too_many_at_once_are_refused(carl: Visitor, shop: Shop) -> None:
    """201 tickets are one too many."""
    numbers = [shop.inquiry("Serie") for _ in range(201)]
    refused = await carl.sends("/all", MOVE, ticket=" ".join(f"{n}-1" for n in numbers), to="paul")
    assert refused.status_code == 422
    assert "Höchstens 200 Vorgänge" in refused.text


async def test_back_leads_nowhere_else(carl: Visitor) -> None:
    """Only to pages of this application."""
    refused = await carl.sends("/all", MOVE, ticket="7-1", to="paul", back="//elsewhere.example")
    assert "elsewhere" not in refused.text


async def test_closed_ticket_says_why_it_stays_and_is_not_offered_again(carl: Visitor) -> None:
    """No engine is needed to say so."""
    refused = await carl.sends("/all", MOVE, ticket="7-1", to="paul")
    assert refused.status_code == 409
    assert "Der Vorgang ist bereits abgeschlossen." in refused.text
    assert 'name="ticket"' not in refused.text


async def test_engine_that_is_down_keeps_the_ticks_and_the_form(carl: Visitor) -> None:
    """The same form again counts once; the rest is not even tried."""
    tickets = " ".join(f"{n}-1" for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11))
    silent = await carl.sends("/all", MOVE, ticket=tickets, to="paul", command="form-1")
    assert silent.status_code == 503
    assert " ".join(re.findall(r'name="ticket" value="([^"]+)" checked', silent.text)) == tickets
    assert 'name="command" value="form-1"' in silent.text
    assert '<option value="paul" selected>' in silent.text
    assert "es zählt einmal" in silent.text


@pytest.fixture
async def real(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> AsyncIterator[tuple[Gateway, Visitor]]:
    """Run workers and pages on a site that never closes; yields the gateway and a controller who administers too."""
    furnish(sqlite_database, "around-the-clock")
    with sqlite_database.writing() as session:
        carl = session.get_one(PersonRow, "carl")
        carl.password_hash, carl.roles = CHEAP.hash(PASSWORD), ["controller", "admin"]
    settings = Settings(smtp_port=maildrop.port, gather_seconds=0.2, base_url=BASE)
    gateway, ticket_service = Gateway(own_server.client, gather_seconds=0.2), TicketService(sqlite_database)
    app = create_app(settings, sqlite_database, gateway, ticket_service, lambda: datetime.now(UTC), passwords=CHEAP)
    async with AsyncExitStack() as stack:
        for each in worker.workers(own_server.client, sqlite_database, settings):
            await stack.enter_async_context(each)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE)
        )
        visitor = Visitor(client)
        await visitor.signs_in("carl")
        yield gateway, visitor


async def opened(gateway: Gateway, database: Database, owner: str) -> int:
    """Have a request arrive for somebody."""
    new = NewTicket("anfrage", "musterstadt", "Kombi gesucht", "", "web", customer_name="Kim Kunde", owner=owner)
    start = TicketService(database).open_ticket(new, datetime.now(UTC))
    await gateway.start(start)
    return start.number


async def test_tickets_move_and_each_one_that_does_not_says_why(
    real: tuple[Gateway, Visitor], sqlite_database: Database
) -> None:
    """Two move, one is outdated, one is his already; the second press of the button changes nothing."""
    gateway, carl = real
    first, second, outdated = [await opened(gateway, sqlite_database, "anna") for _ in range(3)]
    his = await opened(gateway, sqlite_database, "paul")
    tickets = f"{first}-1 {second}-1 {outdated}-7 {his}-1"
    answers = [await carl.sends("/all", MOVE, ticket=tickets, to="paul", command="form-1") for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 200
        assert "2 Vorgänge wurden umverteilt." in answer.text
        assert "2 Vorgänge blieben, wo sie sind" in answer.text
        assert "Bitte prüfen und noch einmal absenden." in answer.text
        assert "Paul ist bereits zuständig." in answer.text
        assert re.findall(r'name="ticket" value="([^"]+)"', answer.text) == [f"{outdated}-1"]
    assert owners(sqlite_database) == {first: "paul", second: "paul", outdated: "anna", his: "paul"}
    with sqlite_database.reading() as session:
        moves = session.exec(select(EventRow).where(EventRow.code == "reassigned")).all()
    assert sorted((move.ticket, move.by) for move in moves) == [(first, "carl"), (second, "carl")]
    again = await carl.sends("/all", MOVE, ticket=f"{outdated}-1", to="paul", command="form-1")
    assert "1 Vorgang wurde umverteilt." in again.text


async def test_all_tickets_of_somebody_move_from_their_absence_page(
    real: tuple[Gateway, Visitor], sqlite_database: Database
) -> None:
    """One choice, one button."""
    gateway, carl = real
    numbers = [await opened(gateway, sqlite_database, "anna") for _ in range(2)]
    moved = await carl.sends("/people/anna/absences", MOVE, to="paul")
    assert "2 Vorgänge wurden umverteilt." in moved.text
    assert 'href="/people/anna/absences"' in moved.text
    assert owners(sqlite_database) == dict.fromkeys(numbers, "paul")
    assert MOVE not in (await carl.opens("/people/anna/absences")).text


async def test_ticket_that_changed_since_the_list_was_opened_stays(
    real: tuple[Gateway, Visitor], sqlite_database: Database
) -> None:
    """Who gives away what they saw does not give away what they did not see."""
    gateway, carl = real
    number = await opened(gateway, sqlite_database, "anna")
    start = TicketService(sqlite_database).ticket_start(number)
    await gateway.act(start, Command(Called(), "anna", "a call", 1))
    stayed = await carl.sends("/all", MOVE, ticket=f"{number}-1", to="paul")
    assert stayed.status_code == 409
    assert "Inzwischen hat Anna gehandelt" in stayed.text
    assert f'value="{number}-2" checked' in stayed.text


async def test_what_waits_for_somebody_finds_the_deputy_as_soon_as_an_absence_is_entered(
    real: tuple[Gateway, Visitor], sqlite_database: Database, maildrop: Maildrop
) -> None:
    """Nobody waits for the mailbox's next time."""
    gateway, carl = real
    number = await opened(gateway, sqlite_database, "anna")
    now = datetime.now(UTC)
    with sqlite_database.writing() as session:
        session.add(
            NoticeRow(
                key="waits",
                ticket=number,
                mailbox="person:anna",
                channel="mail",
                kind="R1",
                at=now,
                deliver="at once",
            )
        )
    away = {"since": f"{now:%Y-%m-%d}", "until": f"{now + timedelta(days=2):%Y-%m-%d}", "deputy": "paul"}
    entered = await carl.sends("/people/anna/absences", "/people/anna/absences", **away)
    assert entered.status_code == 303
    for _ in range(100):
        if maildrop.to("paul@musterstadt.example"):
            break
        await asyncio.sleep(0.1)
    assert len(maildrop.to("paul@musterstadt.example")) == 1
    assert maildrop.to("anna@musterstadt.example") == []


async def test_lists_of_a_site_are_scheduled_as_soon_as_they_are_saved(
    real: tuple[Gateway, Visitor], own_server: WorkflowEnvironment
) -> None:
    """EL1 moves to its new time, EL2 is there no more."""
    _, carl = real
    calendar = 'zone = "Europe/Berlin"\nholidays = "DE"\n[hours]\nmon = ["09:00-18:00"]\n'
    form = {"name": "Musterstadt", "calendar": calendar, "distribution": "by hand", "mails_per_hour": "6"}
    await carl.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form)
    standard = ["list-musterstadt-EL1", "list-musterstadt-EL2", "list-musterstadt-KD13"]
    assert await scheduled(own_server, len(standard)) == standard
    saved = await carl.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form, digests=LISTS)
    assert saved.headers["location"] == "/admin/sites/musterstadt"
    assert "Gespeichert." in (await carl.opens("/admin/sites/musterstadt")).text
    handle = own_server.client.get_schedule_handle("list-musterstadt-EL1")
    (clock,) = (await handle.describe()).schedule.spec.calendars
    assert (clock.hour[0].start, clock.minute[0].start) == (6, 15)


async def scheduled(server: WorkflowEnvironment, expected: int) -> list[str]:
    """Return the schedules of lists, once the server lists as many as there should be."""
    for _ in range(100):
        found = sorted([each.id async for each in await server.client.list_schedules()])
        if len(found) >= expected:
            return found
    return found


def owners(database: Database) -> dict[int, str | None]:
    """Return who owns which ticket."""
    with database.reading() as session:
        return {row.number: row.owner for row in session.exec(select(TicketRow))}
