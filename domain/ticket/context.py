"""What a ticket is judged and counted by: the definition, the site's calendar, the people."""

from dataclasses import dataclass

from domain.process.definition import ProcessDefinition
from domain.process.recipients import Roster
from domain.time.calendar import BusinessCalendar


@dataclass(frozen=True)
class RuleContext:
    """Everything an agenda depends on besides the ticket itself."""

    process: ProcessDefinition
    calendar: BusinessCalendar
    roster: Roster = Roster()
