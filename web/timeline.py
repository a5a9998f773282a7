"""A ticket's life as two lists: what has happened, and what will happen if nobody does anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.agenda import agenda
from domain.facts import Refused
from domain.moments import Moment
from domain.process import ProcessDefinition, Verb
from domain.scene import Scene
from domain.ticket import Ticket
from domain.wording import day, instant, why_sentence
from models.tables import EventRow, PersonRow, TextRow
from web.stepping import is_chain
from web.translations import N_, Words

_FACTS = {
    "received": N_("Request received"),
    "answered": N_("%(by)s answered the customer"),
    "called": N_("%(by)s called the customer"),
    "follow_up": N_("%(by)s set a follow-up for %(at)s"),
    "customer_wrote": N_("The customer wrote"),
    "call_back": N_("%(by)s took down that the customer wants a call back"),
    "noted": N_("%(by)s kept a note"),
    "reassigned": N_("%(by)s reassigned the ticket to %(to)s"),
    "paused": N_("%(by)s paused the ticket"),
    "resumed": N_("%(by)s let the clock run again"),
    "milestone": N_("%(by)s noted: %(milestone)s reached (%(day)s)"),
    "phase_done": N_("%(by)s finished “%(phase)s”; “%(next)s” begins"),
    "phase_skipped": N_("%(by)s skipped “%(phase)s”; “%(next)s” begins"),
    "phase_back": N_("%(by)s stepped back from “%(phase)s” to “%(next)s”"),
    "partner": N_("%(by)s chose a partner; earlier jobs with us: %(jobs)s"),
    "closed": N_("%(by)s closed the ticket: %(reason)s"),
}
_PLANNED = N_("%(by)s planned: %(milestone)s on %(day)s")
_ARCHIVED = N_("%(by)s archived the ticket in “%(phase)s”: %(reason)s")
_FROM_CUSTOMER = {"received", "customer_wrote"}
LONG_TEXT = 1200
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
    events: list[tuple[EventRow, TextRow | None]], scene: Scene, people: Mapping[str, PersonRow], words: Words
) -> list[Past]:
    """Return what happened, newest last."""
    phases = phases_between([event for event, _ in events], scene.process)
    told = zip(events, phases, strict=True)
    return [_past(event, text, phase, scene, people, words) for (event, text), phase in told]


def phases_between(events: Sequence[EventRow], process: ProcessDefinition) -> Iterator[tuple[str, str]]:
    """Yield for every event the phase before it and the phase after it."""
    phase = process.first_phase
    for event in events:
        before = phase
        if event.code in ("phase_done", "phase_skipped"):
            phase = process.after(phase) or phase
        elif event.code == "phase_back":
            phase = str(event.fact["to"])
        yield before, phase


def ahead(ticket: Ticket, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> list[Ahead]:
    """Return what will happen next, soonest first."""
    return [_ahead(moment, ticket, scene, people, words) for moment in agenda(ticket, scene)[:SHOWN_AHEAD]]


def name_of(short: str | None, people: Mapping[str, PersonRow]) -> str:
    """Return somebody's name; a short name nobody has any more is shown as it is."""
    return people[short].name if short is not None and short in people else short or "–"


