"""Service levels: which promise a contact gets, and why this one (SL-01 to SL-03, SL-06).

A level chooses calendar and spans of a process's moments. A table with an explicit precedence decides which level it
is; its rows are data, and the decision names the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.process.definition import MomentRule, ProcessDefinition
from domain.process.gates import Words
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Span, parse_span


class Window(StrEnum):
    """The hours in which a level is served (SL-01)."""

    BUSINESS_HOURS = "business hours"
    EXTENDED = "extended"
    ON_CALL = "on-call"
    AROUND_THE_CLOCK = "around the clock"


class Group(StrEnum):
    """Whom a level is for (SL-02)."""

    BUSINESS_CRITICAL = "business-critical"
    COMMERCIAL = "commercial"
    ADMINISTRATIVE = "administrative"


class Automation(StrEnum):
    """How much of the work is automatic (SL-03)."""

    PEOPLE = "people"
    SEMI_AUTOMATIC = "semi-automatic"
    AUTOMATIC = "automatic"


def least(*degrees: Automation) -> Automation:
    """Return the degree that leaves most to people."""
    return min(degrees, key=tuple(Automation).index)


class Criterion(StrEnum):
    """What a row of the table can ask for."""

    CUSTOMER = "customer"
    SEGMENT = "segment"
    CATEGORY = "category"
    CHANNEL = "channel"


@dataclass(frozen=True)
class ServiceLevel:
    """One promise. Without a calendar the site's own hours count; `spans` are by process and moment, as written."""

    key: str
    title: Words
    window: Window
    group: Group
    automation: Automation
    calendar: BusinessCalendar | None = None
    spans: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def applied_to(self, process: ProcessDefinition) -> ProcessDefinition:
        """Return the process as this level promises it: its spans, and its hours wherever a rule names no others.

        A span that does not fit its moment's clock is left out: a version of the process that came after the catalogue
        may count on another one, and its tickets go on.
        """
        spans = self.spans.get(process.key, {})
        if not spans and self.calendar is None:
            return process
        return replace(process, moments=tuple(self._rule(rule, spans.get(rule.code)) for rule in process.moments))

    def _rule(self, rule: MomentRule, span: str | None) -> MomentRule:
        return replace(
            rule,
            span=rule.span if span is None else _fitting(span, rule),
            calendar=rule.calendar or self.calendar,
        )


def _fitting(span: str, rule: MomentRule) -> Span | None:
    try:
        return parse_span(span, rule.clock)
    except ValueError:
        return rule.span


@dataclass(frozen=True)
class Row:
    """One row of the table: what it asks for, and the level it gives. `number` is its place in the table, from 1."""

    number: int
    asks: Mapping[Criterion, str]
    level: str


@dataclass(frozen=True)
class Decision:
    """Which level a contact gets, and by which row; None where no row asks for anything it has."""

    level: ServiceLevel
    row: Row | None = None


@dataclass(frozen=True)
class LevelTable:
    """Levels, rows, and which criterion counts more: the first of `precedence` that tells two rows apart."""

    levels: Mapping[str, ServiceLevel]
    rows: tuple[Row, ...]
    precedence: tuple[Criterion, ...]
    default: str

    def decide(self, contact: Mapping[Criterion, str]) -> Decision:
        """Return the level of a contact; criteria it does not have match no row."""
        fitting = [row for row in self.rows if all(contact.get(asked) == value for asked, value in row.asks.items())]
        if not fitting:
            return Decision(self.levels[self.default])
        row = max(fitting, key=self.weight)
        return Decision(self.levels[row.level], row)

    def weight(self, row: Row) -> tuple[bool, ...]:
        """Return what a row counts for: no two rows that can meet weigh the same."""
        return tuple(criterion in row.asks for criterion in self.precedence)


def why(decision: Decision, language: str) -> str:
    """Return which row decided, as a sentence."""
    title = decision.level.title[language]
    if decision.row is None:
        return {"de": f"{title}: keine Zeile der Tabelle passt", "en": f"{title}: no row of the table fits"}[language]
    asked = ", ".join(f"{_CRITERIA[one][language]} {value}" for one, value in decision.row.asks.items())
    row = {"de": "Zeile", "en": "row"}[language]
    return f"{title}: {row} {decision.row.number} ({asked})"


_CRITERIA = {
    Criterion.CUSTOMER: {"de": "Kunde", "en": "customer"},
    Criterion.SEGMENT: {"de": "Segment", "en": "segment"},
    Criterion.CATEGORY: {"de": "Kategorie", "en": "category"},
    Criterion.CHANNEL: {"de": "Kanal", "en": "channel"},
}
