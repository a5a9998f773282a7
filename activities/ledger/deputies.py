"""Who acts for somebody at an instant, as the ledger knows it: themselves, a deputy, or who distributes the work."""

from datetime import datetime

from sqlmodel import Session, select

from activities.ledger.context import absences_of
from domain.process.roles import Role
from domain.staff.absence import Absences, is_away, stand_in
from models.tables import PersonRow

_LAST_RESORT = (Role.DISPATCHER, Role.CONTROLLER, Role.SENIOR_CONTROLLER)
"""Who hears what nobody stands in for: the first of these who is here."""


class Deputies:
    """Everybody's absences around an instant, looked up once."""

    def __init__(self, session: Session, at: datetime) -> None:
        """Look up who is away at `at`."""
        self._session = session
        self._at = at
        self._absences: Absences = absences_of(session, since=at)

    def is_away(self, short: str) -> bool:
        """Whether somebody is away."""
        return is_away(short, self._at, self._absences)

    def for_person(self, short: str) -> str | None:
        """Return who acts for somebody; None where nobody is here at all."""
        if not self.is_away(short):
            return short
        acting = stand_in(short, self._at, self._absences)
        if acting is not None and self._is_active(acting):
            return acting
        return self._last_resort(short)

    def represented_by(self, short: str) -> list[str]:
        """Return the people who are away and for whom somebody acts."""
        return sorted(away for away in self._absences if self.is_away(away) and self.for_person(away) == short)

    def back_at(self, short: str) -> datetime | None:
        """Return when somebody who is away is back."""
        current = [one.until for one in self._absences.get(short, ()) if one.covers(self._at)]
        return max(current, default=None)

    def _is_active(self, short: str) -> bool:
        person = self._session.get(PersonRow, short)
        return person is not None and person.active

    def _last_resort(self, short: str) -> str | None:
        away = self._session.get(PersonRow, short)
        if away is None:
            return None
        colleagues = self._session.exec(
            select(PersonRow).where(PersonRow.active, PersonRow.site == away.site).order_by(PersonRow.short)
        ).all()
        here = [person for person in colleagues if not self.is_away(person.short)]
        return next((one.short for role in _LAST_RESORT for one in here if role in one.roles), None)
