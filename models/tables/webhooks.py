"""The way out to other programs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, SQLModel, col

from models.tables.columns import fixed, instant_column, json_column, number_column, rare, words_column


class WebhookRow(SQLModel, table=True):
    """An address that is told what happens: of which `kinds`, of one site or (None) of all.

    The secret has to be readable, for it signs; `old_secret` signs besides until `old_until`. `off` is why nothing is
    sent any more: "" while it is, "by hand" or "gone" (410). `words` sends names and texts along.
    `failures` counts the attempts that failed in a row, the first of them at `failing_since`; nothing is sent before
    `rests_until`.
    """

    __tablename__ = "webhook"
    id: int = number_column()
    title: str
    url: str
    site: str | None = Field(default=None, foreign_key="site.key")
    kinds: list[str] = json_column(list)
    words: bool = False
    secret: str
    old_secret: str = ""
    old_until: datetime | None = instant_column(nullable=True)
    off: str = Field(default="", max_length=16)
    by: str
    created_at: datetime = instant_column()
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    failing_since: datetime | None = instant_column(nullable=True)
    rests_until: datetime | None = instant_column(nullable=True)


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
        Index("ix_delivery_webhook_at", "webhook", "at"),
        rare("ix_delivery_waiting", "webhook", "at", "id", where="status = 'waiting'"),
        rare("ix_delivery_next", "webhook", "next_at", where="status = 'waiting'"),
        rare("ix_delivery_given_up", "webhook", where="status = 'given up'"),
        Index("ix_delivery_ticket_status", "ticket", "status"),
        Index("ix_delivery_message", "webhook", "message", unique=True),
    )
    id: int = number_column()
    webhook: int = Field(foreign_key="webhook.id")
    message: str = Field(max_length=64)
    kind: str
    ticket: int | None = Field(default=None, foreign_key="ticket.number")
    at: datetime = instant_column()
    body: str = words_column()
    status: str = DeliveryStatus.WAITING
    attempts: int = 0
    next_at: datetime = instant_column()
    until: datetime = instant_column()
    tried_at: datetime | None = instant_column(nullable=True)
    answer: int = 0
    error: str = words_column()


def is_waiting() -> ColumnElement[bool]:
    """Whether a delivery waits."""
    return col(DeliveryRow.status) == fixed(DeliveryStatus.WAITING)


def is_given_up() -> ColumnElement[bool]:
    """Whether a delivery was given up."""
    return col(DeliveryRow.status) == fixed(DeliveryStatus.GIVEN_UP)
