"""The lists: my tickets, all tickets, the pool, and what is escalated to me."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from activities.ledger.context import calendar_of, process_of, region_of
from domain.ticket.standing import Light
from domain.time.horizon import answer
from domain.words.wording import duration
from models.tables import CustomerRow, EscalationRow, PersonRow, TicketRow
from web.commands import queries
from web.shell import directory, paging, presenting
from web.shell.directory import active
from web.shell.naming import name_of
from web.shell.paging import PageNumber, Search, page_number, plain_search
from web.shell.presenting import Line
from web.shell.request import CONTROLLERS, DISTRIBUTORS, OVERSEERS, Visit, Visitor, fresh_id
from web.shell.services import Services
from web.tickets import list_queries
from web.tickets.list_queries import Asked
from web.tickets.steps import is_chain

router = APIRouter()

ByLight = Annotated[str, Query(alias="light")]


@dataclass(frozen=True)
class Kind:
    """One of the three lists of tickets, with what the person narrowed it to."""

    path: str
    title: str
    asked: Asked
    owner: str = ""

    def url(self, *, light: str | None = None, page: int = 1) -> str:
        """Return the address of this list at a light and a page.

        Everything that narrows it is in the address.
        """
        chosen = (self.asked.light or "") if light is None else light
        narrowed = {
            "light": chosen,
            "q": self.asked.search,
            "owner": self.owner,
            "page": page if page > 1 else "",
        }
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return f"{self.path}?{query}" if query else self.path


@router.get("/")
def mine(visit: Visitor, light: ByLight = "", search: Search = "", page: PageNumber = "1") -> Response:
    """Show the tickets I own."""
    asked = Asked(owner=visit.person.short, light=_light(light), search=plain_search(search), page=page_number(page))
    narrowed = asked.light or asked.search or asked.page > 1
    return _list(visit, Kind("/", "mine", asked), [] if narrowed else _handovers(visit))


@dataclass(frozen=True)
class WaitingLine:
    """A ticket whose handover waits for me: its line, the gate, and who handed over."""

    line: Line
    gate: str
    title: str
    giver: str


def _handovers(visit: Visit) -> list[WaitingLine]:
    """Return what waits to be accepted by me; nobody accepts their own, except where one may."""
    found = []
    with visit.services.database.reading() as session:
        people = directory.people(session)
        reading = _Reading(visit, session, people)
        for ticket, customer in queries.waiting_for(session, visit.person):
            gate = process_of(session, ticket.definition).gates[ticket.gate]
            handover = visit.services.ticket_service.ticket(ticket).handovers[gate.key]
            if gate.own or handover.giver != visit.person.short:
                line = reading.line(ticket, customer, list_queries.light_of(ticket, visit.now))
                title = gate.title[visit.words.language]
                found.append(WaitingLine(line, gate.key, title, name_of(handover.giver, people)))
    return found


@router.get("/all")
def everybodys(
    visit: Visitor, light: ByLight = "", search: Search = "", page: PageNumber = "1", owner: str = ""
) -> Response:
    """Show everybody's tickets, to those who oversee them."""
    visit.demand(OVERSEERS)
    asked = Asked(
        owner=owner if owner != "-" and owner else None,
        unassigned=owner == "-",
        light=_light(light),
        search=plain_search(search),
        page=page_number(page),
    )
    return _list(visit, Kind("/all", "all", asked, owner))


@router.get("/pool")
def pool(visit: Visitor, light: ByLight = "", search: Search = "", page: PageNumber = "1") -> Response:
    """Show the tickets nobody owns, to those who distribute them."""
    visit.demand(DISTRIBUTORS)
    asked = Asked(unassigned=True, light=_light(light), search=plain_search(search), page=page_number(page))
    return _list(visit, Kind("/pool", "pool", asked))


