"""Migrations on databases with rows in them: what was kept before handovers had papers is read as before."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DatabaseError

from activities.ledger.context import rule_context_of, ticket_of
from domain.ticket.agenda import agenda
from domain.ticket.ticket import Status, Ticket
from models.database import Database
from models.schema import differences, upgrade
from models.tables import CustomerRow, EventRow, TextRow, TicketRow
from processes.loader import SHIPPED

INI = Path(__file__).parents[2] / "alembic.ini"
RECEIVED = datetime(2027, 3, 2, 16, tzinfo=UTC)
STATE = """{"process": "anfrage", "phase": "inquiry", "received_at": "2027-03-02T16:00:00Z", "owner": "anna",
"status": "open", "anchors": {"opened": {"at": "2027-03-02T16:00:00Z", "n": 1, "set_at": "2027-03-02T16:00:00Z"},
"assigned": {"at": "2027-03-02T16:00:00Z", "n": 1, "set_at": "2027-03-02T16:00:00Z"}}, "facts": 1}"""
"""A ticket as it was written before there were handovers, overrides and open points."""


def migrated(database: Database, revision: str, step: Callable[[Config, str], None] = command.upgrade) -> None:
    """Bring a database to a revision, as `setup` does."""
    with database.engine.connect() as connection:
        config = Config(INI)
        config.attributes["connection"] = connection
        step(config, revision)
        connection.commit()


def shipped(path: str) -> str:
    """Return the text of a shipped definition."""
    return (SHIPPED / path).read_text(encoding="utf-8")


def old_rows() -> dict[str, dict[str, Any]]:
    """Return a row of every table that a ticket needs, by table, in an order that keys allow."""
    return {
        "site": {"key": "musterstadt", "name": "Musterstadt", "calendar": shipped("calendars/musterstadt.toml")},
        "person": {
            "short": "anna",
            "name": "Anna",
            "email": "anna@musterstadt.example",
            "language": "de",
            "site": "musterstadt",
            "roles": ["salesperson"],
            "offsets": {},
            "sound": False,
            "active": True,
            "password_hash": "",
        },
        "customer": {"id": 1, "name": "Kim", "email": "kim@kunde.example", "phone": "", "language": "de"},
        "definition": {"id": 1, "key": "anfrage", "number": 1, "fingerprint": "old", "text": shipped("anfrage.toml")},
        "ticket": {
            "number": 1,
            "definition": 1,
            "site": "musterstadt",
            "customer": 1,
            "subject": "Kombi",
            "channel": "web",
            "state": STATE,
            "recorded": 3,
            "started": True,
            "owner": "anna",
            "status": "open",
            "closed": False,
            "phase": "inquiry",
            "light": "yellow",
            "level": 0,
            "version": 2,
            "received_at": RECEIVED,
        },
        "text": {
            "id": 1,
            "ticket": 1,
            "author": "anna",
            "subject": "",
            "body": "Noch da?",
            "message_id": "",
            "written_at": RECEIVED,
        },
        "event": {
            "id": 1,
            "ticket": 1,
            "n": 0,
            "code": "received",
            "at": RECEIVED,
            "recorded_at": RECEIVED,
            "by": "web",
            "fact": {},
            "text": 1,
            "why": {},
        },
    }


@pytest.fixture
def old(database: Database) -> Database:
    """Return a ledger at the first migration, with a ticket in it."""
    migrated(database, "base", command.downgrade)
    migrated(database, "0001")
    tables = MetaData()
    with database.engine.begin() as connection:
        tables.reflect(connection)
        for name, row in old_rows().items():
            connection.execute(tables.tables[name].insert().values(row))
    return database


def kept(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return what the tables of the first migration hold, by table."""
    tables = MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        return {
            name: [
                {key: _said(row[key]) for key in old_rows()[name]}
                for row in connection.execute(table.select()).mappings()
            ]
            for name, table in tables.tables.items()
            if name in old_rows()
        }


def _said(value: Any) -> Any:
    """SQLite keeps no zone; what it returns is UTC."""
    return value.timestamp() if isinstance(value, datetime) and value.tzinfo else value


def test_rows_of_the_first_migration_survive_the_way_to_the_newest(old: Database) -> None:
    before = kept(old)
    migrated(old, "head")
    assert kept(old) == before
    assert differences(old) == []


def test_ticket_of_the_first_migration_is_read_by_todays_code(old: Database) -> None:
    migrated(old, "head")
    with old.reading() as session:
        row, words, event = session.get_one(TicketRow, 1), session.get_one(TextRow, 1), session.get_one(EventRow, 1)
        ticket = ticket_of(row)
        moments = [moment.code for moment in agenda(ticket, rule_context_of(session, row))]
    assert isinstance(ticket, Ticket)
    assert (ticket.status, ticket.handovers, ticket.overrides, ticket.points) == (Status.OPEN, {}, (), {})
    assert (row.received_at, row.gate, row.gate_side, row.waits_for, row.waits_role) == (RECEIVED, "", "", None, "")
    assert (words.body, words.parts, event.text) == ("Noch da?", {}, 1)
    assert "E1" in moments


def test_customer_of_the_first_migration_is_recognised_by_address_and_name(old: Database) -> None:
    migrated(old, "head")
    with old.reading() as session:
        customer = session.get_one(CustomerRow, 1)
    recognised = (customer.same_email, customer.same_phone, customer.same_name, customer.merged_into)
    assert recognised == ("kim@kunde.example", "", "kim|", None)


def test_way_back_to_the_first_migration_keeps_its_rows(old: Database) -> None:
    before = kept(old)
    migrated(old, "head")
    migrated(old, "0001", command.downgrade)
    assert kept(old) == before
    migrated(old, "head")
    assert differences(old) == []


def test_migration_that_fails_half_way_leaves_nothing_behind(old: Database) -> None:
    """Something is in the way of the third table; once it is gone, the whole migration is applied."""
    url = old.url.render_as_string(hide_password=False)
    with old.engine.begin() as connection:
        connection.execute(text("CREATE TABLE handover (id INTEGER)"))
    with pytest.raises(DatabaseError):
        upgrade(url)
    with old.engine.begin() as connection:
        connection.execute(text("DROP TABLE handover"))
    upgrade(url)
    assert differences(old) == []
