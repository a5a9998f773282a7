"""The worker is killed with SIGKILL at the two moments that matter; a new one takes over and nothing is missing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from activities.intake.tickets import NewTicket, TicketService
from models.database import Database
from models.tables import NoticeRow
from tests.office import furnish
from tests.ports import free_port
from workflows.gateway import Gateway

ROOT = Path(__file__).parents[2]


@dataclass
class Murderer:
    """A mail server that kills the worker once: before it takes a mail, or right after it has taken it."""

    kills: str
    port: int = field(default_factory=free_port)
    mails: list[Message] = field(default_factory=list)
    victim: Callable[[], None] | None = None

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name and parameters
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless the worker dies first."""
        if self.kills == "before sending":
            self._strike()
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Take a mail; the worker may not live to hear of it."""
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content))
        if self.kills == "before marking":
            self._strike()
        return "250 kept"

    def _strike(self) -> None:
        if self.victim is not None:
            self.victim()
            self.victim = None


@asynccontextmanager
async def worker_process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `worker.py` as its own process."""
    process = await asyncio.create_subprocess_exec(sys.executable, "worker.py", cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.parametrize(("kills", "copies"), [("before sending", 1), ("before marking", 2)])
async def test_killed_worker_loses_no_mail_and_a_repeat_is_the_same_mail(
    own_server: WorkflowEnvironment, sqlite_database: Database, kills: str, copies: int
) -> None:
    """A reminder is on its way when the worker dies: it arrives all the same, twice only if it had been taken."""
    furnish(sqlite_database, "around-the-clock")
    murderer = Murderer(kills)
    mail_server = Controller(murderer, hostname="127.0.0.1", port=murderer.port)
    mail_server.start()
    environment = os.environ | {
        "DATABASE_URL": sqlite_database.url.render_as_string(),
        "TEMPORAL_ADDRESS": str(own_server.client.service_client.config.target_host),
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "STATUSKETTE_SMTP_PORT": str(murderer.port),
        "STATUSKETTE_GATHER_SECONDS": "0.2",
    }
    start = TicketService(sqlite_database).open_ticket(
        NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim", owner="paul"),
        datetime.now(UTC) - timedelta(minutes=100),
    )
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(worker_process(environment))
        murderer.victim = lambda: os.kill(first.pid, signal.SIGKILL)
        await Gateway(own_server.client, 0.2).start(start)
        assert await asyncio.wait_for(first.wait(), 60) == -signal.SIGKILL
        await stack.enter_async_context(worker_process(environment))
        await until(lambda: statuses(sqlite_database) == {"off", "sent"})
    mail_server.stop()
    assert len(murderer.mails) == copies
    assert len({mail["Message-ID"] for mail in murderer.mails}) == 1
    assert len({mail.as_bytes() for mail in murderer.mails}) == 1


def statuses(database: Database) -> set[str]:
    """Return what became of the notices."""
    with database.reading() as session:
        return set(session.exec(select(NoticeRow.status)))


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true; the new worker gets the mailbox when the old one's heart was not heard."""
    async with asyncio.timeout(90):
        while not true():
            await asyncio.sleep(0.2)
