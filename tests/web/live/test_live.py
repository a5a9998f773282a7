"""The live stream, over HTTP from a real server: what an open page is told, whose it is, and when it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import fastapi.routing
import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from temporalio.client import Client

from domain.ticket.customer_facts import AppointmentBooked
from domain.ticket.facts import Answered, Closed, Paused, Reassigned
from models.tables import Channel, NoticeRow, NoticeStatus, PersonRow, SessionRow
from settings import Settings
from tests.office import berlin
from tests.ports import free_port
from tests.web.shop import CHEAP, NOW, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from web.live import stream as live
from web.live.snapshot import Looking, Wanted
from web.live.stream import Listener, Live
from web.serve import PageServer
from workflows.gateway import Gateway

Event = tuple[str, dict[str, Any]]


@dataclass
class House:
    """A served shop, with a clock that can be moved."""

    shop: Shop
    app: FastAPI
    server: PageServer
    address: str
    now: list[datetime]
    serving: asyncio.Task[None]

    @property
    def live(self) -> Live:
        """The loop that looks."""
        found: Live = self.app.state.live
        return found

    @asynccontextmanager
    async def visited_by(self, name: str) -> AsyncIterator[Visitor]:
        """Sign somebody in."""
        async with httpx.AsyncClient(base_url=self.address, timeout=10) as client:
            visitor = Visitor(client)
            await visitor.signs_in(name)
            yield visitor


@dataclass
class Heard:
    """What a page hears on its stream."""

    response: httpx.Response
    lines: AsyncIterator[str]
    ids: list[str] = field(default_factory=list)

    async def next(self, *wanted: str) -> Event:
        """Return the next event of one of these names."""
        while True:
            event = await asyncio.wait_for(self._event(), 5)
            if event[0] in wanted or not wanted:
                return event

    async def until(self, name: str, **expected: object) -> dict[str, Any]:
        """Return the first event of that name which says all this."""
        while True:
            _, told = await self.next(name)
            if all(told.get(key) == value for key, value in expected.items()):
                return told

    async def ends(self) -> list[Event]:
        """Return what is still said until the stream ends."""
        said = []
        try:
            while True:
                said.append(await asyncio.wait_for(self._event(), 5))
        except StopAsyncIteration:
            return said

    async def _event(self) -> Event:
        name, data = "", ""
        while line := await anext(self.lines):
            key, _, value = line.partition(": ")
            name, data = (value, data) if key == "event" else (name, value if key == "data" else data)
            if key == "id":
                self.ids.append(value)
            if line.startswith(":"):
                name = "comment"
        return name, json.loads(data) if data else {}


@asynccontextmanager
async def listening(visitor: Visitor, tickets: str = "", **headers: str) -> AsyncIterator[Heard]:
    """Open the stream of a page."""
    async with visitor.client.stream("GET", f"/live?tickets={tickets}", headers=headers) as response:
        yield Heard(response, response.aiter_lines())


@pytest.fixture
async def house(shop: Shop, unplugged: Client) -> AsyncIterator[House]:
    """Serve the busy shop; the loop looks often."""
    now, port = [NOW], free_port()
    gateway = Gateway(unplugged, gather_seconds=0, patience=timedelta(seconds=0.3))
    app = create_app(Settings(), shop.database, gateway, shop.ticket_service, lambda: now[0], passwords=CHEAP)
    app.state.live = Live(app.state.services, every=0.02)
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
    server = PageServer(config, app.state.live)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield House(shop, app, server, f"http://127.0.0.1:{port}", now, serving)
    server.should_exit = True
    await serving


async def test_stream_begins_with_everything_the_page_shows(house: House) -> None:
    """Marks, counts, what pops up, and a ticket as the server would draw it."""
    house.shop.pops_up("anna")
    async with house.visited_by("anna") as anna, listening(anna, "4,5") as heard:
        _, hello = await heard.next("hello")
        assert set(hello["marks"]) == {"yellow", "green", "red", "escalated", "paused", "closed"}
        assert hello["marks"]["red"].startswith('<svg class="mark mark-red"')
        popups = [await heard.next("popup"), await heard.next("popup")]
        assert [told["number"] for _, told in popups] == [4, 3]
        assert heard.ids == [str(told["id"]) for _, told in popups]
        assert await heard.next() == ("waiting", {"ids": [told["id"] for _, told in popups]})
        assert await heard.next() == (
            "counts",
            {"mine": 6, "customers": 0, "escalated": None, "pool": None, "newest": None},
        )
        fourth, fifth = await heard.next("ticket"), await heard.next("ticket")
        assert (fourth[1]["number"], fourth[1]["light"], fourth[1]["word"]) == (4, "escalated", "Eskaliert")
        assert (fifth[1]["number"], fifth[1]["light"], fifth[1]["by"]) == (5, "green", "Paul Seidl")
        page = (await anna.opens("/tickets/5")).text
        assert fifth[1]["countdown"].strip() in page


async def test_change_of_a_shown_ticket_arrives_with_light_countdown_version_and_who_acted(house: House) -> None:
    """What happens to tickets the page does not show is not told."""
    shop = house.shop
    async with house.visited_by("anna") as anna, listening(anna, "3") as heard:
        before = await heard.until("ticket", number=3)
        shop.happens(1, Answered(), NOW, text="Gern.")
        shop.happens(3, Answered(), NOW, by="paul", text="Morgen um zehn.")
        after = await heard.until("ticket")
        assert (after["number"], after["light"], after["by"], after["own"]) == (3, "green", "Paul Seidl", False)
        assert after["version"] == before["version"] + 1
        assert after["text"] == "keine Frist"
        shop.happens(3, Paused(), NOW, text="Urlaub.")
        assert (await heard.until("ticket", light="paused"))["own"]


async def test_customer_is_told_by_the_number_of_their_life_and_counted_apart(house: House) -> None:
    """What happens to one of my customers changes a number; my tickets stay as many as they were."""
    customer = house.shop.registers(owner="anna")
    number = house.shop.life(customer)
    async with house.visited_by("anna") as anna, listening(anna, str(number)) as heard:
        before = await heard.until("counts")
        assert (await heard.until("ticket", number=number))["light"] == "green"
        house.shop.lives(customer, AppointmentBooked(), NOW, by="dora")
        after = await heard.until("counts")
        assert (await heard.until("ticket", number=number))["light"] == "yellow"
    assert before["mine"] == after["mine"] == 6
    assert before["customers"] != after["customers"]


async def test_light_turns_red_by_time_alone(house: House) -> None:
    """The page is right while no worker writes anything down."""
    async with house.visited_by("anna") as anna, listening(anna, "1") as heard:
        assert (await heard.until("ticket"))["light"] == "yellow"
        house.now[0] = NOW + timedelta(hours=1, minutes=10)
        red = await heard.until("ticket")
        assert (red["light"], red["word"]) == ("red", "Überfällig")


async def test_countdown_rests_at_closing_and_runs_again_in_the_morning(house: House) -> None:
    """Time alone changes how a countdown looks; it counts in business time."""
    late = house.shop.inquiry("Spät", at=berlin("2027-03-02 17:30"))
    house.now[0] = berlin("2027-03-02 17:35")
    async with house.visited_by("anna") as anna, listening(anna, str(late)) as heard:
        with house.shop.database.writing() as session:
            session.exec(select(SessionRow)).one().expires_at = berlin("2027-03-04 09:00")
        assert "is-resting" not in (await heard.until("ticket"))["countdown"]
        house.now[0] = berlin("2027-03-02 22:00")
        assert "is-resting" in (await heard.until("ticket"))["countdown"]
        house.now[0] = berlin("2027-03-03 09:00")
        assert "is-resting" not in (await heard.until("ticket"))["countdown"]


async def test_pop_up_arrives_and_leaves_when_it_is_confirmed_elsewhere(house: House) -> None:
    """Seen in one window, it goes away in the others; what is somebody else's never comes."""
    async with (
        house.visited_by("anna") as anna,
        listening(anna) as heard,
        house.visited_by("paul") as paul,
        listening(paul) as other,
    ):
        assert (await heard.next("waiting"))[1] == {"ids": []}
        house.shop.pops_up("anna")
        _, told = await heard.next("popup")
        assert (told["number"], told["subject"][:14]) == (4, "Bitte um Rückr")
        assert "Geschäftszeit" in told["why"]
        assert (told["mark"], told["href"], told["life"]) == ("#4", "/tickets/4", False)
        await heard.until("waiting")
        await anna.sends("/", f"/popups/{told['id']}/seen")
        left = await heard.until("waiting")
        assert told["id"] not in left["ids"]
        house.shop.pops_up("paul")
        assert (await other.next("popup"))[1]["number"] in (8, 9)


