"""Who is on the line: finds a caller while somebody types, and shows what is open with them (SL-04)."""

from dataclasses import dataclass
from functools import reduce
from typing import Any, cast

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import Session, col, select

from activities.customers.directory import those_kept
from activities.ledger.context import calendar_of, region_of
from domain.customers.telephone import REGION, is_number, national
from domain.text.numbers import read_number
from domain.ticket.standing import Light
from models.tables import CustomerRow, TicketRow
from web.shell import directory
from web.shell.naming import name_of
from web.shell.presenting import LIGHTS, near
from web.shell.request import Visit, Visitor, render
from web.tickets import list_queries

router = APIRouter(prefix="/callers")
MOST = 8
TICKETS_EACH = 5
_FEWEST_DIGITS = 3
_MOST_WORDS = 6
_LONGEST = 200
_WRITTEN = ("(0)", " ", "\u00a0", "(", ")", "/", ".", "-")
"""What people write into a number besides its digits."""


@dataclass(frozen=True)
class OpenTicket:
    """A ticket of a caller that is not closed: perhaps they call about it again."""

    number: int
    subject: str
    light: Light
    state: str
    since: str
    owner: str


@dataclass(frozen=True)
class Caller:
    """A customer who may be on the line, with their newest open tickets; `more` are not shown."""

    row: CustomerRow
    reach: str
    tickets: list[OpenTicket]
    more: int


@router.get("")
def while_typing(visit: Visitor, q: str = "") -> Response:
    """Return at most eight customers who fit what is typed, as JSON."""
    with visit.services.database.reading() as session:
        rows = find(session, q, region_of(session, visit.person.site))
        found = [{"id": row.id, "name": row.name, "reach": reach(row)} for row in rows]
    return JSONResponse(found)


@router.get("/{customer:row}")
def one(visit: Visitor, customer: int) -> Response:
    """Return the part of the page that shows one caller and what is open with them."""
    with visit.services.database.reading() as session:
        row = directory.customer(session, customer)
        if row is None:
            raise HTTPException(404)
        found = callers(visit, session, [row])
    return render(
        visit.services, visit.request, visit.words, "intake/_callers.html", callers=found, chosen=str(customer)
    )


def find(session: Session, typed: str, region: str = REGION) -> list[CustomerRow]:
    """Return a few customers by name, company, address, telephone, or customer number; those that begin so first.

    A number without a country is one of `region`. Follows merges.
    """
    typed = " ".join(typed[:_LONGEST].replace("\x00", "").split())
    if not typed or (len(typed) < 2 and not typed.isdigit()):
        return []
    words = [typed] if is_number(typed) else typed.split()[:_MOST_WORDS]
    begins = or_(*(_NAME.startswith(one, autoescape=True) for one in _spelled(typed)))
    first = case((_is_number_of(typed), 0), (begins, 1), else_=2)
    statement = select(CustomerRow).where(and_(*(_fits(word, region) for word in words)))
    found = statement.order_by(first, col(CustomerRow.name), col(CustomerRow.id)).limit(MOST)
    return those_kept(session, session.exec(found))


def callers(visit: Visit, session: Session, rows: list[CustomerRow]) -> list[Caller]:
    """Return customers with what is open with them, newest first."""
    ids = [row.id for row in rows]
    rank = func.row_number().over(partition_by=col(TicketRow.customer), order_by=col(TicketRow.number).desc())
    count = func.count().over(partition_by=col(TicketRow.customer))
    open_ones = (
        select(col(TicketRow.number).label("number"), rank.label("rank"), count.label("count"))
        .where(col(TicketRow.customer).in_(ids), ~col(TicketRow.closed), ~col(TicketRow.life))
        .subquery()
    )
    statement = (
        select(TicketRow, open_ones.c.count)
        .join(open_ones, open_ones.c.number == col(TicketRow.number))
        .where(open_ones.c.rank <= TICKETS_EACH)
        .order_by(col(TicketRow.number).desc())
    )
    people = directory.people(session)
    tickets: dict[int, list[OpenTicket]] = {}
    counts: dict[int, int] = {}
    for ticket, total in session.execute(statement).all():
        tickets.setdefault(ticket.customer, []).append(_open_ticket(visit, session, ticket, people))
        counts[ticket.customer] = total
    return [
        Caller(row, reach(row), tickets.get(row.id, []), max(0, counts.get(row.id, 0) - TICKETS_EACH)) for row in rows
    ]


def reach(row: CustomerRow) -> str:
    """Return what tells a customer from others of their name."""
    return " · ".join(filter(None, (row.company, row.email, row.phone)))


def _open_ticket(visit: Visit, session: Session, row: TicketRow, people: dict[str, Any]) -> OpenTicket:
    light = list_queries.light_of(row, visit.now)
    return OpenTicket(
        row.number,
        row.subject,
        light,
        visit.words(LIGHTS[light]),
        near(row.received_at, visit.now, calendar_of(session, row.site), visit.words),
        name_of(row.owner, people) if row.owner else "",
    )


def _fits(word: str, region: str) -> ColumnElement[bool]:
    """Whether a customer fits a word: part of what they are called, or of their number; or our number of them."""
    fitting = [_CALLED.contains(one, autoescape=True) for one in _spelled(word)]
    if is_number(word) and len(national(word, region)) >= _FEWEST_DIGITS:
        fitting.append(_has_digits(national(word, region)))
    return or_(*fitting, _is_number_of(word))


def _has_digits(digits: str) -> ColumnElement[bool]:
    """Whether a customer's number has these digits in a row, whatever is written between them."""
    bare: Any = CustomerRow.phone
    for sign in _WRITTEN:
        bare = func.replace(bare, sign, "")
    # Few numbers have the digits in this order at all: only of those the rest is worth taking out.
    return and_(col(CustomerRow.phone).like(f"%{'%'.join(digits)}%"), bare.contains(digits, autoescape=True))


def _is_number_of(word: str) -> ColumnElement[bool]:
    """Whether a word is the number by which we call a customer."""
    return col(CustomerRow.id) == (read_number(word) or 0)


def _spelled(word: str) -> list[str]:
    """Return a word as `lower` may have left it: SQLite's leaves letters beyond ASCII as they are."""
    lower = word.lower()
    return [lower] if lower[0].isascii() else [lower, lower[0].upper() + lower[1:]]


_FIELDS = (CustomerRow.name, CustomerRow.company, CustomerRow.email, func.coalesce(CustomerRow.key, ""))
_CALLED: Any = func.lower(reduce(lambda before, field: before + " " + field, (cast("Any", field) for field in _FIELDS)))
"""Everything a customer is called, in one text: one comparison is faster than four."""
_NAME: Any = func.lower(CustomerRow.name)
