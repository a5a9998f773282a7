"""Reads what happens to a simulated ticket: "INSTANT NAME [ARG]"."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from commandline.instants import instant_words, read_date, read_instant
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import (
    AssistantAsked,
    PackageBooked,
    PriorityMarked,
    Tagged,
    TaskAssigned,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import (
    PLAIN,
    Closed,
    CustomerWelcomed,
    Fact,
    FollowUpSet,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    MilestoneSet,
    PartnerChosen,
    PhaseSteppedBack,
    PointAssigned,
    PointSettled,
    Reassigned,
    Refused,
)
from domain.ticket.simulation import COLLEAGUE, Event, steps
from domain.ticket.ticket import Ticket
from domain.ticket.transitions import apply
from domain.words.wording import refusal
from installation.errors import Failure

NAMES = (
    *PLAIN,
    "follow_up INSTANT",
    "reassigned [SHORT]",
    "milestone NAME [DATE]",
    "phase_back PHASE",
    "partner JOBS",
    "welcomed mail|call",
    "handover_submitted GATE [SHORT]",
    "handover_accepted GATE",
    "handover_rejected GATE [ITEM …]",
    "gate_overridden GATE",
    "point_assigned POINT SHORT INSTANT",
    "point_settled POINT",
    "package HOURS [DATE]",
    "task_posted TASK [DATE]",
    "task_assigned TASK [SHORT]",
    "tagged CLASS",
    "priority [off]",
    "watched [off]",
    "assistant_asked INSTANT",
    "closed REASON",
)


@dataclass(frozen=True)
class Typed:
    """An event, and the words it was typed as."""

    text: str
    event: Event

    @property
    def what(self) -> str:
        """How an error names it."""
        return f"--event {self.text!r}"


def read_event(text: str, zone: ZoneInfo) -> Typed:
    """Read one event; raises Failure."""
    what = f"--event {text!r}"
    words = text.split()
    used = instant_words(words)
    if len(words) <= used:
        raise Failure(f"{what}: write INSTANT NAME [ARG]; names are {', '.join(NAMES)}")
    at = read_instant(" ".join(words[:used]), zone, what)
    return Typed(text, Event(at, read_fact(" ".join(words[used:]), zone, what)))


def check(ticket: Ticket, typed: list[Typed], rule_context: RuleContext) -> list[Event]:
    """Return the events in order; raises Failure for the first one that such a ticket would not accept."""
    events = []
    for each in sorted(typed, key=lambda each: each.event.at):
        if each.event.at < ticket.received_at:
            raise Failure(f"{each.what}: this is before the receipt")
        try:
            for event in steps(ticket, each.event, rule_context):
                ticket = apply(ticket, event.fact, event.at, rule_context, event.evidence)
                events.append(event)
        except Refused as refused:
            raise Failure(f"{each.what}: {refusal(refused.code, refused.context, 'en')}") from None
    return events


def read_fact(text: str, zone: ZoneInfo, what: str) -> Fact:
    """Read "NAME [ARG]"; raises Failure naming `what` was typed. Times without an offset are in `zone`."""
    name, _, argument = " ".join(text.split()).partition(" ")
    if name in PLAIN and not (argument and name in _READERS):
        if argument:
            raise Failure(f"{what}: {name!r} takes no argument, but {argument!r} was given")
        return PLAIN[name]
    if name not in _READERS:
        raise Failure(f"{what}: the event {name!r} is unknown; known are {', '.join(NAMES)}")
    usage = next(known for known in NAMES if known.startswith(f"{name} "))
    if not argument and not usage.startswith(f"{name} ["):
        raise Failure(f"{what}: the argument is missing; write {usage}")
    return _READERS[name](_Said(argument, zone, what))


@dataclass(frozen=True)
class _Said:
    """What stands after a name; times are the site's."""

    argument: str
    zone: ZoneInfo
    what: str


def _milestone(said: _Said) -> MilestoneSet:
    """Read "NAME" for one that is reached, "NAME DATE" for one that is planned."""
    name, _, planned = said.argument.partition(" ")
    return MilestoneSet(name, read_date(planned, said.zone, said.what) if planned.strip() else None)


def _welcomed(said: _Said) -> CustomerWelcomed:
    match said.argument:
        case "mail" | "call" as by:
            return CustomerWelcomed(by)
        case _:
            raise Failure(f"{said.what}: {said.argument!r} is neither mail nor call")


def _submitted(said: _Said) -> HandoverSubmitted:
    gate, _, to = said.argument.partition(" ")
    return HandoverSubmitted(gate, to or None)


def _rejected(said: _Said) -> HandoverRejected:
    gate, *items = said.argument.split()
    return HandoverRejected(gate, tuple(items))


def _assigned(said: _Said) -> PointAssigned:
    point, _, rest = said.argument.partition(" ")
    to, _, due_at = rest.partition(" ")
    if not due_at:
        raise Failure(f"{said.what}: write point_assigned POINT SHORT INSTANT")
    return PointAssigned(point, to, read_instant(due_at, said.zone, said.what))


def _package(said: _Said) -> PackageBooked:
    hours, _, date = said.argument.partition(" ")
    size = _number(hours, said.what, "hours")
    return PackageBooked(size, read_date(date, said.zone, said.what) if date.strip() else None)


def _posted(said: _Said) -> TaskPosted:
    task, _, date = said.argument.partition(" ")
    return TaskPosted(task, read_date(date, said.zone, said.what) if date.strip() else None)


def _task_assigned(said: _Said) -> TaskAssigned:
    task, _, to = said.argument.partition(" ")
    return TaskAssigned(task, to.strip() or None)


def _off(said: _Said) -> bool:
    if said.argument != "off":
        raise Failure(f"{said.what}: {said.argument!r} is not off")
    return False


def _number(text: str, what: str, of: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise Failure(f"{what}: {text!r} is not a number of {of}")
    return int(text)


_DIGITS = 6


_READERS: dict[str, Callable[[_Said], Fact]] = {
    "follow_up": lambda said: FollowUpSet(read_instant(said.argument, said.zone, said.what)),
    "reassigned": lambda said: Reassigned(said.argument or COLLEAGUE),
    "milestone": _milestone,
    "phase_back": lambda said: PhaseSteppedBack(said.argument),
    "partner": lambda said: PartnerChosen(_number(said.argument, said.what, "jobs")),
    "welcomed": _welcomed,
    "handover_submitted": _submitted,
    "handover_accepted": lambda said: HandoverAccepted(said.argument),
    "handover_rejected": _rejected,
    "gate_overridden": lambda said: GateOverridden(said.argument),
    "point_assigned": _assigned,
    "point_settled": lambda said: PointSettled(said.argument),
    "package": _package,
    "task_posted": _posted,
    "task_assigned": _task_assigned,
    "tagged": lambda said: Tagged(said.argument),
    "priority": lambda said: PriorityMarked(_off(said)),
    "watched": lambda said: Watched(_off(said)),
    "assistant_asked": lambda said: AssistantAsked(read_instant(said.argument, said.zone, said.what)),
    "closed": lambda said: Closed(said.argument),
}
