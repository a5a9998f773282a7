"""What happened in a customer's life, as sentences of the catalog (S3)."""

from collections.abc import Mapping
from typing import Any

from web.shell.translations import N_

FACTS = {
    "registered": N_("Customer registered"),
    "answered": N_("%(by)s wrote to the customer"),
    "follow_up": N_("%(by)s set a reminder for %(at)s"),
    "reassigned": N_("%(by)s gave the customer to %(to)s"),
    "paused": N_("%(by)s paused the customer"),
    "milestone": N_("%(by)s checked: %(milestone)s"),
    "closed": N_("%(by)s ended the life cycle: %(reason)s"),
    "appointment": N_("%(by)s noted: phone appointment booked"),
    "package": N_("%(by)s noted: package of %(size)s hours booked (%(day)s)"),
    "task_posted": N_("%(by)s noted: task “%(task)s” posted (%(day)s)"),
    "task_assigned": N_("%(by)s noted: task “%(task)s” assigned"),
    "tagged": N_("%(by)s classified the customer: %(tag)s"),
    "priority": N_("%(by)s marked the customer as priority"),
    "watched": N_("%(by)s put the customer on the watchlist"),
    "offer": N_("%(by)s noted: offer sent"),
    "invited": N_("%(by)s noted: invited by a colleague"),
    "acknowledged": N_("%(by)s has seen the customer"),
    "assistant_asked": N_("%(by)s asked the assistant, for an answer by %(answer_by)s"),
    "observed": N_("%(by)s decided to observe the customer further"),
}
"""Facts of customers, and those that tickets have too but that say something else about a customer."""
_OFF = {
    "priority": N_("%(by)s took the priority off the customer"),
    "watched": N_("%(by)s took the customer off the watchlist"),
}
_ASSIGNED_TO = N_("%(by)s noted: task “%(task)s” assigned to %(to)s")
_NEXT_STAGE = N_("%(by)s noted: package of %(size)s hours booked (%(day)s); “%(next)s” begins")
DATED = frozenset({"package", "task_posted"})
"""Facts that may have happened on a day before they became known."""


def sentence(code: str, fact: Mapping[str, Any], *, new_stage: bool) -> str | None:
    """Return the sentence of a fact in a customer's life; None where a ticket's own says it."""
    if not fact.get("on", True):
        return _OFF[code]
    if code == "task_assigned" and fact.get("to"):
        return _ASSIGNED_TO
    if code == "package" and new_stage:
        return _NEXT_STAGE
    return FACTS.get(code)
