"""Imports: files of facts from elsewhere, kept line by line, and taken in by a workflow that survives its worker."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select
from temporalio import activity

from activities.intake.external_facts import KNOWN, REFUSED, TAKEN, Note, Outcome, Outside, Sender
from activities.runtime.heartbeat import beating
from activities.runtime.keyed_concurrency import in_order_per_key, queues
from activities.runtime.pools import Pool
from domain.customers.external_facts import normalised
from domain.customers.import_files import Line
from models.database import Database
from models.messages import TakeImportInput, TakeImportResult
from models.tables import ImportLineRow, ImportRow
from models.tables.columns import fixed

_BATCH = 2000
_AT_A_TIME = 20_000
"""So many lines are looked at together: a customer's are taken one after the other, while their workflow is at hand."""
_LONGEST_NAME = 200


def keep_file(database: Database, name: str, lines: Iterable[Line], by: str, site: str, at: datetime) -> int:
    """Keep a file's lines in one transaction, before any workflow hears of them; returns the import's number."""
    with database.writing() as session:
        return keep_file_in(session, name, lines, by, site, at)


def keep_file_in(session: Session, name: str, lines: Iterable[Line], by: str, site: str, at: datetime) -> int:
    """Keep a file's lines as part of somebody else's transaction, whose rows it lets go of; returns its number."""
    row = ImportRow(name=name[-_LONGEST_NAME:], by=by, site=site, started_at=at)
    session.add(row)
    session.flush()
    batch: list[ImportLineRow] = []
    for line in lines:
        batch.append(_row(row.id, line))
        if len(batch) == _BATCH:
            _write(session, batch)
    _write(session, batch)
    return row.id


def counts(session: Session, identity: int) -> dict[str, int]:
    """Return how many lines of an import have which outcome; "" for those that wait."""
    counted = select(ImportLineRow.outcome, func.count()).where(ImportLineRow.import_id == identity)
    return dict(session.exec(counted.group_by(ImportLineRow.outcome)).all())


class Imports:
    """The worker's side of imports."""

    def __init__(self, database: Database, outside: Outside, pool: Pool | None = None) -> None:
        """Take the database, who takes facts, and threads."""
        self._database = database
        self._outside = outside
        self._pool = pool or Pool("imports", 1)

    @activity.defn(name="take_in")
    async def take_in(self, asked: TakeImportInput) -> TakeImportResult:
        """Take every line that waits, in their order per customer; repeated after a crash, it goes on."""
        async with beating():
            site, by = await self._pool.run(self._of, asked.id)
            sender = Sender(site, by, asked.at)
            while lines := await self._pool.run(self._waiting, asked.id):
                whose = queues(normalised(line.content) for line in lines)
                await in_order_per_key(zip(whose, lines, strict=True), lambda line: self._take(line, sender))
            return await self._pool.run(self._finish, asked.id)

    async def _take(self, line: ImportLineRow, sender: Sender) -> None:
        await self._outside.take(line.content, sender, _noting(line.import_id, line.line))

    def _of(self, identity: int) -> tuple[str, str]:
        with self._database.reading() as session:
            row = session.get_one(ImportRow, identity)
            return row.site, row.by

    def _waiting(self, identity: int) -> Sequence[ImportLineRow]:
        waiting = select(ImportLineRow).where(ImportLineRow.import_id == identity, ImportLineRow.outcome == fixed(""))
        with self._database.reading() as session:
            return session.exec(waiting.order_by(col(ImportLineRow.line)).limit(_AT_A_TIME)).all()

    def _finish(self, identity: int) -> TakeImportResult:
        with self._database.writing() as session:
            session.get_one(ImportRow, identity).done = True
            found = counts(session, identity)
        return TakeImportResult(found.get(TAKEN, 0), found.get(KNOWN, 0), found.get(REFUSED, 0))


def _noting(identity: int, line: int) -> Note:
    def note(session: Session, outcome: Outcome) -> None:
        row = session.get_one(ImportLineRow, (identity, line))
        row.outcome, row.refusal, row.context = outcome.what, outcome.code, outcome.context

    return note


def _row(identity: int, line: Line) -> ImportLineRow:
    outcome = REFUSED if line.refusal else ""
    return ImportLineRow(
        import_id=identity,
        line=line.number,
        content=line.content,
        outcome=outcome,
        refusal=line.refusal,
        context=line.context,
    )


def _write(session: Session, batch: list[ImportLineRow]) -> None:
    session.add_all(batch)
    session.flush()
    session.expunge_all()
    batch.clear()
