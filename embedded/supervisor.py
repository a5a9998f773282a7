"""The supervisor: starts everything in order, begins again what dies, stops everything in the opposite order."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from functools import partial

from embedded.child import Child, Program, last_words
from embedded.company import Company
from embedded.constants import SET_UP
from embedded.plan import Plan
from embedded.preflight import MovingIn
from embedded.readiness import answers_http, greets, succeeds, until_ready
from embedded.terminal import Terminal
from installation.errors import Failure


class Supervisor:
    """One `up`, from the first program to the last."""

    def __init__(self, plan: Plan, terminal: Terminal, company: Company) -> None:
        """Take what runs, where to say so, and whose demo it is."""
        self._plan = plan
        self._terminal = terminal
        self._company = company
        self._moving_in = MovingIn(plan.var)
        self._children: list[Child] = []
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Run until SIGINT or SIGTERM; returns the exit code. Raises Failure when something cannot start."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop)
        if self._moving_in.begin_anew():
            self._terminal.says("The demo company never finished moving in: it begins anew.")
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stop.is_set():
                await starting
                await stopping
        finally:
            for task in (starting, stopping):
                task.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)
            await self._end_all()
        return 0

    def _asked_to_stop(self) -> None:
        """End in order; asked a second time, end at once."""
        if self._stop.is_set():
            for child in self._children:
                child.kill()
        self._stop.set()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        worker_waits = not self._plan.is_fresh
        if self._plan.demo and self._plan.is_fresh:
            self._moving_in.begins()
        await asyncio.gather(
            self._start_temporal(worker_follows=not worker_waits),
            self._start_mail(),
            self._prepare(worker_follows=worker_waits),
        )
        people = self._company.people if self._plan.demo else ()
        self._terminal.welcomes(self._plan, people, self._company.password, loop.time() - begun)

    async def _start_temporal(self, *, worker_follows: bool) -> None:
        """Start Temporal. Where there is no ledger yet, the worker may follow before the tables are there."""
        plan = self._plan
        await self._serve("Temporal server", plan.temporal(), lambda: succeeds(plan.health(), plan.environment()))
        await succeeds(plan.retention(), plan.environment())
        if worker_follows:
            await self._start_worker()

    async def _start_mail(self) -> None:
        plan = self._plan

        async def ready() -> bool:
            return await greets(plan.smtp_port) and await answers_http(plan.mail_port, "/health")

        await self._serve("Mail catcher", plan.mail(), ready)

    async def _start_worker(self) -> None:
        plan = self._plan
        ready = partial(succeeds, plan.pollers(), plan.environment(), saying='"identity"')
        await self._serve("Worker", plan.worker(), ready, between=0.5)

    async def _start_web(self) -> None:
        await self._serve("Web", self._plan.web(), lambda: answers_http(self._plan.web_port, "/health"))

    async def _serve(
        self, title: str, program: Program, ready: Callable[[], Awaitable[bool]], between: float = 0.1
    ) -> None:
        """Start what stays, wait until it is ready, and keep it alive from then on."""
        begun = asyncio.get_running_loop().time()
        child = await self._begin(program)
        await until_ready(child, ready, between)
        child.keep_alive()
        self._terminal.started(title, asyncio.get_running_loop().time() - begun)

    async def _prepare(self, *, worker_follows: bool) -> None:
        """Set up; then the web, and a worker that waited for migrations, start while the demo company moves in."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        child = await self._begin(self._plan.prepare())
        if await child.line() == SET_UP:
            self._terminal.started("Database and definitions", loop.time() - begun)
            rest = [self._start_worker()] if worker_follows else []
            await asyncio.gather(self._start_web(), self._move_in(child), *rest)
        else:
            await self._move_in(child)

    async def _move_in(self, child: Child) -> None:
        begun = asyncio.get_running_loop().time()
        program = child.program
        if await child.wait():
            raise Failure(f"{program.name} failed: {last_words(program.log)} (see {program.log})")
        self._children.remove(child)
        if self._plan.demo:
            self._moving_in.ends()
            self._terminal.started(f"Demo: {self._company.name}", asyncio.get_running_loop().time() - begun)

    async def _begin(self, program: Program) -> Child:
        child = Child(program, self._terminal.says)
        self._children.append(child)
        await child.begin()
        return child

    async def _end_all(self) -> None:
        """End what needs others before those others: web, worker, mail, Temporal."""
        self._terminal.says("\nStopping …")
        order = ("prepare", "web", "worker", "mail", "temporal")
        for child in sorted(self._children, key=lambda each: order.index(each.program.name)):
            await child.end()
        self._terminal.says("Stopped.")
