"""An import of bookings whose worker is killed in the middle: how fast it is, and that every booking counts once.

`python -m bench.import_bookings [bookings]`. One machine runs the server, the worker and this script. The same file is
imported twice: the first time a worker dies of SIGKILL at half of it, the second time everything is known already.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from temporalio.testing import WorkflowEnvironment

from activities.intake.imports import keep_file
from domain.customers.import_files import Line, read_file
from models.database import Database
from models.schema import upgrade
from tests.imports import bookings, csv_file, is_done, outcomes, packages
from tests.office import furnish
from workflows import names
from workflows.gateway import Gateway
from workflows.payloads import DATA_CONVERTER

ROOT = Path(__file__).parent.parent
EACH = 4
SAY = Console()


async def main(wanted: int) -> None:
    """Import, kill, go on, import again, and count."""
    customers = wanted // EACH
    records = bookings(customers, EACH)
    lines = read_file(csv_file(records))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        async with await server(folder) as environment, AsyncExitStack() as stack:
            target = str(environment.client.service_client.config.target_host)
            victim = await worker_process(stack, url, target)
            gateway = Gateway(environment.client, 5)
            started = time.perf_counter()
            first = await begun(gateway, database, lines)
            await until(lambda: outcomes(database, first)["taken"] > len(lines) // 2)
            os.kill(victim.pid, signal.SIGKILL)
            await victim.wait()
            killed = time.perf_counter()
            SAY.print(f"{outcomes(database, first)['taken']} of {len(lines)} lines, then SIGKILL")
            await worker_process(stack, url, target)
            await until(lambda: is_done(database, first))
            report("first", len(lines), time.perf_counter() - started, outcomes(database, first))
            SAY.print(f"the second half took {time.perf_counter() - killed:.1f} s, the worker's absence included")
            started = time.perf_counter()
            again = await begun(gateway, database, lines)
            await until(lambda: is_done(database, again))
            report("again", len(lines), time.perf_counter() - started, outcomes(database, again))
        prove(database, customers)
        database.close()


async def server(folder: str) -> WorkflowEnvironment:
    """Start the server as `make up` does: on a file that it waits for."""
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        dev_server_database_filename=f"{folder}/temporal.db",
        dev_server_extra_args=["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"],
        data_converter=DATA_CONVERTER,
        search_attributes=names.SEARCH_ATTRIBUTES,
    )


async def worker_process(stack: AsyncExitStack, url: str, target: str) -> asyncio.subprocess.Process:
    """Run `worker.py` as its own process, until the stack is closed."""
    environment = os.environ | {"DATABASE_URL": url, "TEMPORAL_ADDRESS": target, "TEMPORAL_CONFIG_FILE": os.devnull}
    process = await asyncio.create_subprocess_exec(sys.executable, "worker.py", cwd=ROOT, env=environment)

    async def stop() -> None:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    stack.push_async_callback(stop)
    return process


async def begun(gateway: Gateway, database: Database, lines: list[Line]) -> int:
    """Keep the file and start its import."""
    started = time.perf_counter()
    identity = keep_file(database, "bookings.csv", lines, "dora", "musterstadt", datetime.now(UTC))
    SAY.print(f"{len(lines)} lines kept in {time.perf_counter() - started:.1f} s")
    await gateway.start_import(identity)
    return identity


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    while not true():
        await asyncio.sleep(0.5)


def report(which: str, lines: int, seconds: float, found: Counter[str]) -> None:
    """Print how long an import took, and what became of its lines."""
    SAY.print(f"{which}: {seconds:.1f} s, {lines / seconds:.1f} facts/s, {dict(found)}")


def prove(database: Database, customers: int) -> None:
    """Every booking is in its customer's history once, and counted once."""
    sizes, commands = packages(database)
    assert sizes == {f"k-{n}": EACH for n in range(customers)}
    assert commands == {f"outside:b-{n}-{m}": 1 for n in range(customers) for m in range(EACH)}
    SAY.print(f"{sum(commands.values())} bookings of {len(sizes)} customers, each exactly once")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
