"""Reads facts that come from elsewhere: one record of an import or of the API, as texts by field (S3).

What only the ledger can know (which packages there are, when a customer registered) is judged there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from domain.customer_facts import (
    AppointmentBooked,
    CustomerFact,
    Invited,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
)
from domain.facts import Refused
from domain.lines import LONGEST_LINE, is_legible

REGISTERED = "registered"
_ABOUT_PEOPLE = ("name", "email", "phone", "company")
_NEEDED = {
    REGISTERED: ("name",),
    "appointment": (),
    "invited": (),
    "offer": (),
    "package": ("size",),
    "task_posted": ("task",),
    "task_assigned": ("task",),
    "tagged": ("tag",),
}
_OPTIONAL: dict[str, tuple[str, ...]] = {
    REGISTERED: (*_ABOUT_PEOPLE[1:], "at"),
    "package": ("at",),
    "task_posted": ("at",),
    "task_assigned": ("to",),
}
_ALWAYS = ("id", "what", "customer")
FIELDS = (*_ALWAYS, "at", "size", "task", "to", "tag", *_ABOUT_PEOPLE)
"""The fields a record may have, in the order of the example."""
_LONGEST_ID = 128
_DIGITS = 6


@dataclass(frozen=True)
class Registration:
    """Somebody registered elsewhere; `customer` is what they are called there."""

    customer: str
    name: str
    email: str = ""
    phone: str = ""
    company: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Outside:
    """A record that was understood: its own id, whom it is about, and what happened."""

    id: str
    customer: str
    fact: CustomerFact | Registration


def normalised(record: Mapping[str, str]) -> dict[str, str]:
    """Return a record without empty fields and without space around: what two sendings are compared by."""
    return {key: value.strip() for key, value in record.items() if value.strip()}


def read_record(record: Mapping[str, str], zone: ZoneInfo) -> Outside:
    """Return what a record says; raises Refused with the first thing that is wrong.

    Times without an offset are in `zone`; a date alone is the beginning of its day there.
    """
    said = normalised(record)
    for key, value in said.items():
        if key not in FIELDS:
            raise Refused("field_unknown", field=key, fields=", ".join(FIELDS))
        if not is_legible(value) or len(value) > LONGEST_LINE:
            raise Refused("field_illegible", field=key)
    what = said.get("what", "")
    if what not in _NEEDED:
        raise Refused("what_unknown", what=what or "–", known=", ".join(_NEEDED))
    for field in (*_ALWAYS, *_NEEDED[what]):
        if field not in said:
            raise Refused("field_missing", field=field)
    if len(said["id"]) > _LONGEST_ID:
        raise Refused("field_illegible", field="id")
    for field in said:
        if field not in (*_ALWAYS, *_NEEDED[what], *_OPTIONAL.get(what, ())):
            raise Refused("field_misplaced", field=field, what=what)
    at = _instant(said["at"], zone) if "at" in said else None
    return Outside(said["id"], said["customer"], _READERS[what](said, at))


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        if len(text) == len("2027-01-11"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("at_unreadable", at=text) from None


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise Refused("size_unreadable", size=text)
    return int(text)


_READERS: dict[str, Callable[[Mapping[str, str], datetime | None], CustomerFact | Registration]] = {
    REGISTERED: lambda said, at: Registration(
        said["customer"], said["name"], said.get("email", ""), said.get("phone", ""), said.get("company", ""), at
    ),
    "appointment": lambda _said, _at: AppointmentBooked(),
    "invited": lambda _said, _at: Invited(),
    "offer": lambda _said, _at: OfferSent(),
    "package": lambda said, at: PackageBooked(_size(said["size"]), at),
    "task_posted": lambda said, at: TaskPosted(said["task"], at),
    "task_assigned": lambda said, _at: TaskAssigned(said["task"], said.get("to")),
    "tagged": lambda said, _at: Tagged(said["tag"]),
}
