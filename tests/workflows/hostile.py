"""Hostile commands: every kind of fact with values that no office would send, as JSON a signal or update carries."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from domain.ticket.facts import Fact

FACTS: dict[str, type] = {kind.kind: kind for kind in get_args(Fact)}
_INSTANTS = [
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "2027-03-09T10:00:00",
    "2027-03-28T02:30:00+01:00",
    "2199-12-31T23:59:59Z",
    "1969-12-31T23:59:59Z",
    "2027-03-09T10:00:00.999999Z",
    "2027-13-45T99:00:00Z",
    253402300799,
    -62135596800,
    1e308,
    None,
]
_NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, 2**70, -(2**70), 1.5, None, True, "12", "²"]
_WORDS = [
    "",
    "\0",
    "petra\0",
    "\ud800",
    "\u202ekcab",
    "a" * 5000,
    "anna",
    "petra",
    "niemand",
    "sales_to_project",
    "order_placed",
    "construction_start",
    "planning",
    "won",
    "A",
    "'; DROP TABLE ticket; --",
    "{reason}",
    "%s%n",
    "\r\nBcc: x",
    "😀" * 60,
    None,
    7,
    ["x"],
    {"x": 1},
]
_INSTANT: st.SearchStrategy[Any] = st.sampled_from(_INSTANTS)
_NUMBER: st.SearchStrategy[Any] = st.sampled_from(_NUMBERS)
_WORD: st.SearchStrategy[Any] = st.sampled_from(_WORDS)


def _values(hint: Any) -> st.SearchStrategy[Any]:
    """Return hostile values for a field: mostly of its own type, so that they come as far as they can."""
    kinds = {hint, *get_args(hint)}
    if datetime in kinds:
        return _INSTANT
    if bool in kinds:
        return st.sampled_from([True, False, None, "maybe"])
    if int in kinds:
        return _NUMBER
    if str(hint).startswith("tuple"):
        return st.lists(_WORD, max_size=4)
    return _WORD


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a fact of any kind, some of its optional fields left out."""
    kind = draw(st.sampled_from(sorted(FACTS)))
    fact: dict[str, Any] = {"kind": kind}
    hints = get_type_hints(FACTS[kind])
    for field in fields(FACTS[kind]):
        if field.name != "kind" and (field.default is MISSING or draw(st.booleans())):
            fact[field.name] = draw(_values(hints[field.name]))
    return fact


@st.composite
def commands(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a command: hostile in its fact, in what is around it, or in both."""
    command: dict[str, Any] = {"fact": draw(facts()), "by": draw(st.sampled_from(["anna", "petra", *_WORDS]))}
    for name, values in (("id", _WORD), ("version", _NUMBER), ("text", _NUMBER)):
        if draw(st.booleans()):
            command[name] = draw(values)
    return command


def payload(command: Mapping[str, Any]) -> RawValue:
    """Return a command as somebody would send it who writes JSON by hand."""
    data = json.dumps(command).encode()
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data))
