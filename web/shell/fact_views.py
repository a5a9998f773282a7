"""How every kind of fact is shown: one row each; histories, contacts and their channels are readings of it.

A kind without a row cannot be shown, which a test finds before anybody else does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from web.shell.translations import N_


class Speaker(StrEnum):
    """Who spoke when a fact happened: the customer to us, one of us to the customer, or one of us to colleagues."""

    CUSTOMER = "customer"
    US = "us"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Variant:
    """Another sentence, for a fact whose `field` holds just this `value`, or anything at all where that is None.

    Besides the fields of the fact there are `new_phase`, if it began one, and `chain`, of a ticket that follows one.
    """

    field: str
    sentence: str
    value: object = None

    def fits(self, fact: Mapping[str, Any]) -> bool:
        """Whether a fact is told by this sentence."""
        found = fact.get(self.field)
        return bool(found) if self.value is None else found == self.value


@dataclass(frozen=True)
class FactView:
    """One row: the sentences of a ticket's history and of a customer's, who spoke, and through which channel.

    A sentence that is empty is the other one's. What is `dated` happened on the day it names, maybe before it became
    known; every `milestone` is.
    """

    kind: str
    ticket: str = ""
    customer: str = ""
    of_ticket: tuple[Variant, ...] = ()
    of_customer: tuple[Variant, ...] = ()
    speaker: Speaker = Speaker.INTERNAL
    channel: str = ""
    dated: bool = False

    def sentence(self, fact: Mapping[str, Any], *, life: bool) -> str:
        """Return the sentence for a fact of a ticket, or of a customer's life."""
        variants = self.of_customer if life else self.of_ticket
        first, second = (self.customer, self.ticket) if life else (self.ticket, self.customer)
        return next((variant.sentence for variant in variants if variant.fits(fact)), first or second)


_ROWS = (
    FactView("received", N_("Request received"), speaker=Speaker.CUSTOMER),
    FactView(
        "answered",
        N_("%(by)s answered the customer"),
        N_("%(by)s wrote to the customer"),
        (Variant("proposal", N_("%(by)s sent the proposed answer to the customer")),),
        speaker=Speaker.US,
        channel="mail",
    ),
    FactView("called", N_("%(by)s called the customer"), speaker=Speaker.US, channel="phone"),
    FactView("follow_up", N_("%(by)s set a follow-up for %(at)s"), N_("%(by)s set a reminder for %(at)s")),
    FactView("customer_wrote", N_("The customer wrote"), speaker=Speaker.CUSTOMER, channel="mail"),
    FactView(
        "call_back",
        N_("%(by)s took down that the customer wants a call back"),
        speaker=Speaker.CUSTOMER,
        channel="phone",
    ),
    FactView("noted", N_("%(by)s kept a note")),
    FactView("reassigned", N_("%(by)s reassigned the ticket to %(to)s"), N_("%(by)s gave the customer to %(to)s")),
    FactView("categorised", N_("%(by)s says what it is about: %(category)s")),
    FactView("paused", N_("%(by)s paused the ticket"), N_("%(by)s paused the customer")),
    FactView("resumed", N_("%(by)s let the clock run again")),
    FactView(
        "milestone",
        N_("%(by)s noted: %(milestone)s reached (%(day)s)"),
        N_("%(by)s checked: %(milestone)s"),
        (Variant("at", N_("%(by)s planned: %(milestone)s on %(day)s")),),
        dated=True,
    ),
    FactView("phase_done", N_("%(by)s finished “%(phase)s”; “%(next)s” begins")),
    FactView("phase_skipped", N_("%(by)s skipped “%(phase)s”; “%(next)s” begins")),
    FactView("phase_back", N_("%(by)s stepped back from “%(phase)s” to “%(next)s”")),
    FactView("partner", N_("%(by)s chose a partner; earlier jobs with us: %(jobs)s")),
    FactView(
        "handover_submitted",
        N_("%(by)s handed over at “%(gate)s”"),
        of_ticket=(Variant("to", N_("%(by)s handed over at “%(gate)s”, to %(to)s")),),
    ),
    FactView("handover_accepted", N_("%(by)s accepted the handover at “%(gate)s”; “%(next)s” begins")),
    FactView("handover_rejected", N_("%(by)s gave the handover at “%(gate)s” back")),
    FactView("gate_overridden", N_("%(by)s opened “%(gate)s” without its check; “%(next)s” begins")),
    FactView("point_assigned", N_("%(by)s gave the open point “%(point)s” to %(to)s, until %(due)s")),
    FactView("point_settled", N_("%(by)s settled the open point “%(point)s”")),
    FactView("objection", N_("%(by)s took down an objection"), speaker=Speaker.CUSTOMER),
    FactView(
        "welcomed",
        N_("%(by)s welcomed the customer by mail"),
        of_ticket=(Variant("by", N_("%(by)s welcomed the customer by a call"), "call"),),
        speaker=Speaker.US,
        channel="mail",
    ),
    FactView("refused", N_("A signal of %(by)s was refused")),
    FactView(
        "closed",
        N_("%(by)s closed the ticket: %(reason)s"),
        N_("%(by)s ended the life cycle: %(reason)s"),
        (Variant("chain", N_("%(by)s archived the ticket in “%(phase)s”: %(reason)s")),),
    ),
    FactView("registered", customer=N_("Customer registered"), speaker=Speaker.CUSTOMER),
    FactView("appointment", customer=N_("%(by)s noted: phone appointment booked"), speaker=Speaker.CUSTOMER),
    FactView(
        "package",
        customer=N_("%(by)s noted: package of %(size)s hours booked (%(day)s)"),
        of_customer=(
            Variant("new_phase", N_("%(by)s noted: package of %(size)s hours booked (%(day)s); “%(next)s” begins")),
        ),
        speaker=Speaker.CUSTOMER,
        dated=True,
    ),
    FactView(
        "task_posted",
        customer=N_("%(by)s noted: task “%(task)s” posted (%(day)s)"),
        speaker=Speaker.CUSTOMER,
        dated=True,
    ),
    FactView(
        "task_assigned",
        customer=N_("%(by)s noted: task “%(task)s” assigned"),
        of_customer=(Variant("to", N_("%(by)s noted: task “%(task)s” assigned to %(to)s")),),
    ),
    FactView("tagged", customer=N_("%(by)s classified the customer: %(tag)s")),
    FactView(
        "priority",
        customer=N_("%(by)s marked the customer as priority"),
        of_customer=(Variant("on", N_("%(by)s took the priority off the customer"), value=False),),
    ),
    FactView(
        "watched",
        customer=N_("%(by)s put the customer on the watchlist"),
        of_customer=(Variant("on", N_("%(by)s took the customer off the watchlist"), value=False),),
    ),
    FactView("offer", customer=N_("%(by)s noted: offer sent"), speaker=Speaker.US),
    FactView("invited", customer=N_("%(by)s noted: invited by a colleague")),
    FactView("acknowledged", customer=N_("%(by)s has seen the customer")),
    FactView("assistant_asked", customer=N_("%(by)s asked the assistant, for an answer by %(answer_by)s")),
    FactView("observed", customer=N_("%(by)s decided to observe the customer further")),
)
FACTS: Mapping[str, FactView] = {row.kind: row for row in _ROWS}


def spoken_by(*speakers: Speaker) -> frozenset[str]:
    """Return the kinds of facts in which somebody spoke."""
    return frozenset(row.kind for row in _ROWS if row.speaker in speakers)


def sent_by(channel: str) -> frozenset[str]:
    """Return the kinds of facts that come or go through a channel."""
    return frozenset(row.kind for row in _ROWS if row.channel == channel)
