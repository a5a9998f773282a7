"""Reads commands typed as JSON, at the Temporal UI or command line: what is wrong is said, not guessed."""

from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from domain.ticket.facts import Fact, Refused
from models.messages import Command

_COMMAND = TypeAdapter(Command)
_KINDS: dict[str, Any] = {fact.kind: fact for fact in get_args(Fact)}


def read_command(told: object) -> Command:
    """Return the command that JSON typed by somebody asks for; raises Refused with the first thing that is wrong.

    The fact has to say its kind: what it could be meant as is never guessed.
    """
    fact = told.get("fact") if isinstance(told, dict) else None
    kind = fact.get("kind") if isinstance(fact, dict) else None
    if not isinstance(told, dict) or not isinstance(kind, str) or kind not in _KINDS:
        raise Refused("not_understood", reason=f"fact.kind: one of {', '.join(_KINDS)} is needed")
    try:
        meant: Fact = TypeAdapter(_KINDS[kind]).validate_python(fact)
        return _COMMAND.validate_python({**told, "fact": meant})
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        raise Refused("not_understood", reason=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
