"""Says in one line what a calendar invitation is about: what, when, where. Times are as the invitation says them."""

from datetime import date, datetime

from icalendar import Calendar

from activities.mail.message import one_line
from domain.text.legible import LONGEST_LINE

_MOST = 5
_LARGEST = 1_000_000


def invitation(content: bytes) -> list[str]:
    """Return a line for each appointment; none for what cannot be read."""
    if len(content) > _LARGEST:
        return []
    try:
        events = list(Calendar.from_ical(content).walk("VEVENT"))[:_MOST]
        return [_line(str(e.get("SUMMARY", "")), _when(e.get("DTSTART")), str(e.get("LOCATION", ""))) for e in events]
    except Exception:  # noqa: BLE001 - whatever a stranger wrote into a calendar
        return []


def _line(what: str, when: str, where: str) -> str:
    return "📅 " + " · ".join(one_line(part)[:LONGEST_LINE] for part in (what, when, where) if part.strip())


def _when(found: object) -> str:
    at = getattr(found, "dt", None)
    if isinstance(at, datetime):
        return f"{at:%d.%m.%Y %H:%M} {at.tzname() or ''}".strip()
    return f"{at:%d.%m.%Y}" if isinstance(at, date) else ""
