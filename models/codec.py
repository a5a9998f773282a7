"""How domain records are kept as text: JSON through pydantic, tolerant of what older builds did not know yet."""

import re
from typing import Any

from pydantic import TypeAdapter

from domain.ticket.facts import Fact
from domain.ticket.ticket import Ticket

STATE = 1
"""The version of a ticket's state. Raised with every field that is added, so that an older release refuses to read,
and so to damage, what it would not write back; a test compares the fields with those of the version."""
_VERSION = re.compile(r'\{"v":(\d+),')
_TICKET = TypeAdapter(Ticket)
_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


class NewerState(Exception):
    """A newer release wrote this ticket; one of its workers has to go on with it."""


def write_ticket(ticket: Ticket) -> str:
    """Return a ticket's state as JSON, with its version in front."""
    return f'{{"v":{STATE},{_TICKET.dump_json(ticket).decode()[1:]}'


def read_ticket(text: str) -> Ticket:
    """Return the ticket that was written; states from before they had a version are of the first.

    Raises NewerState for one that this release cannot know whole.
    """
    version = _VERSION.match(text)
    if version is not None and int(version[1]) > STATE:
        raise NewerState(f"state {version[1]} is newer than {STATE}")
    return _TICKET.validate_json(text)


def write_fact(fact: Fact) -> dict[str, Any]:
    """Return a fact as a JSON object."""
    return dict(_FACT.dump_python(fact, mode="json"))
