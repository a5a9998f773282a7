"""What the lists of tickets read: one page of those asked for, and how many there are per light."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlmodel import Session, col, select

from activities.customers.directory import called_once
from domain.customers.telephone import REGION, like_phone
from domain.text.numbers import read_number
from domain.ticket.standing import Light
from models.tables import CustomerRow, TicketRow
from web.shell.paging import PAGE_SIZE

MOST_COUNTED = 10_000
_DIGITS_OF_A_PHONE = 5


@dataclass(frozen=True)
class Asked:
    """Which tickets a list shows: of one owner, of nobody (`unassigned`) or of everybody.

    A telephone number that is searched for is one of the `region`.
    """

    owner: str | None = None
    unassigned: bool = False
    light: Light | None = None
    search: str = ""
    page: int = 1
    region: str = REGION


@dataclass(frozen=True)
class Listed:
    """A page of tickets with their customers, the light each one shows, and how many there are per light.

    Closed ones are counted to `MOST_COUNTED`: they grow more for ever, and nobody pages through so many.
    """

    rows: Sequence[tuple[TicketRow, CustomerRow, Light]]
    counts: dict[Light, int]
    pages: int

    @property
    def open(self) -> int:
        """How many are not closed."""
        return sum(n for light, n in self.counts.items() if light is not Light.CLOSED)


def tickets(session: Session, asked: Asked, now: datetime) -> Listed:
    """Return the tickets asked for, those with the least time left first, those without a deadline last."""
    counts = _counts(session, asked, now)
    wanted = [asked.light] if asked.light else [light for light in Light if light is not Light.CLOSED]
    total = sum(counts.get(light, 0) for light in wanted)
    shown = shown_light(now)
    # Numbers first: sorting whole rows, with their states, to show twenty-five of them is slow.
    numbers = _narrowed(select(TicketRow.number), asked)
    if asked.light is Light.CLOSED:
        ordered: list[Any] = [col(TicketRow.closed_at).desc(), col(TicketRow.number).desc()]
        numbers = numbers.where(col(TicketRow.closed))
    else:
        ordered = [col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number).desc()]
        numbers = numbers.where(~col(TicketRow.closed), shown.in_([str(light) for light in wanted]))
    page = numbers.order_by(*ordered).limit(PAGE_SIZE).offset((asked.page - 1) * PAGE_SIZE)
    statement = (
        select(TicketRow, CustomerRow, shown)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(col(TicketRow.number).in_(session.execute(page).scalars().all()))
        .order_by(*ordered)
    )
    rows = [(ticket, customer, Light(light)) for ticket, customer, light in session.execute(statement).all()]
    return Listed(rows, counts, pages=max(1, -(-total // PAGE_SIZE)))


def shown_light(now: datetime) -> ColumnElement[str]:
    """Return the light as people see it.

    What is past its deadline is red, even before the ledger has noted it.
    """
    waiting = col(TicketRow.light).in_([Light.YELLOW, Light.GREEN])
    return case((and_(waiting, col(TicketRow.due_at) <= now), str(Light.RED)), else_=col(TicketRow.light))


def light_of(row: TicketRow, now: datetime) -> Light:
    """Return the light of a row as `shown_light` does."""
    past = row.due_at is not None and row.due_at <= now
    return Light.RED if past and row.light in (Light.YELLOW, Light.GREEN) else Light(row.light)


def _counts(session: Session, asked: Asked, now: datetime) -> dict[Light, int]:
    shown = shown_light(now)
    still_open = _narrowed(select(shown, func.count()), asked).where(~col(TicketRow.closed)).group_by(shown)
    done = _narrowed(select(TicketRow.number), asked).where(col(TicketRow.closed)).limit(MOST_COUNTED).subquery()
    closed = session.execute(select(func.count()).select_from(done)).scalar_one()
    counts = {Light(light): n for light, n in session.execute(still_open).all()}
    return counts | ({Light.CLOSED: closed} if closed else {})


def _narrowed(statement: Any, asked: Asked) -> Select[Any]:
    narrowed: Select[Any] = statement.select_from(TicketRow).where(~col(TicketRow.life))
    if asked.search:
        narrowed = narrowed.join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
    if asked.unassigned:
        narrowed = narrowed.where(col(TicketRow.owner).is_(None))
    elif asked.owner is not None:
        narrowed = narrowed.where(col(TicketRow.owner) == asked.owner)
    return narrowed.where(_found(asked.search, asked.region)) if asked.search else narrowed


def _found(search: str, region: str) -> ColumnElement[bool]:
    typed = search.removeprefix("#")
    if (number := read_number(typed)) is not None:
        same_number = col(TicketRow.number) == number
        same_phone = col(CustomerRow.phone).contains(typed, autoescape=True)
        if len(typed) < _DIGITS_OF_A_PHONE:
            return same_number
        return or_(same_number, same_phone, *_called_at(search, region))
    fields = (TicketRow.subject, CustomerRow.name, CustomerRow.email, CustomerRow.phone)
    matching = (col(field).icontains(search, autoescape=True) for field in fields)
    return or_(*matching, called_once(TicketRow.customer, search), *_called_at(search, region))


def _called_at(search: str, region: str) -> list[ColumnElement[bool]]:
    """Return that a ticket's customer has this number, however it is written; nothing of what is no number."""
    like = like_phone(search, region) if _A_PHONE.fullmatch(search) else ""
    theirs = select(func.coalesce(CustomerRow.merged_into, CustomerRow.id)).where(CustomerRow.same_phone == like)
    return [col(TicketRow.customer).in_(theirs)] if like else []


_A_PHONE = re.compile(r"\+?[\d ()/.\-]+")
