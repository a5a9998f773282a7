"""Reads a parsed definition table by table and says where it is wrong: file, table and key, in one line.

A text that is applied is read strictly. One that was applied once is `pinned`: what it says that is merely not known
any more is passed over, for a later release must be able to read whatever an earlier one accepted.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from domain.text.legible import breaks_a_line, is_legible

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


LARGEST = 36_500
"""No number of a definition is larger: as days it is a hundred years, within which every instant can be reckoned."""
_BREAKS = "\n\r\t"
NAME = "at most 128 characters without space, /, # and :"
_NAME = re.compile(r"[^\s/#:]{1,128}")


def is_name(text: str) -> bool:
    """Whether something can be known by this text: what is made of it stays one word, and unlike any other."""
    return bool(_NAME.fullmatch(text)) and is_legible(text)


class DefinitionError(ValueError):
    """A definition that cannot be; the message names file, table and key."""


@dataclass(frozen=True)
class Table:
    """One table of a definition, with the place it stands at; `pinned` says that it was accepted once."""

    place: str
    content: Mapping[str, object]
    pinned: bool = False

    def error(self, key: str, problem: str) -> DefinitionError:
        """Return the error for a key of this table."""
        return DefinitionError(f"{self.place}: {key}: {problem}")

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: a misspelt rule must not be silently idle."""
        for key in self.content:
            if key not in known and not self.pinned:
                raise self.error(key, f"unknown key; known are {', '.join(known)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not empty."""
        value = self.content.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, "a text is missing" if value is None else f"{value!r} is not a text")
        if not self.pinned and any(breaks_a_line(one) and one not in _BREAKS for one in value):
            raise self.error(key, f"{value!r} holds characters that nobody can see")
        return value

    def named(self) -> tuple[str, ...]:
        """Return the keys of a table whose keys are names; they stand in codes, addresses and keys of notices."""
        for key in self.content:
            if not self.pinned and not is_name(key):
                raise DefinitionError(f"{self.place}: {key!r} is no name: {NAME}")
        return tuple(self.content)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"{value!r} is neither true nor false")
        return value

    def number(self, key: str, default: int) -> int:
        """Return a whole number of at least zero, and of at most LARGEST, to which one that is pinned is cut."""
        value = self.content.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(key, f"{value!r} is not a whole number")
        if value > LARGEST and not self.pinned:
            raise self.error(key, f"{value} is more than {LARGEST}")
        return min(value, LARGEST)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple."""
        value = self.content.get(key, default)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(item, str) and item for item in listed):
            raise self.error(key, f"{value!r} is not a list of texts")
        return tuple(listed)

    def choice(self, key: str, kind: type[E], default: E | None = None, *, instead: E | None = None) -> E:
        """Return one of the values of an enumeration; `instead` of one that a pinned text alone still knows."""
        text, instead = self.text(key, default), instead or default
        if self.pinned and instead is not None and text not in set(kind):
            return instead
        return self.parsed(key, text, kind)

    def choices(self, key: str, kind: type[E], default: tuple[E, ...] = ()) -> tuple[E, ...]:
        """Return several values of an enumeration, without those that a pinned text alone still knows."""
        texts = self.texts(key, default)
        return tuple(self.parsed(key, text, kind) for text in texts if not self.pinned or text in set(kind))

    def parsed(self, key: str, text: str, read: Callable[[str], T]) -> T:
        """Return what `read` makes of a text; its ValueError gets the place in front."""
        try:
            return read(text)
        except ValueError as problem:
            known = f"; known are {', '.join(read)}" if isinstance(read, type) and issubclass(read, StrEnum) else ""
            reason = f"{text!r} is unknown{known}" if known else str(problem)
            raise self.error(key, reason) from None

    def table(self, key: str) -> "Table":
        """Return the table under a key; a missing one is empty."""
        value = self.content.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, "a table is expected")
        return replace(self, place=f"{self.place}: {key}", content=value)

    def rows(self, key: str) -> Iterator["Table"]:
        """Yield the rows of an array of tables, each named by its own code, key or number."""
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self.error(key, "an array of tables is expected")
        for number, row in enumerate(value, 1):
            name = row.get("code") or row.get("key") or number
            yield replace(self, place=f"{self.place}: {key}[{name}]", content=row)

    def words(self, key: str) -> dict[str, str]:
        """Return a sentence in both languages, `{de = "…", en = "…"}`."""
        table = self.table(key)
        table.only("de", "en")
        return {language: table.text(language) for language in ("de", "en")}
