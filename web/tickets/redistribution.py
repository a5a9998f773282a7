"""Hands many tickets to somebody else at once, and customers with them: each is carried by the ticket of its life.

Each is a command of its own, with the version that was seen; what is refused stays where it is and says why.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session, col, func, select
from starlette.datastructures import FormData

from activities.ledger.context import Unknown
from domain.ticket.facts import Reassigned, Refused
from domain.words.wording import refusal
from models.messages import Command
from models.tables import TicketRow
from web.commands.loaded import opened
from web.commands.send import UNAVAILABLE
from web.shell import directory, naming
from web.shell.csrf import Sent
from web.shell.directory import active
from web.shell.forms import Sheet
from web.shell.request import REDISTRIBUTORS, Visit, Visitor, fresh_id
from web.shell.sign_in import safe_next
from web.shell.translations import N_
from web.shell.urls import called, page_of
from workflows.gateway import Unavailable

router = APIRouter()
MOST = 200
"""So many tickets move at once: a page should answer while somebody waits."""
_AT_ONCE = 8
_PAIR = re.compile(r"([0-9]{1,9})-([0-9]{1,8})")


@dataclass(frozen=True)
class Wish:
    """A ticket to be moved, and the version the visitor had seen."""

    number: int
    version: int

    def __str__(self) -> str:
        """Return how a form carries it."""
        return f"{self.number}-{self.version}"


@dataclass(frozen=True)
class Left:
    """A ticket or customer that stayed where it is, with the reason; without `wish` there is no use in asking again."""

    mark: str
    href: str
    subject: str
    owner: str
    why: str
    wish: Wish | None


@dataclass
class Asked:
    """A form: which tickets go to whom, and where the visitor came from."""

    sheet: Sheet
    form_id: str
    back: str
    to: str
    wishes: list[Wish] = field(default_factory=list)


@router.post("/redistribution")
async def redistribute(visit: Visitor, form: Sent) -> Response:
    """Move the tickets, and say which moved and which did not."""
    visit.demand(REDISTRIBUTORS)
    asked = await asyncio.to_thread(_read, visit, form)
    if asked.sheet.problems:
        return await asyncio.to_thread(_show, visit, asked, [], dict.fromkeys(asked.wishes, ""), 422)
    moved: list[int] = []
    left: dict[Wish, str] = {}
    for n in range(0, len(asked.wishes), _AT_ONCE):
        together = asked.wishes[n : n + _AT_ONCE]
        answers = await asyncio.gather(*(_move(visit, asked, wish) for wish in together))
        for wish, why in zip(together, answers, strict=True):
            if why is None:
                moved.append(wish.number)
            else:
                left[wish] = why
        if UNAVAILABLE in answers:
            # Nobody answers: the rest would only make the visitor wait.
            left |= dict.fromkeys(asked.wishes[n + _AT_ONCE :], UNAVAILABLE)
            break
    status = 503 if UNAVAILABLE in left.values() else 200 if moved else 409
    return await asyncio.to_thread(_show, visit, asked, moved, left, status)


def open_wishes(session: Session, owner: str) -> list[Wish]:
    """Return all open tickets of somebody, and their customers, as a form carries them."""
    mine = select(TicketRow.number, TicketRow.version).where(TicketRow.owner == owner, ~col(TicketRow.closed))
    return [Wish(number, version) for number, version in session.exec(mine.order_by(col(TicketRow.number)))]


@dataclass(frozen=True)
class Owned:
    """How many open tickets somebody has, and how many customers."""

    tickets: int = 0
    customers: int = 0

    def __bool__(self) -> bool:
        return bool(self.tickets or self.customers)


def owned_by_all(session: Session) -> dict[str, Owned]:
    """Return what everybody has who has anything."""
    owner, life = col(TicketRow.owner), col(TicketRow.life)
    counted = select(owner, life, func.count()).where(~col(TicketRow.closed), owner.is_not(None))
    found: dict[str, Owned] = {}
    for short, is_life, n in session.exec(counted.group_by(owner, life)):
        before = found.get(str(short), Owned())
        found[str(short)] = replace(before, customers=n) if is_life else replace(before, tickets=n)
    return found


def carried(wishes: Iterable[Wish]) -> str:
    """Return many tickets as one field of a form."""
    return " ".join(map(str, wishes))


def _read(visit: Visit, form: FormData) -> Asked:
    sheet = Sheet.of(form)
    asked = Asked(
        sheet,
        form_id=sheet.typed.get("command", "")[:64] or fresh_id(),
        back=safe_next(sheet.typed.get("back", "/")),
        to=sheet.typed.get("to", ""),
    )
    with visit.services.database.reading() as session:
        staff = active(directory.people(session))
        every = [text for text in form.getlist("every") if isinstance(text, str)]
        ticked = [text for text in form.getlist("ticket") if isinstance(text, str)]
        asked.wishes = _existing(session, " ".join(every or ticked))
    sheet.choice("to", staff)
    if not asked.wishes:
        sheet.wrong("tickets", N_("Please tick at least one ticket."))
    elif len(asked.wishes) > MOST:
        sheet.wrong("tickets", N_("At most %(most)s tickets at once. Please begin with fewer."), most=MOST)
    return asked


def _existing(session: Session, text: str) -> list[Wish]:
    found = {int(number): Wish(int(number), int(version)) for number, version in _PAIR.findall(text)}
    known = set(session.exec(select(TicketRow.number).where(col(TicketRow.number).in_(found))))
    return [wish for number, wish in found.items() if number in known]


async def _move(visit: Visit, asked: Asked, wish: Wish) -> str | None:
    """Ask for one ticket; returns why it stayed where it is."""
    fact, by = Reassigned(asked.to), visit.person.short
    command_id = str(uuid5(NAMESPACE_URL, f"{wish.number}|{by}|{asked.form_id}|{fact}|{wish.version}"))
    try:
        start = await asyncio.to_thread(visit.services.ticket_service.ticket_start, wish.number, command_id)
        await visit.services.gateway.act(start, Command(fact, by, command_id, wish.version))
    except Refused as refused:
        return await asyncio.to_thread(_why, visit, wish.number, refused)
    except Unknown:
        return visit.words(N_("This ticket is not there any more."))
    except Unavailable:
        return UNAVAILABLE
    return None


def _why(visit: Visit, number: int, refused: Refused) -> str:
    with visit.services.database.reading() as session:
        ticket = opened(visit, session, number)
    context = naming.refusal_context(refused, ticket.rule_context, ticket.people, visit.words)
    return refusal(refused.code, context, visit.words.language)


def _show(visit: Visit, asked: Asked, moved: list[int], left: dict[Wish, str], status: int) -> Response:
    """Say what became of each ticket; what stayed can be asked for again, as it stands now."""
    with visit.services.database.reading() as session:
        people = directory.people(session)
        stayed = [_left(session, visit, asked, wish, why) for wish, why in left.items()]
        rows = [session.get_one(TicketRow, number) for number in moved]
    return visit.render(
        "tickets/redistribution.html",
        status,
        asked=asked,
        sheet=asked.sheet,
        moved=[(called(row), page_of(row), row.subject) for row in rows],
        moved_customers=sum(row.life for row in rows),
        left=stayed,
        unavailable=UNAVAILABLE in left.values(),
        to=naming.name_of(asked.to, people),
        people=active(people),
        names=people,
    )


def _left(session: Session, visit: Visit, asked: Asked, wish: Wish, why: str) -> Left:
    row = session.get_one(TicketRow, wish.number)
    if why == UNAVAILABLE:
        # The same version again: the command may have arrived, and counts once under the same id.
        again: Wish | None = wish
        why = visit.words(N_("The engine did not answer."))
    else:
        useless = row.closed or (bool(why) and row.owner == asked.to)
        again = None if useless else Wish(wish.number, row.version)
    return Left(called(row), page_of(row), row.subject, row.owner or "", why, again)
