"""Shares of channels and of automatic answers over weeks: counted from contacts, without a database (SL-05)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.service.levels import Automation

TARGET = 30
"""Up to so many percent of all requests can be answered automatically or half so (S4:94)."""


@dataclass(frozen=True)
class Contact:
    """One contact: the local day it came in, by which channel, about what, and who answered it first."""

    day: date
    channel: str
    category: str
    answered_by: str


@dataclass(frozen=True)
class Share:
    """How many contacts there were, and how many a machine answered alone or with one click of a person."""

    contacts: int = 0
    automatic: int = 0
    semi_automatic: int = 0

    @property
    def percent(self) -> int:
        """Share of both in percent, rounded; 0 where there were no contacts.

        >>> Share(8, 1, 2).percent
        38
        """
        return round(100 * (self.automatic + self.semi_automatic) / self.contacts) if self.contacts else 0


@dataclass(frozen=True)
class Week:
    """One week, by its Monday: contacts by channel, and the share of automatic answers."""

    monday: date
    channels: Mapping[str, int] = field(default_factory=dict)
    share: Share = field(default_factory=Share)


def weeks(contacts: Iterable[Contact], first: date, last: date) -> list[Week]:
    """Return every week from the one of `first` to the one of `last`, empty ones, too; others are left out."""
    found: dict[date, list[Contact]] = {}
    monday = monday_of(first)
    while monday <= last:
        found[monday] = []
        monday += timedelta(weeks=1)
    for contact in contacts:
        found.get(monday_of(contact.day), []).append(contact)
    return [Week(monday, Counter(one.channel for one in there), share(there)) for monday, there in found.items()]


def by_category(contacts: Iterable[Contact]) -> dict[str, Share]:
    """Return the share of each category, the largest first; "" is what was not recognised."""
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        found.setdefault(contact.category, []).append(contact)
    shares = {category: share(there) for category, there in found.items()}
    return dict(sorted(shares.items(), key=lambda item: (-item[1].contacts, item[0])))


def share(contacts: Iterable[Contact]) -> Share:
    """Return the share of automatic answers among contacts."""
    answered = Counter(contact.answered_by for contact in contacts)
    return Share(answered.total(), answered[Automation.AUTOMATIC], answered[Automation.SEMI_AUTOMATIC])


def monday_of(day: date) -> date:
    """Return the Monday of a day's week.

    >>> monday_of(date(2027, 3, 7))
    datetime.date(2027, 3, 1)
    """
    return day - timedelta(days=day.weekday())
