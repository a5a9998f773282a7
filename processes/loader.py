"""Loads what is applied or shipped from TOML, with every check; what is wrong is said with file, table and key.

What was applied once is read by `processes.pinned`.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from domain.process.definition import ProcessDefinition
from domain.process.moment_reading import Surroundings
from domain.process.reading import read_definition
from domain.process.table import DefinitionError
from domain.service.catalogue import Catalogue
from domain.service.catalogue_reading import read_catalogue as read_parsed_catalogue
from domain.staff.digests import Digest, read_digests
from domain.time.calendar import BusinessCalendar

SHIPPED = Path(__file__).parent
CATALOGUE = SHIPPED / "catalogues" / "standard.toml"
MAIL_TEMPLATES = SHIPPED.parent / "templates" / "mail"


def read_process(text: str, name: str) -> ProcessDefinition:
    """Read a process definition; `name` is the file's name as it is said in errors."""
    return read_definition(parsed(text, name), surroundings(), name=name)


def read_calendar(text: str, name: str, *, applied_at: datetime) -> BusinessCalendar:
    """Read a calendar that is applied; raises CalendarError also for one that is closed for good from then on."""
    calendar = BusinessCalendar.from_mapping(parsed(text, name), name=name)
    calendar.demand_hours_after(applied_at)
    return calendar


def read_lists(text: str, name: str) -> tuple[Digest, ...]:
    """Read a site's lists; an empty text stands for the shipped ones."""
    return read_digests(parsed(text, name), name=name) if text.strip() else shipped_lists()


def shipped_catalogue() -> str:
    """Return the text of the service catalogue that a site may begin with."""
    return read_text(CATALOGUE)


def read_catalogue(
    text: str, name: str, processes: Mapping[str, ProcessDefinition] | None = None, *, applied_at: datetime
) -> Catalogue:
    """Read a service catalogue that is applied; what it says about moments and reasons of `processes` is checked."""
    catalogue = read_parsed_catalogue(parsed(text, name), processes, surroundings().calendars, name=name)
    levels, channels = catalogue.levels.levels.values(), catalogue.channels.values()
    for calendar in (*(level.calendar for level in levels), *(channel.calendar for channel in channels)):
        if calendar is not None:
            calendar.demand_hours_after(applied_at)
    return catalogue


@cache
def shipped_lists() -> tuple[Digest, ...]:
    """Return the lists a site has unless it says otherwise."""
    return read_lists(read_text(SHIPPED / "digests" / "standard.toml"), "standard.toml")


def shipped_processes() -> dict[str, Path]:
    """Return the files of the shipped definitions by key."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def find_process(key_or_file: str) -> ProcessDefinition:
    """Return a shipped definition by its key, or the one in a file; raises DefinitionError for neither."""
    path = shipped_processes().get(key_or_file, Path(key_or_file))
    if not path.is_file():
        known = ", ".join(shipped_processes())
        raise DefinitionError(f"there is no process {key_or_file!r}; known are {known}, or the path of a file")
    return read_process(read_text(path), path.name)


def load_calendar(path: Path) -> BusinessCalendar:
    """Return the calendar in a file; raises DefinitionError when there is none. Nobody asks whether it still opens."""
    if not path.is_file():
        raise DefinitionError(f"there is no calendar file {str(path)!r}")
    return BusinessCalendar.from_mapping(parsed(read_text(path), path.name), name=path.name)


def read_text(path: Path) -> str:
    """Return a definition's text; raises DefinitionError when it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise DefinitionError(f"{path.name}: this is not UTF-8 text: {problem.reason}") from None


@cache
def surroundings() -> Surroundings:
    """Return what definitions may name: mail templates for notices and calendars."""
    notices = {path.parent.parent.name for path in MAIL_TEMPLATES.glob("*/de/body.txt") if _tells_of_a_moment(path)}
    calendars = {path.stem: load_calendar(path) for path in sorted((SHIPPED / "calendars").glob("*.toml"))}
    return Surroundings(frozenset(notices - _OF_OURSELVES), calendars, _OF_LIVES)


def _tells_of_a_moment(path: Path) -> bool:
    """Whether a mail tells somebody of the staff one thing; lists, bundles and letters to customers do not."""
    return '"_shared/notice.txt"' in read_text(path)


_OF_OURSELVES = frozenset({"undeliverable", "question"})
"""What no moment says: that a mail was lost, and what a colleague asks."""
_OF_LIVES = frozenset({"customer", "praise"})
"""What is said of customers' lives and never of tickets."""


def parsed(text: str, name: str) -> Mapping[str, object]:
    """Return parsed TOML; raises DefinitionError for what is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise DefinitionError(f"{name}: this is not TOML: {problem}") from None
