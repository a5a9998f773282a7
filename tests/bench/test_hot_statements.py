"""What is asked all day long finds its rows by an index, however many there are: a lost index fails here."""

import re
from typing import Any

from sqlalchemy import event

from bench.growing import grow
from bench.hot_paths import HotPaths
from models.database import Database

NOTICES = 12_000
ROUNDS = 2
HISTORY = "notice|mail|incoming|event|delivery|text|ticket|absence|import_line|outside_fact|escalation|session"
RARE = (
    "ix_notice_undelivered|ix_ticket_open|ix_ticket_planned|ix_ticket_to_accept|"
    "ix_delivery_waiting|ix_delivery_next|ix_delivery_given_up|"
    "ix_mail_claimed|ix_incoming_undone|ix_incoming_aside|ix_incoming_refused"
)
"""Indexes of the few rows that are open or wait: walking through one of these is quick."""
WALKED = re.compile(rf"SCAN ({HISTORY})\b(?! USING (COVERING )?INDEX ({RARE})\b)")
BOUNDED = {
    "DELETE FROM session WHERE session.expires_at <= ?": "a session lasts twelve hours",
    "SELECT session.token_hash FROM session": "the bench's own question",
    "SELECT ticket.number FROM ticket WHERE ticket.life = 0 ORDER BY ticket.number DESC LIMIT": "ends at the first one",
}


class Plans:
    """The plan of every statement that is read or deleted by, as SQLite makes it."""

    def __init__(self, database: Database) -> None:
        """Listen to a database."""
        self.found: dict[str, str] = {}
        event.listen(database.engine, "after_cursor_execute", self._explain)

    def _explain(self, _c: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH")) and statement not in self.found:
            again = cursor.connection.cursor()
            again.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            self.found[statement] = " · ".join(str(row[3]) for row in again.fetchall())
            again.close()


async def test_no_hot_statement_walks_through_what_grows(sqlite_database: Database) -> None:
    paths = HotPaths(grow(sqlite_database, NOTICES))
    plans = Plans(sqlite_database)
    visitors = await paths.visitors()
    for n in range(ROUNDS):
        for path in paths.all().values():
            await path(n)
        await paths.pages(visitors, n)
    slow = {
        statement: plan
        for statement, plan in plans.found.items()
        if WALKED.search(plan) and not any(" ".join(statement.split()).startswith(known) for known in BOUNDED)
    }
    assert not slow
    assert len(plans.found) > 100
