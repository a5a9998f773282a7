"""One ticket and what happens to it: a state without a clock, without words and without I/O.

`accept` judges a fact and returns the ticket after it; nothing else changes a ticket, save `fire` in the agenda.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from domain.facts import (
    Answered,
    CallBackNoted,
    Called,
    Closed,
    CustomerWrote,
    Fact,
    FollowUpSet,
    Noted,
    Paused,
    Reassigned,
    Refused,
    Resumed,
)
from domain.process import Anchor


class Status(StrEnum):
    """Open means not yet handled (offen); in progress means handled (in Bearbeitung)."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


@dataclass(frozen=True)
class Anchored:
    """An instant that spans hang on; `n` numbers the fact that set it at `set_at`, so a moved anchor counts anew."""

    at: datetime
    n: int
    set_at: datetime


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clocks stand still; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Ticket:
    """Everything that decides what happens next. `facts` counts what people and customers did, `fired` the moments."""

    process: str
    phase: str
    received_at: datetime
    owner: str | None = None
    status: Status = Status.OPEN
    anchors: Mapping[str, Anchored] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    fired: Mapping[str, datetime] = field(default_factory=dict)
    facts: int = 0
    closed_at: datetime | None = None
    reason: str | None = None

    @property
    def paused(self) -> bool:
        """Whether the clocks stand still now."""
        return bool(self.pauses) and self.pauses[-1].until is None

    @property
    def breaks(self) -> list[tuple[datetime, datetime]]:
        """The pauses that ended, as closures of the calendar."""
        return [(pause.since, pause.until) for pause in self.pauses if pause.until is not None]

    @property
    def follow_up_at(self) -> datetime | None:
        """When the owner promised to come back, if they did and have not yet (AC-06)."""
        anchored = self.anchors.get(Anchor.FOLLOW_UP)
        return anchored.at if anchored else None


def whole_second(at: datetime) -> datetime:
    """Return an instant in UTC without its fraction: what the office does, it does to the second.

    In UTC, because instants of one zone compare by the hands of the clock, which go back once a year.
    """
    return at.astimezone(UTC).replace(microsecond=0)


def received(process: str, phase: str, at: datetime, owner: str | None = None) -> Ticket:
    """Return a new, open ticket; its clock starts at `at` (readings 5 and 6)."""
    at = whole_second(at)
    opened = {str(Anchor.OPENED): Anchored(at, 1, at)}
    return Ticket(process, phase, received_at=at, owner=owner, anchors=opened, facts=1)


def accept(ticket: Ticket, fact: Fact, at: datetime) -> Ticket:
    """Return the ticket after `fact` at the instant `at`; raises Refused with the rule's code."""
    if ticket.status is Status.CLOSED:
        raise Refused("already_closed")
    at = whole_second(at)
    counted = replace(ticket, facts=ticket.facts + 1)
    match fact:
        case Answered() | Called():
            return _handled(counted, at)
        case FollowUpSet():
            return _followed_up(counted, fact, at)
        case CustomerWrote() | CallBackNoted():
            return _reopened(counted, at)
        case Noted():
            return counted
        case Reassigned():
            return _reassigned(counted, fact, at)
        case Paused():
            return _paused(counted, at)
        case Resumed():
            return _resumed(counted, at)
        case Closed():
            return _closed(counted, fact, at)


def _handled(ticket: Ticket, at: datetime) -> Ticket:
    """Handling consumes a follow-up whose time has come; one that lies ahead stays promised (reading 8)."""
    due = ticket.follow_up_at
    anchors = dict(ticket.anchors)
    if due is not None and due <= at:
        del anchors[Anchor.FOLLOW_UP]
    return replace(ticket, status=Status.IN_PROGRESS, anchors=anchors)


def _followed_up(ticket: Ticket, fact: FollowUpSet, at: datetime) -> Ticket:
    promised = whole_second(fact.at)
    if promised <= at:
        raise Refused("follow_up_in_the_past")
    return replace(_anchored(ticket, Anchor.FOLLOW_UP, promised, at), status=Status.IN_PROGRESS)


def _reopened(ticket: Ticket, at: datetime) -> Ticket:
    """A new clock starts unless the customer is waiting already; a pause ends, for somebody must look (reading 8)."""
    resumed = _resumed(ticket, at) if ticket.paused else ticket
    if resumed.status is Status.OPEN:
        return resumed
    return replace(_anchored(resumed, Anchor.OPENED, at, at), status=Status.OPEN)


def _reassigned(ticket: Ticket, fact: Reassigned, at: datetime) -> Ticket:
    if fact.to == ticket.owner:
        raise Refused("already_owner", owner=fact.to)
    return replace(_anchored(ticket, Anchor.ASSIGNED, at, at), owner=fact.to)


def _paused(ticket: Ticket, at: datetime) -> Ticket:
    if ticket.paused:
        raise Refused("already_paused")
    return replace(ticket, pauses=(*ticket.pauses, Pause(at)))


def _resumed(ticket: Ticket, at: datetime) -> Ticket:
    if not ticket.paused:
        raise Refused("not_paused")
    return replace(ticket, pauses=(*ticket.pauses[:-1], Pause(ticket.pauses[-1].since, at)))


def _closed(ticket: Ticket, fact: Closed, at: datetime) -> Ticket:
    if not fact.reason.strip():
        raise Refused("reason_missing")
    return replace(ticket, status=Status.CLOSED, closed_at=at, reason=fact.reason)


def _anchored(ticket: Ticket, anchor: Anchor, at: datetime, set_at: datetime) -> Ticket:
    anchors = {**ticket.anchors, str(anchor): Anchored(at, ticket.facts, set_at)}
    return replace(ticket, anchors=anchors)
