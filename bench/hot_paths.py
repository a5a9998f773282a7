"""What happens all day long: each a real function, called again and again with other tickets, people and mails."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlmodel import select
from temporalio.testing import ActivityEnvironment

from activities.incoming.classify import Ours
from activities.incoming.taking import Mailroom, Taking
from activities.incoming.undone import Undone
from activities.intake.customers import CustomerService
from activities.intake.external_facts import Outside, Sender
from activities.intake.imports import Imports
from activities.mail.digest_facts import report
from activities.mail.outbox_claims import Claims
from activities.mail.render import Letters
from activities.operation.sweep import Sweep
from activities.webhooks.deliver import Webhooks
from bench.copying import FIRST, Grown
from bench.growing import STAFF
from domain.process.definition import Delivery
from domain.ticket.facts import Called, Fact, Noted
from models.messages import Command, DeliverWebhookInput, Entry, TakeImportInput
from models.tables import Channel, NoticeRow, SessionRow, TicketRow
from processes.loader import MAIL_TEMPLATES
from settings import Settings
from tests.incoming.mails import mail
from tests.web.shop import CHEAP
from tests.web.visitor import Visitor
from web.app import create_app
from web.live.snapshot import Looking, Wanted

Path = Callable[[int], Awaitable[object]]
BASE = "http://127.0.0.1:8000"
LISTS = ("/", "/?light=closed", "/customers", "/popups")
OVERVIEWS = ("/all", "/all?light=red", "/all?owner=paul", "/escalated", "/health")
PAGES = {
    "anna": LISTS,
    "carl": OVERVIEWS,
    "dora": ("/pool",),
    "helga": ("/admin/webhooks", "/admin/webhooks/1", "/admin/webhooks/2"),
}


class Nobody:
    """Stands where workflows would be started."""

    def __getattr__(self, _name: str) -> Any:
        """Take everything and do nothing."""

        async def nothing(*_: object, **__: object) -> None:
            """Do nothing."""

        return nothing


NOBODY: Any = Nobody()


class HotPaths:
    """The calls; `n` counts the rounds."""

    def __init__(self, grown: Grown) -> None:
        """Take the grown database."""
        self.grown = grown
        self.database = grown.database
        self.ledger = grown.patterns.shop.ledger
        letters = Letters(BASE, "Statuskette <post@statuskette.example>", MAIL_TEMPLATES)
        self.claims = Claims(self.database, letters)
        ours = Ours("anfragen@musterstadt.example", "statuskette.example", 30)
        self.taking = Taking(self.database, Mailroom("musterstadt", "anfrage", ours))
        self.undone = Undone(self.database, "musterstadt", "anfrage")
        self.sweeping = Sweep(self.database, NOBODY)
        self.webhooks = Webhooks(self.database, private=True)
        settings, ticket_service = Settings(base_url=BASE), grown.patterns.shop.ticket_service
        self.app = create_app(
            settings, self.database, NOBODY, ticket_service, lambda: datetime.now(UTC), passwords=CHEAP
        )
        self.looking = Looking(self.app.state.services)
        self.outside = Outside(self.database, CustomerService(self.database), NOBODY)

    def all(self) -> Mapping[str, Path]:
        """Return what is called, by what it is."""
        return {
            "a fact of an old ticket": self.old_ticket,
            "a fact of any ticket": self.any_ticket,
            "a signal that is refused": self.refused,
            "a person's mail": self.mail_to_staff,
            "a customer's mail": self.mail_to_customer,
            "a mail that comes in": self.mail_in,
            "the sweep": self.sweep,
            "a webhook": self.webhook,
            "an import": self.imported,
            "a fact from elsewhere": self.fact_from_elsewhere,
            "the lists of the morning": self.digests,
            "open pages": self.look,
        }

    async def old_ticket(self, n: int) -> None:
        """Somebody notes something at a ticket that a thousand things happened to."""
        self._writes(self.grown.patterns.old, Noted(), f"old-{n}")

    async def any_ticket(self, n: int) -> None:
        """Somebody calls about one of many tickets."""
        self._writes(self._open(n), Called(), f"any-{n}")

    async def refused(self, n: int) -> None:
        """Somebody acts who has not seen the latest."""
        self._writes(self.grown.patterns.old, Noted(), f"late-{n}", version=-1)

    async def mail_to_staff(self, n: int) -> None:
        """A notice waits, is claimed, released, claimed again and sent."""
        mailbox, at = f"person:{STAFF[n % len(STAFF)]}", self.grown.now
        told: dict[str, Any] = {"ticket": self._open(n), "kind": "R1", "deliver": Delivery.AT_ONCE}
        with self.database.writing() as session:
            session.add(NoticeRow(key=f"hot:{n}", mailbox=mailbox, channel=Channel.MAIL, at=at, **told))
        self.claims.next_at(mailbox, at)
        if (claimed := self.claims.claim(mailbox, at).mail) is not None:
            self.claims.release(claimed)
        if (claimed := self.claims.claim(mailbox, at).mail) is not None:
            self.claims.claim(mailbox, at)
            self.claims.sent(claimed, at)

    async def mail_to_customer(self, n: int) -> None:
        """What waits for a customer; there is nobody who wrote it, so nothing may be claimed."""
        self.claims.claim(f"customer:{FIRST + n}", self.grown.now)
        self.claims.next_at(f"customer:{FIRST + n}", self.grown.now)

    async def mail_in(self, n: int) -> None:
        """A customer answers a mail of ours, one of theirs is looked for, and what is left to do."""
        thread = f"References: <t{2 * n + 1}@kunde.example> <m{7 * n}@statuskette.example>"
        content = mail(b"Und?\r\n", f"Kim <k{n}@kunde.example>", thread, id=f"<hot{n}@kunde.example>")
        self.taking.take(f"hot-{n}", content, self.grown.now)
        self.undone.left(self.grown.now)

    async def sweep(self, _n: int) -> None:
        """What a crash left behind."""
        await ActivityEnvironment().run(self.sweeping.sweep, datetime.now(UTC))

    async def webhook(self, n: int) -> None:
        """A webhook that answers, and one that does not."""
        await ActivityEnvironment().run(self.webhooks.deliver, DeliverWebhookInput(1 + n % 2, datetime.now(UTC)))

    async def imported(self, _n: int) -> None:
        """What of a file waits."""
        await ActivityEnvironment().run(
            Imports(self.database, self.outside).take_in, TakeImportInput(1, self.grown.now)
        )

    async def fact_from_elsewhere(self, n: int) -> None:
        """A task of a customer, known by their key."""
        record = {"id": f"hot-{n}", "what": "task", "customer": f"k-{n}", "task": "t"}
        await self.outside.take(record, Sender("musterstadt", "api", self.grown.now))

    async def digests(self, n: int) -> None:
        """What the daily and the weekly list say."""
        with self.database.reading() as session:
            report(session, "EL1", STAFF[n % len(STAFF)], self.grown.now)
            report(session, "EL2", "carl", self.grown.now)

    async def look(self, n: int) -> None:
        """What the live stream asks every two seconds, for eight people with a list open each."""
        with self.database.reading() as session:
            keys = session.exec(select(SessionRow.token_hash).limit(16)).all()
        tickets = frozenset(self._open(25 * n + each) for each in range(200))
        self.looking.look(Wanted(frozenset(keys), frozenset(STAFF), tickets))

    async def pages(self, visitors: Mapping[str, Visitor], n: int) -> None:
        """Every page that somebody has open all day."""
        for who, paths in PAGES.items():
            tickets = (f"/tickets/{self._open(n)}", f"/tickets/{self.grown.patterns.old}", f"/customers/{FIRST + n}")
            for path in (*paths, *tickets):
                answer = await visitors[who].opens(path)
                assert answer.status_code == 200, (who, path, answer.status_code)

    async def visitors(self) -> Mapping[str, Visitor]:
        """Return browsers in which people are signed in."""
        found = {}
        for who in PAGES:
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE)
            found[who] = Visitor(client)
            await found[who].signs_in(who)
        return found

    def _open(self, n: int) -> int:
        return FIRST + self.grown.size.tickets - 1 - n % self.grown.size.open

    def _writes(self, number: int, fact: Fact, identity: str, version: int | None = None) -> None:
        with self.database.reading() as session:
            recorded = session.get_one(TicketRow, number).recorded
        command = Command(fact, "anna", identity, version=version)
        self.ledger.write(Entry(number, recorded + 1, datetime.now(UTC), command, told=version is not None))
