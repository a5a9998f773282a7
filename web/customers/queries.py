"""What the customers' pages read: the tabs with their counts, a page of customers, and what a week is worked off by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import Session, col, select

from activities.customers.directory import called_once
from activities.intake.customers import PROCESS
from activities.ledger.context import process_of
from domain.text.numbers import read_number
from domain.ticket.standing import Light
from models.tables import CustomerRow, DefinitionRow, LifeRow, TicketRow
from web.shell.paging import PAGE_SIZE
from web.shell.presenting import LIGHTS
from web.tickets.list_queries import shown_light


class Tab(StrEnum):
    """The tabs besides the stages: a customer is on one tab, and on the watchlist besides.

    The stages are those of the definition; a tab of one is called by its key.
    """

    ALL = "all"
    INVITED = "invited"
    NO_SHOW = "no_show"
    WATCHED = "watched"
    LEFT = "left"


@dataclass(frozen=True)
class Asked:
    """Which customers a list shows: of one owner, of nobody (`unassigned`) or of everybody."""

    tab: str = Tab.ALL
    owner: str | None = None
    unassigned: bool = False
    search: str = ""
    page: int = 1


@dataclass
class Counted:
    """How many customers a tab has, by light."""

    lights: dict[Light, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.lights.values())

    @property
    def worst(self) -> Light | None:
        """The light that wants attention first; None of a tab without customers."""
        return next((light for light in LIGHTS if self.lights.get(light)), None)

    def add(self, light: Light, n: int) -> None:
        """Count so many more."""
        self.lights[light] = self.lights.get(light, 0) + n


@dataclass(frozen=True)
class Found:
    """A customer of a list, with the light it shows."""

    row: TicketRow
    customer: CustomerRow
    life: LifeRow
    light: Light


@dataclass(frozen=True)
class Listed:
    """A page of customers, and what all tabs have."""

    found: Sequence[Found]
    tabs: Mapping[str, Counted]
    pages: int


def stages(session: Session) -> Mapping[str, Mapping[str, str]]:
    """Return the titles of the stages by their keys, in their order; first those of the newest definition.

    Customers who began under an older one may be in a stage that is no more.
    """
    titles: dict[str, Mapping[str, str]] = {}
    versions = select(DefinitionRow.id).where(DefinitionRow.key == PROCESS).order_by(col(DefinitionRow.number).desc())
    for version in session.exec(versions):
        process = process_of(session, version or 0)
        for key in process.chain:
            titles.setdefault(key, process.phases[key].title)
    return titles


def customers(session: Session, asked: Asked, now: datetime) -> Listed:
    """Return the customers asked for: least time left first, those without a deadline last."""
    tabs = _counts(session, asked, now)
    shown = shown_light(now)
    newest = asked.tab == Tab.LEFT
    order: list[Any] = [col(TicketRow.closed_at).desc()] if newest else [col(TicketRow.due_at).asc().nulls_last()]
    ordered = [*order, col(TicketRow.number).desc()]
    # Numbers first: sorting whole rows, with their states, to show twenty-five of them is slow.
    page = (
        _narrowed(select(TicketRow.number), asked)
        .where(_on(asked.tab))
        .order_by(*ordered)
        .limit(PAGE_SIZE)
        .offset((asked.page - 1) * PAGE_SIZE)
    )
    rows = session.execute(
        select(TicketRow, CustomerRow, LifeRow, shown)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .join(LifeRow, col(LifeRow.ticket) == col(TicketRow.number))
        .where(col(TicketRow.number).in_(session.execute(page).scalars().all()))
        .order_by(*ordered)
    ).all()
    found = [Found(row, customer, life, Light(light)) for row, customer, life, light in rows]
    return Listed(found, tabs, pages=max(1, -(-tabs[asked.tab].total // PAGE_SIZE)))


def _tab() -> ColumnElement[str]:
    """Return the one tab a customer is on."""
    return case(
        (col(TicketRow.closed), str(Tab.LEFT)),
        (col(LifeRow.no_show), str(Tab.NO_SHOW)),
        (col(LifeRow.invited), str(Tab.INVITED)),
        else_=col(LifeRow.stage),
    )


def _on(tab: str) -> ColumnElement[bool]:
    """Whether a customer is listed on a tab."""
    if tab == Tab.ALL:
        return ~col(TicketRow.closed)
    if tab == Tab.LEFT:
        return col(TicketRow.closed).is_(True)
    if tab == Tab.WATCHED:
        return and_(~col(TicketRow.closed), col(LifeRow.watched))
    if tab in (Tab.NO_SHOW, Tab.INVITED):
        return and_(~col(TicketRow.closed), _tab() == str(tab))
    # The stage by itself as well: there is an index on it.
    return and_(~col(TicketRow.closed), col(LifeRow.stage) == str(tab), _tab() == str(tab))


def _counts(session: Session, asked: Asked, now: datetime) -> Mapping[str, Counted]:
    """Return what every tab has, in one statement; nothing of a stage without customers."""
    shown, tab = shown_light(now), _tab()
    watched = col(LifeRow.watched)
    statement = _narrowed(select(tab, watched, shown, func.count()), asked).group_by(tab, watched, shown)
    tabs: defaultdict[str, Counted] = defaultdict(Counted)
    for key, is_watched, light, n in session.execute(statement).all():
        every = {key} if key == Tab.LEFT else {key, Tab.ALL, *([Tab.WATCHED] if is_watched else [])}
        for one in every:
            tabs[one].add(Light(light), n)
    return tabs


def _narrowed(statement: Any, asked: Asked) -> Any:
    merged = select(CustomerRow.id).where(col(CustomerRow.merged_into).is_not(None))
    narrowed = statement.select_from(LifeRow).join(TicketRow, col(TicketRow.number) == col(LifeRow.ticket))
    narrowed = narrowed.where(TicketRow.life, col(LifeRow.customer).not_in(merged))
    if asked.unassigned:
        narrowed = narrowed.where(col(TicketRow.owner).is_(None))
    elif asked.owner is not None:
        narrowed = narrowed.where(col(TicketRow.owner) == asked.owner)
    if not asked.search:
        return narrowed
    return narrowed.join(CustomerRow, col(CustomerRow.id) == col(LifeRow.customer)).where(_found(asked.search))


def _found(search: str) -> ColumnElement[bool]:
    names = ("name", "company", "email", "phone", "key")
    matching = [getattr(CustomerRow, name).icontains(search, autoescape=True) for name in names]
    typed = search.upper().removeprefix("K")
    if (number := read_number(typed)) is not None:
        same = col(CustomerRow.id) == number
        return or_(same, col(CustomerRow.key) == search, *(matching if len(typed) >= _LETTERS else ()))
    return or_(*matching, called_once(LifeRow.customer, search, names))


_LETTERS = 4
"""Fewer digits are a number only: half of all telephone numbers contain a 12."""


def without_life(session: Session, search: str) -> list[CustomerRow]:
    """Return a few customers without a life cycle whose name, company, address or number contains the search."""
    names = ("name", "company", "email", "phone")
    matching = [getattr(CustomerRow, name).icontains(search, autoescape=True) for name in names]
    typed = search.upper().removeprefix("K")
    if (number := read_number(typed)) is not None:
        matching = [col(CustomerRow.id) == number, *(matching if len(typed) >= _LETTERS else ())]
    found = or_(*matching, called_once(CustomerRow.id, search, names))
    lives = select(LifeRow.customer).where(col(LifeRow.customer) == col(CustomerRow.id)).exists()
    rows = select(CustomerRow).where(found, col(CustomerRow.merged_into).is_(None), ~lives)
    return list(session.exec(rows.order_by(CustomerRow.name, col(CustomerRow.id)).limit(_SHOWN_WITHOUT_LIFE)))


_SHOWN_WITHOUT_LIFE = 10


def tickets_of(session: Session, customer: int) -> list[TicketRow]:
    """Return the ordinary tickets of a customer: open ones first, then the newest."""
    theirs = select(TicketRow).where(TicketRow.customer == customer, ~col(TicketRow.life))
    return list(session.exec(theirs.order_by(col(TicketRow.closed), col(TicketRow.number).desc()).limit(PAGE_SIZE)))


@dataclass(frozen=True)
class Week:
    """What has to be worked off by the end of a week: how many in all, how many are left, and the first of those."""

    total: int
    left: int
    shown: Sequence[Found]

    @property
    def done(self) -> int:
        """How many were worked on."""
        return self.total - self.left


def week(session: Session, owner: str, until: datetime, now: datetime) -> Week:
    """Return somebody's customers that have to be worked on every week; left is what is due by `until` (KD-13)."""
    theirs = (TicketRow.owner == owner, ~col(TicketRow.closed), col(LifeRow.work_by).is_not(None))
    joined = col(LifeRow.ticket) == col(TicketRow.number)
    is_left = col(LifeRow.work_by) <= until
    total, left = session.execute(
        select(func.count(), func.sum(case((is_left, 1), else_=0)))
        .select_from(TicketRow)
        .join(LifeRow, joined)
        .where(*theirs)
    ).one()
    rows = session.execute(
        select(TicketRow, CustomerRow, LifeRow, shown_light(now))
        .join(LifeRow, joined)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(*theirs, is_left)
        .order_by(col(LifeRow.work_by), col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))
        .limit(SHOWN_OF_A_WEEK)
    ).all()
    found = [Found(row, customer, life, Light(light)) for row, customer, life, light in rows]
    return Week(total, left or 0, found)


SHOWN_OF_A_WEEK = 50