async def test_reconnect_misses_nothing_even_what_was_delivered_out_of_order(house: House) -> None:
    """Last-Event-ID names the last one heard; one with a lower number that was delivered later comes all the same."""
    house.shop.pops_up("anna")
    with house.shop.database.writing() as session:
        rows = session.exec(
            select(NoticeRow).where(NoticeRow.mailbox == "person:anna", NoticeRow.channel == Channel.POP_UP)
        ).all()
        ids = sorted(row.id for row in rows if row.status == NoticeStatus.SENT)
        session.get_one(NoticeRow, ids[0]).status = NoticeStatus.WAITING
    async with house.visited_by("anna") as anna:
        async with listening(anna) as heard:
            assert (await heard.next("waiting"))[1] == {"ids": ids[1:]}
        house.shop.pops_up("anna")
        async with listening(anna, **{"last-event-id": str(ids[-1])}) as heard:
            assert sorted((await heard.next("waiting"))[1]["ids"]) == ids
            assert sorted(map(int, heard.ids)) == ids


async def test_counts_are_those_of_the_menu(house: House) -> None:
    """A controller hears what is escalated to them, a dispatcher what is in the pool."""
    async with house.visited_by("dora") as dora, listening(dora) as heard:
        first = (await heard.next("counts"))[1]
        assert (first["pool"], first["escalated"]) == (2, None)
        house.shop.happens(first["newest"], Reassigned("paul"), NOW, by="dora")
        assert (await heard.until("counts"))["pool"] == 1
        house.shop.inquiry("Neu")
        assert (await heard.until("counts"))["newest"] == first["newest"] + 1
    async with house.visited_by("carl") as carl, listening(carl) as heard:
        escalated = (await heard.next("counts"))[1]["escalated"]
        house.shop.happens(4, Closed("answered"), NOW, text="Erledigt.")
        assert (await heard.until("counts"))["escalated"] == escalated - 1


