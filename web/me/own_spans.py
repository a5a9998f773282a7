"""The moments for which somebody may have a span of their own, and how such a span is read from a form."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, select

from activities.ledger.context import process_of
from domain.process.definition import MomentRule, ProcessDefinition
from domain.time.spans import Clock, Span, parse_span
from models.tables import DefinitionRow
from web.me.preferences import LONGEST_REMINDER, REMINDER
from web.shell import directory
from web.shell.forms import Sheet
from web.shell.translations import N_

CLOCKS = {
    Clock.BUSINESS_HOURS: N_("business time"),
    Clock.WORKING_DAYS: N_("working days"),
    Clock.WALL: N_("clock time"),
    Clock.CALENDAR_DAYS: N_("calendar days"),
    Clock.SAME_DAY: N_("the same day"),
    Clock.WORKING_WEEKS: N_("working weeks"),
}
_LONGEST_SPAN = Span(Clock.WALL, timedelta(days=31), days=366)


@dataclass(frozen=True)
class Offset:
    """A personal moment, for which somebody may have a span of their own (AC-09, AC-16)."""

    rule: MomentRule
    title: str
    clocks: frozenset[Clock]

    @property
    def code(self) -> str:
        """The moment's code."""
        return self.rule.code

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"offset:{self.code}"

    @property
    def clock(self) -> str:
        """The clock it is counted on, as a sentence of the catalog."""
        return CLOCKS[self.rule.clock]


def personal_offsets(session: Session, language: str) -> Iterator[Offset]:
    """Yield the personal moments of the newest definitions, with every clock that any version counts them on.

    Tickets stay pinned to old versions: a span that one of them cannot read would stop those tickets.
    """
    every = [process_of(session, row.id) for row in session.exec(select(DefinitionRow)).all()]
    seen = set()
    for row in directory.definitions(session):
        for rule in process_of(session, row.id).moments:
            if rule.personal and rule.code not in seen:
                seen.add(rule.code)
                yield Offset(rule, rule.title[language], _clocks(every, rule.code))


def _clocks(definitions: list[ProcessDefinition], code: str) -> frozenset[Clock]:
    return frozenset(each.by_code[code].clock for each in definitions if code in each.by_code)


def read_span(sheet: Sheet, offset: Offset) -> str:
    """Return an own span as definitions write it, or nothing."""
    text = "".join(sheet.line(offset.name, needed=False).split()).lower()
    if not text:
        return ""
    try:
        spans = [parse_span(text, clock) for clock in sorted(offset.clocks)]
    except ValueError:
        sheet.wrong(offset.name, N_("This is not a span like 8h, 30m or 1h30m; for days like 3d."))
        return ""
    if offset.code == REMINDER:
        return _reminder(sheet, offset, spans[0])
    if any(span.time > _LONGEST_SPAN.time or span.days > _LONGEST_SPAN.days for span in spans):
        sheet.wrong(offset.name, N_("At most 744h, or 366d."))
    return str(spans[0])


def _reminder(sheet: Sheet, offset: Offset, span: Span) -> str:
    """Return the reminder in whole minutes, as people set it for themselves."""
    minutes, rest = divmod(int(span.time.total_seconds()), 60)
    if rest or not 0 < minutes <= LONGEST_REMINDER:
        sheet.wrong(offset.name, N_("Please give whole minutes, at most a week, or leave it empty."))
    return f"{minutes}m"
