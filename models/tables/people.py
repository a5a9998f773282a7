"""Sites, the people who work there, what they may be told, and who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column, json_column, number_column, words_column


class SiteRow(SQLModel, table=True):
    """A place of business with its calendar, kept as the TOML text it was entered as.

    `digests` is the TOML of its lists, empty for the shipped ones; `distribution` how it hands out what nobody has;
    `mails_per_hour` how many mails a person gets in an hour before the rest is folded into one, 0 for any number.
    """

    __tablename__ = "site"
    key: str = Field(primary_key=True, max_length=64)
    name: str
    calendar: str = words_column()
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
    roles: list[str] = json_column(list)
    offsets: dict[str, str] = json_column(dict)
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
    id: int = number_column()
    person: str = Field(foreign_key="person.short", index=True)
    since: datetime = instant_column()
    until: datetime = instant_column(index=True)
    deputy: str | None = Field(default=None, foreign_key="person.short")


class FeedRow(SQLModel, table=True):
    """A person's private calendar address; it holds the token, the table its hash. Without a row there is none."""

    __tablename__ = "feed"
    person: str = Field(foreign_key="person.short", primary_key=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = instant_column()


class AuditRow(SQLModel, table=True):
    """Who changed what in the administration, and of customers: the row as it was, and as it became."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_what_key", "what", "key"),)
    id: int = number_column()
    at: datetime = instant_column(index=True)
    by: str
    what: str
    key: str
    before: dict[str, Any] = json_column(dict)
    after: dict[str, Any] = json_column(dict)


class SessionRow(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table its hash."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="person.short", index=True)
    csrf: str
    expires_at: datetime = instant_column()
