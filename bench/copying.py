"""Copies rows within the database: one statement per table, however many there are to be."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from bench.patterns import Patterns
from models.database import Database
from models.tables import AbsenceRow, CustomerRow, DeliveryRow, EventRow, IncomingRow, MailRow, NoticeRow, TextRow

FIRST = 10_000
"""Grown rows are numbered from here: what the real code wrote comes before."""


@dataclass(frozen=True)
class Size:
    """How many rows there are of each kind, by the number of notices: the rest is what goes with them."""

    notices: int

    @property
    def tickets(self) -> int:
        """A dozen notices each."""
        return self.notices // 12

    @property
    def open(self) -> int:
        """So many tickets are open at the end, however many there were."""
        return min(2_000, self.tickets // 4)

    @property
    def mails(self) -> int:
        """Two notices each."""
        return self.notices // 2

    @property
    def incoming(self) -> int:
        """Messages that came."""
        return self.notices // 5


@dataclass(frozen=True)
class Grown:
    """A grown database: the patterns everything is copied from, and the instant at which it ends."""

    database: Database
    patterns: Patterns
    size: Size
    now: datetime


@dataclass
class Copier:
    """Copies rows by one statement per table; `i` counts from 0 in every expression."""

    session: Session
    grown: Grown

    def ago(self, seconds: str) -> str:
        """Return the expression of an instant so many seconds before the end."""
        end = int(self.grown.now.timestamp())
        if self.grown.database.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {end} - ({seconds}), 'unixepoch')"
        return f"to_timestamp({end} - ({seconds}))"

    def copy(self, table: type[SQLModel], count: int, pattern: str, **expressions: str) -> None:
        """Write so many copies of the row that `pattern` selects; what no expression says is as in that row."""
        columns = list(SQLModel.metadata.tables[str(table.__tablename__)].columns.keys())
        assert set(expressions) <= set(columns), table
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(expressions.get(name, f'p."{name}"') for name in columns)
        self.session.execute(
            text(
                f"WITH RECURSIVE counted(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted WHERE i + 1 < :count) "
                f'INSERT INTO "{table.__tablename__}" ({names}) '
                f'SELECT {values} FROM counted CROSS JOIN "{table.__tablename__}" p WHERE {pattern}'
            ),
            {"count": count},
        )

    def count_on(self) -> None:
        """Let PostgreSQL count its keys on from the highest."""
        if self.grown.database.is_sqlite:
            return
        for table in (AbsenceRow, CustomerRow, DeliveryRow, EventRow, IncomingRow, MailRow, NoticeRow, TextRow):
            name = table.__tablename__
            self.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM \"{name}\"))")
            )
        self.session.execute(
            text("SELECT setval(pg_get_serial_sequence('ticket', 'number'), (SELECT max(number) FROM ticket))")
        )


def one_of(names: tuple[str, ...], number: str) -> str:
    """Return the expression that deals names out by a number."""
    cases = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(names))
    return f"(CASE ({number}) % {len(names)} {cases} END)"
