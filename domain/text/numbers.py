"""Reads numbers as people and programs type them: digits only, and none that no row could have."""

LARGEST = 2**31 - 1
"""What the database counts to."""


def read_number(text: str, most: int = LARGEST) -> int | None:
    """Return a whole number from 0 to `most`; None for everything else.

    >>> [read_number(one) for one in ("17", "0017", "2147483648", "²", "")]
    [17, 17, None, None, None]
    """
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        return None
    value = int(text)
    return value if value <= most else None


_LONGEST = 20
