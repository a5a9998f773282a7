"""The outbox: what people and customers are told, and the mails it becomes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, and_, or_
from sqlmodel import Field, SQLModel, col

from models.tables.columns import fixed, instant_column, json_column, number_column, rare, words_column


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

    A list (digest) speaks of no single ticket. `instead_of` is who was away when it was written for their deputy. `n`
    is the entry of its ticket that wrote it, None where none did. A mail the server did not take yet is late since
    `delayed_at`, refused by itself since `refused_at`, and not tried before `retry_at`; `error` says why.
    """

    __tablename__ = "notice"
    __table_args__ = (
        rare("ix_notice_mail", "mail", where="mail IS NOT NULL"),
        rare("ix_notice_undelivered", "mailbox", "at", "id", where="status = 'waiting' OR status = 'claimed'"),
        rare("ix_notice_shown", "mailbox", "at", where="channel = 'pop-up' AND status = 'sent'"),
    )
    id: int = number_column()
    key: str = Field(unique=True)
    ticket: int | None = Field(default=None, foreign_key="ticket.number", index=True)
    mailbox: str
    instead_of: str | None = None
    channel: str
    kind: str
    moment: str = ""
    at: datetime = instant_column()
    deliver: str
    status: str = NoticeStatus.WAITING
    mail: int | None = Field(default=None, foreign_key="mail.id")
    text: int | None = Field(default=None, foreign_key="text.id")
    why: dict[str, str] = json_column(dict)
    error: str = words_column()
    n: int | None = None
    delayed_at: datetime | None = instant_column(nullable=True)
    refused_at: datetime | None = instant_column(nullable=True)
    retry_at: datetime | None = instant_column(nullable=True)


class MailRow(SQLModel, table=True):
    """One mail as it was claimed, rendered; the Message-ID is derived from the notices, so a repeat is recognised.

    One that may have arrived already is not tried again before `retry_at`.
    """

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_mailbox_sent", "mailbox", "sent_at"),
        rare("ix_mail_claimed", "mailbox", "id", where="status = 'claimed'"),
    )
    id: int = number_column()
    message_id: str = Field(unique=True)
    mailbox: str
    address: str
    subject: str
    text: str = words_column()
    html: str = words_column()
    headers: dict[str, str] = json_column(dict)
    status: str = NoticeStatus.CLAIMED
    error: str = words_column()
    claimed_at: datetime = instant_column()
    sent_at: datetime | None = instant_column(nullable=True)
    retry_at: datetime | None = instant_column(nullable=True)


def is_undelivered() -> ColumnElement[bool]:
    """Whether a notice waits, or its mail is on its way: the few that the post still has to do with."""
    status = col(NoticeRow.status)
    return or_(status == fixed(NoticeStatus.WAITING), status == fixed(NoticeStatus.CLAIMED))


def is_waiting() -> ColumnElement[bool]:
    """Whether a notice waits."""
    return col(NoticeRow.status) == fixed(NoticeStatus.WAITING)


def is_shown() -> ColumnElement[bool]:
    """Whether a notice pops up: nobody has confirmed it yet."""
    status = col(NoticeRow.status)
    return and_(col(NoticeRow.channel) == fixed(Channel.POP_UP), status == fixed(NoticeStatus.SENT))


def is_claimed() -> ColumnElement[bool]:
    """Whether a mail is on its way, or was when its worker died."""
    return col(MailRow.status) == fixed(NoticeStatus.CLAIMED)
