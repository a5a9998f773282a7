"""Reads instants as people type them: ISO 8601, with a space or a T, with an offset or in the site's zone."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from installation.errors import Failure

EXAMPLE = "2027-03-02T17:00"
_OFFSET = re.compile(r"[+-]\d\d:?\d\d|[zZ]")


def read_instant(text: str, zone: ZoneInfo, what: str) -> datetime:
    """Return an instant in UTC; without an offset it is in `zone`. Raises Failure naming `what` was typed.

    A local time that a clock change skips or repeats follows RFC 5545: the offset before the change holds.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> print(read_instant("2027-03-28 02:30", berlin, "--received"))
    2027-03-28 01:30:00+00:00
    >>> print(read_instant("2027-10-31T02:30", berlin, "--received"))
    2027-10-31 00:30:00+00:00
    """
    words = text.split()
    used = instant_words(words)
    if not words or used < len(words):
        raise _not_an_instant(text, what)
    if _is_only_a_date(words[0]) and used == 1:
        raise Failure(f"{what}: {text!r} has no time of day; write it like {EXAMPLE}")
    try:
        typed = datetime.fromisoformat(_joined(words))
        return (typed if typed.tzinfo else typed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _not_an_instant(text, what) from None


def read_date(text: str, zone: ZoneInfo, what: str) -> datetime:
    """Return the beginning of a planned day in UTC, or the very instant if a time of day was given too.

    >>> print(read_date("2027-05-10", ZoneInfo("Europe/Berlin"), "--event"))
    2027-05-09 22:00:00+00:00
    """
    if not _is_only_a_date(text.strip()):
        return read_instant(text, zone, what)
    day = date.fromisoformat(text.strip())
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def instant_words(words: list[str]) -> int:
    """Return how many of the words at the beginning are an instant: a date, perhaps a time, perhaps an offset."""
    used = 1
    if len(words) > used and words[used][:1].isdigit():
        used += 1
    if len(words) > used and _OFFSET.fullmatch(words[used]):
        used += 1
    return used


def _joined(words: list[str]) -> str:
    offset = words[-1] if len(words) > 1 and _OFFSET.fullmatch(words[-1]) else ""
    return "T".join(words[:-1] if offset else words) + offset.upper()


def _is_only_a_date(word: str) -> bool:
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _not_an_instant(text: str, what: str) -> Failure:
    return Failure(f"{what}: {text!r} is not a date with a time, like {EXAMPLE}")
