"""Pages of a list: how long one is, and which was asked for."""

from typing import Annotated

from fastapi import Query

from domain.text.numbers import read_number

PAGE_SIZE = 25
LAST_PAGE = 100_000
LONG_TEXT = 1200
"""A text of more characters is folded in a history."""
_LONGEST_SEARCH = 100
Search = Annotated[str, Query(alias="q")]
PageNumber = Annotated[str, Query(alias="page")]


def plain_search(text: str) -> str:
    """Return what was searched for, as one short line."""
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST_SEARCH]


def page_number(text: str) -> int:
    """Return the page asked for; the first one for what is no number."""
    return min(read_number(text) or 1, LAST_PAGE)
