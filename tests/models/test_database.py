"""The database: what is committed survives a power cut, on both kinds."""

from contextlib import ExitStack

from sqlalchemy import text

from models.database import Database

FULL = 2
"""What SQLite answers for `synchronous=FULL`: each commit waits until the disk has the log."""


def test_every_connection_to_sqlite_waits_for_the_disk_at_commit(sqlite_database: Database) -> None:
    """Not only the first one: each connection of the pool has settings of its own."""
    with ExitStack() as stack:
        connections = [stack.enter_context(sqlite_database.engine.connect()) for _ in range(5)]
        found = [
            [connection.execute(text(f"PRAGMA {pragma}")).scalar_one() for pragma in ("synchronous", "journal_mode")]
            for connection in connections
        ]
    assert found == [[FULL, "wal"]] * 5


def test_we_switch_off_no_durability_of_a_postgresql(postgres_url: str) -> None:
    """Whether a commit waits is the server's own decision, as its operators wrote it down; by default it does."""
    database = Database(postgres_url)
    with database.engine.connect() as connection:
        asked = text("SELECT source FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync')")
        sources = set(connection.execute(asked).scalars())
    database.close()
    assert sources <= {"default", "configuration file", "command line"}
