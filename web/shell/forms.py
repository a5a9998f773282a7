"""Reads what somebody typed: keeps every field as typed, and says at the field what is wrong with it.

Knows no tickets and no database; values come out clean or with a problem, never silently changed.
"""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from domain.customers.mail_address import is_mail_address
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT, is_legible
from domain.text.numbers import read_number
from web.shell.translations import N_

_PHONE = re.compile(r"\+?[\d ()/.\-]{3,40}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNPRINTABLE = {"Cc", "Cs"}


def plain(typed: str) -> str:
    """Return a text without the control characters that paste along, with line ends of one kind."""
    value = "\n".join(typed.replace("\r\n", "\n").split("\r"))
    return "".join(char for char in value if char in "\n\t" or unicodedata.category(char) not in _UNPRINTABLE)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field: a sentence of the catalog and what fills its gaps."""

    message: str
    gaps: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Newer:
    """What somebody saved after a form was drawn: per field, what it is called, what it was and became."""

    by: str
    when: str
    changes: tuple[tuple[str, str | None, str | None], ...]


@dataclass
class Sheet:
    """A form as it was typed, the problems found so far, by field, and what somebody else saved meanwhile."""

    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    newer: tuple[Newer, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether nothing may be saved of it as it is."""
        return bool(self.problems or self.newer)

    @property
    def status(self) -> int:
        """The status it is shown again with."""
        return 409 if self.newer else 422

    @classmethod
    def of(cls, form: FormData) -> "Sheet":
        """Take every field of a form that was sent."""
        return cls({name: value for name, value in form.items() if isinstance(value, str)})

    def wrong(self, name: str, message: str, **gaps: object) -> None:
        """Note what is wrong with a field; the first problem stays."""
        self.problems.setdefault(name, Problem(message, gaps))

    def line(self, name: str, *, needed: bool = True, limit: int = LONGEST_LINE) -> str:
        """Return a single line without the space around it; empty where nobody could read it."""
        value = self.typed.get(name, "").strip()
        if not is_legible(value):
            self.wrong(name, N_("This contains control characters that nobody can see. Please type it again."))
            return ""
        if len(value) > limit:
            self.wrong(
                name,
                N_("At most %(limit)s characters; these are %(length)s."),
                limit=limit,
                length=len(value),
            )
        elif needed and not value:
            self.wrong(name, N_("Please fill this in."))
        return value

    def prose(self, name: str, *, needed: bool = True) -> str:
        """Return a text of many lines.

        Control characters that paste along are dropped, line ends are unified.
        """
        value = plain(self.typed.get(name, ""))
        if len(value) > LONGEST_TEXT:
            message = N_("At most %(limit)s characters; these are %(length)s. Please shorten the text.")
            self.wrong(name, message, limit=LONGEST_TEXT, length=len(value))
        elif needed and not value.strip():
            self.wrong(name, N_("Please write something."))
        return value.strip()

    def email(self, name: str) -> str:
        """Return a mail address, or nothing."""
        value = self.line(name, needed=False)
        if value and not is_mail_address(value):
            self.wrong(name, N_("This is not a mail address, like anna@example.com."))
        return value

    def phone(self, name: str) -> str:
        """Return a telephone number as it was typed, or nothing."""
        value = self.line(name, needed=False)
        if value and not _PHONE.fullmatch(value):
            self.wrong(name, N_("This is not a telephone number, like +49 89 123456."))
        return value

    def choice(self, name: str, options: Container[str]) -> str:
        """Return one of the options."""
        value = self.typed.get(name, "")
        if value not in options:
            self.wrong(name, N_("Please choose one."))
        return value

    def count(self, name: str, most: int) -> int:
        """Return a whole number from 0 to `most`."""
        value = read_number(self.typed.get(name, "").strip(), most)
        if value is None:
            self.wrong(name, N_("Please type a whole number from 0 to %(most)s."), most=most)
        return value or 0

    def day(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Return the instant at which a day begins at a site."""
        value = self.typed.get(name, "").strip()
        if not value:
            self.wrong(name, N_("Please choose a date."))
            return None
        if not _DAY.fullmatch(value) or not _FIRST_YEAR <= int(value[:4]) < _END_YEAR:
            self.wrong(name, N_("This is not a date, like 2027-03-03."))
            return None
        try:
            return datetime.combine(date.fromisoformat(value), time(), zone)
        except ValueError:
            self.wrong(name, N_("This is not a date, like 2027-03-03."))
            return None

    def instant(self, name: str, zone: ZoneInfo, *, needed: bool) -> datetime | None:
        """Return an instant typed in a site's time; of a time that comes twice in a night, the first."""
        value = self.typed.get(name, "").strip()
        if not value:
            if needed:
                self.wrong(name, N_("Please choose a date and a time."))
            return None
        try:
            local = datetime.fromisoformat(value)
        except ValueError:
            self.wrong(name, N_("This is not a date with a time, like 2027-03-03 10:00."))
            return None
        if local.tzinfo is not None or not _FIRST_YEAR <= local.year < _END_YEAR:
            self.wrong(name, N_("This is not a date with a time, like 2027-03-03 10:00."))
            return None
        return self._existing(name, local, zone)

    def _existing(self, name: str, local: datetime, zone: ZoneInfo) -> datetime | None:
        at = local.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            self.wrong(name, N_("This time does not exist: the clocks are put forward that night."))
            return None
        return at


_FIRST_YEAR, _END_YEAR = 2000, 2100


NEW_CUSTOMER = "new"
"""What a form says of somebody whose address is known already, and who is somebody else."""
VALUE, REASON, REMARK, WAS = "value:", "reason:", "remark:", ":was"
"""Before the name of a line of a checklist: what was answered, why not, what the receiver says; after it: as drawn."""
