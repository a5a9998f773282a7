"""A gate of a ticket with everything its pages are made from, and what the visitor may do at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fastapi import HTTPException
from sqlmodel import Session

from activities.ledger import handover_papers
from domain.process.gates import Answer, Gate
from domain.process.handovers import Stage
from domain.process.roles import Role
from domain.ticket.handover_rules import earliest_days
from domain.ticket.ticket import Status
from models.tables import AnswerRow, EventRow, HandoverRow, TextRow
from web.commands import queries
from web.commands.loaded import Opened, opened
from web.commands.queries import FileCard
from web.gates.checklist import Reader
from web.gates.standing import GateStanding, GateState, Telling, gate_state, override_reasons
from web.shell.request import Visit

History = tuple[EventRow, TextRow | None]
"""Something that happened, with what was written."""


@dataclass(frozen=True)
class AtGate:
    """A gate of a ticket with everything its pages are made from."""

    visit: Visit
    opened: Opened
    gate: Gate
    draft: Mapping[str, AnswerRow]
    submissions: Sequence[HandoverRow]
    files: Mapping[str, FileCard]
    events: Sequence[History]

    @cached_property
    def telling(self) -> Telling:
        """Who tells how the ticket stands."""
        at = self.opened
        return Telling(at.ticket, at.rule_context, at.people, self.visit.now, self.visit.words)

    @cached_property
    def standing(self) -> GateStanding:
        """How the gate stands."""
        return self.telling.standing(self.gate, override_reasons(self.events).get(self.gate.key, ""))

    @property
    def state(self) -> GateState:
        """What the gate shows."""
        return gate_state(self.opened.ticket, self.opened.rule_context, self.gate)

    @cached_property
    def reader(self) -> Reader:
        """Who puts the checklist into words."""
        language, rule_context = self.visit.words.language, self.opened.rule_context
        return Reader(
            gate=self.gate,
            customer=self.opened.customer,
            files=self.files,
            earliest=earliest_days(self.gate, self.opened.ticket, rule_context),
            milestones={key: one.title[language] for key, one in rule_context.process.milestones.items()},
            words=self.visit.words,
        )

    @property
    def drafted(self) -> dict[str, Answer]:
        """What rests in the draft."""
        return {key: Answer(row.value, row.reason) for key, row in self.draft.items()}

    @property
    def submitted(self) -> dict[str, Answer]:
        """What was handed over last, as it was then."""
        return answers_of(self.submissions[-1]) if self.submissions else {}

    @property
    def is_here(self) -> bool:
        """Whether the ticket stands before this gate."""
        here = self.opened.ticket.phase == self.gate.phase and not self.standing.is_finished
        return here and self.opened.ticket.status is not Status.CLOSED

    @property
    def may_give(self) -> bool:
        """Whether the visitor hands over here: the owner, or who has the role."""
        return self.is_here and self._owns_or_plays(self.gate.giver)

    @property
    def may_take(self) -> bool:
        """Whether the visitor decides about what waits; nobody decides about their own, except where one may."""
        handover, me = self.opened.ticket.handovers.get(self.gate.key), self.visit.person.short
        if not self.is_here or handover is None or handover.stage is not Stage.SUBMITTED:
            return False
        return self.plays(self.gate.receiver) and (self.gate.own or handover.giver != me)

    @property
    def may_override(self) -> bool:
        """Whether the visitor may let the ticket pass as it is."""
        return self.is_here and self.plays(self.gate.override)

    @property
    def owed(self) -> dict[str, str]:
        """The lines that are still owed although the ticket went through, with the keys of their open points."""
        points = self.opened.ticket.points.items()
        return {point.item: key for key, point in points if point.gate == self.gate.key and point.item}

    @property
    def may_settle(self) -> bool:
        """Whether the visitor may fill in what is owed."""
        owners = {self.opened.ticket.points[key].owner for key in self.owed.values()}
        sides = any(self.plays(role) for role in (self.gate.receiver, self.gate.owner))
        concerned = self._owns_or_plays(self.gate.giver) or sides or self.visit.person.short in owners
        return bool(self.owed) and concerned and self.opened.ticket.status is not Status.CLOSED

    @property
    def writable(self) -> set[str]:
        """The lines the visitor may fill in."""
        if self.may_give:
            return {item.key for item in self.gate.items}
        return set(self.owed) if self.may_settle else set()

    def plays(self, role: Role) -> bool:
        """Whether the visitor has a role at the ticket's site."""
        return self.opened.rule_context.roster.plays(self.visit.person.short, role)

    def receivers(self) -> list[tuple[str, str]]:
        """Return who may be asked to take over, by short name."""
        me, members = self.visit.person.short, self.opened.rule_context.roster.members
        able = [m.short for m in members if self.gate.receiver in m.roles and (self.gate.own or m.short != me)]
        return sorted(((short, self.telling.name(short)) for short in able), key=lambda one: one[1])

    def rejection(self) -> History | None:
        """Return the last step at this gate if it was a rejection, with its remarks."""
        steps = [one for one in self.events if one[0].code in _STEPS and one[0].fact.get("gate") == self.gate.key]
        return steps[-1] if steps and steps[-1][0].code == "handover_rejected" else None

    def _owns_or_plays(self, role: Role) -> bool:
        return self.visit.person.short == self.opened.ticket.owner or self.plays(role)


_STEPS = {"handover_submitted", "handover_accepted", "handover_rejected", "gate_overridden"}


def answers_of(row: HandoverRow) -> dict[str, Answer]:
    """Return the answers of a submission."""
    return {key: Answer(kept.get("value", ""), kept.get("reason", "")) for key, kept in row.answers.items()}


def at_gate(visit: Visit, session: Session, number: int, key: str) -> AtGate:
    """Return a gate of a ticket; 404 where there is none."""
    ticket = opened(visit, session, number)
    gate = ticket.rule_context.process.gates.get(key)
    if gate is None:
        raise HTTPException(404)
    return gathered(visit, session, ticket, gate, queries.history(session, number))


def gathered(visit: Visit, session: Session, ticket: Opened, gate: Gate, events: Sequence[History]) -> AtGate:
    """Return a gate of a ticket that was opened, with its papers."""
    return AtGate(
        visit=visit,
        opened=ticket,
        gate=gate,
        draft=handover_papers.draft(session, ticket.number, gate.key),
        submissions=handover_papers.submissions(session, ticket.number, gate.key),
        files=queries.files(session, ticket.number),
        events=events,
    )
