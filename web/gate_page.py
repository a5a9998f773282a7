"""One gate of one ticket as a page: the checklist of who gives, the submission before who takes, read-only for others.

Also after a form went wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from fastapi import HTTPException
from fastapi.responses import Response
from sqlmodel import Session

from activities import papers
from activities.attachments import KINDS
from domain.gatekeeping import earliest_days
from domain.gates import Answer, Gate
from domain.handovers import Stage
from domain.roles import Role
from domain.ticket import Status
from domain.wording import instant
from models.tables import AnswerRow, EventRow, HandoverRow, TextRow
from web import queries
from web.checklist import REMARK, Line, Reader
from web.gate_standing import STATES, GateStanding, GateState, Telling, gate_state, override_reasons
from web.opened import Opened, opened
from web.presenting import near
from web.queries import FileCard
from web.roles import role_title
from web.translations import N_
from web.visits import Visit, fresh_id

History = tuple[EventRow, TextRow | None]
"""Something that happened, with what was written."""


@dataclass
class GateAttempt:
    """A step that was sent but not accepted: shown again as it was typed, with what is wrong and where."""

    step: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, AnswerRow] = field(default_factory=dict)
    message: str = ""
    form_id: str = ""


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
        return Telling(at.ticket, at.scene, at.people, self.visit.now, self.visit.words)

    @cached_property
    def standing(self) -> GateStanding:
        """How the gate stands."""
        return self.telling.standing(self.gate, override_reasons(self.events).get(self.gate.key, ""))

    @property
    def state(self) -> GateState:
        """What the gate shows."""
        return gate_state(self.opened.ticket, self.opened.scene, self.gate)

    @cached_property
    def reader(self) -> Reader:
        """Who puts the checklist into words."""
        language, scene = self.visit.words.language, self.opened.scene
        return Reader(
            gate=self.gate,
            customer=self.opened.customer,
            files=self.files,
            earliest=earliest_days(self.gate, self.opened.ticket, scene),
            milestones={key: one.title[language] for key, one in scene.process.milestones.items()},
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
        return self.opened.scene.roster.plays(self.visit.person.short, role)

    def receivers(self) -> list[tuple[str, str]]:
        """Return who may be asked to take over, by short name."""
        me, members = self.visit.person.short, self.opened.scene.roster.members
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
    gate = ticket.scene.process.gates.get(key)
    if gate is None:
        raise HTTPException(404)
    return gathered(visit, session, ticket, gate, queries.history(session, number))


def gathered(visit: Visit, session: Session, ticket: Opened, gate: Gate, events: Sequence[History]) -> AtGate:
    """Return a gate of a ticket that was opened, with its papers."""
    return AtGate(
        visit=visit,
        opened=ticket,
        gate=gate,
        draft=papers.draft(session, ticket.number, gate.key),
        submissions=papers.submissions(session, ticket.number, gate.key),
        files=queries.files(session, ticket.number),
        events=events,
    )


def show(visit: Visit, number: int, key: str, attempt: GateAttempt | None = None, status: int = 200) -> Response:
    """Make the page of a gate."""
    with visit.front.database.reading() as session:
        at = at_gate(visit, session, number, key)
    attempt = attempt or GateAttempt()
    lines = checklist(at, attempt)
    return visit.page(
        "gate.html",
        status,
        row=at.opened.row,
        customer=at.opened.customer,
        gate=at.gate,
        at=at,
        standing=at.standing,
        states=STATES,
        owner_role=role_title(at.gate.owner, visit.words),
        override_role=role_title(at.gate.override, visit.words),
        lines=lines,
        missing=[line for line in lines if line.missing],
        progress=progress(at, lines),
        is_lost=is_lost(at, attempt),
        typed_words=typed_words(at, attempt),
        shown=as_handed_over(at),
        latest=latest(at),
        returned=returned(at),
        receivers=at.receivers(),
        attempt=attempt,
        form_id=fresh_id,
        kinds=",".join(KINDS),
    )


def is_lost(at: AtGate, attempt: GateAttempt) -> bool:
    """Whether the form that was sent is not on the page any more."""
    forms = {
        "submit": at.may_give,
        "answers": at.may_give or at.may_settle,
        "settle": at.may_settle,
        "accept": at.may_take,
        "reject": at.may_take,
        "override": at.may_override,
    }
    return not forms.get(attempt.step, True)


def typed_words(at: AtGate, attempt: GateAttempt) -> list[tuple[str, str]]:
    """Return what was typed, by the title of its line, to be copied from a form that is gone."""
    titles = {item.key: item.title[at.visit.words.language] for item in at.gate.items}
    answers = [(titles[key], answer.value or answer.reason) for key, answer in attempt.answers.items()]
    remarks = [(title, attempt.typed.get(REMARK + key, "")) for key, title in titles.items()]
    return [one for one in (*answers, *remarks, ("", attempt.typed.get("text", ""))) if one[1]]


def checklist(at: AtGate, attempt: GateAttempt) -> list[Line]:
    """Return the lines as the form shows them: what was typed, what was remarked, who saved what and when."""
    remarks = remarked(at)
    return [
        replace(
            line,
            remark=remarks.get(line.key, ""),
            problem=attempt.problems.get(line.key, line.problem),
            missing="" if line.key in attempt.problems else line.missing,
            saved=said(at, at.draft[line.key]) if line.key in at.draft else "",
            conflict=at.reader.conflict(line.item, attempt.conflicts.get(line.key), at.telling.name),
        )
        for line in at.reader.lines(at.drafted, attempt.answers, prefill=at.is_here)
    ]


def as_handed_over(at: AtGate) -> list[Line]:
    """Return the lines as they were handed over, or as they are while nobody has; with remarks if given back."""
    remarks = remarked(at)
    answers = at.submitted if at.submissions and at.state is not GateState.OPEN else at.drafted
    return [replace(line, remark=remarks.get(line.key, "")) for line in at.reader.lines(answers)]


def progress(at: AtGate, lines: Sequence[Line]) -> str:
    """Return how much of a checklist is missing, in words."""
    missing = sum(bool(line.missing) for line in lines)
    if not missing:
        return at.visit.words(N_("The checklist is complete."))
    return at.visit.words(N_("%(missing)s of %(all)s lines missing"), missing=missing, all=len(lines))


def said(at: AtGate, row: AnswerRow) -> str:
    """Return who saved a line, and when."""
    when = near(row.saved_at, at.visit.now, at.opened.scene.calendar, at.visit.words)
    return at.visit.words(N_("saved %(at)s, %(by)s"), at=when, by=at.telling.name(row.by))


def remarked(at: AtGate) -> dict[str, str]:
    """Return what the receiver remarked when they gave it back last, by line."""
    rejection = at.rejection()
    if rejection is None:
        return {}
    event, text = rejection
    flagged = {str(item): at.visit.words(N_("Not in order")) for item in event.fact.get("items", [])}
    return flagged | dict(text.parts if text else {})


@dataclass(frozen=True)
class Returned:
    """A handover that was given back: by whom, when, and what was said about it as a whole."""

    by: str
    at: str
    text: str


def returned(at: AtGate) -> Returned | None:
    """Return the rejection that is to be worked on."""
    rejection = at.rejection()
    if rejection is None:
        return None
    event, text = rejection
    return Returned(at.telling.name(event.by), site_time(at, event.at), text.body if text else "")


@dataclass(frozen=True)
class Latest:
    """What was handed over last: by whom, when, to whom if to somebody, and its number."""

    by: str
    at: str
    to: str
    submission: int


def latest(at: AtGate) -> Latest | None:
    """Return what was handed over last."""
    if not at.submissions:
        return None
    row = at.submissions[-1]
    to = at.telling.name(row.asked) if row.asked else ""
    return Latest(at.telling.name(row.giver), site_time(at, row.submitted_at), to, row.submission)


def site_time(at: AtGate, when: datetime) -> str:
    """Return an instant in the site's time."""
    return instant(when, at.visit.words.language, at.opened.scene.calendar.zone)
