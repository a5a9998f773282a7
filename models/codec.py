"""How domain records are kept as text: JSON through pydantic, tolerant of what older builds did not know yet."""

from typing import Any

from pydantic import TypeAdapter

from domain.facts import Fact
from domain.ticket import Ticket

_TICKET = TypeAdapter(Ticket)
_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


def write_ticket(ticket: Ticket) -> str:
    """Return a ticket's state as JSON."""
    return _TICKET.dump_json(ticket).decode()


def read_ticket(text: str) -> Ticket:
    """Return the ticket that was written."""
    return _TICKET.validate_json(text)


def write_fact(fact: Fact) -> dict[str, Any]:
    """Return a fact as a JSON object."""
    return dict(_FACT.dump_python(fact, mode="json"))
