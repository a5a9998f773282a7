"""Excerpts: around the first hit, cut between words, with every hit marked."""

import pytest

from domain.text.search import MOST_TERMS, excerpt, marked, terms

LONG = " ".join(f"Wort{n}" for n in range(100))


def shown(text: str, *asked: str) -> str:
    """Return an excerpt with its hits in brackets."""
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in excerpt(text, asked))


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("", "x", ""),
        ("Bis 18 Uhr\n\n geöffnet.", "geof", "Bis 18 Uhr [geöffnet]."),
        ("Bis 18 Uhr.", "tor", "Bis 18 Uhr."),
    ],
)
def test_short_text_is_shown_whole_on_one_line(text: str, asked: str, expected: str) -> None:
    assert shown(text, asked) == expected


def test_long_text_is_cut_between_words_around_the_first_hit() -> None:
    found = shown(LONG, "wort50")
    assert found.startswith("… Wort4")
    assert found.endswith(" …")
    assert "[Wort50] Wort51" in found
    assert len(found) < 180


def test_end_of_a_long_text_is_shown_to_its_end() -> None:
    assert shown(LONG, "wort99").endswith("[Wort99]")


def test_word_without_an_end_is_cut_all_the_same() -> None:
    assert len(shown("x" * 5000, "y")) == 162


def test_text_without_a_hit_is_one_piece() -> None:
    assert [piece.text for piece in marked("Bis bald", [])] == ["Bis bald"]


def test_question_has_so_many_terms_at_most_each_once() -> None:
    assert terms("a A ä b") == ["a", "b"]
    assert len(terms(" ".join(f"w{n}" for n in range(50)))) == MOST_TERMS
