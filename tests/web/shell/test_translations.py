"""Every sentence of the pages exists in German, with the same gaps."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from jinja2.ext import babel_extract

from web.shell.translations import preferred, read_words

ROOT = Path(__file__).parents[3]
GAP = re.compile(r"%\(\w+\)s")
Message = str | tuple[str, str]


def messages() -> Iterator[Message]:
    """Yield every sentence that code or templates mark."""
    sources = (
        (ROOT / "web", [("**.py", "python")], {"N_": None}),
        (ROOT / "templates" / "web", [("**.html", babel_extract)], {"_": None, "ngettext": (1, 2)}),
    )
    for folder, methods, keywords in sources:
        for _, _, message, _, _ in extract_from_dir(folder, methods, keywords=keywords):  # type: ignore[arg-type]
            yield message if isinstance(message, str) else (message[0], message[1])


def test_every_sentence_has_a_german_translation_with_the_same_gaps() -> None:
    """No page is half English."""
    catalog = read_words()["de"].catalog
    assert [message for message in set(messages()) if message not in catalog] == []
    assert [message for message in set(messages()) if not _fills_the_same_gaps(message, catalog[message])] == []


def _fills_the_same_gaps(message: Message, translations: tuple[str, ...]) -> bool:
    english = set(GAP.findall(message if isinstance(message, str) else message[1]))
    return all(set(GAP.findall(translation)) == english for translation in translations)


def test_catalog_has_no_sentence_that_nobody_says() -> None:
    """A sentence that left the pages leaves the catalog."""
    assert set(read_words()["de"].catalog) - set(messages()) == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("en-GB,en;q=0.9", "en"),
        ("de-AT, en;q=0.5", "de"),
        ("fr", "de"),
        ("en;q=0.3,de;q=0.8", "de"),
        ("en;q=x", "en"),
    ],
)
def test_language_follows_the_browser_s_wish(header: str, language: str) -> None:
    """The best wish that we speak; German if none is ours."""
    assert preferred(header) == language
