"""From rules to instants: every moment whose anchor is known, with the reason why it is when it is.

Knows anchors, spans, own offsets and rounds; whether a moment holds or came to pass is the agenda's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.business_time import BusinessCalendar, Segment
from domain.gates import Words
from domain.process import PASSED, PHASE_ENTERED, REJECTED, SUBMITTED, Anchor, Late, MomentRule
from domain.recipients import Member, Roster
from domain.roles import Role
from domain.scene import Scene
from domain.spans import Clock, Span
from domain.ticket import Anchored, Ticket


@dataclass(frozen=True)
class Why:
    """How an instant came to be: the anchor, the span, the clock and the open hours that were counted.

    `set_at` is when the event was set from which everything counts; what would lie before it is late.
    """

    anchor: str
    anchor_at: datetime
    set_at: datetime
    span: Span
    backwards: bool
    cites: str
    calendar: BusinessCalendar
    breaks: tuple[tuple[datetime, datetime], ...]
    due_at: datetime
    late: bool = False
    named: Words | None = None

    def counted(self) -> list[Segment]:
        """Return the open hours that were counted, in the calendar's zone; empty for clocks that count no hours."""
        if self.span.clock is not Clock.BUSINESS_HOURS or self.late:
            return []
        start, end = sorted((self.anchor_at, self.due_at))
        return self.calendar.segments(start, end, breaks=self.breaks)


@dataclass(frozen=True)
class Moment:
    """Something that happens at an instant, in UTC; `person` is set where it is one person's, at their own offset.

    `point` is the open point or task it is about, if it is about one.
    `round` counts the times of a moment that repeats, from 1; it is 0 for one that does not.
    """

    at: datetime
    rule: MomentRule
    generation: int
    why: Why
    person: str | None = None
    round: int = 0
    apart: frozenset[str] = frozenset()
    point: str = ""

    @property
    def code(self) -> str:
        """The moment's code; with the person's short name where it is theirs alone ("E2.1/hb"), or with the point."""
        return "/".join(filter(None, (self.rule.code, self.point, self.person)))

    @property
    def key(self) -> str:
        """What makes this moment happen once: its code, the generation of its anchor, and its round if it repeats."""
        return f"{self.code}#{self.generation}" + (f".{self.round}" if self.round else "")

    def told(self, ticket: Ticket, roster: Roster) -> list[Member]:
        """Return the people this moment speaks to; who has an own offset is left to their own moment (AC-09)."""
        if self.person is not None:
            return [member for member in roster.members if member.short == self.person]
        roles, named = self._sides(ticket, roster)
        members = roster.in_roles(roles, ticket.owner, named)
        return [member for member in members if member.short not in self.apart]

    def _sides(self, ticket: Ticket, roster: Roster) -> tuple[set[Role], set[str]]:
        """Return the roles it speaks to, and the people a handover or point names; of who left, their department."""
        roles, named = set(self.rule.to), set[str]()
        gate, point = self.rule.gate, ticket.points.get(self.point)
        handover = ticket.handovers.get(gate.key) if gate else None
        if gate and Role.RECEIVER in roles:
            asked = handover.receiver if handover else None
            roles, named = (roles, {asked}) if asked and roster.knows(asked) else (roles | {gate.receiver}, named)
        if Role.GIVER in roles:
            giver = handover.giver if handover else ticket.owner
            named |= {giver} if giver else set()
        if Role.HELPER in roles:
            assistant = ticket.life.assistant if ticket.life else None
            helps = assistant and roster.knows(assistant)
            roles, named = (roles, named | {assistant or ""}) if helps else (roles | {Role.OWNER}, named)
        if point and Role.ASSIGNEE in roles:
            known = point.owner and roster.knows(point.owner)
            roles, named = (roles, named | {point.owner or ""}) if known else (roles | {Role.OWNER}, named)
        return roles, named


def planned(ticket: Ticket, scene: Scene) -> Iterator[Moment]:
    """Yield every moment whose anchor is known; rules come in an order in which anchors come first."""
    by_code: dict[str, list[Moment]] = {}
    for rule in scene.process.moments:
        counting = _Counting(rule, ticket, scene)
        parents = [moment for anchor in rule.anchors for moment in by_code.get(anchor, [])]
        moments = [counting.from_moment(parent) for parent in parents] or counting.from_events() or counting.from_each()
        offered = _with_own_offsets(counting, moments)
        kept = [moment for moment in offered if not (moment.why.late and rule.late is Late.SKIP)]
        by_code[rule.code] = kept
        for moment in kept:
            yield from counting.rounds(moment) if rule.repeats else (moment,)


