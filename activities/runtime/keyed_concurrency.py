"""Works on many customers' records at once, and on each customer's in their order."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

AT_ONCE = 16
"""So many customers are worked on at a time: the workers' queue is shared with people who wait."""

_One = TypeVar("_One")


def queues(records: Iterable[Mapping[str, str]]) -> list[str]:
    """Return for each record whom it queues with: its customer, or the one whose record came first under its id."""
    first: dict[str, str] = {}
    found = []
    for record in records:
        customer, identity = record.get("customer", ""), record.get("id", "")
        found.append(first.setdefault(identity, customer) if identity else customer)
    return found


async def in_order_per_key(queued: Iterable[tuple[str, _One]], take: Callable[[_One], Awaitable[object]]) -> None:
    """Take all records, several queues at once; after the first error nothing new is begun, and it is raised."""
    waiting: dict[str, list[_One]] = {}
    for queue, record in queued:
        waiting.setdefault(queue, []).append(record)
    begun = iter(waiting.values())
    problems: list[BaseException] = []

    async def work() -> None:
        for records in begun:
            for record in records:
                if problems:
                    return
                try:
                    await take(record)
                except Exception as problem:  # noqa: BLE001 - whatever it is, it is raised below
                    problems.append(problem)

    await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(waiting)))))
    if problems:
        raise problems[0]
