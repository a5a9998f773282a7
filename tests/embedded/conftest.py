"""A real `up` for the tests, on free ports and in a directory of its own."""

import asyncio
import contextlib
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
"""Generous: the whole suite may be running beside us. How long it really takes is written where it is measured."""


@dataclass
class Up:
    """One installation; it can be started, stopped and started again."""

    var: Path
    ports: dict[str, int] = field(
        default_factory=lambda: {name: free_port() for name in ("web", "temporal", "ui", "smtp", "mail")}
    )
    output: str = ""
    started_at: float = 0.0
    _process: Process | None = None

    @property
    def process(self) -> Process:
        """The supervisor."""
        assert self._process is not None
        return self._process

    @property
    def runs(self) -> bool:
        """Whether the supervisor lives."""
        return self._process is not None and self._process.returncode is None

    def url(self, name: str, path: str = "/") -> str:
        """Return the address of one of the pages."""
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    async def start(self, *more: str) -> None:
        """Start the supervisor; its output is collected."""
        ports = [word for name, port in self.ports.items() for word in (f"--{name}-port", str(port))]
        self.started_at = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "starter.py", "up", "--var", str(self.var), *ports, *more),
            cwd=ROOT,
            stdout=PIPE,
            stderr=STDOUT,
        )

    async def until(self, words: str) -> float:
        """Read the output until a line has these words; returns the seconds since the start."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while words not in self.output:
                line = await self.process.stdout.readline()
                assert line, self.output
                self.output += line.decode()
        return time.monotonic() - self.started_at

    async def until_mail(self) -> float:
        """Wait for the first caught mail; returns the seconds since the start."""
        async with asyncio.timeout(PATIENCE):
            while not self.mails():
                await asyncio.sleep(0.1)
        return time.monotonic() - self.started_at

    def mails(self) -> set[str]:
        """Return the names of the caught mails."""
        return {path.name for path in (self.var / "mails").glob("*.eml")}

    def children(self) -> list[int]:
        """Return the processes that the supervisor started and that still live."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text(encoding="ascii").split()]

    async def ends(self) -> int:
        """Wait until the supervisor has ended; returns its exit code."""
        rest = await asyncio.wait_for(self.process.stdout.read() if self.process.stdout else _nothing(), PATIENCE)
        self.output += rest.decode()
        return await self.process.wait()

    async def stop(self) -> int:
        """Ask the supervisor to stop, as `kill` does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ends()

    async def close(self) -> None:
        """Leave nothing behind, whatever the test did."""
        if self.runs:
            with contextlib.suppress(TimeoutError):
                await self.stop()
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()


async def _nothing() -> bytes:
    return b""


def alive(pids: list[int]) -> list[int]:
    """Return those of the processes that still live; a zombie waits for its parent only and counts as dead."""
    return [pid for pid in pids if _state(pid) not in ("", "Z", "X")]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""


@pytest.fixture(scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Up]:
    """Yield one installation for a module's tests, with the demo in it."""
    up = Up(tmp_path_factory.mktemp("up") / "var")
    try:
        yield up
    finally:
        await up.close()


@pytest.fixture
async def running(installation: Up) -> Up:
    """Return the module's installation while it runs: it is started again after a test that ended it."""
    if not installation.runs:
        installation.output = ""
        await installation.start()
        await installation.until("Sign in")
    return installation


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Up]:
    """Yield another installation that is not yet started."""
    up = Up(tmp_path / "var")
    try:
        yield up
    finally:
        await up.close()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Yield a browser without a face."""
    async with httpx.AsyncClient(timeout=30, follow_redirects=True, trust_env=False) as client:
        yield client
