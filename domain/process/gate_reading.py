"""Reads gates and their checklists from a definition; every error names file, table and key (QG-04)."""

import re
from collections.abc import Collection, Mapping

from domain.process.gates import Gate, Item, ItemKind, Prefill, Words
from domain.process.roles import OF_A_TICKET, Role
from domain.process.table import DefinitionError, Table
from domain.time.spans import Clock, parse_span

_GATE_KEYS = (
    *("de", "en", "cites", "phase", "from", "to", "owner", "override", "critical", "own", "control", "criteria"),
    *("sequence", "documentation", "items", "points", "give", "take", "remind", "escalate"),
)
_ITEM_KEYS = ("de", "en", "kind", "required", "help", "options", "missing", "demands", "prefill", "follows")
_POINTS = "5d"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_gates(top: Table, phases: list[str], milestones: Collection[str]) -> dict[str, Gate]:
    """Return the gates of a definition; each ends a phase of its own, and something follows it."""
    items = {key: _item(key, top.table("items").table(key), milestones) for key in top.table("items").content}
    tables = top.table("gates")
    gates = {key: _gate(key, tables.table(key), items, phases) for key in tables.content}
    taken: dict[str, str] = {}
    for gate in gates.values():
        if gate.phase in taken:
            raise tables.table(gate.key).error(
                "phase", f"{gate.phase!r} already ends at the gate {taken[gate.phase]!r}"
            )
        taken[gate.phase] = gate.key
    used = {item.key for gate in gates.values() for item in gate.items}
    if idle := [key for key in items if key not in used]:
        raise DefinitionError(f"{top.place}: items: {idle[0]}: no gate asks for this")
    return gates


def _item(key: str, table: Table, milestones: Collection[str]) -> Item:
    _check_key(key, table)
    table.only(*_ITEM_KEYS)
    kind = table.choice("kind", ItemKind)
    options = _options(table.table("options"))
    if (kind is ItemKind.CHOICE) != bool(options):
        raise table.error("options", "a choice has options, and nothing else has")
    demands_yes = _is(table, "demands", "yes")
    if demands_yes and kind is not ItemKind.YES_NO:
        raise table.error("demands", "only yes/no can be demanded to be yes")
    follows = table.text("follows", "")
    if follows and (kind is not ItemKind.DATE or follows not in milestones):
        raise table.error("follows", f"a day follows a milestone; {follows!r} is none that {kind} could follow")
    return Item(
        key=key,
        title=_title(table),
        kind=kind,
        required=table.flag("required", default=True),
        help=table.words("help") if "help" in table.content else None,
        options=options or None,
        may_be_missing=_is(table, "missing", "reason"),
        demands_yes=demands_yes,
        follows=follows or None,
        prefill=table.choice("prefill", Prefill) if "prefill" in table.content else None,
    )


def _check_key(key: str, table: Table) -> None:
    """Keys of gates and items stand in addresses and in the codes of moments."""
    if not _KEY.fullmatch(key):
        raise DefinitionError(f"{table.place}: {key!r} is not a key of small letters, digits and underscores")


def _options(table: Table) -> dict[str, Words]:
    return {key: table.words(key) for key in table.content}


def _is(table: Table, key: str, only: str) -> bool:
    """Whether a key has the one value it can have."""
    value = table.text(key, "")
    if value not in {"", only}:
        raise table.error(key, f'{value!r} is unknown; known is "{only}"')
    return bool(value)


def _title(table: Table) -> Words:
    return {language: table.text(language) for language in ("de", "en")}


def _gate(key: str, table: Table, items: Mapping[str, Item], phases: list[str]) -> Gate:
    _check_key(key, table)
    table.only(*_GATE_KEYS)
    phase = table.text("phase")
    if phase not in phases[:-1]:
        known = ", ".join(phases[:-1]) or "none, for something has to follow"
        raise table.error("phase", f"{phase!r} is no phase that a gate can end; known are {known}")
    asked = table.texts("items")
    for name in asked:
        if name not in items:
            raise table.error("items", f"the item {name!r} is unknown; known are {', '.join(items) or 'none'}")
    if len(set(asked)) < len(asked) or not asked:
        raise table.error("items", "a gate asks for at least one item, and for each one once")
    return Gate(
        key=key,
        title=_title(table),
        cites=table.text("cites"),
        phase=phase,
        giver=_department(table, "from"),
        receiver=_department(table, "to"),
        owner=_department(table, "owner"),
        override=_department(table, "override"),
        critical=table.flag("critical", default=True),
        own=table.flag("own", default=False),
        control=table.words("control"),
        criteria=table.words("criteria"),
        sequence=table.words("sequence"),
        documentation=table.words("documentation"),
        items=tuple(items[name] for name in asked),
        points=table.parsed("points", table.text("points", _POINTS), lambda text: parse_span(text, Clock.WORKING_DAYS)),
    )


def _department(table: Table, key: str) -> Role:
    role = table.choice(key, Role, instead=Role.CONTROLLER)
    if role in OF_A_TICKET:
        raise table.error(key, f"{role.value!r} is a role of a ticket, not of people")
    return role
