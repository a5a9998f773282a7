"""What may stand in a line that people read: nothing hidden, nothing that turns or breaks the line."""

import unicodedata

LONGEST_LINE = 200
LONGEST_TEXT = 20_000

_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def breaks_a_line(character: str) -> bool:
    """Whether a character is a control, a line end of any kind, half a pair, or turns the writing's direction."""
    return unicodedata.category(character) in _HIDDEN or character in _TURNING


def is_legible(line: str) -> bool:
    """Whether a line shows everything it holds, such as a subject or a name."""
    return not any(breaks_a_line(character) for character in line)
