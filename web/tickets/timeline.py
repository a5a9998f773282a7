"""A ticket's life as two lists: what has happened, and what will happen if nobody does anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.process.definition import SELF_ANSWERED, Action, ProcessDefinition, Verb
from domain.service.catalogue import TITLES
from domain.ticket.agenda import agenda
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.ticket import Ticket
from domain.words.wording import day, instant, why_sentence
from models.tables import EventRow, PersonRow, TextRow
from web.shell.fact_views import FACTS
from web.shell.naming import gate_title, item_title, milestone_title, name_of, phase_title, point_title, site_time
from web.shell.translations import N_, Words
from web.tickets.steps import is_chain

_FROM_CUSTOMER = {"received", "customer_wrote"}
"""What is shown as the customer's own words."""
SHOWN_AHEAD = 12


@dataclass(frozen=True)
class Past:
    """Something that happened: a fact somebody brought about, or a moment of the agenda."""

    at: datetime
    when: str
    title: str
    kind: str
    code: str = ""
    why: str = ""
    subject: str = ""
    text: str = ""
    noticed: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    text_id: int | None = None


@dataclass(frozen=True)
class Ahead:
    """Something that will happen."""

    at: datetime
    when: str
    code: str
    title: str
    effects: tuple[str, ...]
    people: tuple[str, ...]
    why: str
    weight: str


def past(
    events: list[tuple[EventRow, TextRow | None]],
    rule_context: RuleContext,
    people: Mapping[str, PersonRow],
    words: Words,
) -> list[Past]:
    """Return what happened, newest last."""
    phases = phases_between([event for event, _ in events], rule_context.process)
    told = zip(events, phases, strict=True)
    return [_past(event, text, phase, rule_context, people, words) for (event, text), phase in told]


def phases_between(events: Sequence[EventRow], process: ProcessDefinition) -> Iterator[tuple[str, str]]:
    """Yield for every event the phase before it and the phase after it."""
    phase, packages = process.first_phase, 0
    for event in events:
        before = phase
        if event.code in ("phase_done", "phase_skipped"):
            phase = process.after(phase) or phase
        elif event.code in ("handover_accepted", "gate_overridden"):
            phase = process.after(process.gates[str(event.fact["gate"])].phase) or phase
        elif event.code == "phase_back":
            phase = str(event.fact["to"])
        elif event.code == "package":
            packages += 1
            phase = process.chain[min(packages, len(process.chain) - 1)]
        yield before, phase


def ahead(ticket: Ticket, rule_context: RuleContext, people: Mapping[str, PersonRow], words: Words) -> list[Ahead]:
    """Return what will happen next, soonest first."""
    return [
        _ahead(moment, ticket, rule_context, people, words) for moment in agenda(ticket, rule_context)[:SHOWN_AHEAD]
    ]


def _past(
    event: EventRow,
    text: TextRow | None,
    phases: tuple[str, str],
    rule_context: RuleContext,
    people: Mapping[str, PersonRow],
    words: Words,
) -> Past:
    zone = rule_context.calendar.zone
    code = event.code.partition("/")[0]
    is_fact = event.code in FACTS
    late = (event.recorded_at - event.at).total_seconds() > _NOTICED_LATE
    return Past(
        at=event.at,
        when=instant(event.at, words.language, zone),
        title=_fact_title(event, phases, rule_context, people, words)
        if is_fact
        else _moment_title(code, event.code, rule_context, people, words),
        kind=_kind(event.code, code, rule_context),
        code="" if is_fact else code,
        why=event.why.get(words.language, ""),
        subject=text.subject if text else "",
        text=text.body if text else "",
        noticed=instant(event.recorded_at, words.language, zone) if late else "",
        parts=_parts(event, text, rule_context, words),
        text_id=event.text,
    )


def _kind(full: str, code: str, rule_context: RuleContext) -> str:
    if full == "refused":
        return "refused"
    return "customer" if full in _FROM_CUSTOMER else "fact" if full in FACTS else _weight(code, rule_context)


def _parts(
    event: EventRow, text: TextRow | None, rule_context: RuleContext, words: Words
) -> tuple[tuple[str, str], ...]:
    """Return the lines of a checklist that were given back, each with its remark."""
    if event.code != "handover_rejected":
        return ()
    gate = rule_context.process.gates.get(str(event.fact.get("gate")))
    remarks = text.parts if text else {}
    return tuple((item_title(gate, key, words), remarks.get(key, "")) for key in event.fact.get("items", []))


_NOTICED_LATE = 60


