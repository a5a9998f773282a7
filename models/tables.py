"""What rests in the database: the truth about what happened, in words as well as in codes."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from domain.likeness import like_email, like_name, like_phone


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; SQLite keeps no zone, so what it returns is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Instant, nullable=nullable, index=index))


def _number() -> Any:
    """Return a key the database counts; it is there from the first flush on."""
    return Field(default=None, primary_key=True)


def _words(default: str = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=False))


def _json(default: Any) -> Any:
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


def _by_language() -> Any:
    """Return a column of words by language, empty for none."""
    column = Column(JSON, nullable=False, server_default=text("'{}'"))
    return Field(default_factory=dict, sa_column=column)


class SiteRow(SQLModel, table=True):
    """A place of business with its calendar, kept as the TOML text it was entered as.

    `digests` is the TOML of its lists, empty for the shipped ones; `distribution` how it hands out what nobody has;
    `mails_per_hour` how many mails a person gets in an hour before the rest is folded into one, 0 for any number.
    """

    __tablename__ = "site"
    key: str = Field(primary_key=True, max_length=64)
    name: str
    calendar: str = _words()
    digests: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    distribution: str = Field(default="by hand", sa_column_kwargs={"server_default": "by hand"})
    mails_per_hour: int = Field(default=6, sa_column_kwargs={"server_default": "6"})


class PersonRow(SQLModel, table=True):
    """Somebody of the staff. `offsets` are own spans of personal moments ("E2.1": "8h", "WR1": "30m")."""

    __tablename__ = "person"
    short: str = Field(primary_key=True, max_length=32)
    name: str
    email: str
    language: str = "de"
    site: str = Field(foreign_key="site.key")
    roles: list[str] = _json(list)
    offsets: dict[str, str] = _json(dict)
    sound: bool = False
    active: bool = True
    password_hash: str = ""


class OptInRow(SQLModel, table=True):
    """A personal switch for one kind of notice and one channel; without a row the definition's own holds (AC-17)."""

    __tablename__ = "opt_in"
    person: str = Field(foreign_key="person.short", primary_key=True)
    kind: str = Field(primary_key=True, max_length=64)
    channel: str = Field(primary_key=True, max_length=16)
    on: bool


class NoticeLockRow(SQLModel, table=True):
    """A kind of notice that nobody may switch any more: an administrator decided that it is on, or off (reading 19)."""

    __tablename__ = "notice_lock"
    kind: str = Field(primary_key=True, max_length=64)
    channel: str = Field(primary_key=True, max_length=16)
    on: bool


class AbsenceRow(SQLModel, table=True):
    """Somebody is away from `since` until they are back at `until`; what would reach them reaches their deputy."""

    __tablename__ = "absence"
    id: int = _number()
    person: str = Field(foreign_key="person.short", index=True)
    since: datetime = _instant()
    until: datetime = _instant()
    deputy: str | None = Field(default=None, foreign_key="person.short")


