"""What is filled in, attached and decided at gates."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column, json_column, number_column, words_column


class FileRow(SQLModel, table=True):
    """A file of a ticket, such as a signed order; `media_type` is one of the kinds that are taken."""

    __tablename__ = "file"
    id: int = number_column()
    ticket: int = Field(foreign_key="ticket.number", index=True)
    name: str
    media_type: str
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    by: str
    kept_at: datetime = instant_column()


class AnswerRow(SQLModel, table=True):
    """What is filled in at a gate so far: a draft, saved line by line, whoever types."""

    __tablename__ = "answer"
    ticket: int = Field(foreign_key="ticket.number", primary_key=True)
    gate: str = Field(primary_key=True, max_length=64)
    item: str = Field(primary_key=True, max_length=64)
    value: str = words_column()
    reason: str = words_column()
    by: str
    saved_at: datetime = instant_column()


class HandoverRow(SQLModel, table=True):
    """What was submitted at a gate, as it was then, and what the receiver decided about it (QG-03)."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_ticket_gate", "ticket", "gate"),)
    id: int = number_column()
    ticket: int = Field(foreign_key="ticket.number")
    gate: str
    submission: int
    giver: str
    asked: str | None = None
    submitted_at: datetime = instant_column()
    answers: dict[str, dict[str, str]] = json_column(dict)
    decision: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = instant_column(nullable=True)
    remarks: int | None = Field(default=None, foreign_key="text.id")
