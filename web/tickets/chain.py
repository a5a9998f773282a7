"""The chain of a ticket as a picture: how every phase stands, what it is due for, and the milestone that hangs on.

Derived from the domain alone; a process of one phase has no picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.ticket.agenda import holds
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.planning import plan
from domain.ticket.ticket import Ended, Status, Ticket
from domain.words.wording import day, short_day, span_words
from web.gates.standing import GateState, gate_state
from web.shell.translations import N_, Words
from web.tickets.steps import is_chain, watching_new_partners


class State(StrEnum):
    """How a phase stands."""

    DONE = "done"
    SKIPPED = "skipped"
    PRESENT = "present"
    AHEAD = "ahead"


STATES = {
    State.DONE: N_("done"),
    State.SKIPPED: N_("skipped"),
    State.PRESENT: N_("now"),
    State.AHEAD: N_("ahead"),
}


class Urgency(StrEnum):
    """The light of a phase's deadline."""

    OVERDUE = "overdue"
    DUE = "due"
    NONE = "none"


@dataclass(frozen=True)
class Hook:
    """A milestone with its day, and whether it was reached or is planned; an open one has no day."""

    title: str
    kind: str = "open"
    day: str = ""
    missed: bool = False


@dataclass(frozen=True)
class Link:
    """One phase of the picture, in words; `hook` is the milestone its deadline hangs on."""

    key: str
    title: str
    state: State
    urgency: Urgency = Urgency.NONE
    deadline: str = ""
    target: str = ""
    at: datetime | None = None
    hook: Hook | None = None
    gate: "GateMark | None" = None


@dataclass(frozen=True)
class GateMark:
    """The gate at the end of a phase, and how it stands."""

    key: str
    title: str
    state: GateState


@dataclass(frozen=True)
class Picture:
    """The chain with its milestones, what is missing (flags), and who builds: after how many jobs, how watched."""

    links: list[Link]
    milestones: list[Hook]
    flags: list[str]
    partner_jobs: int | None
    watched: str
    archived: bool


def picture(ticket: Ticket, rule_context: RuleContext, now: datetime, words: Words) -> Picture | None:
    """Return the picture of a ticket's chain; None where there is none."""
    if not is_chain(rule_context.process):
        return None
    jobs = ticket.partner_jobs
    new = jobs is not None and jobs < rule_context.process.new_partner_jobs
    moments = {moment.code: moment for moment in plan(ticket, rule_context).moments}
    drawing = _Drawing(ticket, rule_context, now, words, moments)
    return Picture(
        links=[drawing.link(phase) for phase in rule_context.process.chain],
        milestones=[hook for key in rule_context.process.milestones if (hook := drawing.hook(key))],
        flags=[] if drawing.closed else _flags(ticket, rule_context, words),
        partner_jobs=jobs,
        watched=watch_words(rule_context, words) if new else "",
        archived=drawing.closed,
    )


def watch_words(rule_context: RuleContext, words: Words) -> str:
    """Return how often jobs of new partners are looked after, "every 2 working days"; empty where they are not."""
    rule = watching_new_partners(rule_context.process)
    if rule is None or rule.span is None:
        return ""
    return words(N_("new partner, checked every %(span)s"), span=span_words(rule.span, words.language))


def _flags(ticket: Ticket, rule_context: RuleContext, words: Words) -> list[str]:
    """Return what is missing now (reading 25)."""
    return [
        flag.title[words.language]
        for flag in rule_context.process.flags
        if all(holds(condition, ticket, rule_context) for condition in flag.conditions)
    ]


@dataclass(frozen=True)
class _Drawing:
    """One ticket being drawn, at one instant, in one language."""

    ticket: Ticket
    rule_context: RuleContext
    now: datetime
    words: Words
    moments: Mapping[str, Moment]

    @property
    def closed(self) -> bool:
        return self.ticket.status is Status.CLOSED

    def link(self, phase: str) -> Link:
        """Return a phase; deadlines are told of those that are not finished, while the ticket lives."""
        state = self._state(phase)
        title = self.rule_context.process.phases[phase].title[self.words.language]
        link = Link(phase, title, state, gate=self._gate(phase))
        rule = self.rule_context.process.by_code.get(f"{phase}.due")
        if state is State.SKIPPED and rule:
            return replace(link, deadline=self.words(N_("deadline not applicable")))
        if self.closed or state in (State.DONE, State.SKIPPED):
            return link
        link = replace(link, target=self._target(phase))
        if rule is None:
            return replace(link, deadline=self.words(N_("no deadline")))
        moment = self.moments.get(rule.code)
        hook = self.hook(moment.why.anchor if moment else rule.anchors[0])
        if moment is None:
            return replace(link, deadline=self.words(N_("deadline still open")), hook=hook)
        return replace(self._due(link, moment), hook=hook)

    def hook(self, anchor: str) -> Hook | None:
        """Return a milestone as it stands; None for anchors of other kinds."""
        milestone = self.rule_context.process.milestones.get(anchor)
        if milestone is None:
            return None
        title = milestone.title[self.words.language]
        anchored = self.ticket.anchors.get(anchor)
        if anchored is None:
            return Hook(title)
        calendar = self.rule_context.calendar
        shown = day(anchored.at, self.words.language, calendar.zone)
        missed = anchored.planned and calendar.date_of(anchored.at) < calendar.date_of(self.now)
        return Hook(title, "planned" if anchored.planned else "reached", shown, missed)

    def _gate(self, phase: str) -> GateMark | None:
        gate = self.rule_context.process.gate_after(phase)
        if gate is None:
            return None
        return GateMark(gate.key, gate.title[self.words.language], gate_state(self.ticket, self.rule_context, gate))

    def _state(self, phase: str) -> State:
        if phase == self.ticket.phase:
            return State.PRESENT
        ended = self.ticket.ended.get(phase)
        return State.AHEAD if ended is None else State.SKIPPED if ended is Ended.SKIPPED else State.DONE

    def _due(self, link: Link, moment: Moment) -> Link:
        at = moment.at.astimezone(self.rule_context.calendar.zone)
        if moment.key in self.ticket.fired:
            late = N_("overdue: short notice") if moment.why.late else N_("overdue since %(day)s")
            return replace(link, urgency=Urgency.OVERDUE, deadline=self.words(late, day=self._day(at)), at=at)
        if self.ticket.paused:
            return replace(link, deadline=self.words(N_("deadline paused")))
        return replace(link, urgency=Urgency.DUE, deadline=self.words(N_("by %(day)s"), day=self._day(at)), at=at)

    def _target(self, phase: str) -> str:
        moment = self.moments.get(f"{phase}.target")
        return self.words(N_("target %(day)s"), day=self._day(moment.at)) if moment else ""

    def _day(self, at: datetime) -> str:
        """Return a day, with its year only where it is another one than this."""
        calendar = self.rule_context.calendar
        same_year = calendar.date_of(at).year == calendar.date_of(self.now).year
        return (short_day if same_year else day)(at, self.words.language, calendar.zone)
