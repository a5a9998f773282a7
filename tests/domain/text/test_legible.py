"""Lines that people read hold nothing hidden."""

import pytest

from domain.text.legible import is_legible


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_hidden_character_makes_a_line_illegible(character: str) -> None:
    assert not is_legible(f"Kombi{character}gesucht")


@pytest.mark.parametrize("line", ["Kombi gesucht", "Größe: 3 × 4 m – „prüfen“", "🚗", "Yıldız", ""])
def test_writing_of_every_kind_is_legible(line: str) -> None:
    assert is_legible(line)