def _fact_title(
    event: EventRow, phases: tuple[str, str], rule_context: RuleContext, people: Mapping[str, PersonRow], words: Words
) -> str:
    fact: Mapping[str, Any] = event.fact
    reason = str(fact.get("reason", "–"))
    before, after = (phase_title(phase, rule_context, words) for phase in phases)
    planned_for = fact.get("at") if FACTS[event.code].dated else None
    on = datetime.fromisoformat(planned_for) if planned_for else event.at
    return words(
        _sentence(event, rule_context, new_phase=phases[0] != phases[1]),
        by=name_of(event.by, people),
        at=site_time(str(fact.get("at", "")), rule_context, words),
        to=name_of(fact.get("to"), people),
        reason=rule_context.process.reasons.get(reason, {}).get(words.language, reason),
        milestone=milestone_title(str(fact.get("name", "–")), rule_context, words),
        day=day(on, words.language, rule_context.calendar.zone),
        jobs=fact.get("jobs", "–"),
        gate=gate_title(str(fact.get("gate", "–")), rule_context, words),
        point=point_title(str(fact.get("point", "–")), rule_context, words),
        due=site_time(str(fact.get("due_at", "")), rule_context, words),
        phase=before,
        next=after,
        size=fact.get("size", "–"),
        task=fact.get("task", "–"),
        tag=fact.get("tag", "–"),
        category=rule_context.process.categories.get(str(fact.get("category")), {}).get(words.language, "–"),
        answer_by=site_time(str(fact.get("answer_by", "")), rule_context, words),
    )


def _sentence(event: EventRow, rule_context: RuleContext, *, new_phase: bool) -> str:
    """Return the sentence of a fact: what is planned, what is archived and what customers do have their own."""
    about = {"new_phase": new_phase, "chain": is_chain(rule_context.process)}
    return FACTS[event.code].sentence({**event.fact, **about}, life=rule_context.process.life is not None)


def _moment_title(
    code: str, full: str, rule_context: RuleContext, people: Mapping[str, PersonRow], words: Words
) -> str:
    rule = rule_context.process.by_code.get(code)
    title = (rule.title if rule else TITLES.get(code, {})).get(words.language, code)
    about = [
        name_of(part, people) if part in people else _about(part, rule_context, words) for part in full.split("/")[1:]
    ]
    return " · ".join([title, *about])


def _about(part: str, rule_context: RuleContext, words: Words) -> str:
    """Return what a moment is about besides its rule: an open point, or somebody nobody knows any more."""
    gate, _, item = part.partition(".")
    return (
        point_title(part, rule_context, words)
        if item and (gate == "objection" or gate in rule_context.process.gates)
        else part
    )


def _ahead(
    moment: Moment, ticket: Ticket, rule_context: RuleContext, people: Mapping[str, PersonRow], words: Words
) -> Ahead:
    told = moment.told(ticket, rule_context.roster) if moment.rule.to else []
    return Ahead(
        at=moment.at,
        when=instant(moment.at, words.language, rule_context.calendar.zone),
        code=moment.rule.code,
        title=_moment_title(
            moment.rule.code, f"{moment.rule.code}/{moment.point}".rstrip("/"), rule_context, {}, words
        ),
        effects=tuple(filter(None, (_effect(action, rule_context, words) for action in moment.rule.does))),
        people=tuple(name_of(member.short, people) for member in told),
        why=why_sentence(moment.why, words.language),
        weight=_weight(moment.rule.code, rule_context),
    )


def _effect(action: Action, rule_context: RuleContext, words: Words) -> str:
    """Return what a moment does; of one that sets a milestone, the milestone."""
    if action.verb is Verb.CLOSE:
        return words(
            _CLOSES, reason=rule_context.process.reasons.get(action.argument, {}).get(words.language, action.argument)
        )
    if action.verb is Verb.SET and action.argument == SELF_ANSWERED:
        return ""
    effect = _EFFECTS.get(action.verb)
    return words(effect) if effect else milestone_title(action.argument, rule_context, words)


_CLOSES = N_("closes: %(reason)s")
_EFFECTS = {
    Verb.MARK_OVERDUE: N_("turns red"),
    Verb.ESCALATE: N_("escalates"),
    Verb.MAIL: N_("mail"),
    Verb.POP_UP: N_("pop-up"),
    Verb.HANDLE: N_("counts as handled"),
}


def _weight(code: str, rule_context: RuleContext) -> str:
    """Return how serious a moment is: what turns red, what escalates, what only tells."""
    rule = rule_context.process.by_code.get(code)
    if rule is None:
        return "tells"
    return "escalates" if rule.escalation_level else "overdue" if rule.marks_overdue else "tells"