class FeedRow(SQLModel, table=True):
    """A person's private calendar address; it holds the token, the table its hash. Without a row there is none."""

    __tablename__ = "feed"
    person: str = Field(foreign_key="person.short", primary_key=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = _instant()


class AuditRow(SQLModel, table=True):
    """Who changed what in the administration, and of customers: the row as it was, and as it became."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_what_key", "what", "key"),)
    id: int = _number()
    at: datetime = _instant(index=True)
    by: str
    what: str
    key: str
    before: dict[str, Any] = _json(dict)
    after: dict[str, Any] = _json(dict)


class CustomerRow(SQLModel, table=True):
    """Somebody who waits for us. `key` is what another system calls them, where their facts come from elsewhere.

    `merged_into` is who they turned out to be: always somebody who is not merged themselves. The `same_` columns are
    what duplicates are found by; they follow name, company, address and number by themselves.
    """

    __tablename__ = "customer"
    id: int = _number()
    name: str
    email: str = ""
    phone: str = ""
    language: str = "de"
    company: str = Field(default="", sa_column_kwargs={"server_default": ""})
    key: str | None = Field(default=None, unique=True, index=True, max_length=64)
    merged_into: int | None = Field(default=None, index=True)
    same_email: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    same_phone: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    same_name: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})


@event.listens_for(CustomerRow, "before_insert")
@event.listens_for(CustomerRow, "before_update")
def _recognisable(_mapper: object, _connection: object, row: CustomerRow) -> None:
    row.same_email, row.same_phone = like_email(row.email), like_phone(row.phone)
    row.same_name = like_name(row.name, row.company)


class MergeRow(SQLModel, table=True):
    """Two customers that turned out to be one: `merged` appears under `kept` until it is undone.

    `before` holds under "contact" the fields of the kept one that changed, as they were, under "chosen" as they became,
    and under "pointed" the customers that had been merged into the merged one. `tickets` are those that moved.
    """

    __tablename__ = "merge"
    id: int = _number()
    kept: int = Field(foreign_key="customer.id", index=True)
    merged: int = Field(foreign_key="customer.id", index=True)
    by: str
    at: datetime = _instant()
    undone_at: datetime | None = _instant(nullable=True)
    undone_by: str | None = None
    before: dict[str, Any] = _json(dict)
    tickets: list[int] = _json(list)


class LifeRow(SQLModel, table=True):
    """Projection: where a customer is in their life cycle (S3); `ticket` is that life, `work_by` its week's deadline.

    `packages` are the sizes booked, in the order of their dates.
    """

    __tablename__ = "life"
    __table_args__ = (Index("ix_life_stage", "stage"), Index("ix_life_work_by", "work_by"))
    customer: int = Field(foreign_key="customer.id", primary_key=True)
    ticket: int = Field(foreign_key="ticket.number", unique=True)
    stage: str = ""
    tag: str = ""
    assistant: str | None = None
    invited: bool = False
    no_show: bool = False
    watched: bool = False
    priority: bool = False
    offer: bool = False
    open_tasks: int = 0
    packages: list[int] = _json(list)
    work_by: datetime | None = _instant(nullable=True)


class OutsideFactRow(SQLModel, table=True):
    """A fact that came from elsewhere, by the caller's own id: taken once, whatever is sent again (S3).

    `content` is what was sent under the id; `taken` becomes true once it is in the customer's history.
    """

    __tablename__ = "outside_fact"
    id: str = Field(primary_key=True, max_length=128)
    content: dict[str, str] = _json(dict)
    taken: bool = False


class ImportRow(SQLModel, table=True):
    """A file of facts that somebody sent; `done` once every line was taken or refused."""

    __tablename__ = "import"
    id: int = _number()
    name: str
    by: str
    site: str = Field(foreign_key="site.key")
    started_at: datetime = _instant()
    done: bool = False


class ImportLineRow(SQLModel, table=True):
    """One line of an import: what it said, and its outcome: "", "taken", "known" or "refused" with the reason."""

    __tablename__ = "import_line"
    import_id: int = Field(foreign_key="import.id", primary_key=True)
    line: int = Field(primary_key=True)
    content: dict[str, str] = _json(dict)
    outcome: str = Field(default="", max_length=16)
    refusal: str = ""
    context: dict[str, str] = _json(dict)


class ApiKeyRow(SQLModel, table=True):
    """A key with which another program speaks to us; it holds the secret, the table its hash."""

    __tablename__ = "api_key"
    key_hash: str = Field(primary_key=True)
    name: str
    site: str = Field(foreign_key="site.key")
    by: str
    created_at: datetime = _instant()
    revoked: bool = False


class DefinitionRow(SQLModel, table=True):
    """One version of a process definition, as the TOML text that was applied; a ticket is pinned to its version."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("key", "number"),)
    id: int = _number()
    key: str
    number: int
    fingerprint: str
    text: str = _words()


class CatalogueRow(SQLModel, table=True):
    """One version of a site's service catalogue, as its TOML text; tickets keep the one they were opened under.

    An empty text takes it back: whoever comes from then on gets the processes' own promises.
    """

    __tablename__ = "catalogue"
    __table_args__ = (UniqueConstraint("site", "number"),)
    id: int = _number()
    site: str = Field(foreign_key="site.key")
    number: int
    text: str = _words()
    by: str
    applied_at: datetime = _instant()


class TicketRow(SQLModel, table=True):
    """A ticket: the state it is folded to, and the projection that lists read. `recorded` is its last entry.

    While a handover is on its way, `gate` names it, `gate_side` the side whose clock runs ("give" or "take"), and
    `waits_for` the person it waits for, or `waits_role` a whole department. `life` marks the one that is its
    customer's life (S3). `catalogue` is the service catalogue it was opened under, None where its site has none;
    `service_level` and `category` are keys of it, `level_why` and `category_why` say by language why these (SL-01).
    `automation` is the degree that was decided at receipt, `confirms` whether receipt is confirmed by mail, and
    `answered_by` who gave the first answer: "people", "semi-automatic", "automatic", empty for nobody yet (SL-05).
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_owner_list", "owner", "closed", "due_at"),
        Index("ix_ticket_waits", "waits_role", "waits_for"),
    )
    number: int = _number()
    definition: int = Field(foreign_key="definition.id")
    site: str = Field(foreign_key="site.key")
    customer: int = Field(foreign_key="customer.id", index=True)
    subject: str
    channel: str = "web"
    state: str = _words()
    recorded: int = 0
    started: bool = False
    owner: str | None = Field(default=None, foreign_key="person.short")
    status: str = "open"
    closed: bool = False
    phase: str = ""
    light: str = "yellow"
    level: int = 0
    version: int = 1
    gate: str = Field(default="", sa_column_kwargs={"server_default": ""})
    gate_side: str = Field(default="", sa_column_kwargs={"server_default": ""})
    waits_for: str | None = None
    waits_role: str = Field(default="", sa_column_kwargs={"server_default": ""})
    life: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    category: str = Field(default="", sa_column_kwargs={"server_default": ""})
    service_level: str = Field(default="", sa_column_kwargs={"server_default": ""})
    catalogue: int | None = None
    level_why: dict[str, str] = _by_language()
    category_why: dict[str, str] = _by_language()
    automation: str = Field(default="", sa_column_kwargs={"server_default": ""})
    confirms: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    answered_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    received_at: datetime = _instant()
    due_at: datetime | None = _instant(nullable=True)
    next_at: datetime | None = _instant(nullable=True, index=True)
    closed_at: datetime | None = _instant(nullable=True)


class TextRow(SQLModel, table=True):
    """What somebody wrote about a ticket. It is kept before the command that uses it, so a refusal loses nothing.

    `parts` are remarks about single items of a checklist, by the item's key.
    """

    __tablename__ = "text"
    id: int = _number()
    ticket: int = Field(foreign_key="ticket.number", index=True)
    author: str | None = None
    subject: str = ""
    body: str = _words()
    message_id: str = Field(default="", index=True)
    written_at: datetime = _instant()
    parts: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default=text("'{}'"))
    )


class FileRow(SQLModel, table=True):
    """A file of a ticket, such as a signed order; `media_type` is one of the kinds that are taken."""

    __tablename__ = "file"
    id: int = _number()
    ticket: int = Field(foreign_key="ticket.number", index=True)
    name: str
    media_type: str
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    by: str
    kept_at: datetime = _instant()


class AnswerRow(SQLModel, table=True):
    """What is filled in at a gate so far: a draft, saved line by line, whoever types."""

    __tablename__ = "answer"
    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    gate: str = Field(primary_key=True, max_length=64)
    item: str = Field(primary_key=True, max_length=64)
    value: str = _words()
    reason: str = _words()
    by: str
    saved_at: datetime = _instant()


class HandoverRow(SQLModel, table=True):
    """What was submitted at a gate, as it was then, and what the receiver decided about it (QG-03)."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_ticket_gate", "ticket", "gate"),)
    id: int = _number()
    ticket: int = Field(foreign_key="ticket.number")
    gate: str
    submission: int
    giver: str
    asked: str | None = None
    submitted_at: datetime = _instant()
    answers: dict[str, dict[str, str]] = _json(dict)
    decision: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = _instant(nullable=True)
    remarks: int | None = Field(default=None, foreign_key="text.id")


