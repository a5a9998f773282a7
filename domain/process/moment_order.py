"""Puts rules in an order in which anchors come first, and refuses those that could never come to pass."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from domain.process.definition import IN_PROGRESS, OPEN, PASSED, PHASE_ENTERED, REJECTED, SUBMITTED, Anchor, MomentRule
from domain.process.table import DefinitionError, Table


def in_order(
    moments: tuple[MomentRule, ...],
    phases: Collection[str],
    milestones: Collection[str],
    gates: Collection[str],
    top: Table,
) -> tuple[MomentRule, ...]:
    """Sort rules; refuse codes given twice, unknown anchors, cycles and what can never happen.

    A pinned definition may have a code that became the name of an event since, and moments that never happen.
    """
    events = [*Anchor, *milestones, *(f"{PHASE_ENTERED}{phase}" for phase in phases)]
    events += [f"{step}{gate}" for gate in gates for step in (SUBMITTED, REJECTED, PASSED)]
    by_code: dict[str, MomentRule] = {}
    for rule in moments:
        if rule.code in by_code or (rule.code in events and not top.pinned):
            raise DefinitionError(f"{top.place}: moments[{rule.code}]: code: {rule.code!r} is already taken")
        by_code[rule.code] = rule
    for rule in moments:
        _check_anchors(rule, by_code, events, top)
    graph = {rule.code: [anchor for anchor in rule.anchors if anchor in by_code] for rule in moments}
    try:
        ordered = tuple(TopologicalSorter(graph).static_order())
    except CycleError as problem:
        circle = " → ".join(problem.args[1])
        raise DefinitionError(f"{top.place}: moments[{problem.args[1][0]}]: after: cycle {circle}") from None
    narrowed: dict[str, MomentRule] = {}
    for code in ordered:
        narrowed[code] = _narrowed(by_code[code], narrowed, top)
    rank = {rule.code: position for position, rule in enumerate(moments)}
    return tuple(narrowed[code] for code in _as_in_the_file(ordered, graph, rank))


def _as_in_the_file(ordered: tuple[str, ...], graph: Mapping[str, list[str]], rank: Mapping[str, int]) -> list[str]:
    """Keep the order of the file wherever the anchors allow it."""
    depth: dict[str, int] = {}
    for code in ordered:
        depth[code] = 1 + max((depth[parent] for parent in graph[code]), default=0)
    return sorted(ordered, key=lambda code: (depth[code], rank[code]))


def _check_anchors(rule: MomentRule, by_code: Mapping[str, MomentRule], events: list[str], top: Table) -> None:
    place = f"{top.place}: moments[{rule.code}]"
    key = "before" if rule.backwards else "after"
    for anchor in rule.anchors:
        if anchor not in by_code and anchor not in events:
            known = ", ".join([*events, *by_code])
            raise DefinitionError(f"{place}: {key}: the anchor {anchor!r} is unknown; known are {known}")
    if len(rule.anchors) > 1 and any(anchor in by_code for anchor in rule.anchors):
        raise DefinitionError(f"{place}: {key}: several anchors must all be events, not moments")
    if rule.not_before is not None and rule.not_before not in events:
        known = ", ".join(events)
        raise DefinitionError(f"{place}: not_before: the anchor {rule.not_before!r} is unknown; known are {known}")


def _narrowed(rule: MomentRule, earlier: Mapping[str, MomentRule], top: Table) -> MomentRule:
    """A moment that hangs on another one lives no longer than that one's conditions."""
    parents = [earlier[anchor] for anchor in rule.anchors if anchor in earlier]
    conditions = tuple(dict.fromkeys([*rule.conditions, *(c for parent in parents for c in parent.conditions)]))
    if {OPEN, IN_PROGRESS} <= set(conditions) and not top.pinned:
        place = f"{top.place}: moments[{rule.code}]: while"
        because = f"{rule.anchors[0]} needs the opposite" if parents else "a ticket is either open or in progress"
        raise DefinitionError(f"{place}: this can never happen: {because}")
    return replace(rule, conditions=conditions)
