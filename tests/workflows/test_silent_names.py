"""A silent name server: mails, webhooks and mail in wait for it; what people do is recorded meanwhile."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from activities.intake.tickets import NewTicket, TicketService
from domain.process.definition import Delivery
from domain.ticket.facts import Called
from models.database import Database
from models.messages import Command
from models.tables import Channel, DeliveryRow, NoticeRow, PersonRow
from tests.activities.webhooks.test_outbox import hook
from tests.office import furnish
from tests.workflows.test_killed_worker import until, worker_process
from workflows.gateway import Gateway

MAILBOXES, WEBHOOKS, COMMANDS = 40, 8, 5
SILENT = """
import os, socket, time
answers, folder = socket.getaddrinfo, os.environ["SILENT_FOLDER"]

def getaddrinfo(host, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    if not name or not name.endswith(".invalid"):
        return answers(host, *rest, **named)
    open(os.path.join(folder, f"asked-{time.monotonic_ns()}"), "w").close()
    while not os.path.exists(os.path.join(folder, "speaks")):
        time.sleep(0.05)
    raise socket.gaierror(socket.EAI_NONAME, "nobody knows it")

socket.getaddrinfo = getaddrinfo
"""
"""Python loads this before anything else: the machine's own way to look up names, as it is while nobody answers."""


@dataclass(frozen=True)
class Names:
    """The name server of a worker process."""

    folder: Path

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return len(list(self.folder.glob("asked-*")))

    def speak(self) -> None:
        """Answer everything from now on."""
        (self.folder / "speaks").touch()


@asynccontextmanager
async def silent_worker(folder: Path, server: WorkflowEnvironment, database: Database) -> AsyncIterator[Names]:
    """Run a worker whose every other server has a name that nobody looks up."""
    (folder / "sitecustomize.py").write_text(SILENT, encoding="utf-8")
    names = Names(folder)
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "SILENT_FOLDER": str(folder),
        "DATABASE_URL": database.url.render_as_string(),
        "TEMPORAL_ADDRESS": str(server.client.service_client.config.target_host),
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "STATUSKETTE_SMTP_HOST": "smtp.invalid",
        "STATUSKETTE_IMAP_HOST": "imap.invalid",
        "STATUSKETTE_INBOX_SITE": "musterstadt",
        "STATUSKETTE_GATHER_SECONDS": "0.2",
    }
    async with worker_process(environment):
        try:
            yield names
        finally:
            names.speak()


def fill(database: Database) -> list[str]:
    """Have a mail wait for many people, and a delivery for some webhooks; returns the outboxes."""
    now = datetime.now(UTC)
    with database.writing() as session:
        for n in range(MAILBOXES):
            short = f"p{n}"
            session.add(PersonRow(short=short, name=short, email=f"{short}@musterstadt.example", site="musterstadt"))
            told = {"mailbox": f"person:{short}", "channel": Channel.MAIL, "kind": "R1", "ticket": 1, "at": now}
            session.add(NoticeRow.model_validate({"key": f"silent:{n}", "deliver": Delivery.AT_ONCE} | told))
    hooks = [hook(database, f"https://hook{n}.invalid/told") for n in range(WEBHOOKS)]
    with database.writing() as session:
        for number in hooks:
            until = now + timedelta(days=3)
            message = f"m{number}"
            session.add(
                DeliveryRow(webhook=number, message=message, kind="test", body="{}", at=now, next_at=now, until=until)
            )
    return [f"person:p{n}" for n in range(MAILBOXES)] + [f"webhook:{number}" for number in hooks]


async def test_commands_are_recorded_while_no_name_is_answered(
    own_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    """Everybody who asks the name server is still waiting when the last command was recorded."""
    furnish(sqlite_database, "around-the-clock")
    ticket_service, gateway = TicketService(sqlite_database), Gateway(own_server.client, 0.2)
    start = ticket_service.open_ticket(
        NewTicket("anfrage", "musterstadt", "Kombi", "", "web", None, "Kim"), datetime.now(UTC)
    )
    outboxes = fill(sqlite_database)
    mail_threads = min(32, (os.cpu_count() or 1) + 4)
    async with silent_worker(tmp_path, own_server, sqlite_database) as names:
        await gateway.open_inbox("musterstadt")
        await gateway.wake(outboxes)
        await until(lambda: names.asked >= min(mail_threads, MAILBOXES) + WEBHOOKS + 1)
        for n in range(COMMANDS):
            standing = await gateway.act(start, Command(Called(), "paul", f"c{n}"))
            assert standing.version == n + 2
