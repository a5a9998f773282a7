"""What a ticket allows a form to say: the people, reasons, milestones and phases there are, and the time."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.process.definition import ProcessDefinition
from domain.time.calendar import BusinessCalendar


@dataclass(frozen=True)
class Limits:
    """What the ticket allows a form to say; of a customer also the assistants, and the tasks that wait.

    `categories` are those of the catalogue the ticket was opened under.
    """

    people: Container[str]
    process: ProcessDefinition
    calendar: BusinessCalendar
    now: datetime
    assistants: Container[str] = ()
    tasks: Container[str] = ()
    categories: Container[str] = ()

    @property
    def reasons(self) -> Container[str]:
        """The reasons a ticket of this process can end with."""
        return self.process.reasons

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are typed in."""
        return self.calendar.zone
