"""What can happen to a ticket, as plain records. A command asks for a fact; an event is one that was accepted.

Facts carry ids, codes and instants. Words (notes, answers, reasons in prose) rest in the ledger and are never in here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.ticket.customer_facts import PLAIN_OF_CUSTOMERS, CustomerFact


@dataclass(frozen=True)
class Answered:
    """The customer was answered in writing (handled, reading 7).

    `proposal` is the category whose text was sent as it was proposed (SL-05); empty for words of one's own.
    """

    proposal: str = ""
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True)
class Called:
    """A call with the customer was logged (handled, reading 7)."""

    kind: Literal["called"] = "called"


@dataclass(frozen=True)
class FollowUpSet:
    """The owner promised to come back at `at`, an aware instant (handled, readings 7, 11 and 13)."""

    at: datetime
    kind: Literal["follow_up"] = "follow_up"


@dataclass(frozen=True)
class CustomerWrote:
    """The customer wrote again (reading 8)."""

    kind: Literal["customer_wrote"] = "customer_wrote"


@dataclass(frozen=True)
class CallBackNoted:
    """Somebody took down that the customer wants to be called back; the ticket is open again (AC-10)."""

    kind: Literal["call_back"] = "call_back"


@dataclass(frozen=True)
class Noted:
    """An internal note; never handled (reading 7)."""

    kind: Literal["noted"] = "noted"


@dataclass(frozen=True)
class Categorised:
    """Somebody says what the matter is; from then on it is a person's (SL-05)."""

    category: str
    kind: Literal["categorised"] = "categorised"


@dataclass(frozen=True)
class Reassigned:
    """The ticket got a new owner, a staff short name (AC-08, reading 9)."""

    to: str
    kind: Literal["reassigned"] = "reassigned"


@dataclass(frozen=True)
class Paused:
    """The clocks stand still from now on."""

    kind: Literal["paused"] = "paused"


@dataclass(frozen=True)
class Resumed:
    """The clocks run again."""

    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True)
class MilestoneSet:
    """A milestone was reached now, or is planned for `at`, an aware instant (KM-09)."""

    name: str
    at: datetime | None = None
    kind: Literal["milestone"] = "milestone"


@dataclass(frozen=True)
class PhaseDone:
    """The present phase is done; the next one begins (handled, reading 7)."""

    kind: Literal["phase_done"] = "phase_done"


@dataclass(frozen=True)
class PhaseSkipped:
    """The present phase is not applicable; the next one begins (reading 27)."""

    kind: Literal["phase_skipped"] = "phase_skipped"


@dataclass(frozen=True)
class PhaseSteppedBack:
    """An earlier phase `to` has to be done again; its deadline counts from its own milestone (reading 27)."""

    to: str
    kind: Literal["phase_back"] = "phase_back"


@dataclass(frozen=True)
class PartnerChosen:
    """Who builds: a partner with so many jobs for us before this one (KM-06)."""

    jobs: int
    kind: Literal["partner"] = "partner"


@dataclass(frozen=True)
class HandoverSubmitted:
    """The giver hands over at a gate, to anybody who receives there or to somebody by short name (QG-01)."""

    gate: str
    to: str | None = None
    kind: Literal["handover_submitted"] = "handover_submitted"


@dataclass(frozen=True)
class HandoverAccepted:
    """The receiver takes over what was submitted; `submission` is the one they saw (QG-03, reading 39)."""

    gate: str
    submission: int | None = None
    kind: Literal["handover_accepted"] = "handover_accepted"


@dataclass(frozen=True)
class HandoverRejected:
    """The receiver gives back what was submitted, because of these items of the checklist (reading 39)."""

    gate: str
    items: tuple[str, ...] = ()
    submission: int | None = None
    kind: Literal["handover_rejected"] = "handover_rejected"


@dataclass(frozen=True)
class GateOverridden:
    """Somebody who may let the ticket pass a gate as it is (reading 38)."""

    gate: str
    kind: Literal["gate_overridden"] = "gate_overridden"


@dataclass(frozen=True)
class PointAssigned:
    """An open point got another owner and deadline; `due_at` is an aware instant."""

    point: str
    to: str
    due_at: datetime
    kind: Literal["point_assigned"] = "point_assigned"


@dataclass(frozen=True)
class PointSettled:
    """An open point is settled: what was missing is there, the objection was treated."""

    point: str
    kind: Literal["point_settled"] = "point_settled"


@dataclass(frozen=True)
class ObjectionRaised:
    """The customer objects; it becomes an open point until it is treated (SP-01)."""

    kind: Literal["objection"] = "objection"


@dataclass(frozen=True)
class CustomerWelcomed:
    """Service welcomed the customer, by mail or by a call (QG-02; handled, reading 7)."""

    by: Literal["mail", "call"]
    kind: Literal["welcomed"] = "welcomed"


@dataclass(frozen=True)
class Closed:
    """The ticket ended, with a reason."""

    reason: str
    kind: Literal["closed"] = "closed"


Fact = (
    Answered
    | Called
    | FollowUpSet
    | CustomerWrote
    | CallBackNoted
    | Noted
    | Categorised
    | Reassigned
    | Paused
    | Resumed
    | MilestoneSet
    | PhaseDone
    | PhaseSkipped
    | PhaseSteppedBack
    | PartnerChosen
    | HandoverSubmitted
    | HandoverAccepted
    | HandoverRejected
    | GateOverridden
    | PointAssigned
    | PointSettled
    | ObjectionRaised
    | CustomerWelcomed
    | Closed
    | CustomerFact
)
"""Everything that can happen to a ticket after it was received."""


PLAIN: dict[str, Fact] = {
    fact.kind: fact
    for fact in (
        Answered(),
        Called(),
        CustomerWrote(),
        CallBackNoted(),
        Noted(),
        Paused(),
        Resumed(),
        PhaseDone(),
        PhaseSkipped(),
        ObjectionRaised(),
        *PLAIN_OF_CUSTOMERS,
    )
}
"""The facts that say everything by their kind."""


class Refused(Exception):
    """A fact the ticket does not accept; `code` names the rule, `context` fills the sentence a person reads."""

    def __init__(self, code: str, /, **context: str) -> None:
        """Keep the rule's code and what its sentence needs."""
        self.code = code
        self.context = context
        super().__init__(code if not context else f"{code}: {context}")
