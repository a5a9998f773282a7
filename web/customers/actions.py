"""What can be done to a customer through a form: which fields each action has, and which fact it asks for (S3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.ticket.customer_facts import (
    Acknowledged,
    AppointmentBooked,
    AssistantAsked,
    Invited,
    Observed,
    OfferSent,
    PackageBooked,
    PriorityMarked,
    Tagged,
    TaskAssigned,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import Answered, Called, Closed, FollowUpSet, MilestoneSet, Noted, Reassigned, Resumed
from web.commands.limits import Limits
from web.shell.forms import Sheet
from web.shell.translations import N_
from web.tickets.actions import FOLLOW_UP, PERSON, REASON, Action

SUBJECT, ANSWER_BY, SIZE, DAY, TASK, TAG, CHECK = "subject", "answer_by", "size", "day", "task", "tag", "check"


def _read_subject(sheet: Sheet, _: Limits) -> dict[str, Any]:
    return {SUBJECT: sheet.line(SUBJECT, needed=False)}


def _read_answer_by(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    at = sheet.instant(ANSWER_BY, limits.zone, needed=True)
    if at is not None and at <= limits.now:
        sheet.wrong(ANSWER_BY, N_("This lies in the past."))
    return {ANSWER_BY: at}


def _read_package(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    rules = limits.process.life
    size = sheet.choice(SIZE, {str(one) for one in rules.sizes} if rules else ())
    return {SIZE: int(size) if SIZE not in sheet.problems else 0, DAY: past_day(sheet, DAY, limits)}


def _read_posted(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    return {TASK: sheet.line(TASK), DAY: past_day(sheet, DAY, limits)}


def _read_assigned(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    task = sheet.choice(TASK, limits.tasks)
    to = sheet.choice(PERSON, limits.assistants) if sheet.typed.get(PERSON) else None
    return {TASK: task, PERSON: to}


def _read_tag(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    rules = limits.process.life
    return {TAG: sheet.choice(TAG, rules.classes if rules else ())}


def _read_check(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    rules = limits.process.life
    return {CHECK: sheet.choice(CHECK, rules.checks if rules else ())}


def past_day(sheet: Sheet, name: str, limits: Limits) -> datetime | None:
    """Read a day on which something happened; None for today, which is now, and for an empty field."""
    if not sheet.typed.get(name, "").strip():
        return None
    at = sheet.day(name, limits.zone)
    if at is None:
        return None
    today = limits.calendar.date_of(limits.now)
    if at.date() > today:
        sheet.wrong(name, N_("This lies in the future."))
    return None if at.date() >= today else at


@dataclass(frozen=True)
class Form(Action):
    """A form on a customer's card; a `press` is a button alone, shown with the others like it."""

    press: bool = False


def _press(name: str, title: str, fact: Callable[[Mapping[str, Any]], Any], flash: str) -> Form:
    return Form(name, title, title, None, fact, press=True, flash=flash)


FORMS = {
    form.name: form
    for form in (
        _press("seen", N_("Seen"), lambda _: Acknowledged(), flash=N_("Seen. Worked off for this week.")),
        _press("observe", N_("Observe further"), lambda _: Observed(), flash=N_("The customer is observed further.")),
        _press(
            "prio", N_("Mark as priority"), lambda _: PriorityMarked(), flash=N_("A priority customer from now on.")
        ),
        _press(
            "noprio",
            N_("No longer priority"),
            lambda _: PriorityMarked(on=False),
            flash=N_("No priority customer any more."),
        ),
        _press("watch", N_("To the watchlist"), lambda _: Watched(), flash=N_("On the watchlist.")),
        _press("unwatch", N_("Off the watchlist"), lambda _: Watched(on=False), flash=N_("Off the watchlist.")),
        _press(
            "appointment",
            N_("Phone appointment booked"),
            lambda _: AppointmentBooked(),
            flash=N_("Phone appointment kept. Sales takes over."),
        ),
        _press("offer", N_("Offer sent"), lambda _: OfferSent(), flash=N_("Offer kept.")),
        _press("invited", N_("Invited by a colleague"), lambda _: Invited(), flash=N_("Invitation kept.")),
        _press("resume", N_("Let the clock run again"), lambda _: Resumed(), flash=N_("The clock runs again.")),
        Form(
            "remind",
            N_("Remind me"),
            N_("Set reminder"),
            False,
            lambda filled: FollowUpSet(filled[FOLLOW_UP]),
            follow_up=True,
            flash=N_("Reminder set. Worked off until then."),
        ),
        Form(
            "contact",
            N_("Write to the customer"),
            N_("Send mail"),
            True,
            lambda _: Answered(),
            follow_up=False,
            asks=_read_subject,
            flash=N_("Mail accepted. The customer gets it."),
        ),
        Form(
            "call",
            N_("Log a call"),
            N_("Log call"),
            False,
            lambda _: Called(),
            follow_up=False,
            flash=N_("Call logged."),
        ),
        Form(
            "ask",
            N_("Ask the assistant"),
            N_("Send question"),
            True,
            lambda filled: AssistantAsked(filled[ANSWER_BY]),
            asks=_read_answer_by,
            flash=N_("Question and deadline kept."),
        ),
        Form(
            "task_assigned",
            N_("Task assigned"),
            N_("Keep assignment"),
            False,
            lambda filled: TaskAssigned(filled[TASK], filled[PERSON]),
            asks=_read_assigned,
            flash=N_("Assignment kept."),
        ),
        Form(
            "package",
            N_("Book a package"),
            N_("Keep booking"),
            False,
            lambda filled: PackageBooked(filled[SIZE], filled[DAY]),
            asks=_read_package,
            flash=N_("Booking kept."),
        ),
        Form(
            "task",
            N_("Task posted"),
            N_("Keep task"),
            False,
            lambda filled: TaskPosted(filled[TASK], filled[DAY]),
            asks=_read_posted,
            flash=N_("Task kept. It waits to be assigned."),
        ),
        Form(
            "tag",
            N_("Classify"),
            N_("Keep class"),
            False,
            lambda filled: Tagged(filled[TAG]),
            asks=_read_tag,
            flash=N_("Class kept."),
        ),
        Form("note", N_("Internal note"), N_("Keep note"), True, lambda _: Noted(), flash=N_("Note kept.")),
        Form(
            "reassign",
            N_("Give to a colleague"),
            N_("Give to them"),
            False,
            lambda filled: Reassigned(filled[PERSON]),
            person=True,
            flash=N_("Given to a colleague."),
        ),
        Form(
            "close",
            N_("End the life cycle"),
            N_("End the life cycle"),
            False,
            lambda filled: Closed(filled[REASON]),
            reason=True,
            flash=N_("The life cycle has ended."),
        ),
        Form(
            "check",
            N_("Check"),
            N_("Checked"),
            None,
            lambda filled: MilestoneSet(filled[CHECK]),
            asks=_read_check,
            flash=N_("Check kept."),
        ),
    )
}
"""In the order in which the card shows them; checks have a place of their own there."""
