"""Unfolds the deadlines of phases into moments: a phase says due, target, remind and escalate; the rest is sensible.

A deadline hangs on a milestone, never on entering the phase, and runs until the phase is finished (KM-09, reading 26).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.process.table import Table

PHASE_KEYS = ("due", "target", "remind", "escalate")
_DEFAULTS = {"remind": "4h", "escalate": "1d"}
_DEADLINE_KEYS = ("after", "before", "not_before", "span", "clock", "cites", "late")
_NEVER = "never"


def deadlines(top: Table) -> Iterator[Table]:
    """Yield a row for every moment the phases ask for, as if it had been written under `moments`."""
    defaults = top.table("phase_defaults")
    defaults.only(*_DEFAULTS)
    phases = top.table("phases")
    for key in phases.content:
        yield from _of_phase(key, phases.table(key), {**_DEFAULTS, **defaults.content})


def _of_phase(key: str, phase: Table, defaults: Mapping[str, object]) -> Iterator[Table]:
    for name, does in (("target", ["pop-up", "mail phase_target"]), ("due", ["mark overdue", "pop-up"])):
        if name in phase.content:
            deadline = phase.table(name)
            deadline.only(*_DEADLINE_KEYS)
            row = {**deadline.content, "does": does, "to": "owner", "optional": "on"}
            yield _row(phase, key, name, _TITLES[name], row)
    if "due" in phase.content:
        yield from _around(key, phase, defaults)


def _around(key: str, phase: Table, defaults: Mapping[str, object]) -> Iterator[Table]:
    """Remind some business hours before the deadline, escalate some working days after it, unless "never"."""
    cites = phase.table("due").content.get("cites", "")
    remind = phase.content.get("remind", defaults["remind"])
    escalate = phase.content.get("escalate", defaults["escalate"])
    if remind != _NEVER:
        row = {"before": f"{key}.due", "span": remind, "late": "skip", "does": "mail phase_reminder", "to": "owner"}
        yield _row(phase, key, "remind", _TITLES["remind"], {**row, "optional": "on", "cites": cites})
    if escalate != _NEVER:
        does = ["escalate 1", "mail phase_escalated"]
        row = {"after": f"{key}.due", "span": escalate, "clock": "working days", "does": does}
        to = ["controller", "senior_controller"]
        row |= {"to": to, "personal": True, "optional": "on", "cites": cites}
        yield _row(phase, key, "escalated", _TITLES["escalated"], row)


def _row(phase: Table, key: str, name: str, title: Mapping[str, str], content: Mapping[str, object]) -> Table:
    words = {language: f"{phase.text(language)}: {title[language]}" for language in ("de", "en")}
    made = {"code": f"{key}.{name}", "title": words, "while": f"unfinished {key}"}
    return replace(phase, place=f"{phase.place}: {name}", content={**made, **content})


_TITLES = {
    "target": {"de": "Ziel", "en": "target"},
    "due": {"de": "Frist", "en": "deadline"},
    "remind": {"de": "Erinnerung", "en": "reminder"},
    "escalated": {"de": "Eskalation", "en": "escalation"},
}
