"""The agenda: everything that will happen to a ticket if nobody does anything. Pure; the one idea of the product.

Every surface is a reading of this list: the workflow's next wake-up, the page's countdown, `simulate`, the feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.business_time import BusinessCalendar, Segment
from domain.process import Condition, Late, MomentRule, ProcessDefinition
from domain.recipients import Member, Roster
from domain.spans import Clock, Span
from domain.ticket import Status, Ticket


@dataclass(frozen=True)
class Scene:
    """What an agenda is computed from, besides the ticket: definition, the site's calendar, the people."""

    process: ProcessDefinition
    calendar: BusinessCalendar
    roster: Roster = Roster()


@dataclass(frozen=True)
class Why:
    """How an instant came to be: the anchor, the span, the clock and the open hours that were counted."""

    anchor: str
    anchor_at: datetime
    span: Span
    backwards: bool
    cites: str
    calendar: BusinessCalendar
    breaks: tuple[tuple[datetime, datetime], ...]
    due_at: datetime
    late: bool = False

    def counted(self) -> list[Segment]:
        """Return the open hours that were counted, in the calendar's zone; empty for clocks that count no hours."""
        if self.span.clock is not Clock.BUSINESS_HOURS or self.late:
            return []
        start, end = sorted((self.anchor_at, self.due_at))
        return self.calendar.segments(start, end, breaks=self.breaks)


@dataclass(frozen=True)
class Moment:
    """Something that happens at an instant, in UTC; `person` is set where it is one person's, at their own offset."""

    at: datetime
    rule: MomentRule
    generation: int
    why: Why
    person: str | None = None
    apart: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """The moment's code; with the person's short name where it is theirs alone ("E2.1/hb")."""
        return self.rule.code if self.person is None else f"{self.rule.code}/{self.person}"

    @property
    def key(self) -> str:
        """What makes this moment happen once: its code and the generation of its anchor."""
        return f"{self.code}#{self.generation}"

    def told(self, ticket: Ticket, roster: Roster) -> list[Member]:
        """Return the people this moment speaks to; who has an own offset is left to their own moment (AC-09)."""
        members = roster.in_roles(self.rule.to, ticket.owner)
        if self.person is not None:
            return [member for member in roster.members if member.short == self.person]
        return [member for member in members if member.short not in self.apart]


def agenda(ticket: Ticket, scene: Scene) -> list[Moment]:
    """Return what will happen, sorted by time; empty while the ticket is paused or closed."""
    if ticket.paused or ticket.status is Status.CLOSED:
        return []
    return sorted(
        (moment for moment in _holding(ticket, scene) if moment.key not in ticket.fired),
        key=lambda moment: moment.at,
    )


def in_force(ticket: Ticket, scene: Scene) -> list[Moment]:
    """Return the moments that came to pass and still hold: what makes a ticket overdue or escalated now."""
    return [moment for moment in _holding(ticket, scene) if moment.key in ticket.fired]


def fire(ticket: Ticket, moment: Moment) -> Ticket:
    """Return the ticket after the moment came to pass at its own instant, however late it was noticed."""
    return replace(ticket, fired={**ticket.fired, moment.key: moment.at})


def fire_due(ticket: Ticket, scene: Scene, until: datetime, *, inclusive: bool) -> tuple[Ticket, list[Moment]]:
    """Let everything happen that is due by `until`; a fact at that very instant is in time, so it asks exclusively."""
    happened = []
    until = until.astimezone(UTC)
    while due := agenda(ticket, scene):
        moment = due[0]
        if moment.at > until or (moment.at == until and not inclusive):
            break
        ticket = fire(ticket, moment)
        happened.append(moment)
    return ticket, happened


def _holding(ticket: Ticket, scene: Scene) -> list[Moment]:
    return [
        moment
        for moment in _planned(ticket, scene)
        if all(_holds(condition, ticket) for condition in moment.rule.conditions)
    ]


def _holds(condition: Condition, ticket: Ticket) -> bool:
    match condition:
        case Condition.OPEN:
            return ticket.status is Status.OPEN
        case Condition.IN_PROGRESS:
            return ticket.status is Status.IN_PROGRESS


def _planned(ticket: Ticket, scene: Scene) -> Iterator[Moment]:
    """Yield every moment whose anchor is known; rules come in an order in which anchors come first."""
    planned: dict[str, list[Moment]] = {}
    for rule in scene.process.moments:
        counting = _Counting(rule, ticket, scene)
        parents = [moment for anchor in rule.anchors for moment in planned.get(anchor, [])]
        moments = [counting.from_moment(parent) for parent in parents] or counting.from_events()
        offered = _with_own_offsets(counting, moments)
        planned[rule.code] = [moment for moment in offered if not (moment.why.late and rule.late is Late.SKIP)]
        yield from planned[rule.code]


@dataclass(frozen=True)
class _Counting:
    """One rule being counted for one ticket."""

    rule: MomentRule
    ticket: Ticket
    scene: Scene

    def from_events(self) -> list[Moment]:
        """Hang the rule on the newest of its events, if any of them was set."""
        set_anchors = [(self.ticket.anchors[name], name) for name in self.rule.anchors if name in self.ticket.anchors]
        if not set_anchors:
            return []
        anchored, name = max(set_anchors, key=lambda found: found[0].n)
        why = self.why(self.rule.span, name, anchored.at, anchored.set_at)
        return [Moment(why.due_at, self.rule, anchored.n, why)]

    def from_moment(self, parent: Moment) -> Moment:
        """Count from when the other moment came to pass, or will: a calendar changed later never moves the past."""
        anchor_at = self.ticket.fired.get(parent.key, parent.at)
        why = self.why(self.rule.span, parent.code, anchor_at, anchor_at)
        return Moment(why.due_at, self.rule, parent.generation, why, parent.person, parent.apart)

    def personal(self, moment: Moment, member: Member) -> Moment:
        """Count the same moment at the member's own offset."""
        anchored = self.ticket.anchors.get(moment.why.anchor)
        set_at = anchored.set_at if anchored else moment.why.anchor_at
        why = self.why(member.offsets[self.rule.code], moment.why.anchor, moment.why.anchor_at, set_at)
        return replace(moment, at=why.due_at, why=why, person=member.short)

    def why(self, span: Span | None, anchor: str, anchor_at: datetime, set_at: datetime) -> Why:
        """Count the span; what had passed before its anchor was set is late and due when it was set."""
        calendar = self.rule.calendar or self.scene.calendar
        span = span or Span(Clock.WALL)
        count = span.before if self.rule.backwards else span.after
        due_at = count(anchor_at, calendar, self.ticket.breaks).astimezone(UTC)
        late = due_at < set_at
        due_at = set_at if late else due_at
        breaks = tuple(self.ticket.breaks)
        return Why(anchor, anchor_at, span, self.rule.backwards, self.rule.cites, calendar, breaks, due_at, late)


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
