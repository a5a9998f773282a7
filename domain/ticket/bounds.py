"""Bounds what a fact may carry: instants, numbers and words that every clock, calendar and database can hold.

Whatever way a fact comes in, it is judged here before anybody counts with it.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from domain.text.legible import LONGEST_LINE, is_legible
from domain.ticket.facts import Fact, Refused

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Beyond these no calendar counts; far enough from the ends of time that spans and zones can be added."""
LARGEST = 2**31 - 1
"""The largest number the ledger's columns hold."""


def check_fact(fact: Fact) -> None:
    """Raise Refused for a value out of bounds, naming the field."""
    for each in fields(fact):
        for value in _single(getattr(fact, each.name)):
            check_value(each.name, value)


def check_value(field: str, value: Any) -> None:
    """Raise Refused for a value that is out of bounds; what is neither instant, number nor word passes."""
    match value:
        case datetime():
            _check_instant(field, value)
        case bool():
            pass
        case int():
            if abs(value) > LARGEST:
                raise Refused("number_out_of_bounds", field=field, largest=str(LARGEST))
        case str():
            if len(value) > LONGEST_LINE or not is_legible(value):
                raise Refused("illegible_value", field=field, longest=str(LONGEST_LINE))
        case _:
            pass


def _single(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)


def _check_instant(field: str, value: datetime) -> None:
    """An instant without a zone would be read in that of the machine, so it means nothing."""
    if value.utcoffset() is None:
        raise Refused("instant_without_zone", field=field)
    if value > LATEST:
        raise Refused("too_far")
    if value < EARLIEST:
        raise Refused("too_early", field=field, earliest=str(EARLIEST.year))
