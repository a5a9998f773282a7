"""A customer's life as the card shows it: stages, packages, tasks and checks. Derived from the domain alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.process.life import Life, Mark
from domain.ticket.context import RuleContext
from domain.ticket.planning import plan
from domain.ticket.ticket import Status, Ticket
from domain.words.wording import day, instant
from web.shell.translations import N_, Words
from web.tickets.chain import State


@dataclass(frozen=True)
class StageLink:
    """A stage of the way from lead to regular customer; `booked` is the package that it was reached by."""

    title: str
    state: State
    booked: str


@dataclass(frozen=True)
class Booked:
    """A package, with the day it was booked; `unusual` where it is not the size the customer usually books."""

    size: int
    day: str
    unusual: bool


@dataclass(frozen=True)
class TaskLine:
    """A task of the customer; an open one has a deadline (KD-03)."""

    key: str
    posted: str
    assigned: bool
    due_at: datetime | None = None
    due: str = ""
    late: bool = False


@dataclass(frozen=True)
class Check:
    """One of the checks of a first buyer: by hand, or kept by itself (KD-02). `done` is the day, empty while open."""

    key: str
    title: str
    by_hand: bool
    done: str


@dataclass(frozen=True)
class Portrait:
    """Everything that is told of a customer besides words. `asked` is until when the assistant is asked."""

    stages: list[StageLink]
    packages: list[Booked]
    tasks: list[TaskLine]
    checks: list[Check]
    tag: str
    assistant: str | None
    flags: tuple[str, ...]
    asked: str


def portrait(ticket: Ticket, rule_context: RuleContext, now: datetime, words: Words) -> Portrait:
    """Return a customer's portrait at an instant."""
    life = ticket.life or Life()
    asked = ticket.anchors.get(Mark.ASKED)
    return Portrait(
        stages=list(_stages(ticket, life, rule_context, words)),
        packages=list(_packages(life, rule_context, words)),
        tasks=list(_tasks(ticket, life, rule_context, now, words)),
        checks=list(_checks(ticket, rule_context, words)),
        tag=life.tag,
        assistant=life.assistant,
        flags=_flags(ticket, rule_context, words),
        asked=instant(asked.at, words.language, rule_context.calendar.zone) if asked else "",
    )


def _stages(ticket: Ticket, life: Life, rule_context: RuleContext, words: Words) -> Iterator[StageLink]:
    chain = rule_context.process.chain
    present = chain.index(ticket.phase)
    for n, phase in enumerate(chain):
        state = State.DONE if n < present else State.PRESENT if n == present else State.AHEAD
        reached = life.packages[n - 1] if 0 < n <= len(life.packages) else None
        booked = ""
        if reached:
            on = day(reached.at, words.language, rule_context.calendar.zone)
            booked = words(N_("%(size)s hours on %(day)s"), size=reached.size, day=on)
        yield StageLink(rule_context.process.phases[phase].title[words.language], state, booked)


def _packages(life: Life, rule_context: RuleContext, words: Words) -> Iterator[Booked]:
    """Yield the packages, the latest first."""
    for package in reversed(life.packages):
        usual = life.usual(package.at)
        on = day(package.at, words.language, rule_context.calendar.zone)
        yield Booked(package.size, on, unusual=usual is not None and package.size != usual)


def _tasks(ticket: Ticket, life: Life, rule_context: RuleContext, now: datetime, words: Words) -> Iterator[TaskLine]:
    """Yield the tasks that wait, the most urgent first, then the assigned ones, the latest first."""
    due = {
        moment.point: moment.at
        for moment in plan(ticket, rule_context).moments
        if moment.rule.marks_overdue and moment.point
    }
    zone = rule_context.calendar.zone
    for key, task in sorted(life.tasks.items(), key=lambda item: item[1].posted_at):
        if not task.assigned:
            at = due.get(key)
            shown = instant(at, words.language, zone) if at else ""
            yield TaskLine(key, day(task.posted_at, words.language, zone), False, at, shown, bool(at and at <= now))
    for key, task in sorted(life.tasks.items(), key=lambda item: item[1].posted_at, reverse=True):
        if task.assigned:
            yield TaskLine(key, day(task.posted_at, words.language, zone), assigned=True)


def _checks(ticket: Ticket, rule_context: RuleContext, words: Words) -> Iterator[Check]:
    """Yield the five checks: three by hand, then the first task and its assignment (KD-02)."""
    rules = rule_context.process.life
    by_hand: Sequence[str] = rules.checks if rules else ()
    named = rule_context.process.milestones
    for key in (key for key in (*by_hand, Mark.FIRST_TASK, Mark.FIRST_ASSIGNED) if key in named):
        reached = ticket.anchors.get(key)
        done = day(reached.at, words.language, rule_context.calendar.zone) if reached else ""
        yield Check(key, named[key].title[words.language], key in by_hand, done)


_FLAGS = (Mark.NO_SHOW, Mark.PRIORITY, Mark.WATCHED, Mark.OFFER)
_AS_LEAD = (Mark.INVITED, Mark.APPOINTMENT)


def _flags(ticket: Ticket, rule_context: RuleContext, words: Words) -> tuple[str, ...]:
    lead = ticket.phase == rule_context.process.first_phase and ticket.status is not Status.CLOSED
    shown = (*_FLAGS, *(_AS_LEAD if lead else ()))
    milestones = rule_context.process.milestones
    known = [mark for mark in shown if mark in ticket.anchors and mark in milestones]
    return tuple(milestones[mark].title[words.language] for mark in known)
