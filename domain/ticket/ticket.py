"""One ticket: a state without a clock, without words and without I/O.

`accept` in `judgement` returns the ticket after a fact, `fire` in `agenda` the ticket after a moment; nothing else
changes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from domain.process.definition import PHASE_ENTERED, Anchor
from domain.process.handovers import Handover, Override, Point
from domain.process.life import Life
from domain.ticket.context import RuleContext


class Ended(StrEnum):
    """How a phase ended; a skipped one's deadline is "not applicable" (reading 27)."""

    DONE = "done"
    SKIPPED = "skipped"


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
    planned: bool = False


@dataclass(frozen=True)
class Pause:
    """A stretch in which the clocks stand still; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Ticket:
    """Everything that decides what happens next. `facts` counts what people and customers did, `fired` the moments.

    `life` is set for the one ticket that is a customer's life itself (S3).
    """

    process: str
    phase: str
    received_at: datetime
    owner: str | None = None
    status: Status = Status.OPEN
    anchors: Mapping[str, Anchored] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    fired: Mapping[str, datetime] = field(default_factory=dict)
    facts: int = 0
    ended: Mapping[str, Ended] = field(default_factory=dict)
    partner_jobs: int | None = None
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    points: Mapping[str, Point] = field(default_factory=dict)
    closed_at: datetime | None = None
    reason: str | None = None
    life: Life | None = None

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


def received(rule_context: RuleContext, at: datetime, owner: str | None = None) -> Ticket:
    """Return a new, open ticket; its clock starts at `at` (readings 5 and 6)."""
    at = whole_second(at)
    process = rule_context.process
    reached = [milestone.key for milestone in process.milestones.values() if milestone.at_receipt]
    begun = [str(Anchor.OPENED), f"{PHASE_ENTERED}{process.first_phase}", *reached]
    anchors = {name: Anchored(at, 1, at) for name in begun}
    return Ticket(process.key, process.first_phase, received_at=at, owner=owner, anchors=anchors, facts=1)


def anchored(ticket: Ticket, anchor: str, at: datetime, set_at: datetime, *, planned: bool = False) -> Ticket:
    """Return the ticket with an anchor set anew by its latest fact."""
    return replace(ticket, anchors={**ticket.anchors, str(anchor): Anchored(at, ticket.facts, set_at, planned)})


def unanchored(ticket: Ticket, *anchors: str) -> Ticket:
    """Return the ticket without these anchors: what hangs on them is off the agenda."""
    return replace(ticket, anchors={name: at for name, at in ticket.anchors.items() if name not in anchors})


def entered(ticket: Ticket, phase: str, at: datetime) -> Ticket:
    """Return the ticket as it enters a phase; that handles it (reading 7)."""
    return replace(anchored(ticket, f"{PHASE_ENTERED}{phase}", at, at), phase=phase, status=Status.IN_PROGRESS)
