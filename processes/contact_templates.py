"""The texts with which customers and their assistants are written to: read once, valid once constructed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from string import Formatter

from domain.process.table import Table
from processes.loader import SHIPPED, read_text

_FILE = SHIPPED / "contact" / "standard.toml"
_GAPS = frozenset({"customer", "me"})


class To(StrEnum):
    """Whom a template is for."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class ContactTemplate:
    """A text to begin with, in both languages; `title` is what the person who sends it chooses by."""

    key: str
    to: To
    title: Mapping[str, str]
    subject: Mapping[str, str]
    text: Mapping[str, str]

    def filled(self, language: str, customer: str, me: str) -> tuple[str, str]:
        """Return subject and text in a language; in German where we do not speak it."""
        gaps = {"customer": customer, "me": me}
        spoken = language if language in self.text else "de"
        return self.subject[spoken].format_map(gaps), self.text[spoken].strip().format_map(gaps)


@cache
def contact_templates() -> Mapping[str, ContactTemplate]:
    """Return the shipped templates by key, in their order."""
    return read_contact_templates(read_text(_FILE), _FILE.name)


def read_contact_templates(text: str, name: str) -> Mapping[str, ContactTemplate]:
    """Read templates; raises DefinitionError for a gap nobody fills, an unknown key, or one that is there twice."""
    top = Table(name, tomllib.loads(text))
    top.only("templates")
    found: dict[str, ContactTemplate] = {}
    for table in top.rows("templates"):
        template = _template(table)
        if template.key in found:
            raise table.error("key", f"{template.key!r} is there twice")
        found[template.key] = template
    return found


def of(to: To) -> dict[str, ContactTemplate]:
    """Return the templates for customers, or those for assistants."""
    return {key: one for key, one in contact_templates().items() if one.to is to}


def _template(table: Table) -> ContactTemplate:
    table.only("key", "to", "title", "subject", "text")
    template = ContactTemplate(
        table.text("key"), table.choice("to", To), table.words("title"), table.words("subject"), table.words("text")
    )
    for key in ("subject", "text"):
        for words in table.words(key).values():
            _check_gaps(table, key, words)
    return template


def _check_gaps(table: Table, key: str, words: str) -> None:
    try:
        gaps = {gap for _, gap, _, _ in Formatter().parse(words) if gap is not None}
    except ValueError as problem:
        raise table.error(key, f"{problem}") from None
    if unknown := sorted(gaps - _GAPS):
        raise table.error(key, f"the gap {{{unknown[0]}}} is unknown; known are {', '.join(sorted(_GAPS))}")
