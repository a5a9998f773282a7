"""Reads one moment of a process definition: its row becomes a rule, or an error that names file, table and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from domain.process.definition import (
    AFTER_SILENCE,
    AUTOMATIC_ANSWER,
    CONFIRMATION,
    Action,
    Condition,
    Delivery,
    Holding,
    Late,
    MomentRule,
    Verb,
)
from domain.process.gates import Gate
from domain.process.roles import Role
from domain.process.table import NAME, Table, is_name
from domain.text.numbers import read_number
from domain.time.calendar import BusinessCalendar
from domain.time.spans import FORWARDS_ONLY, Clock, Span, parse_span


@dataclass(frozen=True)
class Surroundings:
    """What a definition may name: the mail templates there are and the calendars besides the site's own.

    `of_lives` are those of the templates that only speak of customers' lives.
    """

    templates: frozenset[str]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)
    of_lives: frozenset[str] = frozenset()


_MOMENT_KEYS = (
    *("code", "title", "cites", "after", "before", "not_before", "span", "clock", "personal", "repeats", "while"),
    *("does", "to", "deliver", "late", "optional", "calendar", "gate"),
)
ABOUT_A_PHASE = {Holding.UNFINISHED, Holding.IN_PHASE}
ABOUT_A_GATE = {Holding.AT_GATE, Holding.NOT_GIVEN, Holding.PASSED}
_ABOUT_SOMETHING = {*ABOUT_A_PHASE, *ABOUT_A_GATE, Holding.MISSING, Holding.SET}


_SHORTEST_ROUND = timedelta(hours=1)
_HIGHEST_LEVEL = 9


def read_moment(row: Table, surroundings: Surroundings, gates: Mapping[str, Gate]) -> MomentRule:
    """Return the rule in a row; a definition has several of them, and its phases and gates unfold into more."""
    row.only(*_MOMENT_KEYS)
    clock = row.choice("clock", Clock, Clock.BUSINESS_HOURS)
    personal = row.flag("personal", default=False)
    backwards = "before" in row.content
    if backwards == ("after" in row.content):
        raise row.error("after", "exactly one of 'after' and 'before' is needed")
    if backwards and clock in FORWARDS_ONLY:
        raise row.error("clock", f"{clock.value!r} counts forwards only")
    rule = MomentRule(
        code=row.text("code"),
        title=row.words("title"),
        cites=row.text("cites"),
        anchors=row.texts("before" if backwards else "after"),
        backwards=backwards,
        clock=clock,
        span=_span(row, clock, personal),
        personal=personal,
        conditions=read_conditions(row),
        does=tuple(row.parsed("does", text, _action) for text in row.texts("does")),
        to=row.choices("to", Role),
        deliver=row.choice("deliver", Delivery, Delivery.BUSINESS_HOURS),
        late=row.choice("late", Late, Late.AT_ONCE),
        optional=_optional(row),
        calendar=_calendar(row, surroundings),
        not_before=row.text("not_before") if "not_before" in row.content else None,
        repeats=row.flag("repeats", default=False),
        gate=_gate_of(row, gates),
    )
    _check_moment(rule, row)
    if not row.pinned:
        _check_names(rule, row, surroundings)
    return rule


def _gate_of(row: Table, gates: Mapping[str, Gate]) -> Gate | None:
    key = row.text("gate", "")
    if key and key not in gates:
        raise row.error("gate", f"{key!r} is unknown; known are {', '.join(gates) or 'none'}")
    return gates.get(key)


def read_conditions(row: Table) -> tuple[Condition, ...]:
    """Return what a row says under `while`."""
    return tuple(row.parsed("while", text, _condition) for text in row.texts("while"))


def _condition(text: str) -> Condition:
    for kind in sorted(Holding, key=len, reverse=True):
        if text == kind or text.startswith(f"{kind} "):
            condition = Condition(kind, text.removeprefix(kind).strip())
            break
    else:
        raise ValueError(f"{text!r} is unknown; known are {', '.join(Holding)}")
    names_something = condition.kind in _ABOUT_SOMETHING
    if names_something != bool(condition.of):
        raise ValueError(f"{condition.kind} names {'a phase, milestone or gate' if names_something else 'nothing'}")
    return condition


def _span(row: Table, clock: Clock, personal: bool) -> Span | None:
    if clock is Clock.SAME_DAY:
        return row.parsed("span", row.text("span", ""), lambda text: parse_span(text, clock))
    if personal and "span" not in row.content:
        return None
    return row.parsed("span", row.text("span"), lambda text: parse_span(text, clock))


def _action(text: str) -> Action:
    for verb in _VERBS:
        if text == verb or text.startswith(f"{verb} "):
            action = Action(verb, text.removeprefix(verb).strip())
            break
    else:
        raise ValueError(f"{text!r} is unknown; known are {', '.join(_VERBS)}")
    takes_argument = verb in (Verb.ESCALATE, Verb.MAIL, Verb.SET)
    if takes_argument != bool(action.argument):
        raise ValueError(f"{verb!s} takes {'an argument' if takes_argument else 'no argument'}")
    if verb is Verb.ESCALATE and not read_number(action.argument, 10**12):
        raise ValueError(f"{action.argument!r} is not an escalation level")
    return action


_VERBS = tuple(verb for verb in Verb if verb not in (Verb.HANDLE, Verb.CLOSE))
"""What a definition can have a moment do: only an answer that settles the matter handles and closes by itself."""


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
    if key not in surroundings.calendars and not row.pinned:
        raise row.error("calendar", f"{key!r} is unknown; known are site, {', '.join(surroundings.calendars)}")
    return surroundings.calendars.get(key)


def _check_moment(rule: MomentRule, row: Table) -> None:
    """Refuse what no agenda could be counted with."""
    if not rule.does:
        raise row.error("does", "a moment does at least one thing")
    if not rule.anchors:
        raise row.error("before" if rule.backwards else "after", "an anchor is missing")
    if rule.repeats and (rule.span is None or not (rule.span.time or rule.span.days)):
        raise row.error("repeats", "a moment that repeats needs a span longer than nothing")
    if not row.pinned and rule.repeats and (rule.backwards or _comes_too_soon(rule.span)):
        raise row.error("repeats", "a moment repeats after something, and after an hour at the earliest")


def _comes_too_soon(span: Span | None) -> bool:
    return span is not None and timedelta(0) < span.time < _SHORTEST_ROUND


def _check_names(rule: MomentRule, row: Table, surroundings: Surroundings) -> None:
    """Refuse what is not there today: templates, codes that are free, people who can be told."""
    for template in rule.templates:
        if template not in surroundings.templates:
            known = ", ".join(sorted(surroundings.templates))
            raise row.error("does", f"there is no mail template {template!r}; known are {known}")
    _check_once(rule, row)
    if rule.escalation_level > _HIGHEST_LEVEL:
        raise row.error("does", f"the highest escalation level is {_HIGHEST_LEVEL}")
    if not is_name(rule.code):
        raise row.error("code", f"{rule.code!r} is no name: {NAME}")
    if rule.code in (AUTOMATIC_ANSWER, AFTER_SILENCE, CONFIRMATION):
        raise row.error("code", f"{rule.code!r} is a moment of the service catalogue")
    if Role.CUSTOMER in rule.to:
        raise row.error("to", "customers are written to by people and by the service catalogue")
    if rule.tells and not rule.to:
        raise row.error("to", "a moment that mails or opens a pop-up says to whom")


def _check_once(rule: MomentRule, row: Table) -> None:
    """Refuse a moment that speaks to the same people twice in the same way."""
    verbs = [action.verb for action in rule.does]
    for verb in (Verb.MAIL, Verb.POP_UP):
        if verbs.count(verb) > 1:
            said = " and ".join(str(action) for action in rule.does if action.verb is verb)
            raise row.error("does", f"{said} would reach the same people twice; one {verb} is enough")
