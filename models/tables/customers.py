"""Customers, their lives, and the facts about them that come from elsewhere."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, event
from sqlmodel import Field, SQLModel

from domain.customers.matching import like_email, like_name
from domain.customers.telephone import REGION, like_phone
from models.tables.columns import instant_column, json_column, number_column, rare


class CustomerRow(SQLModel, table=True):
    """Somebody who waits for us. `key` is what another system calls them, where their facts come from elsewhere.

    A telephone number without a country is one of their `region`: the country of the site that took it down.
    `merged_into` is who they turned out to be: always somebody who is not merged themselves. The `same_` columns are
    what duplicates are found by; they follow name, company, address and number by themselves.
    """

    __tablename__ = "customer"
    id: int = number_column()
    name: str
    email: str = ""
    phone: str = ""
    region: str = Field(default=REGION, max_length=2, sa_column_kwargs={"server_default": REGION})
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
    row.same_email, row.same_phone = like_email(row.email), like_phone(row.phone, row.region)
    row.same_name = like_name(row.name, row.company)


class MergeRow(SQLModel, table=True):
    """Two customers that turned out to be one: `merged` appears under `kept` until it is undone.

    `before` holds under "contact" the fields of the kept one that changed, as they were, under "chosen" as they became,
    and under "pointed" the customers that had been merged into the merged one. `tickets` are those that moved.
    """

    __tablename__ = "merge"
    id: int = number_column()
    kept: int = Field(foreign_key="customer.id", index=True)
    merged: int = Field(foreign_key="customer.id", index=True)
    by: str
    at: datetime = instant_column()
    undone_at: datetime | None = instant_column(nullable=True)
    undone_by: str | None = None
    before: dict[str, Any] = json_column(dict)
    tickets: list[int] = json_column(list)


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
    packages: list[int] = json_column(list)
    work_by: datetime | None = instant_column(nullable=True)


class OutsideFactRow(SQLModel, table=True):
    """A fact that came from elsewhere, by the caller's own id: taken once, whatever is sent again (S3).

    `content` is what was sent under the id; `taken` becomes true once it is in the customer's history.
    """

    __tablename__ = "outside_fact"
    id: str = Field(primary_key=True, max_length=128)
    content: dict[str, str] = json_column(dict)
    taken: bool = False


class ImportRow(SQLModel, table=True):
    """A file of facts that somebody sent; `done` once every line was taken or refused."""

    __tablename__ = "import"
    id: int = number_column()
    name: str
    by: str
    site: str = Field(foreign_key="site.key")
    started_at: datetime = instant_column()
    done: bool = False


class ImportLineRow(SQLModel, table=True):
    """One line of an import: what it said, and its outcome: "", "taken", "known" or "refused" with the reason."""

    __tablename__ = "import_line"
    __table_args__ = (rare("ix_import_line_waiting", "import_id", "line", where="outcome = ''"),)
    import_id: int = Field(foreign_key="import.id", primary_key=True)
    line: int = Field(primary_key=True)
    content: dict[str, str] = json_column(dict)
    outcome: str = Field(default="", max_length=16)
    refusal: str = ""
    context: dict[str, str] = json_column(dict)
