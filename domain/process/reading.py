"""Reads a process definition from its parsed TOML. Every error names file, table and key; nothing is guessed.

What is applied is checked in full. What was applied once is read without the checks that a later release may have
sharpened, and without what is merely no longer shipped: its tickets go on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from domain.process.definition import (
    PASSED,
    SELF_ANSWERED,
    Anchor,
    Condition,
    Flag,
    Holding,
    Milestone,
    MomentRule,
    Phase,
    ProcessDefinition,
)
from domain.process.gate_clocks import gate_clocks, point_clocks
from domain.process.gate_reading import read_gates
from domain.process.gates import Gate, Words
from domain.process.life import LifeRules, read_life
from domain.process.moment_order import in_order
from domain.process.moment_reading import ABOUT_A_GATE, ABOUT_A_PHASE, Surroundings, read_conditions, read_moment
from domain.process.phase_deadlines import PHASE_KEYS, deadlines
from domain.process.table import NAME, DefinitionError, Table, is_name
from domain.time.spans import Clock, Span, parse_span

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


def read_definition(
    mapping: Mapping[str, object], surroundings: Surroundings, *, name: str, pinned: bool = False
) -> ProcessDefinition:
    """Return the definition in a parsed file; raises DefinitionError naming file, table and key.

    In a `pinned` one a calendar that is not there any more is the site's own, and roles nobody has are left out.
    """
    top = Table(name, mapping, pinned)
    top.only(*_TOP_KEYS)
    if "life" not in top.content:
        surroundings = replace(surroundings, templates=surroundings.templates - surroundings.of_lives)
    process = top.table("process")
    process.only("key", "title", "cites", "new_partner_jobs", "welcome", "objections")
    phases = _phases(top.table("phases"))
    milestones = _milestones(top.table("milestones"))
    gates = read_gates(top, list(phases), milestones)
    objections = _objections(process)
    with_points = bool(gates) or objections is not None
    rows = [*deadlines(top), *gate_clocks(top), *point_clocks(with_points), *top.rows("moments")]
    moments = tuple(read_moment(row, surroundings, gates) for row in rows)
    flags = tuple(_flag(row) for row in top.rows("flags"))
    known = _Known(phases, milestones, gates)
    _check_conditions([(f"moments[{m.code}]", m.conditions) for m in moments], known, top)
    _check_conditions([(f"flags[{f.key}]", f.conditions) for f in flags], known, top)
    reasons = _reasons(top.table("reasons"))
    return ProcessDefinition(
        key=_key(process),
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


def _key(process: Table) -> str:
    key = process.text("key")
    if not process.pinned and not is_name(key):
        raise process.error("key", f"{key!r} is no name: {NAME}")
    return key


def _life(top: Table, milestones: Mapping[str, Milestone], moments: tuple[MomentRule, ...]) -> LifeRules | None:
    """Return what is said about customers; the moment by which entries are worked off, and what moments set, exist."""
    for moment in () if top.pinned else moments:
        for name in moment.sets:
            if name not in milestones:
                raise DefinitionError(f"{top.place}: moments[{moment.code}]: does: the milestone {name!r} is unknown")
    life = read_life(top, milestones)
    if life and not top.pinned and life.worked_off not in {moment.code for moment in moments}:
        raise top.table("life").error("worked_off", f"there is no moment {life.worked_off!r}")
    return life


def _reasons(table: Table) -> dict[str, Words]:
    if not table.content:
        raise DefinitionError(f"{table.place}: closing needs at least one reason")
    for key in table.named():
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
    return {key: _phase(key, table.table(key)) for key in table.named()}


def _phase(key: str, table: Table) -> Phase:
    table.only("de", "en", "archived", "settles_points", *PHASE_KEYS)
    archived = table.words("archived") if "archived" in table.content else None
    return Phase(key, _title(table), archived, table.flag("settles_points", default=False))


def _milestones(table: Table) -> dict[str, Milestone]:
    return {key: _milestone(key, table.table(key), table) for key in table.named()}


def _milestone(key: str, table: Table, all_of_them: Table) -> Milestone:
    if not table.pinned and key in (*Anchor, SELF_ANSWERED):
        raise all_of_them.error(key, "this is the name of an event already")
    table.only("de", "en", "follows", "at_receipt")
    follows = table.texts("follows")
    for other in follows:
        if other not in all_of_them.content or other == key:
            raise table.error("follows", f"the milestone {other!r} is unknown")
    return Milestone(key, _title(table), follows, table.flag("at_receipt", default=False))


def _flag(row: Table) -> Flag:
    row.only("key", "title", "while")
    return Flag(row.text("key"), row.words("title"), read_conditions(row))


@dataclass(frozen=True)
class _Known:
    """What conditions may speak of."""

    phases: Mapping[str, Phase]
    milestones: Mapping[str, Milestone]
    gates: Mapping[str, Gate]

    def of(self, kind: Holding) -> Collection[str]:
        if kind in ABOUT_A_PHASE:
            return self.phases
        return self.gates if kind in ABOUT_A_GATE else self.milestones


def _check_conditions(named: list[tuple[str, tuple[Condition, ...]]], known: _Known, top: Table) -> None:
    """A condition about something that is not there would never hold, or always."""
    for place, conditions in named:
        for condition in conditions:
            there = known.of(condition.kind)
            if condition.of and condition.of not in there:
                listed = ", ".join(there) or "none"
                raise DefinitionError(f"{top.place}: {place}: while: {condition.of!r} is unknown; known are {listed}")
