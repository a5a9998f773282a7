"""Files for imports, and what a ledger says became of them: for the tests of the real engine and for the bench."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from domain.customers.import_files import read_file, write_file
from models.database import Database
from models.tables import CustomerRow, EventRow, ImportLineRow, ImportRow, LifeRow


def bookings(customers: int, each: int, first_day: str = "2026-01-05") -> list[dict[str, str]]:
    """Return the registrations of customers and their bookings, mixed as another system would export them."""
    registered = [
        {"id": f"r-{n}", "what": "registered", "customer": f"k-{n}", "name": f"Kunde {n}", "at": first_day}
        for n in range(customers)
    ]
    booked = [
        {"id": f"b-{n}-{m}", "what": "package", "customer": f"k-{n}", "size": "5", "at": f"{first_day}T1{m}:00"}
        for m in range(each)
        for n in range(customers)
    ]
    return registered + booked


def csv_file(records: Iterable[Mapping[str, str]]) -> bytes:
    """Return a file."""
    file = write_file(((record, "") for record in records), reasons=False)
    assert read_file(file)
    return file


def outcomes(database: Database, identity: int) -> Counter[str]:
    """Return how many lines of an import have which outcome."""
    with database.reading() as session:
        return Counter(session.exec(select(ImportLineRow.outcome).where(ImportLineRow.import_id == identity)))


def refusals(database: Database, identity: int) -> dict[int, str]:
    """Return the refused lines of an import, and why."""
    with database.reading() as session:
        refused = select(ImportLineRow).where(ImportLineRow.import_id == identity, ImportLineRow.outcome == "refused")
        return {row.line: row.refusal for row in session.exec(refused.order_by(col(ImportLineRow.line)))}


def is_done(database: Database, identity: int) -> bool:
    """Whether an import is done."""
    with database.reading() as session:
        return session.get_one(ImportRow, identity).done


def packages(database: Database) -> tuple[dict[str, int], Counter[str]]:
    """Return how many packages each customer has, and how often each booking's command is in the histories."""
    with database.reading() as session:
        counted = session.exec(select(CustomerRow.key, LifeRow.packages).join(LifeRow)).all()
        commands = session.exec(select(EventRow.command).where(EventRow.code == "package")).all()
    return {str(key): len(sizes) for key, sizes in counted}, Counter(str(command) for command in commands)
