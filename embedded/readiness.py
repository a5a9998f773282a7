"""Finds out whether a program already does what it is there for."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Mapping, Sequence

from embedded.child import Child, last_words
from embedded.constants import HOST
from installation.errors import Failure

_PATIENCE = 60.0


async def until_ready(child: Child, ready: Callable[[], Awaitable[bool]], between: float = 0.1) -> None:
    """Ask every `between` seconds until a program is ready; raises Failure when it dies or takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PATIENCE
    name, log = child.program.name, child.program.log
    while not await ready():
        if child.code is not None:
            raise Failure(f"{name} could not start: {last_words(log)} (see {log})")
        if loop.time() > deadline:
            raise Failure(f"{name} was not ready after {_PATIENCE:.0f} s; see {log}")
        await asyncio.sleep(between)


async def answers_http(port: int, path: str) -> bool:
    """Whether a page answers with 200."""
    return (await _first_line(port, f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n")).split()[1:2] == ["200"]


async def greets(port: int) -> bool:
    """Whether a mail server greets."""
    return (await _first_line(port, "")).startswith("220")


async def succeeds(command: Sequence[str], environment: Mapping[str, str], *, saying: str = "") -> bool:
    """Whether a command ends well, and says what it should."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=dict(environment)
    )
    output, _ = await process.communicate()
    return process.returncode == 0 and saying in output.decode(errors="replace")


async def _first_line(port: int, request: str) -> str:
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return ""
    try:
        writer.write(request.encode())
        line = await asyncio.wait_for(reader.readline(), timeout=5)
    except (OSError, TimeoutError):
        return ""
    finally:
        writer.close()
    return line.decode(errors="replace")
