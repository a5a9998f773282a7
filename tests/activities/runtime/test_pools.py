"""Pools: blocking work of one kind waits for itself only."""

import asyncio
import contextvars
import threading
from pathlib import Path

import pytest

from activities.runtime.pools import Pool
from settings import Settings
from worker import Pools

ACTIVITIES = Path(__file__).parents[3] / "activities"


async def test_full_pool_keeps_no_other_one_waiting() -> None:
    released, slow, quick = threading.Event(), Pool("slow", 1), Pool("quick", 1)
    waiting = [asyncio.create_task(slow.run(released.wait)) for _ in range(3)]
    assert await quick.run(lambda: threading.current_thread().name) == "quick_0"
    assert not any(task.done() for task in waiting)
    released.set()
    assert await asyncio.gather(*waiting) == [True] * 3


async def test_work_sees_the_context_of_who_asks_and_its_error_comes_back() -> None:
    """An activity's own context is what tells its logger and its heartbeat who it is."""
    name = contextvars.ContextVar("name", default="")
    name.set("anna")
    pool = Pool("named", 1)
    assert await pool.run(name.get) == "anna"
    with pytest.raises(ValueError, match="'x'"):
        await pool.run(int, "x", base=10)


def test_every_kind_of_work_has_threads_of_its_own_and_each_thread_a_connection() -> None:
    pools = vars(Pools(Settings(ledger_threads=5)))
    assert len({pool.name for pool in pools.values()}) == len(pools) == 7
    assert pools["ledger"].size == 5
    assert Pools(Settings(ledger_threads=5)).connections == sum(pool.size for pool in pools.values()) - 16 + 1


def test_no_activity_blocks_the_threads_in_which_names_are_looked_up() -> None:
    """There asyncio asks the name server for mail: what else runs there waits as long as that is silent."""
    shared = [path.name for path in ACTIVITIES.rglob("*.py") if "asyncio.to_thread(" in path.read_text("utf-8")]
    assert shared == []
