"""`import`: takes in a file of facts from another system, as the page does, and waits for what becomes of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import col, select

from activities.intake.external_facts import KNOWN, REFUSED, TAKEN
from activities.intake.imports import counts, keep_file
from activities.ledger.context import calendar_of
from commandline.tables import Column, print_table
from domain.customers.import_files import Line, read_file
from domain.ticket.facts import Refused
from domain.words.wording import refusal
from installation.errors import Failure
from installation.wiring import gateway, ledger
from models.database import Database
from models.tables import ImportLineRow, ImportRow, PersonRow, SiteRow
from settings import Settings

SOME_REFUSED = 1
"""Exit code for a file of which lines were refused."""
_BY = "starter.py"
_LOOKS_EVERY = 0.3


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="import")(import_)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a header line: id, what, customer, at, size, …")],
    site: Annotated[str, typer.Option(help="Key of the site; may be left out where there is one.")] = "",
    by: Annotated[str, typer.Option(help="Short name of who does it.")] = _BY,
) -> int:
    """Take in registrations, bookings and tasks from another system, each once by its id.

    It goes on by itself when this command is interrupted. Exit code 1 if lines were refused.
    """
    settings = Settings()
    lines = _read(file)
    with ledger(settings) as database:
        where = _site(database, site)
        _check_person(database, by)
        identity = asyncio.run(_take_in(settings, database, file.name, lines, by, where))
        return _report(database, identity)


def _read(file: Path) -> list[Line]:
    try:
        return read_file(file.read_bytes())
    except Refused as refused:
        raise Failure(f"{file}: {refusal(refused.code, refused.context, 'en')}") from None


def _site(database: Database, named: str) -> str:
    with database.reading() as session:
        known = session.exec(select(SiteRow.key).order_by(SiteRow.key)).all()
        site = named or (known[0] if len(known) == 1 else "")
        if not site:
            raise Failure(f"--site: there are {', '.join(known) or 'no sites'}; name one")
        calendar_of(session, site)
    return site


def _check_person(database: Database, by: str) -> None:
    with database.reading() as session:
        person = session.get(PersonRow, by)
    if by != _BY and (person is None or not person.active):
        raise Failure(f"--by: there is nobody called {by!r}")


async def _take_in(settings: Settings, database: Database, name: str, lines: Sequence[Line], by: str, site: str) -> int:
    """Reach Temporal first: while somebody watches, nothing is left to the sweep."""
    async with gateway(settings) as way:
        identity = keep_file(database, name, lines, by, site, datetime.now(UTC))
        await way.start_import(identity)
    parts = (TextColumn("import {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True)) as progress:
        bar = progress.add_task(str(identity), total=len(lines))
        while not _is_done(database, identity):
            progress.update(bar, completed=len(lines) - _counts(database, identity).get("", 0))
            await asyncio.sleep(_LOOKS_EVERY)
        progress.update(bar, completed=len(lines))
    return identity


def _is_done(database: Database, identity: int) -> bool:
    with database.reading() as session:
        return session.get_one(ImportRow, identity).done


def _counts(database: Database, identity: int) -> dict[str, int]:
    with database.reading() as session:
        return counts(session, identity)


def _report(database: Database, identity: int) -> int:
    found = _counts(database, identity)
    said = (f"{found.get(TAKEN, 0)} taken", f"{found.get(KNOWN, 0)} known already", f"{found.get(REFUSED, 0)} refused")
    typer.echo(f"import {identity}: {', '.join(said)}")
    with database.reading() as session:
        refused = select(ImportLineRow).where(ImportLineRow.import_id == identity, ImportLineRow.outcome == REFUSED)
        rows = session.exec(refused.order_by(col(ImportLineRow.line))).all()
    if not rows:
        return 0
    columns = (Column("Line", right=True), Column("Id"), Column("Why not", folds=True))
    print_table(columns, [[str(row.line), row.content.get("id", ""), _why(row)] for row in rows])
    return SOME_REFUSED


def _why(row: ImportLineRow) -> str:
    return refusal(row.refusal, row.context, "en")
