"""Who works, and what was done when: the worker processes and what runs by the clock, as they say themselves."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column


class WorkerRow(SQLModel, table=True):
    """A worker process that was last seen at `seen_at`; one that ends in order leaves no row.

    `build` is the release it runs, `revision` how much its workflow code knows.
    """

    __tablename__ = "worker"
    name: str = Field(primary_key=True)
    build: str
    revision: int
    started_at: datetime = instant_column()
    seen_at: datetime = instant_column()


class HeartbeatRow(SQLModel, table=True):
    """When something that runs by the clock was last done to its end, such as "sweep"."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime = instant_column()
