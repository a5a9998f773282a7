"""What a process definition says: phases, roles and the rules that make moments. Valid once constructed.

Every rule of every source is one `MomentRule`: anchor, span on a clock, condition, what it does, to whom, when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from domain.business_time import BusinessCalendar
from domain.reading import DefinitionError, Table
from domain.spans import Clock, Span, parse_span


class Role(StrEnum):
    """Whom a moment can speak to (AC-22); OWNER is the person on the ticket, the rest are roles of people."""

    OWNER = "owner"
    POOL = "pool"
    SALESPERSON = "salesperson"
    DISPATCHER = "dispatcher"
    CONTROLLER = "controller"
    SENIOR_CONTROLLER = "senior_controller"
    ADMIN = "admin"


class Anchor(StrEnum):
    """The events a span can hang on, besides other moments."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    FOLLOW_UP = "follow_up"


class Condition(StrEnum):
    """While what a moment is on the agenda; nothing is, while a ticket is paused or closed."""

    OPEN = "open"
    IN_PROGRESS = "in progress"


class Delivery(StrEnum):
    """When what a moment sends may reach people: a setting apart from the clock (reading 3)."""

    AT_ONCE = "at once"
    BUSINESS_HOURS = "business hours"


class Late(StrEnum):
    """What becomes of a moment whose instant had passed before its anchor was set."""

    AT_ONCE = "at once"
    SKIP = "skip"


class Verb(StrEnum):
    """What a moment can do."""

    MARK_OVERDUE = "mark overdue"
    ESCALATE = "escalate"
    MAIL = "mail"
    POP_UP = "pop-up"


@dataclass(frozen=True)
class Action:
    """One thing a moment does: mark overdue, escalate to a level, mail a template, open a pop-up."""

    verb: Verb
    argument: str = ""

    def __str__(self) -> str:
        """Return the action as it is written in a definition."""
        return f"{self.verb} {self.argument}".strip()


@dataclass(frozen=True)
class MomentRule:
    """One rule. `span` is None where only people with an own offset get the moment (WR1)."""

    code: str
    title: Mapping[str, str]
    cites: str
    anchors: tuple[str, ...]
    backwards: bool
    clock: Clock
    span: Span | None
    personal: bool
    conditions: tuple[Condition, ...]
    does: tuple[Action, ...]
    to: tuple[Role, ...]
    deliver: Delivery
    late: Late
    optional: bool | None
    calendar: BusinessCalendar | None

    @property
    def marks_overdue(self) -> bool:
        """Whether this moment turns the light red."""
        return any(action.verb is Verb.MARK_OVERDUE for action in self.does)

    @property
    def escalation_level(self) -> int:
        """The level this moment escalates to; 0 when it does not."""
        return max((int(a.argument) for a in self.does if a.verb is Verb.ESCALATE), default=0)

    @property
    def tells(self) -> bool:
        """Whether this moment reaches a person by mail or pop-up."""
        return any(action.verb in (Verb.MAIL, Verb.POP_UP) for action in self.does)

    def template(self) -> str | None:
        """The mail template, if this moment mails."""
        return next((a.argument for a in self.does if a.verb is Verb.MAIL), None)


@dataclass(frozen=True)
class Surroundings:
    """What a definition may name: the mail templates there are and the calendars besides the site's own."""

    templates: frozenset[str]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)


