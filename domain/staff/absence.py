"""Who acts for somebody who is away: decided at the moment something happens, never in advance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Absence:
    """Somebody is away from `since` until `until`, both aware; the end is the instant they are back."""

    since: datetime
    until: datetime
    deputy: str | None = None

    def covers(self, at: datetime) -> bool:
        """Whether they are away at an instant."""
        return self.since <= at < self.until


Absences = Mapping[str, Sequence[Absence]]
"""Everybody's absences, by short name."""


def is_away(short: str, at: datetime, absences: Absences) -> bool:
    """Whether somebody is away at an instant."""
    return _current(short, at, absences) is not None


def stand_in(short: str, at: datetime, absences: Absences) -> str | None:
    """Return who acts for somebody at an instant: themselves, their deputy, or the deputy's deputy.

    None where nobody is left: the last one named nobody, or they name each other in a circle.
    """
    asked = {short}
    while absence := _current(short, at, absences):
        if absence.deputy is None or absence.deputy in asked:
            return None
        short = absence.deputy
        asked.add(short)
    return short


def returned(short: str, since: datetime, at: datetime, absences: Absences) -> Absence | None:
    """Return the absence that ended after `since` and by `at`, the last one of several; None while away."""
    if is_away(short, at, absences):
        return None
    ended = [absence for absence in absences.get(short, ()) if since < absence.until <= at]
    return max(ended, key=lambda absence: absence.until, default=None)


def circle(short: str, absences: Absences, within: Absence) -> list[str]:
    """Return the people who would stand in for each other in a circle at some instant of an absence; else nobody."""
    turns = {within.since} | {one.since for each in absences.values() for one in each}
    for at in sorted(turn for turn in turns if within.covers(turn)):
        asked = [short]
        while (deputy := _deputy(asked[-1], at, absences)) is not None and deputy not in asked:
            asked.append(deputy)
        if deputy == short:
            return asked
    return []


def _deputy(short: str, at: datetime, absences: Absences) -> str | None:
    """Return who is named by somebody who is away."""
    current = _current(short, at, absences)
    return current.deputy if current else None


def _current(short: str, at: datetime, absences: Absences) -> Absence | None:
    """Return the absence that holds now; of several, the one that lasts longest."""
    current = [absence for absence in absences.get(short, ()) if absence.covers(at)]
    return max(current, key=lambda absence: absence.until, default=None)
