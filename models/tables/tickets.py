"""Tickets, by what they are judged, and what happened to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column, json_column, language_column, number_column, rare, words_column

_LISTED = ("life", "owner", "light", "due_at", "number", "recorded")
"""All that lists and counts of open tickets ask for: whole rows, with their states, are slow to read."""


class DefinitionRow(SQLModel, table=True):
    """One version of a process definition, as the TOML text that was applied; a ticket is pinned to its version."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("key", "number"),)
    id: int = number_column()
    key: str
    number: int
    fingerprint: str
    text: str = words_column()


class CatalogueRow(SQLModel, table=True):
    """One version of a site's service catalogue, as its TOML text; tickets keep the one they were opened under.

    An empty text takes it back: whoever comes from then on gets the processes' own promises.
    """

    __tablename__ = "catalogue"
    __table_args__ = (UniqueConstraint("site", "number"),)
    id: int = number_column()
    site: str = Field(foreign_key="site.key")
    number: int
    text: str = words_column()
    by: str
    applied_at: datetime = instant_column()


class TicketRow(SQLModel, table=True):
    """A ticket: the state it is folded to, and the projection that lists read. `recorded` is its last entry.

    While a handover is on its way, `gate` names it, `gate_side` the side whose clock runs ("give" or "take"), and
    `waits_for` the person it waits for, or `waits_role` a whole department. `life` marks the one that is its
    customer's life (S3). `catalogue` is the service catalogue it was opened under, None where its site has none;
    `service_level` and `category` are keys of it, `level_why` and `category_why` say by language why these (SL-01).
    `automation` is the degree that was decided at receipt, `confirms` whether receipt is confirmed by mail, and
    `answered_by` who gave the first answer: "people", "semi-automatic", "automatic", empty for nobody yet (SL-05).
    `planned_with` is the fingerprint of the surroundings its next moment was counted with, empty for unknown ones.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_owner_list", "owner", "closed", "due_at"),
        rare(
            "ix_ticket_planned",
            *("site", "owner", "planned_with"),
            where="NOT closed AND started",
            on_sqlite="closed = 0 AND started = 1",
        ),
        rare("ix_ticket_unstarted", "started", "number", where="NOT started", on_sqlite="started = 0"),
        rare("ix_ticket_open", *_LISTED, where="NOT closed", on_sqlite="closed = 0"),
        rare("ix_ticket_done", "closed_at", "number", where="closed AND NOT life", on_sqlite="closed = 1 AND life = 0"),
        rare("ix_ticket_done_of", "life", "owner", "closed_at", "number", where="closed", on_sqlite="closed = 1"),
        rare("ix_ticket_lives", "owner", "number", where="life", on_sqlite="life = 1"),
        rare("ix_ticket_to_accept", "site", "waits_for", where="gate_side = 'take'"),
    )
    number: int = number_column()
    definition: int = Field(foreign_key="definition.id")
    site: str = Field(foreign_key="site.key")
    customer: int = Field(foreign_key="customer.id", index=True)
    subject: str
    channel: str = "web"
    state: str = words_column()
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
    level_why: dict[str, str] = language_column()
    category_why: dict[str, str] = language_column()
    automation: str = Field(default="", sa_column_kwargs={"server_default": ""})
    confirms: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    answered_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    planned_with: str = Field(default="", sa_column_kwargs={"server_default": ""})
    received_at: datetime = instant_column()
    due_at: datetime | None = instant_column(nullable=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    closed_at: datetime | None = instant_column(nullable=True)


class TextRow(SQLModel, table=True):
    """What somebody wrote about a ticket. It is kept before the command that uses it, so a refusal loses nothing.

    `parts` are remarks about single items of a checklist, by the item's key.
    """

    __tablename__ = "text"
    id: int = number_column()
    ticket: int = Field(foreign_key="ticket.number", index=True)
    author: str | None = None
    subject: str = ""
    body: str = words_column()
    message_id: str = Field(default="", index=True)
    written_at: datetime = instant_column()
    parts: dict[str, str] = language_column()


class EventRow(SQLModel, table=True):
    """A fact that was accepted or a moment that came to pass; `at` is when it was, `recorded_at` when we noticed.

    `escalates` marks the moments that put a ticket on a controller's list.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("ticket", "command"),
        UniqueConstraint("ticket", "moment"),
        Index("ix_event_ticket_id", "ticket", "id"),
        rare("ix_event_escalates", "at", where="escalates", on_sqlite="escalates = 1"),
    )
    id: int = number_column()
    ticket: int = Field(sa_column=Column(ForeignKey("ticket.number"), nullable=False))
    n: int
    code: str
    at: datetime = instant_column()
    recorded_at: datetime = instant_column()
    by: str | None = None
    command: str | None = None
    moment: str | None = None
    fact: dict[str, Any] = json_column(dict)
    text: int | None = Field(default=None, foreign_key="text.id")
    why: dict[str, str] = json_column(dict)
    escalates: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class EscalationRow(SQLModel, table=True):
    """Projection: to whom a ticket is escalated now (AC-08, AC-09)."""

    __tablename__ = "escalation"
    __table_args__ = (Index("ix_escalation_person", "person", "since"),)
    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    person: str = Field(foreign_key="person.short", primary_key=True)
    code: str
    since: datetime = instant_column()