@dataclass(frozen=True)
class ProcessDefinition:
    """One chain. `moments` are in an order in which every anchor comes before what hangs on it."""

    key: str
    title: Mapping[str, str]
    phases: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, str]]
    moments: tuple[MomentRule, ...]

    @classmethod
    def from_mapping(
        cls, mapping: Mapping[str, object], surroundings: Surroundings, *, name: str
    ) -> "ProcessDefinition":
        """Read a parsed definition; raises DefinitionError naming file, table and key."""
        top = Table(name, mapping)
        top.only("process", "phases", "reasons", "moments")
        process = top.table("process")
        process.only("key", "title", "cites")
        moments = tuple(_moment(row, surroundings) for row in top.rows("moments"))
        return cls(
            key=process.text("key"),
            title=process.words("title"),
            phases=_labels(top.table("phases"), "a process has at least one phase"),
            reasons=_labels(top.table("reasons"), "closing needs at least one reason"),
            moments=_in_order(moments, top),
        )

    @cached_property
    def by_code(self) -> Mapping[str, MomentRule]:
        """The rules by their codes."""
        return {rule.code: rule for rule in self.moments}

    @property
    def first_phase(self) -> str:
        """Where a ticket starts."""
        return next(iter(self.phases))


_MOMENT_KEYS = (
    *("code", "title", "cites", "after", "before", "span", "clock", "personal", "while", "does", "to"),
    *("deliver", "late", "optional", "calendar"),
)


def _labels(table: Table, needed: str) -> dict[str, dict[str, str]]:
    if not table.content:
        raise DefinitionError(f"{table.place}: {needed}")
    return {key: table.words(key) for key in table.content}


def _moment(row: Table, surroundings: Surroundings) -> MomentRule:
    row.only(*_MOMENT_KEYS)
    clock = row.choice("clock", Clock, Clock.BUSINESS_HOURS)
    personal = row.flag("personal", default=False)
    backwards = "before" in row.content
    if backwards == ("after" in row.content):
        raise row.error("after", "exactly one of 'after' and 'before' is needed")
    if backwards and clock is Clock.SAME_DAY:
        raise row.error("clock", "'same day' counts forwards only")
    rule = MomentRule(
        code=row.text("code"),
        title=row.words("title"),
        cites=row.text("cites"),
        anchors=row.texts("before" if backwards else "after"),
        backwards=backwards,
        clock=clock,
        span=_span(row, clock, personal),
        personal=personal,
        conditions=row.choices("while", Condition),
        does=tuple(row.parsed("does", text, _action) for text in row.texts("does")),
        to=row.choices("to", Role),
        deliver=row.choice("deliver", Delivery, Delivery.BUSINESS_HOURS),
        late=row.choice("late", Late, Late.AT_ONCE),
        optional=_optional(row),
        calendar=_calendar(row, surroundings),
    )
    _check_moment(rule, row, surroundings)
    return rule


def _span(row: Table, clock: Clock, personal: bool) -> Span | None:
    if clock is Clock.SAME_DAY:
        return row.parsed("span", row.text("span", ""), lambda text: parse_span(text, clock))
    if personal and "span" not in row.content:
        return None
    return row.parsed("span", row.text("span"), lambda text: parse_span(text, clock))


def _action(text: str) -> Action:
    for verb in Verb:
        if text == verb or text.startswith(f"{verb} "):
            action = Action(verb, text.removeprefix(verb).strip())
            break
    else:
        raise ValueError(f"{text!r} is unknown; known are {', '.join(Verb)}")
    takes_argument = verb in (Verb.ESCALATE, Verb.MAIL)
    if takes_argument != bool(action.argument):
        raise ValueError(f"{verb!s} takes {'an argument' if takes_argument else 'no argument'}")
    if verb is Verb.ESCALATE and not (action.argument.isdigit() and int(action.argument) > 0):
        raise ValueError(f"{action.argument!r} is not an escalation level")
    return action


def _optional(row: Table) -> bool | None:
    """Return the default of the personal switch; None where there is no switch (AC-17)."""
    return {"on": True, "off": False, "": None}[row.parsed("optional", row.text("optional", ""), _on_or_off)]


def _on_or_off(text: str) -> str:
    if text not in ("on", "off", ""):
        raise ValueError(f'{text!r} is neither "on" nor "off"')
    return text


