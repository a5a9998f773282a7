"""Works through a file of facts that somebody sent: line by line, from where it stopped."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, insert, select
from temporalio import activity

from activities.outside import Outcome, OutsideFacts
from models.database import Database
from models.messages import ImportAsked
from models.tables import ImportLineRow, ImportRow

_BATCH = 500


class Importing:
    """Imports as the worker sees them."""

    def __init__(self, database: Database, outside: OutsideFacts) -> None:
        """Take the database, and who takes the facts."""
        self._database = database
        self._outside = outside

    @activity.defn(name="take_import")
    async def take_import(self, asked: ImportAsked) -> None:
        """Take every line that has no outcome yet; repeated after a crash it goes on."""
        row = await asyncio.to_thread(self._row, asked.id)

        async def report(line: int, outcome: Outcome) -> None:
            await asyncio.to_thread(self._keep, asked.id, line, outcome)
            activity.heartbeat(line)

        while lines := await asyncio.to_thread(self._lines, asked.id):
            await self._outside.take_all(lines, row.site, row.by, asked.at, report)
        await asyncio.to_thread(self._finish, asked.id)

    def _row(self, import_id: int) -> ImportRow:
        with self._database.reading() as session:
            return session.get_one(ImportRow, import_id)

    def _lines(self, import_id: int) -> list[tuple[int, dict[str, str]]]:
        """Return the next lines without an outcome."""
        waiting = select(ImportLineRow).where(ImportLineRow.import_id == import_id, ImportLineRow.outcome == "")
        with self._database.reading() as session:
            rows = session.exec(waiting.order_by(col(ImportLineRow.line)).limit(_BATCH)).all()
            return [(row.line, row.content) for row in rows]

    def _keep(self, import_id: int, line: int, outcome: Outcome) -> None:
        with self._database.writing() as session:
            row = session.get_one(ImportLineRow, (import_id, line))
            row.outcome, row.refusal, row.context = outcome.kind, outcome.code, dict(outcome.context)

    def _finish(self, import_id: int) -> None:
        with self._database.writing() as session:
            session.get_one(ImportRow, import_id).done = True


def keep_import(
    session: Session, name: str, lines: Sequence[tuple[int, Mapping[str, str]]], site: str, by: str, at: datetime
) -> int:
    """Keep a file's lines, numbered as in the file, before anybody works on them; returns the import's number."""
    row = ImportRow(name=name, by=by, site=site, started_at=at)
    session.add(row)
    session.flush()
    for first in range(0, len(lines), _BATCH):
        kept = [
            {"import_id": row.id, "line": line, "content": dict(content), "outcome": "", "refusal": "", "context": {}}
            for line, content in lines[first : first + _BATCH]
        ]
        session.execute(insert(ImportLineRow), kept)
    return row.id
