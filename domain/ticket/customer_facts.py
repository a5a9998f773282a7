"""What can happen in a customer's life, as plain records (S3). Instants are aware; a missing one means now.

`task` is the id the task has where it was posted; `to` is a staff short name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class AppointmentBooked:
    """A lead booked a phone appointment: sales takes over (KD-01)."""

    kind: Literal["appointment"] = "appointment"


@dataclass(frozen=True)
class PackageBooked:
    """The customer booked a package of `size` hours (KD-02, KD-06, KD-07)."""

    size: int
    at: datetime | None = None
    kind: Literal["package"] = "package"


@dataclass(frozen=True)
class TaskPosted:
    """The customer posted a task; it waits to be assigned (KD-03)."""

    task: str
    at: datetime | None = None
    kind: Literal["task_posted"] = "task_posted"


@dataclass(frozen=True)
class TaskAssigned:
    """A posted task was assigned; to an assistant of ours, or to somebody we do not know (KD-03)."""

    task: str
    to: str | None = None
    kind: Literal["task_assigned"] = "task_assigned"


@dataclass(frozen=True)
class Tagged:
    """Somebody classified the customer as "A", "B" or "C" (KD-11, reading 36)."""

    tag: str
    kind: Literal["tagged"] = "tagged"


@dataclass(frozen=True)
class PriorityMarked:
    """The customer is a priority customer from now on, or no longer (KD-05)."""

    on: bool = True
    kind: Literal["priority"] = "priority"


@dataclass(frozen=True)
class Watched:
    """The customer is put on the watchlist by hand, or taken off it (KD-10)."""

    on: bool = True
    kind: Literal["watched"] = "watched"


@dataclass(frozen=True)
class OfferSent:
    """The customer got an offer from us (KD-12)."""

    kind: Literal["offer"] = "offer"


@dataclass(frozen=True)
class Invited:
    """The lead was invited by a colleague (KD-08)."""

    kind: Literal["invited"] = "invited"


@dataclass(frozen=True)
class Acknowledged:
    """Somebody looked at the customer and pressed "seen" (KD-04)."""

    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True)
class AssistantAsked:
    """The customer's assistant was asked by template, and has until `answer_by` (KD-11)."""

    answer_by: datetime
    kind: Literal["assistant_asked"] = "assistant_asked"


@dataclass(frozen=True)
class Observed:
    """After the assistant was asked: the customer is observed further rather than contacted (KD-11)."""

    kind: Literal["observed"] = "observed"


CustomerFact = (
    AppointmentBooked
    | PackageBooked
    | TaskPosted
    | TaskAssigned
    | Tagged
    | PriorityMarked
    | Watched
    | OfferSent
    | Invited
    | Acknowledged
    | AssistantAsked
    | Observed
)
"""Everything that happens to a customer and to no ticket."""
PLAIN_OF_CUSTOMERS: tuple[CustomerFact, ...] = (
    AppointmentBooked(),
    PriorityMarked(),
    Watched(),
    OfferSent(),
    Invited(),
    Acknowledged(),
    Observed(),
)
"""Those that say everything by their kind."""
