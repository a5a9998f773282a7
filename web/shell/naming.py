"""What people call what the codes mean: colleagues, phases, milestones, gates and their lines."""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.process.definition import PASSED
from domain.process.gates import Gate
from domain.ticket.context import RuleContext
from domain.ticket.facts import Refused
from domain.words.wording import instant
from models.tables import PersonRow
from web.shell.roles import role_title
from web.shell.translations import N_, Words


def name_of(short: str | None, people: Mapping[str, PersonRow]) -> str:
    """Return somebody's name; a short name nobody has any more is shown as it is."""
    return people[short].name if short is not None and short in people else short or "–"


def refusal_context(
    refused: Refused, rule_context: RuleContext, people: Mapping[str, PersonRow], words: Words
) -> dict[str, str]:
    """Return what fills the sentence of a refusal, with names for short names and site time for instants."""
    context = dict(refused.context)
    gate = rule_context.process.gates.get(context.get("gate", ""))
    titles: dict[str, Callable[[str], str]] = {
        "by": lambda short: name_of(short, people),
        "owner": lambda short: name_of(short, people),
        "person": lambda short: name_of(short, people),
        "milestone": lambda key: milestone_title(key, rule_context, words),
        "other": lambda key: milestone_title(key, rule_context, words),
        "needed": lambda key: _anchor_title(key, rule_context, words),
        "reason": lambda key: rule_context.process.reasons.get(key, {}).get(words.language, key),
        "phase": lambda key: phase_title(key, rule_context, words),
        "gate": lambda key: gate_title(key, rule_context, words),
        "role": lambda role: role_title(role, words),
        "item": lambda key: item_title(gate, key, words),
        "items": lambda keys: ", ".join(item_title(gate, key, words) for key in keys.split(", ")),
        "point": lambda key: point_title(key, rule_context, words),
        "at": lambda iso: site_time(iso, rule_context, words),
    }
    return {key: titles[key](value) if key in titles else value for key, value in context.items()}


def gate_title(key: str, rule_context: RuleContext, words: Words) -> str:
    """Return what a gate is called; an unknown one is shown as it is."""
    gate = rule_context.process.gates.get(key)
    return gate.title[words.language] if gate else key


def item_title(gate: Gate | None, key: str, words: Words) -> str:
    """Return what a line of a checklist is called; an unknown one is shown as it is."""
    item = gate.item(key) if gate else None
    return item.title[words.language] if item else key


def point_title(key: str, rule_context: RuleContext, words: Words) -> str:
    """Return what an open point is about: the line of the checklist that is owed, or an objection."""
    gate, _, item = key.partition(".")
    if gate in rule_context.process.gates:
        return item_title(rule_context.process.gates[gate], item, words)
    return words(N_("Objection"))


def _anchor_title(key: str, rule_context: RuleContext, words: Words) -> str:
    """Return what a milestone or a gate that has to be passed is called."""
    if key.startswith(PASSED):
        return gate_title(key.removeprefix(PASSED), rule_context, words)
    return milestone_title(key, rule_context, words)


def milestone_title(key: str, rule_context: RuleContext, words: Words) -> str:
    """Return what a milestone is called; an unknown one is shown as it is."""
    milestone = rule_context.process.milestones.get(key)
    return milestone.title[words.language] if milestone else key


def phase_title(key: str, rule_context: RuleContext, words: Words) -> str:
    """Return what a phase is called; an unknown one is shown as it is."""
    phase = rule_context.process.phases.get(key)
    return phase.title[words.language] if phase else key


def site_time(iso: str, rule_context: RuleContext, words: Words) -> str:
    """Return an instant in the site's time; what is none is shown as it is."""
    try:
        return instant(datetime.fromisoformat(iso), words.language, rule_context.calendar.zone)
    except ValueError:
        return iso or "–"
