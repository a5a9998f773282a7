"""Opens the database: SQLite by default, PostgreSQL through its URL. One transaction is one `with` block."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session


def is_unreachable(problem: BaseException) -> bool:
    """Whether an error says that the database does not answer now, or is not as this release needs it.

    What one statement or value did wrong is none of these: it would be wrong again.
    """
    if isinstance(problem, DBAPIError) and problem.connection_invalidated:
        return True
    return isinstance(problem, OperationalError | ProgrammingError | InterfaceError | PoolTimeout | ConnectionError)


_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""Seconds after which a PostgreSQL that does not answer is away: on connecting, and in the middle of a conversation."""


class Database:
    """The ledger's database. Every process has one; sessions are short and never shared."""

    def __init__(self, url: str, connections: int = 8) -> None:
        """Open the engine for a URL; SQLite gets a write-ahead log and waits for other writers.

        `connections` is how many threads work with it at most: each finds one, and waits for none of another's.
        """
        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        # Errors travel through Temporal: they must not carry the words and addresses of a statement.
        patience = {} if self.is_sqlite else _PATIENCE
        self.engine = create_engine(
            self.url, pool_pre_ping=True, hide_parameters=True, pool_size=connections, connect_args=patience
        )
        if self.is_sqlite:
            _tune_sqlite(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file next to us, with one writer at a time."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for questions."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in one transaction; it commits at the end of the block or leaves no trace.

        SQLite takes its only write lock at once: a transaction that reads first and writes later would fail when
        another one wrote in between, instead of waiting for it.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _tune_sqlite(engine: Engine) -> None:
    """Set every new connection: what is committed is on the disk, for what follows a commit cannot be taken back.

    A mail is put away, a command is answered. `synchronous=NORMAL` would leave the last commits in memory until the
    next checkpoint, and a power cut would undo them.
    """

    @event.listens_for(engine, "connect")
    def _pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
