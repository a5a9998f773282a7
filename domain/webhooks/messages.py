"""What another system is told by webhooks, pure: which facts become which kind, signatures, when to try again."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

TEST = "test"
"""The kind of what an administrator sends to try an endpoint."""
ESCALATED = "ticket.escalated"
PHASE_CHANGED, STAGE_CHANGED = "ticket.phase_changed", "customer.stage_changed"


@dataclass(frozen=True)
class Told:
    """What an event of the ledger is told as: the kind, and those of its fact's ids and codes that go with it."""

    kind: str
    fields: tuple[str, ...] = ()


TICKETS: Mapping[str, Told] = {
    "received": Told("ticket.opened"),
    "answered": Told("ticket.answered"),
    "called": Told("ticket.called"),
    "customer_wrote": Told("ticket.customer_wrote"),
    "reassigned": Told("ticket.reassigned", ("to",)),
    "paused": Told("ticket.paused"),
    "resumed": Told("ticket.resumed"),
    "closed": Told("ticket.closed", ("reason",)),
    "handover_submitted": Told("handover.submitted", ("gate", "to")),
    "handover_accepted": Told("handover.accepted", ("gate", "submission")),
    "handover_rejected": Told("handover.rejected", ("gate", "submission", "items")),
    "gate_overridden": Told("handover.overridden", ("gate",)),
}
"""By the code under which the ledger keeps an event of a ticket; what is not in here is told to nobody."""
CUSTOMERS: Mapping[str, Told] = {
    "registered": Told("customer.registered"),
    "reassigned": Told("customer.reassigned", ("to",)),
    "package": Told("customer.package_booked", ("size",)),
    "closed": Told("customer.left", ("reason",)),
}
"""The same for the one ticket that is a customer's life."""
KINDS: tuple[str, ...] = (
    *(told.kind for told in TICKETS.values()),
    PHASE_CHANGED,
    ESCALATED,
    *(told.kind for told in CUSTOMERS.values()),
    STAGE_CHANGED,
)
"""Every kind an endpoint may ask for."""


def told_of(code: str, *, life: bool, escalates: bool) -> Told | None:
    """Return what an event is told as; None for what other systems do not hear of."""
    if escalates:
        return None if life else Told(ESCALATED)
    return (CUSTOMERS if life else TICKETS).get(code)


def utc(at: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
PATIENCE = timedelta(days=3)
"""How long a delivery is tried before it is given up, counted from when it was written."""


def pause_after(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after the n-th failed attempt: doubled each time, an hour at most.

    `asked` is what the receiver wished for (Retry-After); the longer one holds, but never more than an hour.

    >>> [pause_after(n).total_seconds() for n in (1, 2, 3, 10, 11, 5000)]
    [5.0, 10.0, 20.0, 2560.0, 3600.0, 3600.0]
    >>> pause_after(1, timedelta(minutes=2)), pause_after(1, timedelta(days=9))
    (datetime.timedelta(seconds=120), datetime.timedelta(seconds=3600))
    """
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(attempts, 1) - 1, 20)
    return min(max(doubled, asked or timedelta(0)), LONGEST_PAUSE)


IN_A_ROW = 5
"""So many refusals in a row, and the webhook rests: others wait no longer than that for one that cannot be sent."""
FIRST_REST = timedelta(minutes=1)


def rest_after(failures: int, *, answered: bool, asked: timedelta | None = None) -> timedelta:
    """Return how long a webhook is sent nothing at all after its n-th failure in a row; zero while others go on.

    Where nobody answers it rests at once, where somebody refuses only from the fifth time on; doubled each time, an
    hour at most. `asked` is what the receiver wished for (Retry-After).

    >>> [rest_after(n, answered=False).total_seconds() for n in (1, 2, 3, 11)]
    [5.0, 10.0, 20.0, 3600.0]
    >>> [rest_after(n, answered=True).total_seconds() for n in (1, 4, 5, 6, 20)]
    [0.0, 0.0, 60.0, 120.0, 3600.0]
    >>> rest_after(1, answered=True, asked=timedelta(minutes=2))
    datetime.timedelta(seconds=120)
    """
    if not answered:
        return pause_after(failures, asked)
    refused = FIRST_REST * 2 ** min(failures - IN_A_ROW, 20) if failures >= IN_A_ROW else timedelta(0)
    return min(max(refused, asked or timedelta(0)), LONGEST_PAUSE)


def written_secret(key: bytes) -> str:
    """Return a signing key as it is shown: base64 after `whsec_`."""
    return f"whsec_{base64.b64encode(key).decode()}"


def message_id(*parts: object) -> str:
    """Return the id of a message: the same parts give the same id; without a full stop, as the specification wants."""
    return f"msg_{hashlib.sha256(':'.join(map(str, parts)).encode()).hexdigest()[:32]}"


def headers(identity: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of one attempt at `at`, an aware instant, signed with every secret that holds.

    As in https://www.standardwebhooks.com: `v1,` and base64 of HMAC-SHA256 over id, unix seconds and body.
    """
    seconds = int(at.timestamp())
    signed = f"{identity}.{seconds}.".encode() + body
    signatures = (hmac.digest(base64.b64decode(each.removeprefix("whsec_")), signed, "sha256") for each in secrets)
    return {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures),
    }


def chosen(fact: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Return the ids and codes of a fact that go with its kind."""
    return {name: fact.get(name) for name in told.fields}
