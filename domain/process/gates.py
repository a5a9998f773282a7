"""What a quality gate is: which departments meet there, what must be documented, and who answers for it (QG-04).

A gate is data of a process definition. How one is read is told in `gate_reading`, how one is passed in `gatekeeping`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.process.roles import Role
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT
from domain.time.spans import Span

Words = Mapping[str, str]
"""A sentence by language."""


class ItemKind(StrEnum):
    """The kinds of answers a checklist asks for."""

    YES_NO = "yes/no"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FILE = "file"
    CHOICE = "choice"


class Prefill(StrEnum):
    """What a customer's card may know already."""

    EMAIL = "customer email"
    PHONE = "customer phone"


YES, NO = "yes", "no"


@dataclass(frozen=True)
class Item:
    """One line of a checklist; several gates may ask for the same one.

    `may_be_missing` lets a reason stand in for the answer (KM-01); `demands_yes` means that "no" is an answer, but
    not one that passes. `prefill` is what the customer's card may know already,
    `follows` the milestone that a day cannot precede.
    """

    key: str
    title: Words
    kind: ItemKind
    required: bool = True
    help: Words | None = None
    options: Mapping[str, Words] | None = None
    may_be_missing: bool = False
    demands_yes: bool = False
    prefill: Prefill | None = None
    follows: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the giver put into a line: a value as text (a file's number, a day as 2027-03-03), or why there is none."""

    value: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Gate:
    """A documented handover between two departments; passing it ends `phase` and changes the owner (QG-01, QG-03).

    `control`, `criteria`, `sequence` and `documentation` answer the working questions of S1 in words; `owner` hears
    when either side is late, `override` may let pass what is incomplete. `points` is how long a non-critical gate
    gives for what was missing.
    """

    key: str
    title: Words
    cites: str
    phase: str
    giver: Role
    receiver: Role
    owner: Role
    override: Role
    critical: bool
    own: bool
    control: Words
    criteria: Words
    sequence: Words
    documentation: Words
    items: tuple[Item, ...]
    points: Span

    def item(self, key: str) -> Item | None:
        """Return a line of the checklist; None when the gate does not ask for it."""
        return next((item for item in self.items if item.key == key), None)

    def missing(self, answers: Mapping[str, Answer], earliest: Mapping[str, date] | None = None) -> tuple[str, ...]:
        """Return the required lines that are not answered as the gate demands, in their order (QG-01).

        `earliest` are the first days that lines asking for one may name.
        """
        return tuple(
            item.key
            for item in self.items
            if item.required and not _passes(item, answers.get(item.key), (earliest or {}).get(item.key))
        )


def _passes(item: Item, answer: Answer | None, earliest: date | None) -> bool:
    if answer is None:
        return False
    if not answer.value:
        return item.may_be_missing and bool(answer.reason.strip())
    return wrong(item, answer.value, earliest) is None and not (item.demands_yes and answer.value != YES)


def wrong(item: Item, value: str, earliest: date | None = None) -> str | None:
    """Return which rule an answer breaks, None when it is one of the item's kind; an empty one is no answer yet."""
    if not value:
        return None
    if len(value) > LONGEST_TEXT:
        return "answer_too_long"
    if not _is_of_kind(item, value):
        return f"not_{_NAMES[item.kind]}"
    day = as_date(value) if item.kind is ItemKind.DATE else None
    return "day_too_early" if day and earliest and day < earliest else None


_NAMES = {
    ItemKind.YES_NO: "yes_or_no",
    ItemKind.TEXT: "a_text",
    ItemKind.NUMBER: "a_number",
    ItemKind.DATE: "a_date",
    ItemKind.FILE: "a_file",
    ItemKind.CHOICE: "a_choice",
}


def _is_of_kind(item: Item, value: str) -> bool:
    match item.kind:
        case ItemKind.YES_NO:
            return value in {YES, NO}
        case ItemKind.TEXT:
            return bool(value.strip())
        case ItemKind.NUMBER:
            return len(value) <= LONGEST_LINE and bool(_NUMBER.fullmatch(value.strip()))
        case ItemKind.DATE:
            return as_date(value) is not None
        case ItemKind.FILE:
            return value.isascii() and value.isdigit()
        case ItemKind.CHOICE:
            return value in (item.options or {})


_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,' \u00a0][0-9]+)*")
"""Kept as it was typed, for "1.250" is not the same number to everybody; only what is no number is refused."""


def as_date(value: str) -> date | None:
    """Return the day "2027-03-03" names; None for anything else, and outside the years 2000 to 2099."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if len(value) == len("2027-03-03") and 2000 <= day.year < 2100 else None
