"""`roll-over`: has every open ticket go on in a new run, so that a new release's code is what they sleep with."""

import asyncio
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import col, select

from activities.intake.tickets import start_of
from installation.wiring import gateway, ledger
from models.database import Database
from models.messages import TicketStart
from models.tables import TicketRow
from settings import Settings

_AT_ONCE = 20


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="roll-over")(roll_over)


def roll_over() -> None:
    """Have every open ticket and customer go on in a new run of its workflow; may be run again at any time.

    Nothing is lost on the way: what is under way is finished first. After a release that changed how workflows run,
    once no older worker runs.
    """
    settings = Settings()
    with ledger(settings) as database:
        starts = _open(database)
        asyncio.run(_signal(settings, starts))
    typer.echo(f"{len(starts)} workflows go on in new runs.")


def _open(database: Database) -> list[TicketStart]:
    with database.reading() as session:
        rows = session.exec(select(TicketRow).where(~col(TicketRow.closed)).order_by(col(TicketRow.number)))
        return [start_of(row) for row in rows]


async def _signal(settings: Settings, starts: Sequence[TicketStart]) -> None:
    parts = (TextColumn("tickets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with gateway(settings) as way:
        with Progress(*parts, console=Console(stderr=True)) as progress:
            bar = progress.add_task("tickets", total=len(starts))
            for first in range(0, len(starts), _AT_ONCE):
                some = starts[first : first + _AT_ONCE]
                await asyncio.gather(*(way.roll_over(start) for start in some))
                progress.advance(bar, len(some))
