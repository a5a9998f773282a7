"""`doctor`: says what stands still, since when, and what to do about it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from temporalio.service import RPCError

from activities.intake.tickets import start_of
from activities.mail.digest_schedule import list_times
from activities.operation.checkup import Finding, Severity, advice, sentence, thorough
from commandline.temporal_checkup import checkup
from models.database import Database
from models.messages import ListTime, TicketStart
from models.tables import TicketRow
from settings import Settings
from worker import connect

WARNINGS = 1
"""Exit code where something wants a look, but promises are kept."""
STANDSTILL = 2
_PATIENCE = 5.0
_SHOWN = 20
_ZONE = ZoneInfo("UTC")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> int:
    """Say what stands still, since when, and what to do about it; works whatever is down.

    Exit code 0: nothing found. 1: something wants a look. 2: promises are not kept. Times are in UTC.
    """
    database = Database(Settings().database_url)
    try:
        found = list(dict.fromkeys([*thorough(database, datetime.now(UTC)), *asyncio.run(_temporal(database))]))
    finally:
        database.close()
    typer.echo(json.dumps([_told(each) for each in found], indent=1) if as_json else _report(found))
    if any(each.severity is Severity.STANDSTILL for each in found):
        return STANDSTILL
    return WARNINGS if found else 0


def _report(found: list[Finding]) -> str:
    if not found:
        return "Everything is as it should be."
    lines = []
    for each in sorted(found, key=lambda one: one.severity is not Severity.STANDSTILL):
        mark = "✗" if each.severity is Severity.STANDSTILL else "!"
        lines += [f"{mark} {sentence(each, 'en', _ZONE)}", f"  → {advice(each, 'en')}"]
    return "\n".join(lines)


def _told(each: Finding) -> dict[str, object]:
    return {
        "code": each.code,
        "severity": each.severity,
        "count": each.count,
        "since": each.since.isoformat() if each.since else None,
        "names": list(each.names),
        "sentence": sentence(each, "en", _ZONE),
        "advice": advice(each, "en"),
    }


async def _temporal(database: Database) -> list[Finding]:
    lists, late = await asyncio.to_thread(_asked, database)
    try:
        async with asyncio.timeout(_PATIENCE):
            client = await connect()
    except (RuntimeError, RPCError, TimeoutError) as problem:
        return [Finding("temporal_silent", Severity.STANDSTILL, names=(type(problem).__name__,))]
    return await checkup(client, lists, late)


def _asked(database: Database) -> tuple[list[ListTime], list[TicketStart]]:
    """Return what should be scheduled, and the tickets to look into; nothing while the database is silent."""
    now = datetime.now(UTC)
    try:
        with database.reading() as session:
            late = select(TicketRow).where(col(TicketRow.next_at) < now, ~col(TicketRow.closed))
            rows = session.exec(late.order_by(col(TicketRow.next_at)).limit(_SHOWN))
            return list(list_times(database)), [start_of(row) for row in rows]
    except SQLAlchemyError:
        return [], []