def refusal_context(refused: Refused, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> dict[str, str]:
    """Return what fills the sentence of a refusal, with names for short names and site time for instants."""
    context = dict(refused.context)
    for key in ("by", "owner", "person"):
        if key in context:
            context[key] = name_of(context[key], people)
    for key in ("milestone", "other"):
        if key in context:
            context[key] = milestone_title(context[key], scene, words)
    if "phase" in context:
        context["phase"] = phase_title(context["phase"], scene, words)
    if "at" in context:
        context["at"] = _site_time(context["at"], scene, words)
    return context


def milestone_title(key: str, scene: Scene, words: Words) -> str:
    """Return what a milestone is called; an unknown one is shown as it is."""
    milestone = scene.process.milestones.get(key)
    return milestone.title[words.language] if milestone else key


def phase_title(key: str, scene: Scene, words: Words) -> str:
    """Return what a phase is called; an unknown one is shown as it is."""
    phase = scene.process.phases.get(key)
    return phase.title[words.language] if phase else key


def _past(
    event: EventRow,
    text: TextRow | None,
    phases: tuple[str, str],
    scene: Scene,
    people: Mapping[str, PersonRow],
    words: Words,
) -> Past:
    zone = scene.calendar.zone
    code = event.code.partition("/")[0]
    is_fact = event.code in _FACTS
    late = (event.recorded_at - event.at).total_seconds() > _NOTICED_LATE
    return Past(
        at=event.at,
        when=instant(event.at, words.language, zone),
        title=_fact_title(event, phases, scene, people, words)
        if is_fact
        else _moment_title(code, event.code, scene, people, words),
        kind="customer" if event.code in _FROM_CUSTOMER else "fact" if is_fact else _weight(code, scene),
        code="" if is_fact else code,
        why=event.why.get(words.language, ""),
        subject=text.subject if text else "",
        text=text.body if text else "",
        noticed=instant(event.recorded_at, words.language, zone) if late else "",
    )


_NOTICED_LATE = 60


def _fact_title(
    event: EventRow, phases: tuple[str, str], scene: Scene, people: Mapping[str, PersonRow], words: Words
) -> str:
    fact: Mapping[str, Any] = event.fact
    reason = str(fact.get("reason", "–"))
    before, after = (phase_title(phase, scene, words) for phase in phases)
    planned_for = fact.get("at") if event.code == "milestone" else None
    on = datetime.fromisoformat(planned_for) if planned_for else event.at
    return words(
        _sentence(event, scene),
        by=name_of(event.by, people),
        at=_site_time(str(fact.get("at", "")), scene, words),
        to=name_of(fact.get("to"), people),
        reason=scene.process.reasons.get(reason, {}).get(words.language, reason),
        milestone=milestone_title(str(fact.get("name", "–")), scene, words),
        day=day(on, words.language, scene.calendar.zone),
        jobs=fact.get("jobs", "–"),
        phase=before,
        next=after,
    )


def _sentence(event: EventRow, scene: Scene) -> str:
    """Return the sentence of a fact: what is planned and what is archived have their own."""
    if event.code == "milestone" and event.fact.get("at"):
        return _PLANNED
    return _ARCHIVED if event.code == "closed" and is_chain(scene.process) else _FACTS[event.code]


def _moment_title(code: str, full: str, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> str:
    rule = scene.process.by_code.get(code)
    title = rule.title[words.language] if rule else code
    _, _, person = full.partition("/")
    return f"{title} · {name_of(person, people)}" if person else title


def _ahead(moment: Moment, ticket: Ticket, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> Ahead:
    told = moment.told(ticket, scene.roster) if moment.rule.to else []
    return Ahead(
        at=moment.at,
        when=instant(moment.at, words.language, scene.calendar.zone),
        code=moment.rule.code,
        title=moment.rule.title[words.language],
        effects=tuple(words(_EFFECTS[action.verb]) for action in moment.rule.does),
        people=tuple(name_of(member.short, people) for member in told),
        why=why_sentence(moment.why, words.language),
        weight=_weight(moment.rule.code, scene),
    )


_EFFECTS = {
    Verb.MARK_OVERDUE: N_("turns red"),
    Verb.ESCALATE: N_("escalates"),
    Verb.MAIL: N_("mail"),
    Verb.POP_UP: N_("pop-up"),
}


def _weight(code: str, scene: Scene) -> str:
    """Return how serious a moment is: what turns red, what escalates, what only tells."""
    rule = scene.process.by_code.get(code)
    if rule is None:
        return "tells"
    return "escalates" if rule.escalation_level else "overdue" if rule.marks_overdue else "tells"


def _site_time(iso: str, scene: Scene, words: Words) -> str:
    try:
        return instant(datetime.fromisoformat(iso), words.language, scene.calendar.zone)
    except ValueError:
        return iso or "–"
