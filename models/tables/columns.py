"""Columns of kinds that many tables have."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BindParameter, Column, DateTime, Dialect, Index, Text, literal, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; SQLite keeps no zone, so what it returns is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def rare(name: str, *columns: str, where: str, on_sqlite: str = "") -> Index:
    """Return an index of those few rows that `where` says; SQLite writes truth values as numbers.

    A statement finds it only if it says the same words, with values that are `fixed`.
    """
    return Index(name, *columns, sqlite_where=text(on_sqlite or where), postgresql_where=text(where))


def fixed(value: str) -> BindParameter[str]:
    """Return a value that is written into the statement: no database knows that a parameter is always the same."""
    return literal(str(value), literal_execute=True)


def instant_column(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a column of an instant."""
    return Field(default=None, sa_column=Column(Instant, nullable=nullable, index=index))


def number_column() -> Any:
    """Return a key the database counts; it is there from the first flush on."""
    return Field(default=None, primary_key=True)


def words_column(default: str = "") -> Any:
    """Return a column of words of any length."""
    return Field(default=default, sa_column=Column(Text, nullable=False))


def json_column(default: Any) -> Any:
    """Return a column of what JSON can say; `default` makes an empty one."""
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


def language_column() -> Any:
    """Return a column of words by language, empty for none."""
    column = Column(JSON, nullable=False, server_default=text("'{}'"))
    return Field(default_factory=dict, sa_column=column)
