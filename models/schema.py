"""Brings a database's schema to the newest version, and says whether tables and migrations agree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import Session

from models import tables
from models.database import Database

_INI = Path(__file__).parent.parent / "alembic.ini"
TABLES = tables.TicketRow.metadata


def upgrade(database_url: str) -> None:
    """Apply every migration that is missing."""
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:  # its driver begins no transaction for DDL, and half a migration cannot be repeated
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            command.upgrade(_config(connection), "head")
            connection.commit()
    finally:
        database.close()


def differences(database: Database) -> list[Any]:
    """Return what the tables in the code have and the migrated database has not, or the other way round."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, TABLES))


def current_and_newest(session: Session) -> tuple[str | None, str]:
    """Return the version of a database's schema, None before the first, and the one that this release needs."""
    connection = session.connection()
    newest = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision(), str(newest)


def draft(database_url: str, message: str) -> None:
    """Write a migration for what changed in the tables; somebody reads it before it is committed."""
    database = Database(database_url)
    with database.engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)
    database.close()


def _is_ours(name: str | None, _kind: str, _parents: Mapping[str, str | None]) -> bool:
    """Whether the code's tables have it: the full-text search of each database's own is only in the migration."""
    return not (name or "").startswith("snippet_search")


def _config(connection: Connection) -> Config:
    config = Config(_INI)
    config.attributes["connection"] = connection
    return config