class EventRow(SQLModel, table=True):
    """A fact that was accepted or a moment that came to pass; `at` is when it was, `recorded_at` when we noticed.

    `escalates` marks the moments that put a ticket on a controller's list.
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("ticket", "command"), UniqueConstraint("ticket", "moment"))
    id: int = _number()
    ticket: int = Field(sa_column=Column(ForeignKey("ticket.number"), nullable=False, index=True))
    n: int
    code: str
    at: datetime = _instant()
    recorded_at: datetime = _instant()
    by: str | None = None
    command: str | None = None
    moment: str | None = None
    fact: dict[str, Any] = _json(dict)
    text: int | None = Field(default=None, foreign_key="text.id")
    why: dict[str, str] = _json(dict)
    escalates: bool = Field(default=False, sa_column_kwargs={"server_default": false()}, index=True)


class EscalationRow(SQLModel, table=True):
    """Projection: to whom a ticket is escalated now (AC-08, AC-09)."""

    __tablename__ = "escalation"
    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    person: str = Field(foreign_key="person.short", primary_key=True)
    code: str
    since: datetime = _instant()


class NoticeStatus(StrEnum):
    """The life of a notice. OFF: the person switched the kind off. WITHDRAWN: what it said no longer holds."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    SEEN = "seen"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    OFF = "off"


