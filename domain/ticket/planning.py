"""From rules to instants: every moment whose anchor is known, with the reason why it is when it is.

Knows anchors, spans, own offsets and rounds; whether a moment holds or came to pass is the agenda's business. A moment
that no calendar can count, because the site closed for good or the instant lies beyond its years, is not planned, and
nothing that hangs on it: the ticket goes on without. If it came to pass before, it stays at the instant it did.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.process.definition import PASSED, PHASE_ENTERED, REJECTED, SUBMITTED, Anchor, Late, MomentRule
from domain.process.gates import Words
from domain.process.recipients import Member
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment, Why, key_of
from domain.ticket.ticket import Anchored, Ticket
from domain.time.calendar import BeyondHorizon
from domain.time.spans import Clock, Span


@dataclass
class Plan:
    """What is planned, and the keys of what no calendar can count."""

    moments: list[Moment] = field(default_factory=list)
    uncountable: set[str] = field(default_factory=set)


def plan(ticket: Ticket, rule_context: RuleContext) -> Plan:
    """Return every moment whose anchor is known; rules come in an order in which anchors come first."""
    found = Plan()
    by_code: dict[str, list[Moment]] = {}
    for rule in rule_context.process.moments:
        counting = _Counting(rule, ticket, rule_context, found.uncountable)
        parents = [moment for anchor in rule.anchors for moment in by_code.get(anchor, [])]
        moments = counting.from_moments(parents) if parents else counting.from_events() or counting.from_each()
        offered = _with_own_offsets(counting, moments)
        kept = [moment for moment in offered if not (moment.why.late and rule.late is Late.SKIP)]
        by_code[rule.code] = kept
        for moment in kept:
            found.moments += counting.rounds(moment) if rule.repeats else (moment,)
    return found


@dataclass(frozen=True)
class _Since:
    """What a span is counted from: an anchor, when it was or will be, and when it was set."""

    anchor: str
    at: datetime
    set_at: datetime


@dataclass(frozen=True)
class _Counting:
    """One rule being counted for one ticket; the keys of what cannot be counted are handed out."""

    rule: MomentRule
    ticket: Ticket
    rule_context: RuleContext
    uncountable: set[str]

    def from_events(self) -> list[Moment]:
        """Hang the rule on the newest of its events, if any of them was set."""
        received = self.ticket.received_at
        anchors = {Anchor.RECEIVED: Anchored(received, 1, received), **self.ticket.anchors}
        set_anchors = [(anchors[name], name) for name in self.rule.anchors if name in anchors]
        if not set_anchors:
            return []
        anchored, name = max(set_anchors, key=lambda found: found[0].n)
        moments = self.moments(self.rule.span, _Since(name, anchored.at, anchored.set_at), anchored.n)
        earliest = anchors.get(self.rule.not_before or "")
        return [moment if earliest is None else _no_earlier(moment, earliest) for moment in moments]

    def from_each(self) -> list[Moment]:
        """Hang the rule on the deadline of every open point, or on every open task, if it speaks of those."""
        moments: list[Moment] = []
        if Anchor.POINT in self.rule.anchors:
            for key, point in self.ticket.points.items():
                since = _Since(Anchor.POINT, point.due_at, point.set_at)
                moments += self.moments(self.rule.span, since, point.n, point=key)
        if Anchor.TASK in self.rule.anchors and self.ticket.life:
            for key, task in self.ticket.life.open_tasks.items():
                since = _Since(Anchor.TASK, task.posted_at, task.set_at)
                moments += self.moments(self.rule.span, since, task.n, point=key)
        return moments

    def from_moments(self, parents: list[Moment]) -> list[Moment]:
        """Count from when the other moment came to pass, or will: a calendar changed later never moves the past."""
        moments: list[Moment] = []
        for parent in parents:
            anchor_at = self.ticket.fired.get(parent.key, parent.at)
            since = _Since(parent.code, anchor_at, parent.why.set_at if self.rule.backwards else anchor_at)
            found = self.moments(self.rule.span, since, parent.generation, parent.person, point=parent.point)
            moments += [replace(moment, apart=parent.apart) for moment in found]
        return moments

    def personal(self, moment: Moment, member: Member) -> list[Moment]:
        """Count the same moment at the member's own offset."""
        since = _Since(moment.why.anchor, moment.why.anchor_at, moment.why.set_at)
        span = member.offsets[self.rule.code]
        found = self.moments(span, since, moment.generation, member.short, moment.round, moment.point)
        return [replace(own, apart=moment.apart) for own in found]

    def rounds(self, first: Moment) -> Iterator[Moment]:
        """Yield the rounds that came to pass and the next one, each a span after the one before (KM-06).

        A round that comes no later than the one before would come for ever, so it does not come.
        """
        rounds = [replace(first, round=1)]
        while rounds:
            moment = rounds.pop()
            yield moment
            if moment.key in self.ticket.fired:
                fired_at = self.ticket.fired[moment.key]
                since = _Since(moment.code, fired_at, fired_at)
                found = self.moments(
                    self.rule.span, since, moment.generation, moment.person, moment.round + 1, moment.point
                )
                rounds = [replace(following, apart=moment.apart) for following in found if following.at > fired_at]

    def moments(
        self,
        span: Span | None,
        since: _Since,
        generation: int,
        person: str | None = None,
        round_: int = 0,
        point: str = "",
    ) -> list[Moment]:
        """Return the moment at its instant; none where no calendar can count it and it never came to pass."""
        key = key_of(self.rule, generation, person, round_, point)
        try:
            why = self.why(span, since)
        except BeyondHorizon:
            if key not in self.ticket.fired:
                self.uncountable.add(key)
                return []
            fired_at = self.ticket.fired[key]
            why = self.why(Span(Clock.WALL), _Since(since.anchor, fired_at, fired_at))
        return [Moment(why.due_at, self.rule, generation, why, person, round_, point=point)]

    def why(self, span: Span | None, since: _Since) -> Why:
        """Count the span; what had passed before its anchor was set is late and due when it was set."""
        calendar = self.rule.calendar or self.rule_context.calendar
        span = span or Span(Clock.WALL)
        count = span.before if self.rule.backwards else span.after
        due_at = count(since.at, calendar, self.ticket.breaks).astimezone(UTC)
        late = due_at < since.set_at
        return Why(
            anchor=since.anchor,
            anchor_at=since.at,
            set_at=since.set_at,
            span=span,
            backwards=self.rule.backwards,
            cites=self.rule.cites,
            calendar=calendar,
            breaks=tuple(self.ticket.breaks),
            due_at=since.set_at if late else due_at,
            late=late,
            named=self._named(since.anchor),
        )

    def _named(self, anchor: str) -> Words | None:
        """Return what the process calls an anchor: a milestone, or the phase that was entered."""
        process = self.rule_context.process
        if anchor in process.milestones:
            return process.milestones[anchor].title
        for prefix in (SUBMITTED, REJECTED, PASSED):
            if anchor.startswith(prefix):
                return process.gates[anchor.removeprefix(prefix)].title
        phase = process.phases.get(anchor.removeprefix(PHASE_ENTERED))
        return phase.title if phase else None


