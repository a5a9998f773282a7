"""The service catalogue of a site: levels, categories and channels, as one versioned text (SL-01 to SL-06).

A ticket's process is read through its level, its category and its channel; each adds or changes moments, and everything
after that (agenda, page, mails) is as for any other moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.process.definition import (
    AFTER_SILENCE,
    AUTOMATIC_ANSWER,
    CONFIRMATION,
    SELF_ANSWERED,
    Action,
    Anchor,
    Condition,
    Delivery,
    Holding,
    Late,
    MomentRule,
    ProcessDefinition,
    Verb,
)
from domain.process.gates import Words
from domain.process.roles import Role
from domain.service.categorise import Phrase, sentences
from domain.service.levels import Automation, LevelTable
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, Span

AUTOMATIC_LETTER, CONFIRMING_LETTER = "automatic_answer", "confirmation"
"""Kinds of the letters to customers that no person writes."""
GAPS = frozenset({"customer", "ticket", "site"})
"""What an answer may leave a gap for."""


@dataclass(frozen=True)
class Category:
    """What contacts can be about. `done` says that the answer settles the matter; then it may close after silence.

    `reasons` are, by process, why it closed; in a process without one it stays open.
    """

    key: str
    title: Words
    automation: Automation
    phrases: tuple[Phrase, ...] = ()
    subject: Words = field(default_factory=dict)
    answer: Words = field(default_factory=dict)
    done: bool = False
    closes_after: Span | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def applied_to(self, process: ProcessDefinition) -> ProcessDefinition:
        """Return the process with an automatic answer at receipt, and the close after silence.

        The answer counts as handling only where it settles the matter (AC-18, reading 7).
        """
        handles = (Action(Verb.HANDLE),) if self.done else ()
        does = (Action(Verb.MAIL, AUTOMATIC_LETTER), Action(Verb.SET, SELF_ANSWERED), *handles)
        moments = [_at_receipt(AUTOMATIC_ANSWER, "SL-05 (S4:94-100)", does)]
        reason = self.reasons.get(process.key)
        if self.closes_after is not None and reason:
            moments.append(_after_silence(self.closes_after, reason))
        return replace(process, moments=(*process.moments, *moments))

    def filled(self, language: str, gaps: Mapping[str, str]) -> tuple[str, str]:
        """Return subject and text in a language; in German where we do not speak it."""
        spoken = language if language in self.answer else "de"
        return _filled(self.subject.get(spoken, ""), gaps), _filled(self.answer.get(spoken, "").strip(), gaps)


@dataclass(frozen=True)
class ChannelRule:
    """A way in. It is open `always`, or in the hours of `calendar`, of the site where there is none (SL-04).

    `reach` is the number or address under which customers find it; `confirms` has a receipt confirmed by mail.
    """

    key: str
    title: Words
    always: bool = True
    calendar: BusinessCalendar | None = None
    reach: str = ""
    confirms: bool = False


@dataclass(frozen=True)
class Recognised:
    """What a contact is about, and by which words that was seen."""

    category: Category
    by: str


@dataclass(frozen=True)
class Catalogue:
    """Everything a site promises its customers. Who writes one of `people_words` is answered by a person."""

    levels: LevelTable
    categories: Mapping[str, Category] = field(default_factory=dict)
    channels: Mapping[str, ChannelRule] = field(default_factory=dict)
    people_words: tuple[Phrase, ...] = ()

    def recognise(self, subject: str, text: str) -> Recognised | None:
        """Return the category whose longest phrase occurs; the first of several. None where none does."""
        spoken = sentences(f"{subject}\n{text}")
        hits = [
            (phrase.weight, category, phrase)
            for category in self.categories.values()
            for phrase in category.phrases
            if phrase.occurs_in(spoken)
        ]
        if not hits:
            return None
        _, category, phrase = max(hits, key=lambda hit: hit[0])
        return Recognised(category, phrase.said)

    def needs_people(self, subject: str, text: str) -> bool:
        """Whether the words say that no automatic answer is enough."""
        spoken = sentences(f"{subject}\n{text}")
        return any(phrase.occurs_in(spoken) for phrase in self.people_words)


def _filled(words: str, gaps: Mapping[str, str]) -> str:
    """Fill the gaps; a text that was accepted once and cannot be filled any more is said as it is."""
    try:
        return words.format_map(gaps)
    except (KeyError, ValueError):
        return words


def confirmed(process: ProcessDefinition) -> ProcessDefinition:
    """Return the process with a confirmation of receipt; it handles nothing."""
    moment = _at_receipt(CONFIRMATION, "SL-04 (S4:56-57)", (Action(Verb.MAIL, CONFIRMING_LETTER),))
    return replace(process, moments=(*process.moments, moment))


def _at_receipt(code: str, cites: str, does: tuple[Action, ...]) -> MomentRule:
    return MomentRule(
        code=code,
        title=TITLES[code],
        cites=cites,
        anchors=(Anchor.RECEIVED,),
        backwards=False,
        clock=Clock.WALL,
        span=Span(Clock.WALL),
        personal=False,
        conditions=(),
        does=does,
        to=(Role.CUSTOMER,),
        deliver=Delivery.AT_ONCE,
        late=Late.AT_ONCE,
        optional=None,
        calendar=None,
    )


def _after_silence(span: Span, reason: str) -> MomentRule:
    return MomentRule(
        code=AFTER_SILENCE,
        title=TITLES[AFTER_SILENCE],
        cites="SL-05 (S4:94-100)",
        anchors=(AUTOMATIC_ANSWER,),
        backwards=False,
        clock=span.clock,
        span=span,
        personal=False,
        conditions=(Condition(Holding.SET, SELF_ANSWERED),),
        does=(Action(Verb.CLOSE, reason),),
        to=(),
        deliver=Delivery.AT_ONCE,
        late=Late.AT_ONCE,
        optional=None,
        calendar=None,
    )


TITLES: Mapping[str, Words] = {
    AUTOMATIC_ANSWER: {"de": "Automatische Antwort", "en": "Automatic answer"},
    AFTER_SILENCE: {"de": "Abschluss nach Stille", "en": "Close after silence"},
    CONFIRMATION: {"de": "Eingangsbestätigung", "en": "Confirmation of receipt"},
}
"""What the moments of a catalogue are called, also in the history of a ticket that lost them."""
