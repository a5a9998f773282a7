"""What a customer's life remembers: packages, tasks, class; and what a process says about such lives (S3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from domain.process.roles import Role
from domain.process.table import Table
from domain.time.spans import Clock, Span, parse_span


class Mark(StrEnum):
    """The milestones that facts of customers set; a process of customers names every one of them.

    WORKED is what the weekly duty counts from: when somebody worked on an entry last, as late as its reminder lets it
    rest, or a week before the customer did something new. CHECKED is when somebody looked.
    """

    APPOINTMENT = "appointment"
    INVITED = "invited"
    OFFER = "offer"
    FIRST_PACKAGE = "first_package"
    GREW = "grew"
    REGULAR = "became_regular"
    FIRST_TASK = "first_task"
    FIRST_ASSIGNED = "first_assigned"
    ACKNOWLEDGED = "acknowledged"
    CHECKED = "checked"
    WORKED = "worked"
    PRIORITY = "priority"
    WATCHED = "watched"
    DRIFTED = "drifted"
    ASKED = "asked"
    NO_SHOW = "no_show"


CLASS = "class_"
"""Prefix of the milestone that a class sets, before its letter in lower case."""


@dataclass(frozen=True)
class LifeRules:
    """What a process says about customers.

    `sizes` are the packages there are, in hours. Who books one of `grows` right after the `trial` is a priority
    customer (KD-06). Customers of the classes in `watches` are watched when they book an unusual size (KD-10).
    `checks` are what a new customer is looked through for (KD-02). `worked_off` is the moment by which an entry has to
    be worked on (KD-13); what a customer does counts for this week if the site still opens for `still_this_week` in it.
    What happened more than `news_days` ago is history, which nobody is told. `sales` look after
    leads with an appointment, `care` after everybody else (KD-01).
    """

    sizes: tuple[int, ...]
    trial: int
    grows: tuple[int, ...]
    classes: tuple[str, ...]
    watches: tuple[str, ...]
    checks: tuple[str, ...]
    worked_off: str
    news_days: int
    sales: Role
    care: Role
    still_this_week: Span = Span(Clock.BUSINESS_HOURS, timedelta(hours=1))


@dataclass(frozen=True)
class Package:
    """A package of so many hours."""

    size: int
    at: datetime


@dataclass(frozen=True)
class Task:
    """Something the customer wants done; it waits until it is assigned. `n` numbers the fact that posted it."""

    posted_at: datetime
    set_at: datetime
    n: int
    assigned: bool = False


@dataclass(frozen=True)
class Life:
    """What a customer did so far. `packages` are in the order of their dates; `assistant` is a staff short name."""

    packages: tuple[Package, ...] = ()
    tasks: Mapping[str, Task] = field(default_factory=dict)
    tag: str = ""
    assistant: str | None = None

    @property
    def open_tasks(self) -> dict[str, Task]:
        """The tasks that wait to be assigned."""
        return {key: task for key, task in self.tasks.items() if not task.assigned}

    def usual(self, before: datetime) -> float | None:
        """Return the size this customer usually books: the median of the packages before (reading 35)."""
        sizes = [package.size for package in self.packages if package.at < before]
        return median(sizes) if sizes else None


_KEYS = (
    "sizes",
    "trial",
    "grows",
    "classes",
    "watches",
    "checks",
    "worked_off",
    "news_days",
    "sales",
    "care",
    "still_this_week",
)


def read_life(top: Table, milestones: Mapping[str, object]) -> LifeRules | None:
    """Return what a definition says about customers, if it does; raises DefinitionError naming table and key."""
    if "life" not in top.content:
        return None
    table = top.table("life")
    table.only(*_KEYS)
    sizes = _numbers(table, "sizes")
    classes = table.texts("classes")
    rules = LifeRules(
        sizes=sizes,
        trial=table.number("trial", 0),
        grows=_numbers(table, "grows"),
        classes=classes,
        watches=table.texts("watches"),
        checks=table.texts("checks"),
        worked_off=table.text("worked_off"),
        news_days=table.number("news_days", 14),
        sales=table.choice("sales", Role, Role.SALESPERSON),
        care=table.choice("care", Role, Role.CASE_HANDLER),
        still_this_week=table.parsed("still_this_week", table.text("still_this_week", "1h"), _opening),
    )
    for key, named, known in (
        ()
        if table.pinned
        else (
            ("trial", (rules.trial,), sizes),
            ("grows", rules.grows, sizes),
            ("watches", rules.watches, classes),
            ("checks", rules.checks, tuple(milestones)),
            ("classes", tuple(class_mark(one) for one in classes), tuple(milestones)),
            ("milestones", tuple(Mark), tuple(milestones)),
        )
    ):
        if unknown := [str(one) for one in named if one not in known]:
            raise table.error(key, f"{unknown[0]!r} is unknown; known are {', '.join(map(str, known)) or 'none'}")
    return rules


def _opening(text: str) -> Span:
    return parse_span(text, Clock.BUSINESS_HOURS)


def class_mark(letter: str) -> str:
    """Return the milestone that a class sets."""
    return f"{CLASS}{letter.lower()}"


def _numbers(table: Table, key: str) -> tuple[int, ...]:
    value = table.content.get(key)
    if not isinstance(value, list) or not value or not all(type(one) is int and one > 0 for one in value):
        raise table.error(key, "a list of whole numbers above zero is expected")
    return tuple(value)
