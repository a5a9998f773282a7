"""What was answered before, for those who answer."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import instant_column, number_column, words_column


class SnippetRow(SQLModel, table=True):
    """A piece of knowledge for answers, of one site or (None) of all; `number` counts its versions.

    `title_found` and `text_found` are what the search reads: the same words, folded.
    """

    __tablename__ = "snippet"
    id: int = number_column()
    title: str
    text: str = words_column()
    category: str = Field(default="", max_length=64)
    site: str | None = Field(default=None, foreign_key="site.key")
    number: int = 1
    by: str
    at: datetime = instant_column()
    retired: bool = False
    title_found: str = words_column()
    text_found: str = words_column()


class SnippetVersionRow(SQLModel, table=True):
    """A snippet as somebody saved it; the newest version is in here, too."""

    __tablename__ = "snippet_version"
    snippet: int = Field(foreign_key="snippet.id", primary_key=True)
    number: int = Field(primary_key=True)
    title: str
    text: str = words_column()
    category: str = Field(default="", max_length=64)
    site: str | None = None
    retired: bool = False
    by: str
    at: datetime = instant_column()
