"""Whether a form was filled in by a program that advertises. Pure; it accuses nobody: whoever is asked may insist."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

FASTEST = timedelta(seconds=3)
LONGEST = timedelta(days=1)
MOST_LINKS = 3
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)


class Suspicion(StrEnum):
    """Why somebody is asked to send once more."""

    TRAP = "trap"
    TOO_OLD = "too old"
    TOO_FAST = "too fast"
    LINKS = "links"


def suspicion(drawn_at: datetime | None, now: datetime, trap: str, text: str, *, insists: bool) -> Suspicion | None:
    """Return what is suspicious about a form drawn at an instant, None for one that we did not draw.

    After exactly three seconds nobody was too fast, after exactly a day nothing is too old. Who `insists` was asked
    about their links already.
    """
    if trap:
        return Suspicion.TRAP
    if drawn_at is None or now - drawn_at > LONGEST:
        return Suspicion.TOO_OLD
    if now - drawn_at < FASTEST:
        return Suspicion.TOO_FAST
    if not insists and len(_LINK.findall(text)) > MOST_LINKS:
        return Suspicion.LINKS
    return None
