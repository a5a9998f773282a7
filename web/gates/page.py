"""One gate of one ticket as a page: the checklist of who gives, the submission before who takes, read-only for others.

Also after a form went wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fastapi.responses import Response

from activities.intake.attachments import KINDS
from domain.process.gates import Answer
from domain.words.wording import instant
from models.tables import AnswerRow
from web.gates.checklist import Line
from web.gates.loaded import AtGate, at_gate
from web.gates.standing import STATES, GateState
from web.shell.forms import REMARK
from web.shell.presenting import near
from web.shell.request import Visit, fresh_id
from web.shell.roles import role_title
from web.shell.translations import N_


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


def show(visit: Visit, number: int, key: str, attempt: GateAttempt | None = None, status: int = 200) -> Response:
    """Make the page of a gate."""
    with visit.services.database.reading() as session:
        at = at_gate(visit, session, number, key)
    attempt = attempt or GateAttempt()
    lines = checklist(at, attempt)
    return visit.render(
        "gates/gate.html",
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
    when = near(row.saved_at, at.visit.now, at.opened.rule_context.calendar, at.visit.words)
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
    return instant(when, at.visit.words.language, at.opened.rule_context.calendar.zone)