class Channel(StrEnum):
    """How a notice reaches somebody."""

    MAIL = "mail"
    POP_UP = "pop-up"


class NoticeRow(SQLModel, table=True):
    """The outbox. `key` makes a notice exist once; `mailbox` is "person:anna" or "customer:7".

    A list (digest) speaks of no single ticket. `instead_of` is who was away when it was written for their deputy.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_mailbox_status", "mailbox", "status"),)
    id: int = _number()
    key: str = Field(unique=True)
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True)
    mailbox: str
    instead_of: str | None = None
    channel: str
    kind: str
    moment: str = ""
    at: datetime = _instant()
    deliver: str
    status: str = NoticeStatus.WAITING
    mail: int | None = Field(default=None, foreign_key="mail.id")
    text: int | None = Field(default=None, foreign_key="text.id")
    why: dict[str, str] = _json(dict)
    error: str = _words()


class MailRow(SQLModel, table=True):
    """One mail as it was claimed, rendered; the Message-ID is derived from the notices, so a repeat is recognised."""

    __tablename__ = "mail"
    id: int = _number()
    message_id: str = Field(unique=True)
    mailbox: str = Field(index=True)
    address: str
    subject: str
    text: str = _words()
    html: str = _words()
    headers: dict[str, str] = _json(dict)
    status: str = NoticeStatus.CLAIMED
    error: str = _words()
    claimed_at: datetime = _instant()
    sent_at: datetime | None = _instant(nullable=True)


class IncomingRow(SQLModel, table=True):
    """A mail that came to a site's mailbox, once per `place` in it, and what became of it.

    `sent_at` is the mail's own date, `received_at` when we took it: the clock counts from there (reading 6). `about`
    is a ticket it only claims to be about, or goes on from. `html` is harmless, `raw` the bytes of what became no
    text of a ticket. `done` becomes true once its ticket's workflow has heard of it.
    """

    __tablename__ = "incoming"
    __table_args__ = (
        UniqueConstraint("site", "place"),
        Index("ix_incoming_message_id", "message_id"),
        Index("ix_incoming_digest", "digest"),
        Index("ix_incoming_sender", "sender", "received_at"),
    )
    id: int = _number()
    site: str = Field(foreign_key="site.key")
    place: str = Field(max_length=200)
    message_id: str
    digest: str = Field(max_length=64)
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    received_at: datetime = _instant()
    sent_at: datetime | None = _instant(nullable=True)
    fate: str = Field(max_length=16)
    why: str = ""
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True)
    about: int | None = None
    text: int | None = Field(default=None, foreign_key="text.id")
    html: str = _words()
    files: list[int] = _json(list)
    remarks: list[dict[str, str]] = _json(list)
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    error: str = _words()
    done: bool = Field(default=False, index=True)


class InboxRow(SQLModel, table=True):
    """How a site's mailbox for mail in was last found: when somebody looked, or what is wrong and since when."""

    __tablename__ = "inbox"
    site: str = Field(foreign_key="site.key", primary_key=True)
    looked_at: datetime | None = _instant(nullable=True)
    problem: str = ""
    problem_since: datetime | None = _instant(nullable=True)