async def test_stream_ends_with_the_session(house: House) -> None:
    """Signing out ends it at once and says why, so that the page does not knock for ever."""
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        await heard.next("counts")
        await anna.sends("/", "/sign-out")
        assert (await heard.ends())[-1] == ("bye", {"why": "signed out"})
        assert (await anna.opens("/live")).status_code == 401


async def test_stream_ends_when_the_person_is_deactivated_or_the_session_is_too_old(house: House) -> None:
    """Both are noticed at the next look."""
    async with (
        house.visited_by("anna") as anna,
        house.visited_by("paul") as paul,
        listening(anna) as hers,
        listening(paul) as his,
    ):
        await hers.next("counts")
        await his.next("counts")
        with house.shop.database.writing() as session:
            session.get_one(PersonRow, "anna").active = False
            row = session.exec(select(SessionRow).where(SessionRow.person == "paul")).one()
            row.expires_at = NOW
        assert (await hers.ends())[-1] == ("bye", {"why": "signed out"})
        assert (await his.ends())[-1] == ("bye", {"why": "signed out"})


async def test_nobody_listens_without_signing_in(visitor: Callable[[], Visitor]) -> None:
    """A stream is no page to be led to the sign-in from."""
    assert (await visitor().opens("/live")).status_code == 401


async def test_fifth_page_takes_the_line_of_the_oldest(house: House) -> None:
    """Four streams each; the others keep theirs, and so does everybody else."""
    async with house.visited_by("anna") as anna, house.visited_by("paul") as paul, listening(paul) as his:
        async with listening(anna) as first, listening(anna) as second, listening(anna), listening(anna):
            await second.next("counts")
            assert house.live.listening == 5
            async with listening(anna) as fifth:
                assert (await first.ends())[-1] == ("bye", {"why": "elsewhere"})
                await fifth.next("counts")
                assert house.live.listening == 5
                house.shop.pops_up("anna")
                assert (await second.next("popup"))[0] == "popup"
        await his.next("counts")
    await nobody_listens(house)


async def nobody_listens(house: House) -> None:
    """Wait until every page that left is forgotten."""
    for _ in range(200):
        if not house.live.listening:
            return
        await asyncio.sleep(0.02)
    pytest.fail("somebody still listens")


