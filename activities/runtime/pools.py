"""Threads for work that blocks: every kind of work has its own, so that none waits for what another one waits for."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class Pool:
    """A few named threads. Work beyond them waits for one of them, and takes none from anybody else."""

    def __init__(self, name: str, size: int) -> None:
        """Take what its threads are called, and how many there are at most."""
        self.name = name
        self.size = size
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def run(self, work: Callable[_Asked, _Answer], *arguments: _Asked.args, **named: _Asked.kwargs) -> _Answer:
        """Do what blocks in one of the threads, in the context of who asks, as `asyncio.to_thread` does."""
        context = contextvars.copy_context()
        called = partial(context.run, work, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, called)

    def close(self) -> None:
        """Begin nothing more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
