"""Reads what was applied once: definitions tickets are pinned to, hours and lists of sites, catalogues.

Strict when something is applied, tolerant when something pinned is read: what a release merely ships no longer (a mail
template, a calendar, a role) stops no ticket. A calendar that is gone is the site's own; a mail without its template is
written from a general one; whatever speaks to a role that nobody has speaks to the others.
"""

from domain.process.definition import ProcessDefinition
from domain.process.reading import read_definition
from domain.service.catalogue import Catalogue
from domain.service.catalogue_reading import read_catalogue as read_parsed_catalogue
from domain.staff.digests import Digest, read_digests
from domain.time.calendar import BusinessCalendar
from processes.loader import parsed, shipped_lists, surroundings


def read_process(text: str, name: str) -> ProcessDefinition:
    """Read a definition that tickets are pinned to."""
    return read_definition(parsed(text, name), surroundings(), name=name, pinned=True)


def read_calendar(text: str, name: str) -> BusinessCalendar:
    """Read the hours of a site; it may have ceased to open."""
    return BusinessCalendar.from_mapping(parsed(text, name), name=name, pinned=True)


def read_lists(text: str, name: str) -> tuple[Digest, ...]:
    """Read a site's lists; an empty text stands for the shipped ones."""
    return read_digests(parsed(text, name), name=name, pinned=True) if text.strip() else shipped_lists()


def read_catalogue(text: str, name: str) -> Catalogue:
    """Read a service catalogue that tickets were opened under."""
    return read_parsed_catalogue(parsed(text, name), None, surroundings().calendars, name=name, pinned=True)
