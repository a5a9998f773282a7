"""Reads a process definition from its parsed TOML. Every error names file, table and key; nothing is guessed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from domain.business_time import BusinessCalendar
from domain.gate_clocks import gate_clocks, point_clocks
from domain.gate_reading import read_gates
from domain.gates import Gate, Words
from domain.life import LifeRules, read_life
from domain.moment_order import in_order
from domain.phase_deadlines import PHASE_KEYS, deadlines
from domain.process import (
    AFTER_SILENCE,
    AUTOMATIC_ANSWER,
    CONFIRMATION,
    PASSED,
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
    Verb,
)
from domain.reading import DefinitionError, Table
from domain.roles import Role
from domain.spans import FORWARDS_ONLY, Clock, Span, parse_span


@dataclass(frozen=True)
class Surroundings:
    """What a definition may name: the mail templates there are and the calendars besides the site's own."""

    templates: frozenset[str]
    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)


_TOP_KEYS = (
    "process",
    "phases",
    "phase_defaults",
    "milestones",
    "items",
    "gates",
    "reasons",
    "flags",
    "moments",
    "life",
)
_MOMENT_KEYS = (
    *("code", "title", "cites", "after", "before", "not_before", "span", "clock", "personal", "repeats", "while"),
    *("does", "to", "deliver", "late", "optional", "calendar", "gate"),
)
_ABOUT_A_PHASE = {Holding.UNFINISHED, Holding.IN_PHASE}
_ABOUT_A_GATE = {Holding.AT_GATE, Holding.NOT_GIVEN, Holding.PASSED}
_ABOUT_SOMETHING = {*_ABOUT_A_PHASE, *_ABOUT_A_GATE, Holding.MISSING, Holding.SET}


def read_definition(mapping: Mapping[str, object], surroundings: Surroundings, *, name: str) -> ProcessDefinition:
    """Return the definition in a parsed file; raises DefinitionError naming file, table and key."""
    top = Table(name, mapping)
    top.only(*_TOP_KEYS)
    process = top.table("process")
    process.only("key", "title", "cites", "new_partner_jobs", "welcome", "objections")
    phases = _phases(top.table("phases"))
    milestones = _milestones(top.table("milestones"))
    gates = read_gates(top, list(phases), milestones)
    objections = _objections(process)
    with_points = bool(gates) or objections is not None
    rows = [*deadlines(top), *gate_clocks(top), *point_clocks(with_points), *top.rows("moments")]
    moments = tuple(_moment(row, surroundings, gates) for row in rows)
    flags = tuple(_flag(row) for row in top.rows("flags"))
    known = _Known(phases, milestones, gates)
    _check_conditions([(f"moments[{m.code}]", m.conditions) for m in moments], known, top)
    _check_conditions([(f"flags[{f.key}]", f.conditions) for f in flags], known, top)
    reasons = _reasons(top.table("reasons"))
    return ProcessDefinition(
        key=process.text("key"),
        title=process.words("title"),
        phases=phases,
        milestones=milestones,
        reasons=reasons,
        flags=flags,
        moments=in_order(moments, phases, milestones, gates, top),
        new_partner_jobs=process.number("new_partner_jobs", 3),
        gates=gates,
        needs={key: _needs(top.table("reasons").table(key), milestones, gates) for key in reasons},
        welcome=_welcome(process, milestones),
        objections=objections,
        life=_life(top, milestones, moments),
    )


def _life(top: Table, milestones: Mapping[str, Milestone], moments: tuple[MomentRule, ...]) -> LifeRules | None:
    """Return what is said about customers; the moment by which entries are worked off, and what moments set, exist."""
    for moment in moments:
        for name in moment.sets:
            if name not in milestones:
                raise DefinitionError(f"{top.place}: moments[{moment.code}]: does: the milestone {name!r} is unknown")
    life = read_life(top, milestones)
    if life and life.worked_off not in {moment.code for moment in moments}:
        raise top.table("life").error("worked_off", f"there is no moment {life.worked_off!r}")
    return life


def _reasons(table: Table) -> dict[str, Words]:
    if not table.content:
        raise DefinitionError(f"{table.place}: closing needs at least one reason")
    for key in table.content:
        table.table(key).only("de", "en", "needs")
    return {key: _title(table.table(key)) for key in table.content}


def _needs(reason: Table, milestones: Collection[str], gates: Collection[str]) -> tuple[str, ...]:
    """Return the milestones and passed gates without which a ticket cannot end for a reason."""
    needs = reason.texts("needs")
    known = [*milestones, *(f"{PASSED}{gate}" for gate in gates)]
    for anchor in needs:
        if anchor not in known:
            raise reason.error("needs", f"{anchor!r} is unknown; known are {', '.join(known) or 'none'}")
    return needs


