"""The live stream of an open page (server-sent events): pop-ups, counts and lights, as they change.

One loop per process looks at the database for everybody who listens; each listener is told what is new for them.
A stream begins with everything that waits, so a reconnect misses nothing, whatever its Last-Event-ID says: a notice
with a lower number may be delivered after one with a higher number.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from domain.text.numbers import read_number
from domain.ticket.standing import Light
from web.live.snapshot import Looking, PopUp, Seen, Stand, Wanted
from web.shell import presenting
from web.shell.request import CONTROLLERS, DISTRIBUTORS, OVERSEERS, Visit
from web.shell.services import Services, WithServices
from web.shell.sessions import MaybeSigned, session_key

log = logging.getLogger(__name__)
router = APIRouter()

LOOKS_EVERY = 2.0
BEATS_EVERY = 20.0
"""Seconds; a comment keeps proxies content, but only an event shows the page that the line is not dead."""
STREAMS_EACH = 4
"""Browsers open six connections to a house at most: two are left for pages."""
TICKETS_EACH = 100


@dataclass(frozen=True)
class Counts:
    """What the menu counts, None where the person has no such list; `newest` tells the list of all that it grew.

    `customers` counts nothing: it is another number after every change to the person's customers.
    """

    mine: int
    customers: int
    escalated: int | None
    pool: int | None
    newest: int | None


@dataclass(eq=False)
class Listener:
    """An open page: whose it is, which tickets it shows, what it was told, and what it is to be told next."""

    visit: Visit
    session: str
    tickets: frozenset[int]
    over: bool = False
    _news: list[ServerSentEvent] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _pop_ups: list[int] | None = None
    _counts: Counts | None = None
    _stands: dict[int, Stand] = field(default_factory=dict)

    async def hears(self) -> AsyncIterator[ServerSentEvent]:
        """Yield what is new, until it is over."""
        yield ServerSentEvent(event="hello", data={"marks": _marks(self.visit.services)}, retry=2000)
        while not self.over or self._news:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), BEATS_EVERY)
            self._woken.clear()
            news, self._news = self._news, []
            for event in news or [ServerSentEvent(event="beat", data={})]:
                yield event

    def leave(self, why: str = "") -> None:
        """End the stream; with a reason the page does not come back by itself."""
        if not self.over:
            self.over = True
            self._say([ServerSentEvent(event="bye", data={"why": why})] if why else [])

    def takes(self, seen: Seen) -> None:
        """Take what is new to this page; a page that has not read the last news yet gets the next ones later."""
        if self.over or self._news:
            return
        if self.session not in seen.sessions:
            self.leave("signed out")
            return
        news = [*self._new_pop_ups(seen), *self._new_counts(seen), *self._new_stands(seen)]
        if news:
            self._say(news)

    def _say(self, news: list[ServerSentEvent]) -> None:
        self._news.extend(news)
        self._woken.set()

    def _new_pop_ups(self, seen: Seen) -> Iterator[ServerSentEvent]:
        waiting = seen.pop_ups.get(self.visit.person.short, ())
        ids = [one.id for one in waiting]
        if ids == self._pop_ups:
            return
        told, self._pop_ups = self._pop_ups or [], ids
        for one in waiting:
            if one.id not in told:
                yield ServerSentEvent(event="popup", id=str(one.id), data=_pop_up(one, self.visit.words.language))
        yield ServerSentEvent(event="waiting", data={"ids": ids})

    def _new_counts(self, seen: Seen) -> Iterator[ServerSentEvent]:
        short, plays = self.visit.person.short, self.visit.plays
        counts = Counts(
            mine=seen.mine.get(short, 0),
            customers=seen.customers.get(short, 0),
            escalated=seen.escalated.get(short, 0) if plays(CONTROLLERS) else None,
            pool=seen.pool if plays(DISTRIBUTORS) else None,
            newest=seen.newest if plays(OVERSEERS) else None,
        )
        if counts != self._counts:
            self._counts = counts
            yield ServerSentEvent(event="counts", data=asdict(counts))

    def _new_stands(self, seen: Seen) -> Iterator[ServerSentEvent]:
        for number in sorted(self.tickets & seen.stands.keys()):
            stand = seen.stands[number]
            if self._stands.get(number) is not stand:
                self._stands[number] = stand
                yield ServerSentEvent(event="ticket", data=self._ticket(stand, seen))

    def _ticket(self, stand: Stand, seen: Seen) -> dict[str, Any]:
        words, row = self.visit.words, stand.row
        shown = presenting.countdown(row, seen.now, stand.calendar, stand.breaks, words)
        acted = stand.acted
        return {
            "number": row.number,
            "version": row.version,
            "light": row.light,
            "word": words(presenting.LIGHTS[Light(row.light)]),
            "text": shown.text,
            "countdown": str(_macros(self.visit.services).countdown(shown)),
            "now": int(seen.now.timestamp()),
            "by": acted.name if acted else "",
            "own": acted is not None and acted.short == self.visit.person.short,
        }


class Live:
    """Everybody who listens, and the one loop that looks for them."""

    def __init__(self, services: Services, every: float = LOOKS_EVERY) -> None:
        """Take what is looked at, and how many seconds lie between two looks."""
        self._looking = Looking(services)
        self._every = every
        self._listeners: list[Listener] = []
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def admitted(self, listener: Listener) -> Iterator[Listener]:
        """Let somebody listen; who has too many pages open loses the oldest one."""
        theirs = [one for one in self._listeners if one.visit.person.short == listener.visit.person.short]
        for oldest in theirs[: max(0, len(theirs) + 1 - STREAMS_EACH)]:
            self._dismiss(oldest, "elsewhere")
        self._listeners.append(listener)
        if self._closed:
            listener.leave()
        elif self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_around())
        self._stirred.set()
        try:
            yield listener
        finally:
            self._dismiss(listener)

    @property
    def listening(self) -> int:
        """How many pages listen now."""
        return len(self._listeners)

    def hang_up(self) -> None:
        """End every stream: the server is about to stop, and pages come back when it is there again."""
        self._closed = True
        for listener in list(self._listeners):
            self._dismiss(listener)

    def _dismiss(self, listener: Listener, why: str = "") -> None:
        listener.leave(why)
        if listener in self._listeners:
            self._listeners.remove(listener)
        if not self._listeners:
            self._stirred.set()

    async def _look_around(self) -> None:
        """Look while anybody listens. Should it fail, everybody is let go and comes back after a while."""
        try:
            while self._listeners:
                self._stirred.clear()
                listeners = tuple(self._listeners)
                try:
                    seen = await asyncio.to_thread(self._looking.look, _wanted(listeners))
                except SQLAlchemyError:
                    log.warning("the database does not answer those who listen")
                else:
                    for listener in listeners:
                        listener.takes(seen)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), self._every)
        except Exception:
            log.exception("nobody looks any more for those who listen, until somebody listens again")
        finally:
            for listener in list(self._listeners):
                self._dismiss(listener)


def _wanted(listeners: tuple[Listener, ...]) -> Wanted:
    return Wanted(
        sessions=frozenset(one.session for one in listeners),
        people=frozenset(one.visit.person.short for one in listeners),
        tickets=frozenset().union(*(one.tickets for one in listeners)),
    )


def _pop_up(one: PopUp, language: str) -> dict[str, object]:
    """Return a pop-up as the page's script reads it."""
    return asdict(one.by_language[language])


