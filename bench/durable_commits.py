"""What it costs that a commit waits for the disk: recorded commands per second, with and without, on this disk.

`python -m bench.durable_commits [commands] [folder]`. Both ledgers are SQLite files in the folder, and take turns, so
that what else the machine does hits both.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from rich.console import Console
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.record import Ledger
from domain.ticket.facts import Noted
from models.database import Database
from models.messages import Command, Entry
from models.schema import upgrade
from models.tables import SecretRow
from tests.office import furnish

SAY = Console()
TURNS = 10
WAYS = ("NORMAL", "FULL")


def main(commands: int, folder: Path) -> None:
    """Write commits and commands in turns, print the medians."""
    with tempfile.TemporaryDirectory(dir=folder) as here:
        databases = {way: opened(Path(here), way) for way in WAYS}
        for what, act in (("commits of one row", commit), ("recorded commands", record)):
            tell(what, measured(databases, act, commands))
        for database in databases.values():
            database.close()


def opened(folder: Path, way: str) -> Database:
    """Return a ledger with one ticket whose commits wait for the disk (FULL), or do not (NORMAL)."""
    url = f"sqlite:///{folder / way}.db"
    upgrade(url)
    database = Database(url)

    @event.listens_for(database.engine, "connect")
    def _way(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA synchronous={way}")

    furnish(database)
    TicketService(database).open_ticket(
        NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim"), datetime.now(UTC)
    )
    return database


def commit(database: Database, n: int) -> None:
    """Commit the smallest there is."""
    with database.writing() as session:
        session.merge(SecretRow(name="bench", value=str(n)))


def record(database: Database, n: int) -> None:
    """Have a command recorded, as a workflow does."""
    command = Command(Noted(), "anna", f"c{n}")
    Ledger(database, _nobody, "http://127.0.0.1:8000").write(Entry(1, n + 1, datetime.now(UTC), command))


async def _nobody(_mailboxes: object) -> None:
    """Wake nobody."""


def measured(
    databases: dict[str, Database], act: Callable[[Database, int], None], commands: int
) -> dict[str, list[float]]:
    """Return how many a second there were in each turn."""
    a_turn = commands // TURNS
    rates: dict[str, list[float]] = {way: [] for way in databases}
    for turn in range(TURNS):
        for way, database in databases.items():
            began = perf_counter()
            for n in range(turn * a_turn, (turn + 1) * a_turn):
                act(database, n)
            rates[way].append(a_turn / (perf_counter() - began))
    return rates


def tell(what: str, rates: dict[str, list[float]]) -> None:
    """Print both medians and how they compare."""
    normal, full = (statistics.median(rates[way]) for way in WAYS)
    SAY.print(
        f"{what:20} NORMAL {normal:6.0f}/s   FULL {full:6.0f}/s   {normal / full:.2f} × the time, "
        f"{1000 / full - 1000 / normal:.2f} ms more each",
        soft_wrap=True,
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1000,
        Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.gettempdir()),
    )
