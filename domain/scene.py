"""What a ticket is judged and counted by: the definition, the site's calendar, the people."""

from dataclasses import dataclass

from domain.business_time import BusinessCalendar
from domain.process import ProcessDefinition
from domain.recipients import Roster


@dataclass(frozen=True)
class Scene:
    """Everything an agenda depends on besides the ticket itself."""

    process: ProcessDefinition
    calendar: BusinessCalendar
    roster: Roster = Roster()
