"""How a ticket stands at a gate: who waits for whom, since when and until when. One reading for every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.process.definition import PASSED, REJECTED, SUBMITTED
from domain.process.gates import Gate
from domain.process.handovers import Handover, Stage
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.planning import plan
from domain.ticket.ticket import Status, Ticket
from domain.words.wording import instant
from models.tables import EventRow, PersonRow, TextRow
from web.shell.naming import name_of
from web.shell.presenting import Countdown, running
from web.shell.roles import role_title
from web.shell.translations import N_, Words


class GateState(StrEnum):
    """What a gate shows. SKIPPED: the phase before a gate that is not critical was not applicable."""

    AHEAD = "ahead"
    OPEN = "open"
    WAITING = "waiting"
    RETURNED = "returned"
    PASSED = "passed"
    OVERRIDDEN = "overridden"
    WAIVED = "waived"
    SKIPPED = "skipped"


STATES = {
    GateState.AHEAD: N_("ahead"),
    GateState.OPEN: N_("to be handed over"),
    GateState.WAITING: N_("waits for acceptance"),
    GateState.RETURNED: N_("returned"),
    GateState.PASSED: N_("accepted"),
    GateState.OVERRIDDEN: N_("opened without its check"),
    GateState.WAIVED: N_("passed without a handover"),
    GateState.SKIPPED: N_("not applicable"),
}
_OF_STAGE = {
    Stage.SUBMITTED: GateState.WAITING,
    Stage.REJECTED: GateState.RETURNED,
    Stage.ACCEPTED: GateState.PASSED,
    Stage.OVERRIDDEN: GateState.OVERRIDDEN,
    Stage.WAIVED: GateState.WAIVED,
}
FINISHED = frozenset({GateState.PASSED, GateState.OVERRIDDEN, GateState.WAIVED})


@dataclass(frozen=True)
class GateStanding:
    """One gate of one ticket, in words. `waits_for` is the person or department whose turn it is, empty if nobody's."""

    key: str
    title: str
    state: GateState
    critical: bool
    giver: str
    receiver: str
    sentence: str
    waits_for: str = ""
    countdown: Countdown | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the ticket went through the gate."""
        return self.state in FINISHED


def current(ticket: Ticket, gate: Gate) -> Handover | None:
    """Return the handover at a gate; None while there is none, and after the ticket stepped back behind it."""
    handover = ticket.handovers.get(gate.key)
    return None if handover is None or handover.stage is Stage.REOPENED else handover


def gate_state(ticket: Ticket, rule_context: RuleContext, gate: Gate) -> GateState:
    """Return how a gate stands."""
    handover = current(ticket, gate)
    if handover is not None:
        return _OF_STAGE[handover.stage]
    if ticket.phase == gate.phase:
        return GateState.OPEN
    chain = rule_context.process.chain
    return GateState.AHEAD if chain.index(gate.phase) > chain.index(ticket.phase) else GateState.SKIPPED


@dataclass(frozen=True)
class Telling:
    """One ticket being told about, at one instant, in one language."""

    ticket: Ticket
    rule_context: RuleContext
    people: Mapping[str, PersonRow]
    now: datetime
    words: Words

    def standing(self, gate: Gate, reason: str = "") -> GateStanding:
        """Return how a gate stands; `reason` is why it was opened without its check."""
        state = gate_state(self.ticket, self.rule_context, gate)
        return GateStanding(
            key=gate.key,
            title=gate.title[self.words.language],
            state=state,
            critical=gate.critical,
            giver=role_title(gate.giver, self.words),
            receiver=role_title(gate.receiver, self.words),
            sentence=self._sentence(gate, state, reason),
            waits_for=self._waits_for(gate, state),
            countdown=self._countdown(gate, state),
        )

    def name(self, short: str | None) -> str:
        """Return somebody's name."""
        return name_of(short, self.people)

    def at(self, anchor: str) -> str:
        """Return when an event was, in site time."""
        anchored = self.ticket.anchors.get(anchor)
        return instant(anchored.at, self.words.language, self.rule_context.calendar.zone) if anchored else "–"

    def _sentence(self, gate: Gate, state: GateState, reason: str) -> str:
        words, handover = self.words, current(self.ticket, gate)
        if handover is None:
            if state is GateState.OPEN:
                return words(N_("%(who)s hands over next."), who=self._waits_for(gate, state))
            phase = self.rule_context.process.phases[gate.phase].title[words.language]
            if state is GateState.AHEAD:
                return words(N_("The ticket comes to this gate at the end of “%(phase)s”."), phase=phase)
            return words(N_("“%(phase)s” was not applicable, and this gate with it."), phase=phase)
        return self._of_handover(gate, handover, reason)

    def _of_handover(self, gate: Gate, handover: Handover, reason: str) -> str:
        words, giver = self.words, self.name(handover.giver)
        decided_by, passed_at = self.name(handover.decided_by), self.at(f"{PASSED}{gate.key}")
        match handover.stage:
            case Stage.SUBMITTED:
                return words(
                    N_("%(giver)s handed over on %(at)s and waits for %(receiver)s."),
                    giver=giver,
                    at=self.at(f"{SUBMITTED}{gate.key}"),
                    receiver=self._receiver(gate, handover),
                )
            case Stage.REJECTED:
                returned = N_("%(by)s gave it back on %(at)s; %(giver)s corrects it and hands over anew.")
                return words(returned, by=decided_by, at=self.at(f"{REJECTED}{gate.key}"), giver=giver)
            case Stage.ACCEPTED:
                accepted = N_("Handed over by %(giver)s, accepted by %(by)s on %(at)s.")
                return words(accepted, giver=giver, by=decided_by, at=passed_at)
            case Stage.OVERRIDDEN:
                opened = N_("Opened without its check by %(by)s on %(at)s, because: %(why)s")
                return words(opened, by=decided_by, at=passed_at, why=reason or "–")
            case _:
                waived = N_("Passed without a handover by %(by)s on %(at)s; what was missing stays owed.")
                return words(waived, by=giver, at=passed_at)

    def _receiver(self, gate: Gate, handover: Handover | None) -> str:
        asked = handover.receiver if handover else None
        return self.name(asked) if asked else role_title(gate.receiver, self.words)

    def _waits_for(self, gate: Gate, state: GateState) -> str:
        if self.ticket.status is Status.CLOSED:
            return ""
        handover = self.ticket.handovers.get(gate.key)
        if state is GateState.WAITING:
            return self._receiver(gate, handover)
        if state is GateState.RETURNED and handover:
            return self.name(handover.giver)
        if state is GateState.OPEN:
            return self.name(self.ticket.owner) if self.ticket.owner else role_title(gate.giver, self.words)
        return ""

    def _countdown(self, gate: Gate, state: GateState) -> Countdown | None:
        """Return the clock of the side whose turn it is; None while none runs."""
        side = {GateState.WAITING: "take", GateState.OPEN: "give", GateState.RETURNED: "give"}.get(state)
        if side is None or self.ticket.paused or self.ticket.status is Status.CLOSED:
            return None
        moment = self._moment(f"{gate.key}.{side}.due")
        calendar = self.rule_context.calendar
        return running(moment.at, self.now, calendar, self.ticket.breaks, self.words) if moment else None

    def _moment(self, code: str) -> Moment | None:
        return next((moment for moment in plan(self.ticket, self.rule_context).moments if moment.code == code), None)


def override_reasons(events: Sequence[tuple[EventRow, TextRow | None]]) -> dict[str, str]:
    """Return why gates were opened without their checks, the last time for each."""
    opened = [(event, text) for event, text in events if event.code == "gate_overridden"]
    return {str(event.fact["gate"]): text.body if text else "" for event, text in opened}
