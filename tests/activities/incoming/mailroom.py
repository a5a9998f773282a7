"""The mail room of the tests: a fixed cast, a database, a mail server that answers as told, and the post."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import SQLModel, col, select
from temporalio.testing import ActivityEnvironment

from activities.mail.render import Letters
from activities.mail.send import Post
from activities.mail.smtp import SmtpAccount
from models.database import Database
from models.messages import DeliverMailInput, DeliverMailResult
from models.tables import (
    Channel,
    CustomerRow,
    DefinitionRow,
    MailRow,
    NoticeRow,
    PersonRow,
    SiteRow,
    TextRow,
    TicketRow,
)

ROOT = Path(__file__).parents[3]
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2027, 3, 3, 3, tzinfo=BERLIN)
OPENING = datetime(2027, 3, 3, 9, tzinfo=BERLIN)
MORNING = datetime(2027, 3, 3, 9, 30, tzinfo=BERLIN)
DUE = datetime(2027, 3, 3, 10, tzinfo=BERLIN)
WHY = {"de": "Eingang Di., 17:00 Uhr, plus 1 h 30 min.", "en": "Received Tue, 17:00, plus 1 h 30 min."}
MAIL_FROM = "Statuskette <office@statuskette.example>"


@dataclass
class Server:
    """An SMTP handler: keeps what it took, and refuses where and how it is told, as often as it is told."""

    mails: list[Envelope] = field(default_factory=list)
    refuse_rcpt: str = ""
    refuse_data: str = ""
    hang_up: bool = False
    keep_before_hanging_up: bool = False
    times: int = 1000

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Sequence[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.refuse_rcpt and self._again():
            return self.refuse_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take or refuse the content, or hang up after it came."""
        if self.hang_up and self._again():
            if self.keep_before_hanging_up:
                self.mails.append(envelope)
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never heard"
        if self.refuse_data and self._again():
            return self.refuse_data
        self.mails.append(envelope)
        return "250 OK"

    def _again(self) -> bool:
        self.times -= 1
        return self.times >= 0

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails one address got, oldest first."""
        return [read(envelope) for envelope in self.mails if address in envelope.rcpt_tos]


def read(envelope: Envelope) -> EmailMessage:
    """Return an envelope's mail as a mail program sees it."""
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def words(message: EmailMessage, kind: str = "plain") -> str:
    """Return the text ("plain") or the HTML ("html") of a mail."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Mailroom:
    """Anna sells, Dora dispatches, Cora controls, Boss controls her, Stan is a stranger; customer 1 waits."""

    def __init__(self, database: Database, port: int, server: Server) -> None:
        """Furnish an empty database."""
        self.database = database
        self.server = server
        self.woken: list[str] = []
        self.account = SmtpAccount("127.0.0.1", port, timeout_seconds=5)
        self.letters = Letters("https://office.example", MAIL_FROM, ROOT / "templates/mail")
        self._furnish()

    def add(self, *rows: SQLModel) -> None:
        """Write rows in one transaction."""
        with self.database.writing() as session:
            session.add_all(rows)

    def _furnish(self) -> None:
        calendar = (ROOT / "processes/calendars/musterstadt.toml").read_text("utf-8")
        self.add(
            SiteRow(key="musterstadt", name="Autohaus Musterstadt", calendar=calendar),
            DefinitionRow(key="anfrage", number=1, fingerprint="x", text=""),
            CustomerRow(name="Karl Muster", email="karl@kunde.example", phone="030 1234"),
        )
        self.add(
            _person("anna", "Anna Kern", "salesperson"),
            _person("dora", "Dora Lenz", "dispatcher"),
            _person("cora", "Cora Weiß", "controller"),
            _person("boss", "Bo Seidel", "controller", "senior_controller"),
            _person("stan", "Stan Fremd", "salesperson"),
        )
        for number in (1, 2, 3):
            self.add(
                TicketRow(
                    number=number,
                    definition=1,
                    site="musterstadt",
                    customer=1,
                    subject=f"Probefahrt {number}",
                    owner="anna",
                    received_at=NIGHT,
                    due_at=DUE,
                )
            )

    def notice(self, kind: str = "R1", *, ticket: int | None = 1, to: str = "person:anna", **changed: Any) -> str:
        """Write a notice and return its key; in business hours by mail unless changed."""
        key = str(changed.pop("key", f"{ticket}:{kind}#1:{to}"))
        facts: dict[str, Any] = {
            "channel": Channel.MAIL,
            "deliver": "business hours",
            "at": NIGHT,
            "why": WHY,
            "moment": kind,
        }
        self.add(NoticeRow(key=key, ticket=ticket, mailbox=to, kind=kind, **facts | changed))
        return key

    def answer(self, body: str, *, ticket: int = 1, **changed: Any) -> str:
        """Write Anna's answer to the customer and return the notice's key."""
        text = TextRow(ticket=ticket, author="anna", body=body, written_at=MORNING, **changed)
        self.add(text)
        return self.notice("answer", ticket=ticket, to="customer:1", deliver="at once", text=text.id, key=body)

    def change(self, table: type[SQLModel], key: object, **changed: object) -> None:
        """Change a row."""
        with self.database.writing() as session:
            row = session.get(table, key)
            for name, value in changed.items():
                setattr(row, name, value)

    async def empty(
        self,
        mailbox: str = "person:anna",
        at: datetime = MORNING,
        started: datetime | None = None,
        mails_from: datetime | None = None,
    ) -> DeliverMailResult:
        """Run the activity as a worker does."""
        environment = ActivityEnvironment()
        if started is not None:
            environment.info = replace(environment.info, started_time=started)
        return await environment.run(self.post().empty_mailbox, DeliverMailInput(mailbox, at, mails_from))

    def post(self) -> Post:
        """Return the post at work with the account of the moment."""
        return Post(self.database, self.letters, self.account, self._wake)

    async def refused_for_now(self, mailbox: str = "person:anna", at: datetime = MORNING) -> DeliverMailResult:
        """Empty a mailbox and return what operators see; it is tried again, and must tell nothing about people."""
        emptied = await self.empty(mailbox, at)
        assert emptied.problem
        assert emptied.next_at is not None
        assert emptied.next_at > at
        assert "@" not in emptied.problem
        assert "Probefahrt" not in emptied.problem
        return emptied

    async def _wake(self, mailboxes: Sequence[str]) -> None:
        self.woken += mailboxes

    def status(self, key: str) -> str:
        """Return how a notice stands."""
        return self.notices()[key].status

    def notices(self) -> dict[str, NoticeRow]:
        """Return every notice by its key."""
        with self.database.reading() as session:
            return {row.key: row for row in session.exec(select(NoticeRow).order_by(col(NoticeRow.id)))}

    def mails(self) -> list[MailRow]:
        """Return every mail that was claimed, oldest first."""
        with self.database.reading() as session:
            return list(session.exec(select(MailRow).order_by(col(MailRow.id))))

    def inbox(self, short: str) -> list[EmailMessage]:
        """Return what somebody of the staff got."""
        return self.server.to(f"{short}@office.example")

    def expects_nothing_for_the_stranger(self) -> None:
        """Assert that nobody outside was told anything."""
        known = {f"{short}@office.example" for short in ("anna", "dora", "cora", "boss")} | {"karl@kunde.example"}
        assert {address for mail in self.server.mails for address in mail.rcpt_tos} <= known
        assert not [mail for mail in self.mails() if mail.mailbox == "person:stan"]
        assert "person:stan" not in self.woken


def _person(short: str, name: str, *roles: str) -> PersonRow:
    email = f"{short}@office.example"
    return PersonRow(short=short, name=name, email=email, site="musterstadt", roles=list(roles))