class ContactRow(SQLModel, table=True):
    """A contact that came by web form or API, once per `key` of its `source`: the form, or the hash of an API key.

    `fingerprint` is of what it said. Until there is a `ticket`, it is under way since `reserved_at`. `due_at` is what
    was promised when the ticket was opened, so that whoever asks again hears the same.
    """

    __tablename__ = "contact"
    source: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    reserved_at: datetime = _instant()
    ticket: int | None = Field(default=None, foreign_key="ticket.number", unique=True)
    due_at: datetime | None = _instant(nullable=True)


class SecretRow(SQLModel, table=True):
    """A secret that all our processes share, such as the one that the public form is signed with."""

    __tablename__ = "secret"
    name: str = Field(primary_key=True, max_length=32)
    value: str


class WebhookRow(SQLModel, table=True):
    """An address that is told what happens: of which `kinds`, of one site or (None) of all.

    The secret has to be readable, for it signs; `old_secret` signs besides until `old_until`. `off` is why nothing is
    sent any more: "" while it is, "by hand" or "gone" (410). `words` sends names and texts along.
    """

    __tablename__ = "webhook"
    id: int = _number()
    title: str
    url: str
    site: str | None = Field(default=None, foreign_key="site.key")
    kinds: list[str] = _json(list)
    words: bool = False
    secret: str
    old_secret: str = ""
    old_until: datetime | None = _instant(nullable=True)
    off: str = Field(default="", max_length=16)
    by: str
    created_at: datetime = _instant()


class DeliveryStatus(StrEnum):
    """The life of a delivery. GIVEN_UP: it was tried for three days."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


class DeliveryRow(SQLModel, table=True):
    """One message to one webhook, as it was written with its event: the same id and body however often it is sent.

    `next_at` is the next attempt, `until` when it is given up. `answer` is the last status code, 0 for none.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_webhook_status", "webhook", "status", "next_at"),
        Index("ix_delivery_ticket_status", "ticket", "status"),
        Index("ix_delivery_message", "webhook", "message", unique=True),
    )
    id: int = _number()
    webhook: int = Field(foreign_key="webhook.id")
    message: str = Field(max_length=64)
    kind: str
    ticket: int | None = Field(default=None, foreign_key="ticket.number")
    at: datetime = _instant()
    body: str = _words()
    status: str = DeliveryStatus.WAITING
    attempts: int = 0
    next_at: datetime = _instant()
    until: datetime = _instant()
    tried_at: datetime | None = _instant(nullable=True)
    answer: int = 0
    error: str = _words()


class SnippetRow(SQLModel, table=True):
    """A piece of knowledge for answers, of one site or (None) of all; `number` counts its versions.

    `title_found` and `text_found` are what the search reads: the same words, folded.
    """

    __tablename__ = "snippet"
    id: int = _number()
    title: str
    text: str = _words()
    category: str = Field(default="", max_length=64)
    site: str | None = Field(default=None, foreign_key="site.key")
    number: int = 1
    by: str
    at: datetime = _instant()
    retired: bool = False
    title_found: str = _words()
    text_found: str = _words()


class SnippetVersionRow(SQLModel, table=True):
    """A snippet as somebody saved it; the newest version is in here, too."""

    __tablename__ = "snippet_version"
    snippet: int = Field(foreign_key="snippet.id", primary_key=True)
    number: int = Field(primary_key=True)
    title: str
    text: str = _words()
    category: str = Field(default="", max_length=64)
    site: str | None = None
    retired: bool = False
    by: str
    at: datetime = _instant()


class SessionRow(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table its hash."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.short", index=True)
    csrf: str
    expires_at: datetime = _instant()