def _no_earlier(moment: Moment, earliest: Anchored) -> Moment:
    """Return a moment no earlier than an anchor that is set (KM-05: nothing is due before the order)."""
    if earliest.at <= moment.at:
        return moment
    why = replace(moment.why, due_at=earliest.at, late=True)
    return replace(moment, at=earliest.at, why=why, generation=max(moment.generation, earliest.n))


def _with_own_offsets(counting: _Counting, moments: list[Moment]) -> Iterator[Moment]:
    """Give people with an own offset their own moment; the others keep the common one, if there are others."""
    own = {member.short: member for member in _own_members(counting)} if moments else {}
    theirs = {moment.person for moment in moments}
    for moment in moments:
        if moment.person in own:
            yield from counting.personal(moment, own[moment.person])
        elif moment.person is not None:
            yield moment
        else:
            for member in own.values():
                yield from counting.personal(moment, member) if member.short not in theirs else ()
            common = replace(moment, apart=moment.apart | frozenset(own))
            if counting.rule.span is not None and (
                not own or common.told(counting.ticket, counting.rule_context.roster)
            ):
                yield common


def _own_members(counting: _Counting) -> list[Member]:
    rule = counting.rule
    if not rule.personal:
        return []
    members = counting.rule_context.roster.in_roles(rule.to, counting.ticket.owner)
    return [member for member in members if rule.code in member.offsets]
