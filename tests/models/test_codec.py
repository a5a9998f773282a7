"""A ticket's state on disk: what every release wrote can be read, and what it holds does not change unnoticed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.ticket.ticket import Anchored, Pause, Ticket
from models.codec import STATE, NewerState, read_ticket, write_ticket

STATES = Path(__file__).parents[1] / "states"
AT = datetime(2027, 3, 2, 16, tzinfo=UTC)
TICKET = Ticket("anfrage", "inquiry", AT, "anna", anchors={"opened": Anchored(AT, 1, AT)}, pauses=(Pause(AT),), facts=1)


def without_prose(found: Any) -> Any:
    """Return a description of types without what is only said to people."""
    if isinstance(found, dict):
        return {key: without_prose(value) for key, value in found.items() if key not in {"description", "title"}}
    return [without_prose(each) for each in found] if isinstance(found, list) else found


def test_fields_of_a_state_are_those_of_its_version() -> None:
    """Who adds a field raises STATE, and writes down here what it then holds."""
    schema = without_prose(TypeAdapter(Ticket).json_schema())
    path = STATES / f"{STATE}.schema.json"
    assert path.is_file(), f"STATE is {STATE}: keep its schema as {path.name}, and a ticket it wrote as {STATE}.json"
    assert schema == json.loads(path.read_text(encoding="utf-8")), "the fields changed: raise STATE in models/codec.py"


@pytest.mark.parametrize("path", sorted(STATES.glob("*[0-9].json")), ids=lambda path: path.stem)
def test_state_of_every_release_can_be_read(path: Path) -> None:
    read = read_ticket(path.read_text(encoding="utf-8").strip())
    assert (read.owner, read.anchors["opened"].at, read.pauses) == ("anna", AT, (Pause(AT),))


def test_state_is_read_as_it_was_written() -> None:
    assert read_ticket(write_ticket(TICKET)) == TICKET


def test_state_of_a_newer_release_is_not_read() -> None:
    with pytest.raises(NewerState):
        read_ticket(write_ticket(TICKET).replace(f'"v":{STATE}', f'"v":{STATE + 1}'))