def _welcome(process: Table, milestones: Collection[str]) -> str | None:
    welcome = process.text("welcome", "")
    if welcome and welcome not in milestones:
        raise process.error("welcome", f"the milestone {welcome!r} is unknown")
    return welcome or None


def _objections(process: Table) -> Span | None:
    if "objections" not in process.content:
        return None
    return process.parsed("objections", process.text("objections"), lambda text: parse_span(text, Clock.WORKING_DAYS))


def _title(table: Table) -> Words:
    return {language: table.text(language) for language in ("de", "en")}


def _phases(table: Table) -> dict[str, Phase]:
    if not table.content:
        raise DefinitionError(f"{table.place}: a process has at least one phase")
    return {key: _phase(key, table.table(key)) for key in table.content}


def _phase(key: str, table: Table) -> Phase:
    table.only("de", "en", "archived", "settles_points", *PHASE_KEYS)
    archived = table.words("archived") if "archived" in table.content else None
    return Phase(key, _title(table), archived, table.flag("settles_points", default=False))


def _milestones(table: Table) -> dict[str, Milestone]:
    return {key: _milestone(key, table.table(key), table) for key in table.content}


def _milestone(key: str, table: Table, all_of_them: Table) -> Milestone:
    table.only("de", "en", "follows", "at_receipt")
    follows = table.texts("follows")
    for other in follows:
        if other not in all_of_them.content or other == key:
            raise table.error("follows", f"the milestone {other!r} is unknown")
    return Milestone(key, _title(table), follows, table.flag("at_receipt", default=False))


def _flag(row: Table) -> Flag:
    row.only("key", "title", "while")
    return Flag(row.text("key"), row.words("title"), _conditions(row))


def _moment(row: Table, surroundings: Surroundings, gates: Mapping[str, Gate]) -> MomentRule:
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
        conditions=_conditions(row),
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
    _check_moment(rule, row, surroundings)
    return rule


def _gate_of(row: Table, gates: Mapping[str, Gate]) -> Gate | None:
    key = row.text("gate", "")
    if key and key not in gates:
        raise row.error("gate", f"{key!r} is unknown; known are {', '.join(gates) or 'none'}")
    return gates.get(key)


def _conditions(row: Table) -> tuple[Condition, ...]:
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
    if verb is Verb.ESCALATE and not (action.argument.isdigit() and int(action.argument) > 0):
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
    if key not in surroundings.calendars:
        raise row.error("calendar", f"{key!r} is unknown; known are site, {', '.join(surroundings.calendars)}")
    return surroundings.calendars[key]


def _check_moment(rule: MomentRule, row: Table, surroundings: Surroundings) -> None:
    template = rule.template()
    if template is not None and template not in surroundings.templates:
        known = ", ".join(sorted(surroundings.templates))
        raise row.error("does", f"there is no mail template {template!r}; known are {known}")
    if rule.code in (AUTOMATIC_ANSWER, AFTER_SILENCE, CONFIRMATION):
        raise row.error("code", f"{rule.code!r} is a moment of the service catalogue")
    if Role.CUSTOMER in rule.to:
        raise row.error("to", "customers are written to by people and by the service catalogue")
    if not rule.does:
        raise row.error("does", "a moment does at least one thing")
    if rule.tells and not rule.to:
        raise row.error("to", "a moment that mails or opens a pop-up says to whom")
    if not rule.anchors:
        raise row.error("before" if rule.backwards else "after", "an anchor is missing")
    if rule.repeats and (rule.span is None or not (rule.span.time or rule.span.days)):
        raise row.error("repeats", "a moment that repeats needs a span longer than nothing")


@dataclass(frozen=True)
class _Known:
    """What conditions may speak of."""

    phases: Mapping[str, Phase]
    milestones: Mapping[str, Milestone]
    gates: Mapping[str, Gate]

    def of(self, kind: Holding) -> Collection[str]:
        if kind in _ABOUT_A_PHASE:
            return self.phases
        return self.gates if kind in _ABOUT_A_GATE else self.milestones


def _check_conditions(named: list[tuple[str, tuple[Condition, ...]]], known: _Known, top: Table) -> None:
    """A condition about something that is not there would never hold, or always."""
    for place, conditions in named:
        for condition in conditions:
            there = known.of(condition.kind)
            if condition.of and condition.of not in there:
                listed = ", ".join(there) or "none"
                raise DefinitionError(f"{top.place}: {place}: while: {condition.of!r} is unknown; known are {listed}")
