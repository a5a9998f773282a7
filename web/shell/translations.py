"""The words of the pages. English sentences are the keys; German comes from a catalog that is read at start.

Knows nothing of pages or people: it is given a language and a sentence.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parents[2] / "locale"
LANGUAGES = ("de", "en")
DEFAULT = "de"


def N_(message: str) -> str:  # noqa: N802 - the name every gettext extractor knows
    """Mark a sentence for the catalog; it is translated where it is shown."""
    return message


class Words:
    """Speaks one language; called with an English sentence and what fills its gaps."""

    def __init__(self, language: str, catalog: Mapping[str | tuple[str, str], tuple[str, ...]]) -> None:
        """Take a catalog; a sentence it lacks stays English."""
        self.language = language
        self.catalog = catalog

    def __call__(self, message: str, /, **gaps: object) -> str:
        """Return the sentence in this language."""
        (text,) = self.catalog.get(message, (message,))
        return text % gaps if gaps else text

    def plural(self, one: str, many: str, n: int) -> str:
        """Return the sentence for `n` of something; `%(n)s` is filled."""
        forms = self.catalog.get((one, many), (one, many))
        return forms[0 if n == 1 else 1] % {"n": n}


@cache
def read_words() -> Mapping[str, Words]:
    """Return the words of every language; the catalogs are read once."""
    return {language: Words(language, _catalog(language)) for language in LANGUAGES}


def preferred(accept_language: str) -> str:
    """Return the language a browser asks for that we speak; German if it asks for none of ours."""
    wishes = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].strip().lower()
        if language in LANGUAGES:
            wishes.append((-_quality(quality), position, language))
    return min(wishes)[2] if wishes else DEFAULT


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _catalog(language: str) -> dict[str | tuple[str, str], tuple[str, ...]]:
    path = LOCALE / language / "LC_MESSAGES" / "statuskette.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {_key(message): _forms(message) for message in read_po(file, locale=language) if message.id}


def _key(message: Message) -> str | tuple[str, str]:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
