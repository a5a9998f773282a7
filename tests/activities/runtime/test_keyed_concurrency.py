"""Many customers at once, each in order: what runs beside what, and where it ends after an error."""

import asyncio

import pytest

from activities.runtime.keyed_concurrency import AT_ONCE, in_order_per_key, queues


async def test_records_of_a_key_come_in_order_and_keys_beside_each_other() -> None:
    records = [(key, n) for n in range(5) for key in range(AT_ONCE * 2)]
    taken: list[tuple[int, int]] = []
    running: set[int] = set()
    most = 0

    async def take(record: tuple[int, int]) -> None:
        nonlocal most
        assert record[0] not in running
        running.add(record[0])
        most = max(most, len(running))
        await asyncio.sleep(0)
        taken.append(record)
        running.remove(record[0])

    await in_order_per_key(((str(record[0]), record) for record in records), take)
    assert sorted(taken) == sorted(records)
    for key in range(AT_ONCE * 2):
        assert [n for found, n in taken if found == key] == list(range(5))
    assert most == AT_ONCE


async def test_after_an_error_nothing_new_is_begun_and_it_is_raised() -> None:
    """What is under way comes to its end; the rest stays for the next attempt."""
    taken: list[int] = []

    async def take(record: int) -> None:
        if record == 3:
            raise ValueError("nobody answers")
        await asyncio.sleep(0.01)
        taken.append(record)

    with pytest.raises(ValueError, match="nobody answers"):
        await in_order_per_key(((str(n), n) for n in range(AT_ONCE * 4)), take)
    assert taken == [0, 1, 2]


async def test_nothing_is_nothing() -> None:
    taken: list[object] = []

    async def take(record: object) -> None:
        taken.append(record)

    await in_order_per_key([], take)
    assert taken == []


def test_records_that_share_an_id_come_one_after_the_other() -> None:
    """Whose id came first decides, as if they came alone; all others are a customer's own."""
    records = [("k1", "b-1"), ("k2", "b-2"), ("k2", "b-1"), ("k1", "b-3"), ("k2", "b-2"), ("k3", "")]
    said = [{"customer": customer, "id": key} for customer, key in records]
    assert queues(said) == ["k1", "k2", "k1", "k1", "k2", "k3"]
    assert queues([{"id": ""}, {"customer": "k1"}, {}]) == ["", "k1", ""]
