"""Who works: the worker processes, as they say themselves."""

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
