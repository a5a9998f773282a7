"""How long other writers wait for SQLite's one write lock while a mailbox of many gathered notices is delivered.

`python -m bench.claim_lock [notices]`. The mail server is real; a second thread writes all the time, as tickets do.
"""

import asyncio
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta

from rich.console import Console
from temporalio.testing import ActivityEnvironment

from activities.intake.tickets import NewTicket, TicketService
from activities.mail.render import Letters
from activities.mail.send import Post
from activities.mail.smtp import SmtpAccount
from models.database import Database
from models.messages import DeliverMailInput
from models.schema import upgrade
from models.tables import Channel, NoticeRow, TicketRow
from processes.loader import MAIL_TEMPLATES
from tests.maildrop import Maildrop
from tests.office import furnish

SAY = Console()


async def main(notices: int) -> None:
    """Gather the notices, deliver them, and print who waited how long."""
    drop = Maildrop()
    drop.open()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        furnish(database, "around-the-clock")
        now = datetime.now(UTC)
        gather(database, notices, now)
        other = OtherWriter(database)
        other.start()
        seconds = await deliver(database, drop.port, now)
        other.stop()
        SAY.print(f"{notices} notices in {len(drop.mails)} mails after {seconds:.1f} s")
        SAY.print(f"another writer waited {max(other.waited) * 1000:.0f} ms at the most, {len(other.waited)} turns")
        database.close()
    drop.close()


def gather(database: Database, notices: int, now: datetime) -> None:
    """Write one reminder about a ticket of its own each."""
    ticket_service = TicketService(database)
    new = NewTicket("anfrage", "musterstadt", "Anfrage", "", "bench", None, "Kim", owner="anna")
    numbers = [ticket_service.open_ticket(new, now - timedelta(hours=1)).number for _ in range(notices)]
    with database.writing() as session:
        for number in numbers:
            session.add(
                NoticeRow(
                    key=f"{number}:R1",
                    ticket=number,
                    mailbox="person:anna",
                    channel=Channel.MAIL,
                    kind="R1",
                    at=now,
                    deliver="at once",
                )
            )


class OtherWriter(threading.Thread):
    """Writes one row, a hundred times a second, and takes down how long each write took."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        super().__init__()
        self.waited: list[float] = []
        self._database = database
        self._stopped = threading.Event()

    def run(self) -> None:
        """Write until it is stopped."""
        while not self._stopped.wait(0.01):
            begun = time.perf_counter()
            with self._database.writing() as session:
                session.get_one(TicketRow, 1).version += 1
            self.waited.append(time.perf_counter() - begun)

    def stop(self) -> None:
        """Stop, and wait for the last write."""
        self._stopped.set()
        self.join()


async def deliver(database: Database, port: int, now: datetime) -> float:
    """Empty the mailbox; returns how many seconds it took."""
    letters = Letters("http://bench", "Bench <bench@statuskette.example>", MAIL_TEMPLATES)
    post = Post(database, letters, SmtpAccount("127.0.0.1", port), nobody)
    begun = time.perf_counter()
    await ActivityEnvironment().run(post.empty_mailbox, DeliverMailInput("person:anna", now))
    return time.perf_counter() - begun


async def nobody(_: object) -> None:
    """Stands where mailboxes would be woken."""


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500))
