"""The composition root of the worker: connects, builds the activities with what they need, and runs. No logic."""

import asyncio
import os
import secrets
import signal
import socket
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import PatchActivationInput, Worker

from activities.incoming.boxes import Maildir
from activities.incoming.classify import Ours
from activities.incoming.imap import Imap, ImapAccount
from activities.incoming.taking import Mailroom
from activities.incoming.watching import Inbox, Watching
from activities.intake.customers import CustomerService
from activities.intake.external_facts import Outside
from activities.intake.imports import Imports
from activities.ledger.record import Ledger
from activities.mail.digests import Digests
from activities.mail.message import sender_of
from activities.mail.render import Letters
from activities.mail.send import Post
from activities.mail.smtp import SmtpAccount, Tls
from activities.operation.presence import Presence
from activities.operation.sweep import Sweep
from activities.runtime.pools import Pool
from activities.webhooks.deliver import Webhooks
from models.database import Database
from processes.loader import MAIL_TEMPLATES
from settings import Settings
from workflows import names
from workflows.customer import CustomerWorkflow
from workflows.digest import DigestWorkflow
from workflows.gateway import Gateway
from workflows.importing import ImportWorkflow
from workflows.inbox import InboxWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.payloads import DATA_CONVERTER
from workflows.revision import REVISION, may_take
from workflows.sweep import SweepWorkflow
from workflows.ticket import TicketWorkflow
from workflows.webhook import WebhookWorkflow


async def connect() -> Client:
    """Connect as the TEMPORAL_* variables and profiles say; the embedded server by default."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config, data_converter=DATA_CONVERTER)


def smtp_account(settings: Settings) -> SmtpAccount:
    """Return the relay that the settings name."""
    return SmtpAccount(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        Tls(settings.smtp_tls),
    )


def imap_account(settings: Settings) -> ImapAccount:
    """Return the mailbox that the settings name."""
    return ImapAccount(
        settings.imap_host,
        settings.imap_port,
        settings.imap_user,
        settings.imap_password.get_secret_value(),
        Tls(settings.imap_tls),
        settings.imap_folder,
        settings.imap_taken_folder,
    )


def inboxes(settings: Settings) -> dict[str, Inbox]:
    """Return the mailboxes to watch by their sites; none where nothing is configured."""
    if not settings.inbox_site or not (settings.imap_host or settings.inbox_maildir):
        return {}
    _, sender = sender_of(settings.mail_from)
    ours = Ours(settings.inbox_address or sender, sender.rpartition("@")[2], settings.inbox_per_hour)
    mailroom = Mailroom(settings.inbox_site, settings.intake_process, ours)
    account, folder = imap_account(settings), settings.inbox_maildir
    opened = partial(Imap, account) if settings.imap_host or folder is None else partial(Maildir, folder)
    return {settings.inbox_site: Inbox(opened, mailroom, settings.inbox_seconds)}


_AT_ONCE = 100
"""So many mailboxes or webhooks are spoken to at a time: they wait for other servers, not for a thread."""


class Pools:
    """The threads of a worker: what one kind of work waits for keeps no other kind waiting.

    Mail servers are looked up where asyncio does it, in the loop's own threads, in which nothing else runs.
    """

    def __init__(self, settings: Settings) -> None:
        """Name and size them; `names` looks up where webhooks lead, all others work with the database."""
        self.ledger = Pool("ledger", settings.ledger_threads)
        self.rounds = Pool("rounds", 2)
        self.imports = Pool("imports", 4)
        self.post = Pool("post", 4)
        self.mail_in = Pool("mail-in", 4)
        self.webhooks = Pool("webhooks", 4)
        self.names = Pool("names", 16)

    @property
    def connections(self) -> int:
        """How many connections to the database they need: one for each thread, and one to say that we work."""
        threads = (self.ledger, self.rounds, self.imports, self.post, self.mail_in, self.webhooks)
        return sum(pool.size for pool in threads) + 1


def workers(
    client: Client,
    database: Database,
    settings: Settings,
    presence: Presence | None = None,
    pools: Pools | None = None,
) -> list[Worker]:
    """Return the workers of all queues, sharing one client and one database; each kind of work has its own threads.

    Changes of workflow code are held back until `presence` knows of no worker without them; alone, all are taken.

    The build is named, for otherwise the SDK compiles every loaded module to name it: 2.4 s of CPU at each start.
    """
    gateway, pools = Gateway(client, settings.gather_seconds), pools or Pools(settings)
    ledger = Ledger(database, gateway.wake, settings.base_url, pools.ledger)
    letters = Letters(settings.base_url, settings.mail_from, MAIL_TEMPLATES)
    post = Post(database, letters, smtp_account(settings), gateway.wake, pools.post)
    watched = inboxes(settings)
    watching = Watching(database, gateway, watched, lambda: datetime.now(UTC), pools.mail_in)
    sweep = Sweep(database, gateway, list(watched), pools.rounds)
    digests = Digests(database, gateway.wake, pools.rounds)
    outside = Outside(database, CustomerService(database), gateway, pools.imports)
    imports = Imports(database, outside, pools.imports)
    webhooks = Webhooks(database, pools.webhooks, pools.names, private=settings.webhooks_private)
    grace = timedelta(seconds=30)
    takes = partial(_takes, presence) if presence else None
    return [
        Worker(
            client,
            task_queue=names.TICKETS,
            workflows=[TicketWorkflow, CustomerWorkflow, SweepWorkflow, DigestWorkflow, ImportWorkflow],
            activities=[ledger.record, sweep.sweep, digests.write_lists, imports.take_in],
            max_concurrent_activities=4 * pools.ledger.size,
            graceful_shutdown_timeout=grace,
            build_id=settings.build,
            patch_activation_callback=takes,
        ),
        Worker(
            client,
            task_queue=names.MAIL,
            workflows=[MailboxWorkflow, InboxWorkflow],
            activities=[post.empty_mailbox, watching.watch_inbox],
            max_concurrent_activities=_AT_ONCE,
            graceful_shutdown_timeout=grace,
            build_id=settings.build,
            patch_activation_callback=takes,
        ),
        Worker(
            client,
            task_queue=names.WEBHOOKS,
            workflows=[WebhookWorkflow],
            activities=[webhooks.deliver],
            max_concurrent_activities=_AT_ONCE,
            graceful_shutdown_timeout=grace,
            build_id=settings.build,
            patch_activation_callback=takes,
        ),
    ]


def _own_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def _takes(presence: Presence, change: PatchActivationInput) -> bool:
    return may_take(change.patch_id, presence.oldest)


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pools = Pools(settings)
    database = Database(settings.database_url, pools.connections)
    client = await connect()
    presence = Presence(database, _own_name(), settings.build, REVISION, lambda: datetime.now(UTC))
    await asyncio.to_thread(presence.begin)
    working = [asyncio.create_task(worker.run()) for worker in workers(client, database, settings, presence, pools)]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*working, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in working:
        task.cancel()
    outcomes = await asyncio.gather(*working, return_exceptions=True)
    await asyncio.to_thread(presence.end)
    database.close()
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


if __name__ == "__main__":
    asyncio.run(run(Settings()))
