"""Reads numbers as people and programs type them: digits only, and none that no row could have."""

LARGEST = 2**31 - 1
"""What the database counts to."""


def number(text: str, most: int = LARGEST) -> int | None:
    """Return a whole number from 0 to `most`; None for everything else.

    >>> number("17"), number("0017"), number("2147483648"), number("²"), number("")
    (17, 17, None, None, None)
    """
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        return None
    value = int(text)
    return value if value <= most else None


_LONGEST = 20
