"""Unfolds the clocks of gates and open points into moments, as if somebody had written them.

Both sides of a handover have a response clock on business hours: the giver's `give` runs from the events it names and
from each rejection, the receiver's `take` from each submission. Who is late is reminded, then the gate's owner hears.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.process.definition import REJECTED, SUBMITTED
from domain.process.table import Table

_NEVER = "never"
_DEFAULTS = {"remind": "1h", "escalate": "2h"}
_SPANS = {"give": "8h", "take": "4h"}


def gate_clocks(top: Table) -> Iterator[Table]:
    """Yield a row for every moment the gates ask for."""
    tables = top.table("gates")
    for key in tables.content:
        yield from _of_gate(key, tables.table(key))


def _of_gate(key: str, gate: Table) -> Iterator[Table]:
    submitted, rejected = f"{SUBMITTED}{key}", f"{REJECTED}{key}"
    give, take = gate.table("give"), gate.table("take")
    give.only("after", "span")
    take.only("span")
    unfinished = f"unfinished {gate.text('phase')}"
    waiting, not_given = [f"waiting at {key}", unfinished], [f"not given {key}", unfinished]
    told = {"span": "0h", "clock": "wall", "optional": "on"}
    arrived = {"after": submitted, "while": waiting, "does": ["pop-up", "mail handover_waiting"], "to": "receiver"}
    returned = {"after": rejected, "while": not_given, "does": ["pop-up", "mail handover_returned"], "to": "giver"}
    for name, content in (("submitted", arrived), ("rejected", returned)):
        yield _row(gate, key, name, {**content, **told})
    yield from _clock(gate, key, "take", {"after": submitted, "while": waiting, **take.content}, "receiver")
    after = [*give.texts("after"), rejected]
    yield from _clock(gate, key, "give", {**give.content, "after": after, "while": not_given}, "giver")


def _clock(gate: Table, key: str, side: str, content: Mapping[str, object], to: str) -> Iterator[Table]:
    """Unfold one side's clock: a reminder before it runs out, the deadline, and what the gate's owner hears after."""
    due = f"{key}.{side}.due"
    row = {"span": _SPANS[side], **content, "to": to, "optional": "on"}
    yield _row(gate, key, f"{side}.due", {**row, "does": ["mark overdue", "pop-up"]})
    remind = gate.text("remind", _DEFAULTS["remind"])
    if remind != _NEVER:
        reminder = {"before": due, "span": remind, "late": "skip", "does": "mail handover_reminder", "to": to}
        yield _row(gate, key, f"{side}.remind", reminder | {"optional": "on"})
    escalate = gate.text("escalate", _DEFAULTS["escalate"])
    if escalate != _NEVER:
        hears = {"after": due, "span": escalate, "does": ["escalate 1", "mail handover_escalated"]}
        yield _row(gate, key, f"{side}.escalated", hears | {"to": gate.text("owner"), "optional": "on"})


def _row(gate: Table, key: str, name: str, content: Mapping[str, object]) -> Table:
    words = {language: f"{gate.text(language)}: {_TITLES[name][language]}" for language in ("de", "en")}
    made = {"code": f"{key}.{name}", "title": words, "cites": gate.text("cites"), "gate": key}
    return replace(gate, place=f"{gate.place}: {name}", content={**made, **content})


_TITLES = {
    "submitted": {"de": "Übergabe wartet", "en": "handover waits"},
    "rejected": {"de": "Übergabe zurückgewiesen", "en": "handover returned"},
    "take.due": {"de": "Annahme überfällig", "en": "acceptance overdue"},
    "take.remind": {"de": "Erinnerung an die Annahme", "en": "reminder to accept"},
    "take.escalated": {"de": "Annahme eskaliert", "en": "acceptance escalated"},
    "give.due": {"de": "Übergabe überfällig", "en": "handover overdue"},
    "give.remind": {"de": "Erinnerung an die Übergabe", "en": "reminder to hand over"},
    "give.escalated": {"de": "Übergabe eskaliert", "en": "handover escalated"},
}


def point_clocks(wanted: bool) -> Iterator[Table]:
    """Yield the moments every open point has: its deadline at the day it was given, and the controllers a day later."""
    if not wanted:
        return
    common = {"cites": "SP-01, reading 38", "optional": "on"}
    yield Table(
        "points",
        {
            "code": "point.due",
            "title": {"de": "Offener Punkt: Frist", "en": "Open point: deadline"},
            "after": "open_point",
            "span": "0h",
            "clock": "wall",
            "does": ["mark overdue", "pop-up", "mail point_due"],
            "to": "assignee",
            **common,
        },
    )
    yield Table(
        "points",
        {
            "code": "point.escalated",
            "title": {"de": "Offener Punkt: Eskalation", "en": "Open point: escalation"},
            "after": "point.due",
            "span": "1d",
            "clock": "working days",
            "does": ["escalate 1", "mail phase_escalated"],
            "to": ["controller", "senior_controller"],
            **common,
        },
    )
