"""The ways in: mail, public form and API."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column, json_column, number_column, rare, words_column

UNSEEN_ASIDE = text("seen_at IS NULL AND text IS NULL")
UNSEEN_REFUSED = text("seen_at IS NULL AND text IS NOT NULL AND error <> ''")
"""What opened nothing and nobody has looked at: these two are counted on every page of those who oversee."""


class IncomingRow(SQLModel, table=True):
    """A mail that came to a site's mailbox, once per `place` in it, and what became of it.

    `sent_at` is the mail's own date, `received_at` when we took it: the clock counts from there (reading 6). `writer`
    is whom an answer should reach, `sender` who sent it: a portal, for example. `about` is a ticket it only claims to
    be about, or goes on from. `html` is harmless, `raw` the bytes of what became no text of a ticket. `done` becomes
    true once its ticket's workflow has heard of it; until then `trouble` is what kept it from hearing, after how many
    `tries`, and `again_at` when it is tried again. `seen_by` looked at what opened nothing.
    """

    __tablename__ = "incoming"
    __table_args__ = (
        UniqueConstraint("site", "place"),
        Index("ix_incoming_message_id", "message_id"),
        Index("ix_incoming_digest", "digest"),
        Index("ix_incoming_sender", "sender", "received_at"),
        Index("ix_incoming_writer", "writer", "received_at"),
        Index("ix_incoming_aside", "site", sqlite_where=UNSEEN_ASIDE, postgresql_where=UNSEEN_ASIDE),
        Index("ix_incoming_refused", "site", sqlite_where=UNSEEN_REFUSED, postgresql_where=UNSEEN_REFUSED),
        rare("ix_incoming_undone", "site", "id", where="NOT done", on_sqlite="done = 0"),
    )
    id: int = number_column()
    site: str = Field(foreign_key="site.key")
    place: str = Field(max_length=200)
    message_id: str
    digest: str = Field(max_length=64)
    sender: str = ""
    sender_name: str = ""
    writer: str = Field(default="", sa_column_kwargs={"server_default": ""})
    subject: str = ""
    received_at: datetime = instant_column()
    sent_at: datetime | None = instant_column(nullable=True)
    fate: str = Field(max_length=16)
    why: str = ""
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True)
    about: int | None = None
    text: int | None = Field(default=None, foreign_key="text.id")
    html: str = words_column()
    files: list[int] = json_column(list)
    remarks: list[dict[str, str]] = json_column(list)
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    error: str = words_column()
    done: bool = False
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    trouble: str = Field(default="", sa_column_kwargs={"server_default": ""})
    again_at: datetime | None = instant_column(nullable=True)
    seen_at: datetime | None = instant_column(nullable=True)
    seen_by: str | None = None


class StuckRow(SQLModel, table=True):
    """A message that lies in a site's mailbox and could not be taken, or not be put away: why, and since when.

    It is tried again at `again_at`, after so many `tries`. Who wrote it, what about and when is known where the
    mailbox gives its headers. The row goes when the message is taken, or gone.
    """

    __tablename__ = "stuck"
    site: str = Field(foreign_key="site.key", primary_key=True)
    place: str = Field(primary_key=True, max_length=200)
    since: datetime = instant_column()
    tries: int = 0
    again_at: datetime = instant_column()
    why: str = ""
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = instant_column(nullable=True)


class InboxRow(SQLModel, table=True):
    """How a site's mailbox for mail in was last found: when somebody looked, or what is wrong and since when."""

    __tablename__ = "inbox"
    site: str = Field(foreign_key="site.key", primary_key=True)
    looked_at: datetime | None = instant_column(nullable=True)
    problem: str = ""
    problem_since: datetime | None = instant_column(nullable=True)


class ContactRow(SQLModel, table=True):
    """A contact that came by web form or API, once per `key` of its `source`: the form, or the hash of an API key.

    `fingerprint` is of what it said. Until there is a `ticket`, it is under way since `reserved_at`. `due_at` is what
    was promised when the ticket was opened, so that whoever asks again hears the same.
    """

    __tablename__ = "contact"
    source: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    reserved_at: datetime = instant_column()
    ticket: int | None = Field(default=None, foreign_key="ticket.number", unique=True)
    due_at: datetime | None = instant_column(nullable=True)


class ApiKeyRow(SQLModel, table=True):
    """A key with which another program speaks to us; it holds the secret, the table its hash."""

    __tablename__ = "api_key"
    key_hash: str = Field(primary_key=True)
    name: str
    site: str = Field(foreign_key="site.key")
    by: str
    created_at: datetime = instant_column()
    revoked: bool = False


class SentFormRow(SQLModel, table=True):
    """A form of the staff that was sent, by the hash of what makes it this one, and what `became` of it."""

    __tablename__ = "sent_form"
    key: str = Field(primary_key=True, max_length=64)
    became: str = ""
    at: datetime = instant_column(index=True)


class SecretRow(SQLModel, table=True):
    """A secret that all our processes share, such as the one that the public form is signed with."""

    __tablename__ = "secret"
    name: str = Field(primary_key=True, max_length=32)
    value: str
