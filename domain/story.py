"""Plays a ticket that does not exist: the same rules as the ledger's, over a list of events instead of a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.agenda import agenda, fire_due
from domain.facts import Fact
from domain.judgement import accept
from domain.moments import Moment
from domain.scene import Scene
from domain.ticket import Ticket


@dataclass(frozen=True)
class Event:
    """A fact at an instant."""

    at: datetime
    fact: Fact


def play(ticket: Ticket, scene: Scene, events: Sequence[Event], until: datetime | None) -> list[Moment]:
    """Return every moment that comes to pass, given the events, sorted by time.

    Without `until` it plays until nothing more would happen; what repeats for ever then happens once. Events need not
    be sorted. A fact the ticket does not accept raises Refused. A fact at the instant of a moment is in time: it
    comes first.
    """
    happened: list[Moment] = []
    for event in sorted(events, key=lambda event: event.at.astimezone(UTC)):
        if until is not None and event.at.astimezone(UTC) > until.astimezone(UTC):
            break
        ticket, moments = fire_due(ticket, scene, event.at, inclusive=False)
        happened += moments
        ticket = accept(ticket, event.fact, event.at, scene)
    while due := agenda(ticket, scene):
        if until is None and all(moment.round > 1 for moment in due):
            break
        if until is not None and due[0].at > until:
            break
        ticket, moments = fire_due(ticket, scene, due[0].at, inclusive=True)
        happened += moments
    return happened
