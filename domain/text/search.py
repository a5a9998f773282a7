"""How words are compared when somebody searches, pure: folding, what was asked for, and where it stands in a text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_TERMS, LONGEST_TERM = 8, 40
_WORD = re.compile(r"[^\W_]+")
_TRANSCRIBED = re.compile(r"([aou])e|(s)s")
_EXCERPT = 160
_BEFORE = 40


def folded(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, and one way to write an umlaut and a sharp s.

    What is typed so far is folded to the beginning of what the whole word is folded to.

    >>> folded("Müller"), folded("Mueller"), folded("MULLER"), folded("Straße"), folded("Strasse"), folded("Ærø")
    ('muller', 'muller', 'muller', 'strase', 'strase', 'arø')
    """
    small = text.casefold().replace("æ", "ae").replace("œ", "oe")
    plain = "".join(each for each in unicodedata.normalize("NFKD", small) if not unicodedata.combining(each))
    return _TRANSCRIBED.sub(lambda found: found[1] or found[2], plain)


def terms(asked: str) -> list[str]:
    """Return the folded words of a question; quotes, operators and signs are nothing but what is between words.

    >>> terms('"Öffnungszeiten" AND -Werkstatt*')
    ['offnungszeiten', 'and', 'werkstatt']
    """
    words = dict.fromkeys(word[:LONGEST_TERM] for word in _WORD.findall(folded(asked)))
    return list(words)[:MOST_TERMS]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `hit` if it was asked for."""

    text: str
    hit: bool = False


def marked(text: str, asked: Sequence[str]) -> list[Piece]:
    """Return a text in pieces; whole words that begin with a term are hits.

    >>> [piece.text for piece in marked("Die Größe der Grosspackung", ["gros"]) if piece.hit]
    ['Größe', 'Grosspackung']
    """
    pieces, end = [], 0
    for start, stop in _hits(text, asked):
        pieces += [Piece(text[end:start]), Piece(text[start:stop], hit=True)]
        end = stop
    return [piece for piece in [*pieces, Piece(text[end:])] if piece.text]


def excerpt(text: str, asked: Sequence[str]) -> list[Piece]:
    """Return the stretch around the first hit, in pieces; the beginning where there is none."""
    line = " ".join(text.split())
    first = next(_hits(line, asked), (0, 0))[0]
    start = 0 if first <= _BEFORE else line.rfind(" ", 0, first - _BEFORE) + 1
    stop = len(line) if len(line) - start <= _EXCERPT else max(line.rfind(" ", start, start + _EXCERPT), start + 1)
    cut = line[start:stop] if stop > start + 1 else line[start : start + _EXCERPT]
    return marked(f"{'… ' if start else ''}{cut}{' …' if start + len(cut) < len(line) else ''}", asked)


def _hits(text: str, asked: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where words begin and end that were asked for."""
    for word in _WORD.finditer(text):
        if any(folded(word[0]).startswith(term) for term in asked):
            yield word.start(), word.end()
