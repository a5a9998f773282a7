"""Reads a parsed definition table by table and says where it is wrong: file, table and key, in one line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class DefinitionError(ValueError):
    """A definition that cannot be; the message names file, table and key."""


@dataclass(frozen=True)
class Table:
    """One table of a definition, with the place it stands at."""

    place: str
    content: Mapping[str, object]

    def error(self, key: str, problem: str) -> DefinitionError:
        """Return the error for a key of this table."""
        return DefinitionError(f"{self.place}: {key}: {problem}")

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: a misspelt rule must not be silently idle."""
        for key in self.content:
            if key not in known:
                raise self.error(key, f"unknown key; known are {', '.join(known)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not empty."""
        value = self.content.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, "a text is missing" if value is None else f"{value!r} is not a text")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"{value!r} is neither true nor false")
        return value

    def number(self, key: str, default: int) -> int:
        """Return a whole number of at least zero."""
        value = self.content.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(key, f"{value!r} is not a whole number")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple."""
        value = self.content.get(key, default)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(item, str) and item for item in listed):
            raise self.error(key, f"{value!r} is not a list of texts")
        return tuple(listed)

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Return one of the values of an enumeration."""
        return self.parsed(key, self.text(key, default), kind)

    def choices(self, key: str, kind: type[E], default: tuple[E, ...] = ()) -> tuple[E, ...]:
        """Return several values of an enumeration."""
        return tuple(self.parsed(key, text, kind) for text in self.texts(key, default))

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
        return Table(f"{self.place}: {key}", value)

    def rows(self, key: str) -> Iterator["Table"]:
        """Yield the rows of an array of tables, each named by its own code, key or number."""
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise self.error(key, "an array of tables is expected")
        for number, row in enumerate(value, 1):
            name = row.get("code") or row.get("key") or number
            yield Table(f"{self.place}: {key}[{name}]", row)

    def words(self, key: str) -> dict[str, str]:
        """Return a sentence in both languages, `{de = "…", en = "…"}`."""
        table = self.table(key)
        table.only("de", "en")
        return {language: table.text(language) for language in ("de", "en")}
