"""What a ticket's page tells of its gates: the one it stands before, what was opened without a check, what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.process.handovers import Point
from domain.ticket.ticket import Status
from domain.words.wording import instant
from web.commands.loaded import Opened
from web.gates.loaded import AtGate, History, gathered
from web.gates.page import GateAttempt, checklist, progress
from web.gates.standing import GateStanding, Telling, override_reasons
from web.shell.naming import point_title
from web.shell.presenting import Countdown, running
from web.shell.request import Visit
from web.shell.translations import N_, Words

_SHOWN_OF_AN_OBJECTION = 120


@dataclass(frozen=True)
class PresentGate:
    """The gate at the end of the present phase. `turn` is what the visitor can do there: "take", "give" or nothing."""

    standing: GateStanding
    progress: str
    turn: str


@dataclass(frozen=True)
class OpenPoint:
    """Something that is owed, with who owes it until when; `text` is what was objected, if it is an objection."""

    key: str
    title: str
    text: str
    owner: str
    gate: str
    item: str
    due: str
    countdown: Countdown

    @property
    def is_late(self) -> bool:
        """Whether its deadline has passed."""
        return self.countdown.kind == "late"


@dataclass(frozen=True)
class Opening:
    """A gate that was opened without its check: this is never forgotten."""

    gate: str
    title: str
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class AtGates:
    """Everything a ticket's page tells of its gates."""

    present: PresentGate | None
    points: list[OpenPoint]
    openings: list[Opening]
    records: list[GateStanding]


def at_gates(visit: Visit, session: Session, ticket: Opened, events: Sequence[History]) -> AtGates:
    """Return what a ticket's page tells of its gates."""
    telling = Telling(ticket.ticket, ticket.rule_context, ticket.people, visit.now, visit.words)
    process, closed = ticket.rule_context.process, ticket.ticket.status is Status.CLOSED
    gate = None if closed else process.gate_after(ticket.ticket.phase)
    reasons = override_reasons(events)
    standings = [telling.standing(one, reasons.get(one.key, "")) for one in process.gates.values()]
    return AtGates(
        present=_present(gathered(visit, session, ticket, gate, events)) if gate else None,
        points=_points(visit, ticket, telling, events),
        openings=_openings(ticket, telling, events),
        records=[standing for standing in standings if standing.is_finished],
    )


def _present(at: AtGate) -> PresentGate:
    lines = checklist(at, GateAttempt())
    turn = "take" if at.may_take else "give" if at.may_give else ""
    return PresentGate(at.standing, progress(at, lines), turn)


def _openings(ticket: Opened, telling: Telling, events: Sequence[History]) -> list[Opening]:
    texts = [text.body if text else "" for event, text in events if event.code == "gate_overridden"]
    gates = ticket.rule_context.process.gates
    return [
        Opening(
            gate=one.gate,
            title=gates[one.gate].title[telling.words.language],
            by=telling.name(one.by),
            at=instant(one.at, telling.words.language, ticket.rule_context.calendar.zone),
            why=why,
        )
        for one, why in zip(ticket.ticket.overrides, texts, strict=False)
    ]


def _points(visit: Visit, ticket: Opened, telling: Telling, events: Sequence[History]) -> list[OpenPoint]:
    said = objections(events)
    points = [_point(key, point, visit, ticket, telling, said) for key, point in ticket.ticket.points.items()]
    return [point for point, _ in sorted(points, key=lambda one: one[1])]


def _point(
    key: str, point: Point, visit: Visit, ticket: Opened, telling: Telling, said: dict[str, str]
) -> tuple[OpenPoint, datetime]:
    calendar, words = ticket.rule_context.calendar, visit.words
    shown = OpenPoint(
        key=key,
        title=point_title(key, ticket.rule_context, words),
        text=said.get(key, ""),
        owner=telling.name(point.owner),
        gate=point.gate,
        item=point.item,
        due=instant(point.due_at, words.language, calendar.zone),
        countdown=running(point.due_at, visit.now, calendar, ticket.ticket.breaks, words),
    )
    return shown, point.due_at


def objections(events: Sequence[History]) -> dict[str, str]:
    """Return what was objected, by the key of its point: it numbers the fact that set it, from the receipt on."""
    facts = [one for one in sorted(events, key=lambda one: one[0].id) if one[0].moment is None]
    counted = [one for one in facts if one[0].code != "refused"]
    return {
        f"objection.{n}": text.body if text else ""
        for n, (event, text) in enumerate(counted, start=1)
        if event.code == "objection"
    }


def welcome_is_due(ticket: Opened) -> bool:
    """Whether the customer may be welcomed now: what comes before was reached, or the chain is at its end."""
    process, anchors = ticket.rule_context.process, ticket.ticket.anchors
    if process.welcome is None or process.welcome in anchors:
        return False
    before = process.milestones[process.welcome].follows
    reached = all(key in anchors and not anchors[key].planned for key in before)
    return reached or process.after(ticket.ticket.phase) is None


def welcome_words(visit: Visit, ticket: Opened) -> str:
    """Return a welcome in the customer's language, from whoever writes it, to be changed before it goes out."""
    words: Words = visit.services.words.get(ticket.customer.language) or visit.words
    return words(_WELCOME, customer=ticket.customer.name, subject=ticket.row.subject, name=visit.person.name)


_WELCOME = N_(
    "Dear %(customer)s,\n\n"
    "your project “%(subject)s” is finished, and from now on I am here for you. "
    "If anything is not as it should be, or if you have a question, simply answer this mail or call me.\n\n"
    "Welcome, and thank you for your trust.\n\n"
    "%(name)s"
)
