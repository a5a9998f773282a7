"""Reads facts that come from elsewhere, by API or import: a record of texts becomes a registration or a fact (S3).

Knows the shape of a record, not the customers: which packages, tasks and classes there are, the ledger says.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain.customers.mail_address import is_mail_address
from domain.text.legible import LONGEST_LINE, is_legible
from domain.text.numbers import read_number
from domain.ticket.customer_facts import (
    AppointmentBooked,
    CustomerFact,
    Invited,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
)
from domain.ticket.facts import Refused
from domain.time.calendar import BusinessCalendar, CalendarError

FIELDS = ("id", "what", "customer", "at", "size", "task", "to", "tag", "name", "email", "phone", "company")
"""Everything a record may say, in the order of a file's columns."""
LONGEST_ID = 128
LONGEST_KEY = 64
_EVERY = ("id", "what", "customer")
_NEEDED = {
    "registered": ("name",),
    "appointment": (),
    "package": ("size",),
    "task_posted": ("task",),
    "task_assigned": ("task",),
    "tagged": ("tag",),
    "offer": (),
    "invited": (),
}
_ALSO = {
    "registered": ("at", "email", "phone", "company"),
    "package": ("at",),
    "task_posted": ("at",),
    "task_assigned": ("to",),
}
WHATS = tuple(_NEEDED)
"""What may be reported from elsewhere; everything else people do here themselves."""


@dataclass(frozen=True)
class Registration:
    """Somebody registered, whom the other system calls `key`; `at` is an instant, None for now."""

    key: str
    name: str
    email: str = ""
    phone: str = ""
    company: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Reported:
    """Something happened to the customer whom the other system calls `key`, or whose number with us it is."""

    key: str
    fact: CustomerFact


def normalised(record: Mapping[str, str]) -> dict[str, str]:
    """Return what a record says, without the space around it and without what is empty.

    >>> normalised({"id": " 7 ", "what": "offer", "customer": "k-1", "size": ""})
    {'id': '7', 'what': 'offer', 'customer': 'k-1'}
    """
    stripped = {name.strip(): value.strip() for name, value in record.items()}
    return {name: value for name, value in stripped.items() if value}


def read_record(content: Mapping[str, str], calendar: BusinessCalendar, at: datetime) -> Registration | Reported:
    """Return what a normalised record reports at `at`; raises Refused for the first thing that is wrong with it."""
    what = _shape(content)
    key = content["customer"]
    when = _when(content["at"], calendar, at) if "at" in content else None
    if what == "registered":
        email = content.get("email", "")
        if email and not is_mail_address(email):
            raise Refused("email_wrong", email=email)
        phone, company = content.get("phone", ""), content.get("company", "")
        return Registration(key, content["name"], email, phone, company, when)
    return Reported(key, _FACTS[what](content, when))


def _shape(content: Mapping[str, str]) -> str:
    """Return what a record reports, once it says everything that needs, and nothing else."""
    _check_fields(content)
    what = content["what"]
    if what not in _NEEDED:
        raise Refused("what_unknown", what_said=what, whats=", ".join(WHATS))
    if missing := [name for name in _NEEDED[what] if name not in content]:
        raise Refused("field_missing_for", field=missing[0], code=what)
    belongs = (*_EVERY, *_NEEDED[what], *_ALSO.get(what, ()))
    if surplus := [name for name in content if name not in belongs]:
        raise Refused("field_not_for", field=surplus[0], code=what)
    return what


def _check_fields(content: Mapping[str, str]) -> None:
    """Raise Refused for a field there is not, for one that every record needs, and for what nobody could read."""
    if unknown := [name for name in content if name not in FIELDS]:
        named = unknown[0][:LONGEST_LINE].encode("utf-8", "replace").decode()  # JSON may hold half a character
        raise Refused("field_unknown", field=named, fields=", ".join(FIELDS))
    if missing := [name for name in _EVERY if name not in content]:
        raise Refused("field_missing", field=missing[0])
    if len(content["id"]) > LONGEST_ID or not all(one.isprintable() and one != " " for one in content["id"]):
        raise Refused("id_wrong", limit=str(LONGEST_ID))
    for name, value in content.items():
        limit = LONGEST_KEY if name == "customer" else LONGEST_LINE
        if len(value) > limit or not is_legible(value):
            raise Refused("illegible_field", field=name, limit=str(limit))


def _size(text: str) -> int:
    size = read_number(text, _LARGEST_SIZE)
    if not size:
        raise Refused("size_wrong", size=text)
    return size


_LARGEST_SIZE = 999_999
_Content = Mapping[str, str]
_FACTS: dict[str, Callable[[_Content, datetime | None], CustomerFact]] = {
    "appointment": lambda _content, _at: AppointmentBooked(),
    "package": lambda content, at: PackageBooked(_size(content["size"]), at),
    "task_posted": lambda content, at: TaskPosted(content["task"], at),
    "task_assigned": lambda content, _at: TaskAssigned(content["task"], content.get("to")),
    "tagged": lambda content, _at: Tagged(content["tag"]),
    "offer": lambda _content, _at: OfferSent(),
    "invited": lambda _content, _at: Invited(),
}


def _when(text: str, calendar: BusinessCalendar, at: datetime) -> datetime | None:
    """Return an instant; a date alone means that day's opening, and None for today before it: that is now.

    A time without an offset is the site's. One that a clock change skips or repeats has the offset before the change
    (RFC 5545). A day on which the site is closed begins at midnight.
    """
    try:
        if _DAY.fullmatch(text):
            begins = _beginning(date.fromisoformat(text), calendar)
            is_today = calendar.date_of(begins) == calendar.date_of(at)
            return None if is_today and begins > at else begins
        if _INSTANT.fullmatch(text):
            said = datetime.fromisoformat(text.upper())
            return (said if said.tzinfo else said.replace(tzinfo=calendar.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("instant_unreadable", at_said=text)


def _beginning(day: date, calendar: BusinessCalendar) -> datetime:
    try:
        if calendar.opens_on(day):
            return calendar.opening_of(day).astimezone(UTC)
    except CalendarError:  # years for which nobody asks the calendar; the ledger refuses them with its own words
        pass
    return datetime(day.year, day.month, day.day, tzinfo=calendar.zone).astimezone(UTC)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?([zZ]|[+-][0-9]{2}:?[0-9]{2})?"
)
