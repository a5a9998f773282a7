"""A child is begun again when it dies, and a begin that fails is said and tried again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from embedded.child import Child, Program


@pytest.fixture
def said() -> list[str]:
    """Return what a person was told."""
    return []


@pytest.fixture
async def child(tmp_path: Path, said: list[str]) -> AsyncIterator[Child]:
    """Yield a program that runs until it is killed, kept alive, with its log in a folder of its own."""
    folder = tmp_path / "log"
    folder.mkdir()
    command = (sys.executable, "-c", "import time; time.sleep(3600)")
    child = Child(Program("sleeper", command, os.environ, folder / "sleeper.log"), said.append)
    await child.begin()
    child.keep_alive()
    yield child
    folder.mkdir(exist_ok=True)
    await child.end()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.05)


async def test_begin_that_fails_is_said_and_tried_again_with_a_longer_pause(
    child: Child, said: list[str], tmp_path: Path
) -> None:
    """The folder of its log is away when it dies, and comes back."""
    folder = tmp_path / "log"
    folder.rename(tmp_path / "away")
    child.kill()
    await until(lambda: len(said) == 2)
    assert said[0].startswith("sleeper ended with SIGKILL; again in 2 s")
    assert said[1].startswith("sleeper could not begin: [Errno 2] No such file or directory")
    assert "; again in 4 s" in said[1]
    (tmp_path / "away").rename(folder)
    await until(lambda: child.code is None)
    child.kill()
    await until(lambda: len(said) == 3)
    assert said[2].startswith("sleeper ended with SIGKILL; again in 8 s")


async def test_terminal_that_is_gone_does_not_end_the_keeper(child: Child, said: list[str]) -> None:
    def nobody_listens(_: str) -> None:
        said.append("tried")
        raise BrokenPipeError

    child.says = nobody_listens
    child.kill()
    await until(lambda: bool(said))
    await until(lambda: child.code is None)
    assert said == ["tried"]
