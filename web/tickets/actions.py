"""What can be done to a ticket through a form: which fields each action has, and which facts it asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.ticket.facts import (
    Answered,
    CallBackNoted,
    Called,
    Categorised,
    Closed,
    CustomerWelcomed,
    Fact,
    FollowUpSet,
    MilestoneSet,
    Noted,
    ObjectionRaised,
    PartnerChosen,
    Paused,
    PhaseDone,
    PhaseSkipped,
    PhaseSteppedBack,
    Reassigned,
    Resumed,
)
from domain.time.horizon import answer
from web.commands.limits import Limits
from web.shell.forms import Sheet
from web.shell.translations import N_
from web.tickets.steps import JOBS, MILESTONE, PHASE, PLANNED_FOR, read_jobs, read_milestone, read_phase

TEXT, FOLLOW_UP, PERSON, REASON = "text", "follow_up_at", "to", "reason"
CATEGORY, PROPOSAL = "category", "proposal"


@dataclass(frozen=True)
class Action:
    """One form on a ticket.

    `text` says whether words are needed (True), welcome (False) or not asked for (None). A `step` is one along the
    chain, and there only where there is a chain; `asks` reads what a step needs to know.
    """

    name: str
    title: str
    button: str
    text: bool | None
    fact: Callable[[Mapping[str, Any]], Fact]
    follow_up: bool | None = None
    person: bool = False
    reason: bool = False
    step: bool = False
    asks: Callable[[Sheet, Limits], dict[str, Any]] | None = None
    flash: str = ""


def _read_proposal(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    """Read which category's text was proposed; one that nobody knows was none."""
    proposed = sheet.typed.get(PROPOSAL, "")
    return {PROPOSAL: proposed if proposed in limits.categories else ""}