def _macros(services: Services) -> Any:
    """Return the shapes of the pages: what arrives later looks like what was there."""
    return services.templates.get_template("shell/_marks.html").module


def _marks(services: Services) -> dict[str, str]:
    return {light: str(_macros(services).light(light)) for light in Light}


async def _listening(
    request: Request, services: WithServices, found: MaybeSigned, tickets: Annotated[str, Query()] = ""
) -> AsyncIterator[Listener]:
    """Admit a page of somebody who is signed in, for as long as it is open."""
    if found is None:
        raise HTTPException(401)
    listener = Listener(Visit(request, services, found), session_key(request, services), _numbers(tickets))
    with live_of(request).admitted(listener):
        yield listener


def live_of(request: Request) -> Live:
    """Return the loop of this process."""
    return cast("Live", request.app.state.live)


def _numbers(text: str) -> frozenset[int]:
    """Return the tickets a page says it shows; what is no number is left out."""
    numbers = map(read_number, text.split(",", TICKETS_EACH)[:TICKETS_EACH])
    return frozenset(number for number in numbers if number is not None)


@router.get("/live", response_class=EventSourceResponse)
async def live(listener: Annotated[Listener, Depends(_listening)]) -> AsyncIterator[ServerSentEvent]:
    """Tell an open page what is new for it, until it closes, the session ends or the server stops."""
    async for event in listener.hears():
        yield event