def _calendar(row: Table, surroundings: Surroundings) -> BusinessCalendar | None:
    key = row.text("calendar", "site")
    if key == "site":
        return None
    if key not in surroundings.calendars:
        raise row.error("calendar", f"{key!r} is unknown; known are site, {', '.join(surroundings.calendars)}")
    return surroundings.calendars[key]


def _check_moment(rule: MomentRule, row: Table, surroundings: Surroundings) -> None:
    template = rule.template()
    if template is not None and template not in surroundings.templates:
        known = ", ".join(sorted(surroundings.templates))
        raise row.error("does", f"there is no mail template {template!r}; known are {known}")
    if not rule.does:
        raise row.error("does", "a moment does at least one thing")
    if rule.tells and not rule.to:
        raise row.error("to", "a moment that mails or opens a pop-up says to whom")
    if not rule.anchors:
        raise row.error("before" if rule.backwards else "after", "an anchor is missing")
    if {Condition.OPEN, Condition.IN_PROGRESS} <= set(rule.conditions):
        raise row.error("while", "this can never happen: a ticket is either open or in progress")


def _in_order(moments: tuple[MomentRule, ...], top: Table) -> tuple[MomentRule, ...]:
    """Sort so that anchors come first; refuse codes given twice, unknown anchors, cycles and what can never happen."""
    by_code: dict[str, MomentRule] = {}
    for rule in moments:
        if rule.code in by_code or rule.code in set(Anchor):
            raise DefinitionError(f"{top.place}: moments[{rule.code}]: code: {rule.code!r} is already taken")
        by_code[rule.code] = rule
    for rule in moments:
        _check_anchors(rule, by_code, top)
    graph = {rule.code: [a for a in rule.anchors if a in by_code] for rule in moments}
    try:
        ordered = tuple(TopologicalSorter(graph).static_order())
    except CycleError as problem:
        circle = " → ".join(problem.args[1])
        raise DefinitionError(f"{top.place}: moments[{problem.args[1][0]}]: after: cycle {circle}") from None
    inherited: dict[str, MomentRule] = {}
    for code in ordered:
        inherited[code] = _narrowed(by_code[code], inherited, top)
    rank = {rule.code: position for position, rule in enumerate(moments)}
    return tuple(inherited[code] for code in _stable(ordered, graph, rank))


def _stable(ordered: tuple[str, ...], graph: Mapping[str, list[str]], rank: Mapping[str, int]) -> list[str]:
    """Keep the order of the file wherever the anchors allow it."""
    depth: dict[str, int] = {}
    for code in ordered:
        depth[code] = 1 + max((depth[parent] for parent in graph[code]), default=0)
    return sorted(ordered, key=lambda code: (depth[code], rank[code]))


def _check_anchors(rule: MomentRule, by_code: Mapping[str, MomentRule], top: Table) -> None:
    place = f"{top.place}: moments[{rule.code}]: {'before' if rule.backwards else 'after'}"
    for anchor in rule.anchors:
        if anchor not in by_code and anchor not in set(Anchor):
            known = ", ".join([*Anchor, *by_code])
            raise DefinitionError(f"{place}: the anchor {anchor!r} is unknown; known are {known}")
    if len(rule.anchors) > 1 and any(anchor in by_code for anchor in rule.anchors):
        raise DefinitionError(f"{place}: several anchors must all be events, not moments")


def _narrowed(rule: MomentRule, earlier: Mapping[str, MomentRule], top: Table) -> MomentRule:
    """A moment that hangs on another one lives no longer than that one's conditions."""
    parents = [earlier[anchor] for anchor in rule.anchors if anchor in earlier]
    conditions = tuple(dict.fromkeys([*rule.conditions, *(c for parent in parents for c in parent.conditions)]))
    if {Condition.OPEN, Condition.IN_PROGRESS} <= set(conditions):
        place = f"{top.place}: moments[{rule.code}]: while"
        raise DefinitionError(f"{place}: this can never happen: {rule.anchors[0]} needs the opposite")
    return replace(rule, conditions=conditions)