def _read_category(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    return {CATEGORY: sheet.choice(CATEGORY, limits.categories)}


ACTIONS = {
    action.name: action
    for action in (
        Action(
            "answer",
            N_("Answer"),
            N_("Send answer"),
            True,
            lambda filled: Answered(filled[PROPOSAL]),
            follow_up=False,
            asks=_read_proposal,
            flash=N_("Answer accepted. The customer gets it as a mail."),
        ),
        Action(
            "call",
            N_("Log a call"),
            N_("Log call"),
            False,
            lambda _: Called(),
            follow_up=False,
            flash=N_("Call logged."),
        ),
        Action(
            "followup",
            N_("Follow-up"),
            N_("Set follow-up"),
            False,
            lambda filled: FollowUpSet(filled[FOLLOW_UP]),
            follow_up=True,
            flash=N_("Follow-up set."),
        ),
        Action("note", N_("Internal note"), N_("Keep note"), True, lambda _: Noted(), flash=N_("Note kept.")),
        Action(
            "callback",
            N_("Wants a call back"),
            N_("Take it down"),
            False,
            lambda _: CallBackNoted(),
            flash=N_("Call-back request taken down. The ticket is open again."),
        ),
        Action(
            "reassign",
            N_("Reassign"),
            N_("Reassign"),
            False,
            lambda filled: Reassigned(filled[PERSON]),
            person=True,
            flash=N_("Reassigned."),
        ),
        Action(
            "categorise",
            N_("What it is about"),
            N_("Keep category"),
            None,
            lambda filled: Categorised(filled[CATEGORY]),
            asks=_read_category,
        ),
        Action(
            "pause", N_("Pause"), N_("Pause"), False, lambda _: Paused(), flash=N_("Paused. The clock stands still.")
        ),
        Action(
            "resume",
            N_("Resume"),
            N_("Let the clock run again"),
            None,
            lambda _: Resumed(),
            flash=N_("The clock runs again."),
        ),
        Action(
            "close",
            N_("Close"),
            N_("Close ticket"),
            False,
            lambda filled: Closed(filled[REASON]),
            reason=True,
            flash=N_("Closed."),
        ),
        Action(
            "done",
            N_("Phase done"),
            N_("Phase done"),
            None,
            lambda _: PhaseDone(),
            step=True,
            flash=N_("Phase done. The next one has begun."),
        ),
        Action(
            "milestone",
            N_("Milestone"),
            N_("Keep milestone"),
            False,
            lambda filled: MilestoneSet(filled[MILESTONE], filled[PLANNED_FOR]),
            step=True,
            asks=read_milestone,
            flash=N_("Milestone kept."),
        ),
        Action(
            "partner",
            N_("Partner"),
            N_("Keep partner"),
            False,
            lambda filled: PartnerChosen(filled[JOBS]),
            step=True,
            asks=read_jobs,
            flash=N_("Partner kept."),
        ),
        Action(
            "skip",
            N_("Skip phase"),
            N_("Skip phase"),
            True,
            lambda _: PhaseSkipped(),
            step=True,
            flash=N_("Phase skipped. The next one has begun."),
        ),
        Action(
            "back",
            N_("Step back"),
            N_("Step back"),
            True,
            lambda filled: PhaseSteppedBack(filled[PHASE]),
            step=True,
            asks=read_phase,
            flash=N_("Stepped back."),
        ),
        Action(
            "welcome",
            N_("Welcome by mail"),
            N_("Send the welcome"),
            True,
            lambda _: CustomerWelcomed("mail"),
            step=True,
            flash=N_("The customer is welcomed; the mail is on its way."),
        ),
        Action(
            "welcome_call",
            N_("Welcome by call"),
            N_("Log the welcome"),
            False,
            lambda _: CustomerWelcomed("call"),
            step=True,
            flash=N_("The customer is welcomed."),
        ),
        Action(
            "objection",
            N_("Objection"),
            N_("Take it down"),
            True,
            lambda _: ObjectionRaised(),
            step=True,
            flash=N_("Objection taken down. It is an open point until it is treated."),
        ),
    )
}


@dataclass(frozen=True)
class Filled:
    """A form without mistakes: the facts it asks for in their order, and what was written."""

    facts: tuple[Fact, ...]
    text: str


def read(action: Action, sheet: Sheet, limits: Limits) -> Filled | None:
    """Return what the form asks for; None when the sheet has problems."""
    text = "" if action.text is None else sheet.prose(TEXT, needed=action.text)
    filled = action.asks(sheet, limits) if action.asks else {}
    if action.person:
        filled[PERSON] = sheet.choice(PERSON, limits.people)
    if action.reason:
        filled[REASON] = sheet.choice(REASON, limits.reasons)
    if action.follow_up is not None:
        filled[FOLLOW_UP] = _follow_up(sheet, limits, needed=action.follow_up)
    if sheet.problems:
        return None
    facts = [action.fact(filled)]
    if action.follow_up is False and filled[FOLLOW_UP] is not None:
        facts.append(FollowUpSet(filled[FOLLOW_UP]))
    return Filled(tuple(facts), text)


def _follow_up(sheet: Sheet, limits: Limits, *, needed: bool) -> datetime | None:
    """Read the follow-up.

    Outside business hours the person chooses once: as typed, or the next opening (reading 11).
    """
    at = sheet.instant(FOLLOW_UP, limits.zone, needed=needed)
    if at is None:
        return None
    if at <= limits.now:
        sheet.wrong(FOLLOW_UP, N_("This lies in the past."))
        return None
    calendar = limits.calendar
    open_or_closing = answer(lambda: calendar.is_open(at) or calendar.previous_open(at) == at, otherwise=False)
    if open_or_closing or sheet.typed.get("outside") == "as_typed":
        return at
    if sheet.typed.get("outside") == "next_open":
        return answer(lambda: calendar.next_open(at), at)
    sheet.wrong(FOLLOW_UP, OUTSIDE)
    return None


OUTSIDE = N_("This is outside business hours.")
