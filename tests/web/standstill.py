"""Holds a table still, until those who want to write into it all wait: so that they are at it at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from models.database import Database

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

_LOOKS = 1500


@asynccontextmanager
async def standstill(database: Database, table: str, waiting: int) -> AsyncIterator[None]:
    """Keep a table from being written during the block, and after it until so many wait; reading goes on.

    SQLite has one writer at a time, who holds everything from the beginning: there the file is held, and nobody tells
    who waits.
    """
    with database.engine.connect() as connection, database.engine.connect() as watcher:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield
        else:
            connection.execute(text(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE'))
            yield
            for _ in range(_LOOKS):
                if watcher.execute(text(_WAITING)).scalar_one() >= waiting:
                    break
                watcher.rollback()  # a transaction sees the statistics as they were when it first looked
                await asyncio.sleep(0.02)
            else:
                raise AssertionError(f"fewer than {waiting} wait for {table}")
        connection.rollback()