@router.get("/escalated")
def escalated(visit: Visitor, page: PageNumber = "1") -> Response:
    """Show everything escalated to me, of all sellers, grouped by seller (AC-08)."""
    visit.demand(CONTROLLERS)
    asked = page_number(page)
    with visit.services.database.reading() as session:
        people = directory.people(session)
        total = queries.escalated_count(session, visit.person.short)
        found = queries.escalated(session, visit.person.short, asked)
        reading = _Reading(visit, session, people)
        lines = [reading.escalated(escalation, ticket, customer) for escalation, ticket, customer in found]
    groups = [(people.get(owner), list(group)) for owner, group in _by_owner(lines)]
    return visit.render(
        "tickets/escalated.html",
        groups=groups,
        total=total,
        page=asked,
        pages=max(1, -(-total // paging.PAGE_SIZE)),
        people=active(people),
        form_id=fresh_id,
        every=_every,
    )


@dataclass(frozen=True)
class EscalatedLine:
    """An escalated ticket.

    Its line, who owns it, since when it is escalated, and the version that was shown.
    """

    line: Line
    owner: str
    since: str
    for_span: str
    version: int


def _every(lines: Iterable[EscalatedLine]) -> str:
    """Return all tickets of a group as one field of a form."""
    return " ".join(f"{one.line.number}-{one.version}" for one in lines)


def _by_owner(lines: list[EscalatedLine]) -> Iterable[tuple[str, Iterable[EscalatedLine]]]:
    return groupby(sorted(lines, key=lambda line: line.owner), key=lambda line: line.owner)


def _list(visit: Visit, kind: Kind, handovers: Sequence[WaitingLine] = ()) -> Response:
    with visit.services.database.reading() as session:
        people = directory.people(session)
        asked = replace(kind.asked, region=region_of(session, visit.person.site))
        found = list_queries.tickets(session, asked, visit.now)
        reading = _Reading(visit, session, people)
        lines = [reading.line(ticket, customer, light) for ticket, customer, light in found.rows]
        versions = {ticket.number: ticket.version for ticket, _, _ in found.rows}
    return visit.render(
        "tickets/list.html",
        kind=kind,
        found=found,
        lines=lines,
        versions=versions,
        lights=presenting.LIGHTS,
        most_counted=list_queries.MOST_COUNTED,
        people=active(people),
        form_id=fresh_id,
        handovers=handovers,
    )


@dataclass
class _Reading:
    """Turns rows into lines, for one page."""

    visit: Visit
    session: Session
    people: Mapping[str, PersonRow]

    def line(self, ticket: TicketRow, customer: CustomerRow, light: Light) -> Line:
        calendar = calendar_of(self.session, ticket.site)
        breaks = pauses(self.visit.services, ticket)
        shown = presenting.countdown(ticket, self.visit.now, calendar, breaks, self.visit.words)
        owner = name_of(ticket.owner, self.people) if ticket.owner else ""
        return presenting.line(ticket, customer, light, owner, shown, self._phase(ticket))

    def _phase(self, ticket: TicketRow) -> str:
        """Return the phase's title where there is a chain."""
        process = process_of(self.session, ticket.definition)
        phase = process.phases.get(ticket.phase) if is_chain(process) else None
        return phase.title[self.visit.words.language] if phase else ""

    def escalated(self, escalation: EscalationRow, ticket: TicketRow, customer: CustomerRow) -> EscalatedLine:
        calendar = calendar_of(self.session, ticket.site)
        words, now = self.visit.words, self.visit.now
        breaks = pauses(self.visit.services, ticket)
        spent = answer(lambda: calendar.between(escalation.since, now, breaks=breaks), now - escalation.since)
        return EscalatedLine(
            line=self.line(ticket, customer, Light.ESCALATED),
            owner=ticket.owner or "",
            since=presenting.near(escalation.since, now, calendar, words),
            for_span=duration(spent, words.language),
            version=ticket.version,
        )


def pauses(services: Services, ticket: TicketRow) -> list[tuple[datetime, datetime]]:
    """Return when the ticket's clock stood still."""
    return services.ticket_service.ticket(ticket).breaks


def _light(text: str) -> Light | None:
    return Light(text) if text in set(Light) else None
