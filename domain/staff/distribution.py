"""Who gets a ticket that nobody has: the seller the customer knows, or whose turn it is among those who are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Distribution(StrEnum):
    """How a site hands out what arrives for nobody in particular."""

    BY_HAND = "by hand"
    SAME_CUSTOMER = "same customer"
    ROUND_ROBIN = "round robin"
    SAME_THEN_ROUND = "same customer, then round robin"


@dataclass(frozen=True)
class Candidate:
    """Somebody of the pool who is here now; `last_given_at` is when they got a ticket last."""

    short: str
    last_given_at: datetime | None = None


def owner_for(rule: Distribution, known_seller: str | None, candidates: Sequence[Candidate]) -> str | None:
    """Return who gets a new ticket; None leaves it in the pool.

    `known_seller` had this customer's last ticket, and is here. Whose turn it is: who has waited longest.
    """
    if known_seller and rule in {Distribution.SAME_CUSTOMER, Distribution.SAME_THEN_ROUND}:
        return known_seller
    if rule in {Distribution.ROUND_ROBIN, Distribution.SAME_THEN_ROUND} and candidates:
        return min(candidates, key=lambda one: (one.last_given_at or _NEVER, one.short)).short
    return None


_NEVER = datetime.min.replace(tzinfo=UTC)
