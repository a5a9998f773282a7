"""Reads what happens to a simulated ticket: "INSTANT NAME [ARG]"."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from commandline.failure import Failure
from commandline.instants import instant_words, read_date, read_instant
from domain.facts import (
    PLAIN,
    Closed,
    Fact,
    FollowUpSet,
    MilestoneSet,
    PartnerChosen,
    PhaseSteppedBack,
    Reassigned,
    Refused,
)
from domain.judgement import accept
from domain.scene import Scene
from domain.story import Event
from domain.ticket import Ticket
from domain.wording import refusal

OWNER = "owner"
"""Who owns a ticket that does not exist."""
_COLLEAGUE = "colleague"

NAMES = (
    *PLAIN,
    "follow_up INSTANT",
    "reassigned [SHORT]",
    "milestone NAME [DATE]",
    "phase_back PHASE",
    "partner JOBS",
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
    return Typed(text, Event(at, _fact(words[used], " ".join(words[used + 1 :]), zone, what)))


def check(ticket: Ticket, typed: list[Typed], scene: Scene) -> list[Event]:
    """Return the events in order; raises Failure for the first one that such a ticket would not accept."""
    in_order = sorted(typed, key=lambda each: each.event.at)
    for each in in_order:
        if each.event.at < ticket.received_at:
            raise Failure(f"{each.what}: this is before the receipt")
        try:
            ticket = accept(ticket, each.event.fact, each.event.at, scene)
        except Refused as refused:
            raise Failure(f"{each.what}: {refusal(refused.code, refused.context, 'en')}") from None
    return [each.event for each in in_order]


def _fact(name: str, argument: str, zone: ZoneInfo, what: str) -> Fact:
    match name:
        case "follow_up":
            return FollowUpSet(read_instant(_needed(name, argument, what), zone, what))
        case "reassigned":
            return Reassigned(argument or _COLLEAGUE)
        case "milestone":
            return _milestone(_needed(name, argument, what), zone, what)
        case "phase_back":
            return PhaseSteppedBack(_needed(name, argument, what))
        case "partner":
            return PartnerChosen(_number(_needed(name, argument, what), what))
        case "closed":
            return Closed(_needed(name, argument, what))
        case _ if name not in PLAIN:
            raise Failure(f"{what}: the event {name!r} is unknown; known are {', '.join(NAMES)}")
        case _ if argument:
            raise Failure(f"{what}: {name!r} takes no argument, but {argument!r} was given")
        case _:
            return PLAIN[name]


def _milestone(argument: str, zone: ZoneInfo, what: str) -> MilestoneSet:
    """Read "NAME" for one that is reached, "NAME DATE" for one that is planned."""
    name, _, planned = argument.partition(" ")
    return MilestoneSet(name, read_date(planned, zone, what) if planned.strip() else None)


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise Failure(f"{what}: {text!r} is not a number of jobs")
    return int(text)


_DIGITS = 6


def _needed(name: str, argument: str, what: str) -> str:
    if not argument:
        wanted = next(known for known in NAMES if known.startswith(f"{name} "))
        raise Failure(f"{what}: the argument is missing; write {wanted}")
    return argument
