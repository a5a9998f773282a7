"""What a process definition is: phases, milestones, roles and the rules that make moments. Valid once constructed.

Every rule of every source is one `MomentRule`: anchor, span on a clock, condition, what it does, to whom, and when it
is delivered. How a definition is read and checked is told in `process_reading`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from domain.process.gates import Gate, Words
from domain.process.life import LifeRules
from domain.process.roles import Role
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, Span


class Anchor(StrEnum):
    """The events a span can hang on, besides milestones, phases that were entered ("phase:sales") and other moments."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    REDISTRIBUTED = "redistributed"
    FOLLOW_UP = "follow_up"
    PARTNER = "partner"
    POINT = "open_point"
    TASK = "open_task"
    RECEIVED = "received"


SELF_ANSWERED = "self_answered"
"""The anchor that an automatic answer sets, and that the next word of anybody takes away."""
AUTOMATIC_ANSWER, AFTER_SILENCE, CONFIRMATION = "AA", "AS", "EB"
"""Codes of the moments that a service catalogue brings; no definition has one of them."""
PHASE_ENTERED = "phase:"
"""Prefix of the anchor that is set when a phase is entered."""
SUBMITTED, REJECTED, PASSED = "submitted:", "rejected:", "passed:"
"""Prefixes of the anchors that the steps of a handover set, before the gate's key."""


class Holding(StrEnum):
    """The kinds of conditions under which a moment stays on the agenda."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    UNFINISHED = "unfinished"
    IN_PHASE = "in"
    MISSING = "missing"
    SET = "set"
    NEW_PARTNER = "new partner"
    AT_GATE = "waiting at"
    NOT_GIVEN = "not given"
    PASSED = "passed"


@dataclass(frozen=True)
class Condition:
    """While what a moment is on the agenda; `of` names the phase, milestone or gate that some kinds speak of."""

    kind: Holding
    of: str = ""


_TOP_LEVEL = 99
"""No column holds just any number that was accepted once."""
OPEN = Condition(Holding.OPEN)
IN_PROGRESS = Condition(Holding.IN_PROGRESS)


class Delivery(StrEnum):
    """When what a moment sends may reach people: a setting apart from the clock (reading 3)."""

    AT_ONCE = "at once"
    BUSINESS_HOURS = "business hours"


class Late(StrEnum):
    """What becomes of a moment whose instant had passed before its anchor was set."""

    AT_ONCE = "at once"
    SKIP = "skip"


class Verb(StrEnum):
    """What a moment can do."""

    MARK_OVERDUE = "mark overdue"
    ESCALATE = "escalate"
    MAIL = "mail"
    POP_UP = "pop-up"
    SET = "set"
    HANDLE = "handle"
    CLOSE = "close"


@dataclass(frozen=True)
class Action:
    """One thing a moment does: mark overdue, escalate to a level, mail a template, open a pop-up, set a milestone.

    Only a service catalogue lets one handle a ticket, or close it for a reason (SL-05).
    """

    verb: Verb
    argument: str = ""

    def __str__(self) -> str:
        """Return the action as it is written in a definition."""
        return f"{self.verb} {self.argument}".strip()


@dataclass(frozen=True)
class MomentRule:
    """One rule. `span` is None where only people with an own offset get the moment (WR1).

    `not_before` names an anchor the moment never precedes once it is set (KM-05: nothing is due before the order).
    `repeats` makes the moment come again one span after each time it came to pass (KM-06). `gate` is the one whose
    sides it speaks to.
    """

    code: str
    title: Words
    cites: str
    anchors: tuple[str, ...]
    backwards: bool
    clock: Clock
    span: Span | None
    personal: bool
    conditions: tuple[Condition, ...]
    does: tuple[Action, ...]
    to: tuple[Role, ...]
    deliver: Delivery
    late: Late
    optional: bool | None
    calendar: BusinessCalendar | None
    not_before: str | None = None
    repeats: bool = False
    gate: Gate | None = None

    @property
    def marks_overdue(self) -> bool:
        """Whether this moment turns the light red."""
        return any(action.verb is Verb.MARK_OVERDUE for action in self.does)

    @property
    def escalation_level(self) -> int:
        """The level this moment escalates to; 0 when it does not."""
        return max((min(int(a.argument), _TOP_LEVEL) for a in self.does if a.verb is Verb.ESCALATE), default=0)

    @property
    def tells(self) -> bool:
        """Whether this moment reaches a person by mail or pop-up."""
        return any(action.verb in (Verb.MAIL, Verb.POP_UP) for action in self.does)

    @property
    def sets(self) -> tuple[str, ...]:
        """The milestones this moment sets (KD-09)."""
        return tuple(action.argument for action in self.does if action.verb is Verb.SET)

    @property
    def handles(self) -> bool:
        """Whether this moment counts as handling."""
        return any(action.verb is Verb.HANDLE for action in self.does)

    @property
    def closes_as(self) -> str | None:
        """The reason for which this moment closes a ticket."""
        return next((action.argument for action in self.does if action.verb is Verb.CLOSE), None)

    @property
    def templates(self) -> tuple[str, ...]:
        """The mail templates this moment mails: at most one in what is applied today."""
        return tuple(action.argument for action in self.does if action.verb is Verb.MAIL)


@dataclass(frozen=True)
class Phase:
    """One link of the chain; `archived` says what it usually tells when a ticket ends here (KM-08).

    With `settles_points` it is not done while a point is open: objections are treated before the close (SP-01).
    """

    key: str
    title: Words
    archived: Words | None = None
    settles_points: bool = False


@dataclass(frozen=True)
class Milestone:
    """An event that deadlines hang on. It may be planned before it is reached, and never precedes what it follows."""

    key: str
    title: Words
    follows: tuple[str, ...] = ()
    at_receipt: bool = False


@dataclass(frozen=True)
class Flag:
    """Something missing that people should see while its conditions hold (reading 25)."""

    key: str
    title: Words
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class ProcessDefinition:
    """One chain. `moments` are in an order in which every anchor comes before what hangs on it.

    `needs` are the anchors without which a ticket cannot end for a reason; `welcome` is the milestone that a welcome
    to the customer reaches (QG-02); `objections` is how long one may stay untreated, None where none are recorded.
    `life` is what it says about customers, where it is their life cycle rather than a chain of tickets (S3).
    `categories` are titles of what its tickets can be about, by key, where a service catalogue says (SL-05).
    """

    key: str
    title: Words
    phases: Mapping[str, Phase]
    milestones: Mapping[str, Milestone]
    reasons: Mapping[str, Words]
    flags: tuple[Flag, ...]
    moments: tuple[MomentRule, ...]
    new_partner_jobs: int = 3
    gates: Mapping[str, Gate] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    welcome: str | None = None
    objections: Span | None = None
    life: LifeRules | None = None
    categories: Mapping[str, Words] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> Mapping[str, MomentRule]:
        """The rules by their codes."""
        return {rule.code: rule for rule in self.moments}

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """The keys of the phases in their order."""
        return tuple(self.phases)

    @property
    def first_phase(self) -> str:
        """Where a ticket starts."""
        return self.chain[0]

    def after(self, phase: str) -> str | None:
        """Return the phase that follows; None after the last one."""
        following = self.chain[self.chain.index(phase) + 1 :]
        return following[0] if following else None

    def gate_after(self, phase: str) -> Gate | None:
        """Return the gate at the end of a phase, if there is one."""
        return next((gate for gate in self.gates.values() if gate.phase == phase), None)