@dataclass(frozen=True)
class _Counting:
    """One rule being counted for one ticket."""

    rule: MomentRule
    ticket: Ticket
    scene: Scene

    def from_events(self) -> list[Moment]:
        """Hang the rule on the newest of its events, if any of them was set."""
        received = self.ticket.received_at
        anchors = {Anchor.RECEIVED: Anchored(received, 1, received), **self.ticket.anchors}
        set_anchors = [(anchors[name], name) for name in self.rule.anchors if name in anchors]
        if not set_anchors:
            return []
        anchored, name = max(set_anchors, key=lambda found: found[0].n)
        why = self.why(self.rule.span, name, anchored.at, anchored.set_at)
        moment = Moment(why.due_at, self.rule, anchored.n, why)
        earliest = anchors.get(self.rule.not_before or "")
        if earliest is None or earliest.at <= moment.at:
            return [moment]
        why = replace(why, due_at=earliest.at, late=True)
        return [replace(moment, at=earliest.at, why=why, generation=max(anchored.n, earliest.n))]

    def from_each(self) -> list[Moment]:
        """Hang the rule on the deadline of every open point, or on every open task, if it speaks of those."""
        moments = []
        if Anchor.POINT in self.rule.anchors:
            for key, point in self.ticket.points.items():
                why = self.why(self.rule.span, Anchor.POINT, point.due_at, point.set_at)
                moments.append(Moment(why.due_at, self.rule, point.n, why, point=key))
        if Anchor.TASK in self.rule.anchors and self.ticket.life:
            for key, task in self.ticket.life.open_tasks.items():
                why = self.why(self.rule.span, Anchor.TASK, task.posted_at, task.set_at)
                moments.append(Moment(why.due_at, self.rule, task.n, why, point=key))
        return moments

    def from_moment(self, parent: Moment) -> Moment:
        """Count from when the other moment came to pass, or will: a calendar changed later never moves the past."""
        anchor_at = self.ticket.fired.get(parent.key, parent.at)
        set_at = parent.why.set_at if self.rule.backwards else anchor_at
        why = self.why(self.rule.span, parent.code, anchor_at, set_at)
        return Moment(
            why.due_at, self.rule, parent.generation, why, parent.person, apart=parent.apart, point=parent.point
        )

    def personal(self, moment: Moment, member: Member) -> Moment:
        """Count the same moment at the member's own offset."""
        span = member.offsets[self.rule.code]
        why = self.why(span, moment.why.anchor, moment.why.anchor_at, moment.why.set_at)
        return replace(moment, at=why.due_at, why=why, person=member.short)

    def rounds(self, first: Moment) -> Iterator[Moment]:
        """Yield the rounds that came to pass and the next one, each a span after the one before (KM-06)."""
        moment = replace(first, round=1)
        yield moment
        while moment.key in self.ticket.fired:
            fired_at = self.ticket.fired[moment.key]
            why = self.why(self.rule.span, moment.code, fired_at, fired_at)
            moment = replace(moment, at=why.due_at, why=why, round=moment.round + 1)
            yield moment

    def why(self, span: Span | None, anchor: str, anchor_at: datetime, set_at: datetime) -> Why:
        """Count the span; what had passed before its anchor was set is late and due when it was set."""
        calendar = self.rule.calendar or self.scene.calendar
        span = span or Span(Clock.WALL)
        count = span.before if self.rule.backwards else span.after
        due_at = count(anchor_at, calendar, self.ticket.breaks).astimezone(UTC)
        late = due_at < set_at
        return Why(
            anchor=anchor,
            anchor_at=anchor_at,
            set_at=set_at,
            span=span,
            backwards=self.rule.backwards,
            cites=self.rule.cites,
            calendar=calendar,
            breaks=tuple(self.ticket.breaks),
            due_at=set_at if late else due_at,
            late=late,
            named=self._named(anchor),
        )

    def _named(self, anchor: str) -> Words | None:
        """Return what the process calls an anchor: a milestone, or the phase that was entered."""
        process = self.scene.process
        if anchor in process.milestones:
            return process.milestones[anchor].title
        for prefix in (SUBMITTED, REJECTED, PASSED):
            if anchor.startswith(prefix):
                return process.gates[anchor.removeprefix(prefix)].title
        phase = process.phases.get(anchor.removeprefix(PHASE_ENTERED))
        return phase.title if phase else None


def _with_own_offsets(counting: _Counting, moments: list[Moment]) -> Iterator[Moment]:
    """Give people with an own offset their own moment; the others keep the common one, if there are others."""
    own = {member.short: member for member in _own_members(counting)} if moments else {}
    theirs = {moment.person for moment in moments}
    for moment in moments:
        if moment.person in own:
            yield counting.personal(moment, own[moment.person])
        elif moment.person is not None:
            yield moment
        else:
            yield from (counting.personal(moment, own[short]) for short in own if short not in theirs)
            common = replace(moment, apart=moment.apart | frozenset(own))
            if counting.rule.span is not None and (not own or common.told(counting.ticket, counting.scene.roster)):
                yield common


def _own_members(counting: _Counting) -> list[Member]:
    rule = counting.rule
    if not rule.personal:
        return []
    members = counting.scene.roster.in_roles(rule.to, counting.ticket.owner)
    return [member for member in members if rule.code in member.offsets]
