"""A ticket's life as two lists: what has happened, and what will happen if nobody does anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.agenda import agenda
from domain.facts import Refused
from domain.moments import Moment
from domain.process import Verb
from domain.scene import Scene
from domain.ticket import Ticket
from domain.wording import instant, why_sentence
from models.tables import EventRow, PersonRow, TextRow
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
    "closed": N_("%(by)s closed the ticket: %(reason)s"),
}
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
    return [_past(event, text, scene, people, words) for event, text in events]


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
    if "at" in context:
        context["at"] = _site_time(context["at"], scene, words)
    return context


def _past(event: EventRow, text: TextRow | None, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> Past:
    zone = scene.calendar.zone
    code = event.code.partition("/")[0]
    is_fact = event.code in _FACTS
    late = (event.recorded_at - event.at).total_seconds() > _NOTICED_LATE
    return Past(
        at=event.at,
        when=instant(event.at, words.language, zone),
        title=_fact_title(event, scene, people, words)
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


def _fact_title(event: EventRow, scene: Scene, people: Mapping[str, PersonRow], words: Words) -> str:
    fact: Mapping[str, Any] = event.fact
    reason = str(fact.get("reason", "–"))
    return words(
        _FACTS[event.code],
        by=name_of(event.by, people),
        at=_site_time(str(fact.get("at", "")), scene, words),
        to=name_of(fact.get("to"), people),
        reason=scene.process.reasons.get(reason, {}).get(words.language, reason),
    )


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
