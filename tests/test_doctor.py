"""`doctor` on real parts: a real Temporal server, a real worker that is killed, a schedule that is paused."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from temporalio.testing import WorkflowEnvironment

from activities.mail.digest_schedule import list_times
from activities.operation import presence
from models.database import Database
from tests.office import furnish
from tests.workflows.test_releases import releases, until
from workflows.schedules import schedule_lists, schedule_the_sweep

ROOT = Path(__file__).parents[1]


async def doctor(database: Database, address: str, *options: str) -> tuple[int, str, str]:
    """Run the command as an operator does; returns exit code, output and errors."""
    environment = os.environ | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "starter.py",
        "doctor",
        *options,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, output.decode(), errors.decode()


async def codes(database: Database, address: str) -> dict[str, dict[str, Any]]:
    """Return the findings by code."""
    _, output, _ = await doctor(database, address, "--json")
    return {each["code"]: each for each in json.loads(output)}


async def test_doctor_finds_a_killed_worker_and_a_paused_schedule_and_then_nothing(
    own_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    furnish(sqlite_database)
    client, address = own_server.client, str(own_server.client.service_client.config.target_host)
    assert set(await codes(sqlite_database, address)) == {"no_worker", "sweep_late", "schedules_missing"}
    await schedule_the_sweep(client)
    await schedule_lists(client, list_times(sqlite_database))
    async with releases(own_server, sqlite_database) as running:
        await running.begins(ROOT)
        await client.get_schedule_handle("sweep").trigger()
        await until(lambda: swept(sqlite_database))
        assert await doctor(sqlite_database, address) == (0, "Everything is as it should be.\n", "")
        await client.get_schedule_handle("sweep").pause()
        assert set(await codes(sqlite_database, address)) == {"schedules_paused"}
        os.kill(running.processes.pop(ROOT).pid, signal.SIGKILL)
    with sqlite_database.writing() as session:
        for row in presence.workers(session):
            row.seen_at -= presence.GONE_AFTER
    code, output, _ = await doctor(sqlite_database, address)
    assert code == 2
    assert "No worker has worked since" in output
    assert "→ Start the worker" in output


async def test_doctor_speaks_whatever_is_down(tmp_path: Path) -> None:
    code, output, errors = await doctor(Database(f"sqlite:///{tmp_path}/none.db"), "127.0.0.1:1")
    assert code == 2
    assert "Temporal does not answer" in output
    assert "The database" in output
    assert "Traceback" not in output + errors


def swept(database: Database) -> bool:
    """Whether a sweep was done to its end."""
    with database.reading() as session:
        return presence.last_done(session, "sweep") is not None
