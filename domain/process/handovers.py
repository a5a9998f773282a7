"""What a ticket remembers of its gates: who handed over to whom, what was let pass, and which points are open."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far a handover is.

    OVERRIDDEN: let pass by who may. WAIVED: a gate that is not critical, passed without. REOPENED: the ticket stepped
    back behind the gate and has to pass it anew; what was submitted before still counts.
    """

    SUBMITTED = "submitted"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"
    WAIVED = "waived"
    REOPENED = "reopened"


@dataclass(frozen=True)
class Handover:
    """One gate of one ticket. `receiver` is who was asked, `decided_by` who decided; both are staff short names.

    `submission` counts what was submitted at this gate; `missing` are the required items that it lacked.
    """

    stage: Stage
    giver: str
    submission: int
    receiver: str | None = None
    missing: tuple[str, ...] = ()
    decided_by: str | None = None

    @property
    def is_passed(self) -> bool:
        """Whether the ticket went through the gate."""
        return self.stage in {Stage.ACCEPTED, Stage.OVERRIDDEN, Stage.WAIVED}


@dataclass(frozen=True)
class Override:
    """A gate was let pass incomplete, with a reason that rests in the ledger; this is never forgotten."""

    gate: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Point:
    """Something that is still owed: what a gate let pass without, or an objection. `n` numbers the fact that set it.

    `gate` is empty for an objection.
    """

    owner: str | None
    due_at: datetime
    set_at: datetime
    n: int
    gate: str = ""
    item: str = ""
