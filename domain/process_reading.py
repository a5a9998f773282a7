"""Reads a process definition from its parsed TOML. Every error names file, table and key; nothing is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.business_time import BusinessCalendar
from domain.moment_order import in_order
from domain.phase_deadlines import PHASE_KEYS, deadlines
from domain.process import (
    Action,
    Condition,
    Delivery,
    Flag,
    Holding,
    Late,
    Milestone,
    MomentRule,
    Phase,
    ProcessDefinition,
    Role,
    Verb,
    Words,
)
from domain.reading import DefinitionError, Table
from domain.spans import Clock, Span, parse_span


@dataclass(frozen=True)
class Surroundings:
    """What a definition may name: the mail templates there are and the calendars besides the site's own."""

    templates: frozenset[str]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)


_TOP_KEYS = ("process", "phases", "phase_defaults", "milestones", "reasons", "flags", "moments")
_MOMENT_KEYS = (
    *("code", "title", "cites", "after", "before", "not_before", "span", "clock", "personal", "repeats", "while"),
    *("does", "to", "deliver", "late", "optional", "calendar"),
)
_ABOUT_A_PHASE = {Holding.UNFINISHED, Holding.IN_PHASE}


def read_definition(mapping: Mapping[str, object], surroundings: Surroundings, *, name: str) -> ProcessDefinition:
    """Return the definition in a parsed file; raises DefinitionError naming file, table and key."""
    top = Table(name, mapping)
    top.only(*_TOP_KEYS)
    process = top.table("process")
    process.only("key", "title", "cites", "new_partner_jobs")
    phases = _phases(top.table("phases"))
    milestones = _milestones(top.table("milestones"))
    rows = [*deadlines(top), *top.rows("moments")]
    moments = tuple(_moment(row, surroundings) for row in rows)
    flags = tuple(_flag(row) for row in top.rows("flags"))
    _check_conditions([(f"moments[{m.code}]", m.conditions) for m in moments], phases, milestones, top)
    _check_conditions([(f"flags[{f.key}]", f.conditions) for f in flags], phases, milestones, top)
    return ProcessDefinition(
        key=process.text("key"),
        title=process.words("title"),
        phases=phases,
        milestones=milestones,
        reasons=_labels(top.table("reasons"), "closing needs at least one reason"),
        flags=flags,
        moments=in_order(moments, phases, milestones, top),
        new_partner_jobs=process.number("new_partner_jobs", 3),
    )


def _labels(table: Table, needed: str) -> dict[str, Words]:
    if not table.content:
        raise DefinitionError(f"{table.place}: {needed}")
    return {key: table.words(key) for key in table.content}


def _phases(table: Table) -> dict[str, Phase]:
    if not table.content:
        raise DefinitionError(f"{table.place}: a process has at least one phase")
    return {key: _phase(key, table.table(key)) for key in table.content}


def _phase(key: str, table: Table) -> Phase:
    table.only("de", "en", "archived", *PHASE_KEYS)
    archived = table.words("archived") if "archived" in table.content else None
    return Phase(key, {language: table.text(language) for language in ("de", "en")}, archived)


def _milestones(table: Table) -> dict[str, Milestone]:
    return {key: _milestone(key, table.table(key), table) for key in table.content}


def _milestone(key: str, table: Table, all_of_them: Table) -> Milestone:
    table.only("de", "en", "follows", "at_receipt")
    follows = table.texts("follows")
    for other in follows:
        if other not in all_of_them.content or other == key:
            raise table.error("follows", f"the milestone {other!r} is unknown")
    title = {language: table.text(language) for language in ("de", "en")}
    return Milestone(key, title, follows, table.flag("at_receipt", default=False))


def _flag(row: Table) -> Flag:
    row.only("key", "title", "while")
    return Flag(row.text("key"), row.words("title"), _conditions(row))


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
        conditions=_conditions(row),
        does=tuple(row.parsed("does", text, _action) for text in row.texts("does")),
        to=row.choices("to", Role),
        deliver=row.choice("deliver", Delivery, Delivery.BUSINESS_HOURS),
        late=row.choice("late", Late, Late.AT_ONCE),
        optional=_optional(row),
        calendar=_calendar(row, surroundings),
        not_before=row.text("not_before") if "not_before" in row.content else None,
        repeats=row.flag("repeats", default=False),
    )
    _check_moment(rule, row, surroundings)
    return rule


def _conditions(row: Table) -> tuple[Condition, ...]:
    return tuple(row.parsed("while", text, _condition) for text in row.texts("while"))


def _condition(text: str) -> Condition:
    for kind in sorted(Holding, key=len, reverse=True):
        if text == kind or text.startswith(f"{kind} "):
            condition = Condition(kind, text.removeprefix(kind).strip())
            break
    else:
        raise ValueError(f"{text!r} is unknown; known are {', '.join(Holding)}")
    names_something = condition.kind in {*_ABOUT_A_PHASE, Holding.MISSING}
    if names_something != bool(condition.of):
        raise ValueError(f"{condition.kind} names {'a phase or milestone' if names_something else 'nothing'}")
    return condition


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
    if rule.repeats and (rule.span is None or not (rule.span.time or rule.span.days)):
        raise row.error("repeats", "a moment that repeats needs a span longer than nothing")


def _check_conditions(
    named: list[tuple[str, tuple[Condition, ...]]],
    phases: Mapping[str, Phase],
    milestones: Mapping[str, Milestone],
    top: Table,
) -> None:
    """A condition about a phase or a milestone that is not there would never hold, or always."""
    for place, conditions in named:
        for condition in conditions:
            known = phases if condition.kind in _ABOUT_A_PHASE else milestones
            if condition.of and condition.of not in known:
                listed = ", ".join(known) or "none"
                raise DefinitionError(f"{top.place}: {place}: while: {condition.of!r} is unknown; known are {listed}")
