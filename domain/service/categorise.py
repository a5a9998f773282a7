"""Recognises what a contact is about by the words of a category: explainable, and the same at every time (SL-05)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.text.search import folded

_SENTENCES = re.compile(r"[.!?\n\r;]+")
_WORDS = re.compile(r"[^\W_]+\*?")
LONGEST = 20_000
"""So many characters of a text are looked at; whoever writes more writes about more than one matter."""


@dataclass(frozen=True)
class Phrase:
    """Words that stand in one sentence, in any order; `passwort*` stands for every word that begins so.

    >>> Phrase.of("Passwort vergessen").occurs_in(sentences("Ich habe mein Passwort schon wieder vergessen!"))
    True
    """

    said: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Phrase":
        """Read a phrase; raises ValueError for one without a word."""
        words = tuple(_WORDS.findall(folded(text)))
        if not any(word.strip("*") for word in words):
            raise ValueError(f"{text!r} has no word in it")
        return cls(text, words)

    @property
    def weight(self) -> int:
        """What it counts for: the more letters somebody wrote just so, the surer it is."""
        return sum(len(word.rstrip("*")) for word in self.words)

    def occurs_in(self, spoken: Iterable[frozenset[str]]) -> bool:
        """Whether one of the sentences has all the words."""
        return any(all(_has(sentence, word) for word in self.words) for sentence in spoken)


def sentences(text: str) -> list[frozenset[str]]:
    """Return the words of every sentence, folded."""
    return [frozenset(_WORDS.findall(one)) for one in _SENTENCES.split(folded(text[:LONGEST]))]


def _has(sentence: frozenset[str], word: str) -> bool:
    if not word.endswith("*"):
        return word in sentence
    begin = word.rstrip("*")
    return any(one.startswith(begin) for one in sentence)