async def test_page_that_closes_is_forgotten_and_the_loop_rests(house: House) -> None:
    """Nobody looks when nobody listens; the next page starts the loop again."""
    async with house.visited_by("anna") as anna:
        for _ in range(2):
            async with listening(anna) as heard:
                await heard.next("counts")
            await nobody_listens(house)
            await asyncio.sleep(0.05)
            assert house.live._task is not None
            assert house.live._task.done()


async def test_server_stops_without_waiting_for_open_pages(house: House) -> None:
    """An open page does not use up the patience for those that are still being answered; it hears no reason."""
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        await heard.next("counts")
        began = asyncio.get_running_loop().time()
        house.server.should_exit = True
        assert [name for name, _ in await heard.ends() if name == "bye"] == []
        await house.serving
        assert asyncio.get_running_loop().time() - began < 2


async def test_stopping_server_takes_no_new_listeners(house: House) -> None:
    """Who still gets through is told nothing and comes back later."""
    house.live.hang_up()
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        assert [name for name, _ in await heard.ends()] == ["hello"]


async def test_stream_is_hardened_not_cached_and_not_buffered(house: House) -> None:
    """The same headers as every page, and the first event is there at once."""
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        headers = heard.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert "connect-src 'self'" in headers["content-security-policy"]
        assert headers["cache-control"] == "private, no-cache"
        assert headers["x-accel-buffering"] == "no"
        assert (await heard.next())[0] == "hello"


async def test_silence_is_filled_with_comments_and_beats(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments keep proxies content; a beat shows the page that the line is not dead."""
    assert fastapi.routing._PING_INTERVAL == 15  # type: ignore[attr-defined]
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.05)
    monkeypatch.setattr(live, "BEATS_EVERY", 0.2)
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        assert (await heard.next("comment"))[0] == "comment"
        assert (await heard.next("beat"))[0] == "beat"


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("", set()),
        ("4,5", {4, 5}),
        ("4,abc,-1,٣,5.5,1 OR 1=1,'", {4}),
        ("9999999999,5", {5}),
        (",".join(map(str, range(1, 500))), set(range(1, 101))),
    ],
)
def test_page_names_at_most_a_hundred_tickets(asked: str, taken: set[int]) -> None:
    """What is no number is left out."""
    assert live._numbers(asked) == taken


async def test_tickets_that_do_not_exist_are_left_out(house: House) -> None:
    """Nothing is told about them, and nothing fails."""
    async with house.visited_by("anna") as anna, listening(anna, "999999999,5") as heard:
        assert (await heard.until("ticket"))["number"] == 5


async def test_loop_survives_a_database_that_does_not_answer(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It looks again; the pages stay connected."""
    real = Looking.look
    failures = [OperationalError("SELECT", {}, Exception("gone")) for _ in range(3)]

    def look(looking: Looking, wanted: Wanted) -> object:
        if failures:
            raise failures.pop()
        return real(looking, wanted)

    monkeypatch.setattr(Looking, "look", look)
    async with house.visited_by("anna") as anna, listening(anna) as heard:
        await heard.next("counts")
    assert "does not answer those who listen" in caplog.text


async def test_loop_that_ends_says_why_and_begins_again_with_the_next_page(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours in what one page is told."""
    async with house.visited_by("anna") as anna, listening(anna, "1") as heard:
        await heard.until("ticket")
        (listener,) = house.live._listeners
        listener.takes = lambda _: 1 / 0  # type: ignore[method-assign, assignment]
        house.shop.happens(1, Answered(), NOW, text="Gern.")
        async with asyncio.timeout(30):
            while house.live.listening:
                await asyncio.sleep(0.05)
    assert "ZeroDivisionError" in caplog.text
    async with house.visited_by("anna") as anna, listening(anna, "1") as heard:
        await heard.until("ticket")


async def test_slow_page_is_told_the_state_of_the_day_not_every_step(house: House) -> None:
    """News wait for the page that has not read the last ones; nothing piles up."""
    async with house.visited_by("anna") as anna, listening(anna, "1") as heard:
        await heard.until("ticket")
        (listener,) = house.live._listeners
        assert isinstance(listener, Listener)
        listener.takes = lambda _: None  # type: ignore[method-assign, assignment]
        for minute in range(5):
            house.shop.happens(1, Answered(), NOW + timedelta(minutes=minute), text=f"Nr. {minute}")
        await asyncio.sleep(0.1)
        del listener.takes
        assert (await heard.until("ticket"))["version"] == house.shop.row(1).version
