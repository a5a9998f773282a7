"""Moments: things that happen to a ticket at an instant, to whom they speak, and why they are when they are."""

from dataclasses import dataclass
from datetime import datetime

from domain.process.definition import MomentRule
from domain.process.gates import Words
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.ticket import Ticket
from domain.time.calendar import BeyondHorizon, BusinessCalendar, Segment
from domain.time.spans import Clock, Span


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
        try:
            return self.calendar.segments(start, end, breaks=self.breaks)
        except BeyondHorizon:
            return []


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
        return _code(self.rule, self.person, self.point)

    @property
    def key(self) -> str:
        """What makes this moment happen once: its code, the generation of its anchor, and its round if it repeats."""
        return key_of(self.rule, self.generation, self.person, self.round, self.point)

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


def _code(rule: MomentRule, person: str | None, point: str) -> str:
    return "/".join(filter(None, (rule.code, point, person)))


def key_of(rule: MomentRule, generation: int, person: str | None, round_: int, point: str) -> str:
    """Return the key of a moment that is not there yet."""
    return f"{_code(rule, person, point)}#{generation}" + (f".{round_}" if round_ else "")
