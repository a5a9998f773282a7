"""One program under supervision: begins, is begun again when it dies, ends when told to. Its output goes to a log."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_TETHER = Path(__file__).with_name("die_with_parent.py")
_ROOT = _TETHER.parent.parent
_LARGEST_LOG = 10_000_000
_LONGEST_PAUSE = 30.0
_STEADY = 60.0
"""A program that ran so many seconds is begun again at once when it dies."""


@dataclass(frozen=True)
class Program:
    """What to run. `grace` is how many seconds it gets to end by itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace: float = 10.0
    speaks: bool = False
    """Whether its standard output is for us instead of the log."""


@dataclass
class Child:
    """A running program; `says` hears what a person should know."""

    program: Program
    says: Callable[[str], None]
    _process: Process | None = None
    _keeper: asyncio.Task[None] | None = None
    _begun_at: float = field(default=0.0)

    async def begin(self) -> None:
        """Begin the program."""
        self._process = await spawn(self.program)
        self._begun_at = asyncio.get_running_loop().time()

    def keep_alive(self) -> None:
        """From now on begin it again whenever it dies."""
        self._keeper = asyncio.create_task(self._keep())

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return None if self._process is None else self._process.returncode

    async def line(self) -> str:
        """Return the next line of a program that speaks, without its end; empty when it has ended."""
        output = self._process.stdout if self._process else None
        return "" if output is None else (await output.readline()).decode().strip()

    async def wait(self) -> int:
        """Wait until it has ended; returns the exit code."""
        return 0 if self._process is None else await self._process.wait()

    async def end(self) -> None:
        """Ask it to end, wait for its grace, then insist."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._process is None or self._process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), self.program.grace)
        except TimeoutError:
            self.says(f"{self.program.name} did not end within {self.program.grace:.0f} s and is killed")
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _keep(self) -> None:
        pause = 1.0
        while self._process is not None:
            code = await self._process.wait()
            ran = asyncio.get_running_loop().time() - self._begun_at
            pause = 1.0 if ran > _STEADY else _longer(pause)
            problem = f"ended with {_named(code)}"
            while problem:
                self._tells(f"{self.program.name} {problem}; again in {pause:.0f} s ({self.program.log})")
                await asyncio.sleep(pause)
                if problem := await self._try_to_begin():
                    pause = _longer(pause)

    async def _try_to_begin(self) -> str:
        """Begin the program; returns why it could not, such as a full disk or no process left to fork, or nothing."""
        try:
            await self.begin()
        except (OSError, RuntimeError) as problem:  # the second where no thread is left
            return f"could not begin: {problem}"
        return ""

    def _tells(self, sentence: str) -> None:
        """Say it where it can be said: a terminal that went away must not end the keeper."""
        with suppress(OSError, ValueError):
            self.says(sentence)


async def spawn(program: Program) -> Process:
    """Start a program tethered to us, in a process group of its own: Ctrl-C reaches us alone."""
    _turn_over(program.log)
    tether = (sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()))
    with program.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *tether,
            *program.command,
            stdin=DEVNULL,
            stdout=PIPE if program.speaks else log,
            stderr=log,
            env=dict(program.environment),
            cwd=_ROOT,
            process_group=0,
        )


def last_words(log: Path) -> str:
    """Return the last line of a log that says anything."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _turn_over(log: Path) -> None:
    """Put a log that has grown large aside; one older log is kept."""
    if log.is_file() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def _longer(pause: float) -> float:
    return min(pause * 2, _LONGEST_PAUSE)


def _named(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
