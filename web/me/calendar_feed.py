"""The private calendar of a person: the deadlines and follow-ups of their tickets, for the calendar they use anyway.

Whoever has the address reads it, without signing in; the table holds only its hash. With `?plain` it names nobody.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from icalendar import Calendar, Event, Timezone
from sqlmodel import Session, col, select

from activities.ledger.context import calendar_of
from domain.process.definition import Anchor
from domain.ticket.agenda import agenda
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.ticket import Status, Ticket
from models.tables import CustomerRow, FeedRow, PersonRow, TicketRow
from web.me import preferences
from web.shell import idempotency
from web.shell.csrf import Sent
from web.shell.directory import known
from web.shell.forms import Sheet
from web.shell.passwords import Attempts
from web.shell.request import Visitor
from web.shell.services import Services, WithServices
from web.shell.signed_token import token
from web.shell.translations import N_, Words
from web.shell.urls import called, page_of
from web.tickets.steps import is_chain

router = APIRouter()
TRIES, MINUTES = 30, 5
"""So often may an address be asked for in so many minutes; calendars ask every few minutes, or hours."""
_MOST_TICKETS = 500
_LASTS = timedelta(minutes=15)
_AGAIN_AFTER = timedelta(minutes=15)


@router.post("/me/feed")
def change(visit: Visitor, form: Sent) -> Response:
    """Make an address, renew it so that the old one leads nowhere, or take it back."""
    do = form.get("do")
    if do not in ("make", "revoke"):
        raise HTTPException(404)
    typed = Sheet.of(form).typed
    made = token(idempotency.drawn(visit, "feed", typed))
    with idempotency.creating(visit, typed) as sent:
        session = sent.session
        known(session, visit.person.short, lock=True)
        if not sent.became:
            sent.became = str(do)
            if (row := session.get(FeedRow, visit.person.short)) is not None:
                session.delete(row)
                session.flush()
            if do == "make":
                session.add(FeedRow(person=visit.person.short, token_hash=_hash(made), created_at=visit.now))
        row = session.get(FeedRow, visit.person.short)
        is_newest = row is not None and row.token_hash == _hash(made)
    if not is_newest:
        return visit.redirect("/me/notifications#calendar", "settings")
    return preferences.show(visit, address=f"{visit.services.settings.base_url.rstrip('/')}/feed/{made}.ics")


@router.api_route("/feed/{token}.ics", methods=["GET", "HEAD"])
def feed(request: Request, services: WithServices, token: str) -> Response:
    """Return the calendar of whoever has this address; 404 for one that was revoked or never was."""
    asked = cast("Attempts", request.app.state.feed_requests)
    with services.database.reading() as session:
        row = session.execute(select(FeedRow).where(FeedRow.token_hash == _hash(token))).scalar()
        person = session.get(PersonRow, row.person) if row else None
        address = request.client.host if request.client else "-"
        who = ("feed", person.short) if person else ("unknown", address)
        if not asked.allowed(*who):
            return Response(status_code=429, headers={"Retry-After": str(MINUTES * 60)})
        if person is None or not person.active:
            raise HTTPException(404)
        calendar = _calendar(services, session, person, plain="plain" in request.query_params)
    return _answer(request, calendar.to_ical())


def _answer(request: Request, text: bytes) -> Response:
    """Answer with the calendar, or with nothing where it is as it was."""
    tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Content-Disposition": 'inline; filename="statuskette.ics"'}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


def _calendar(services: Services, session: Session, person: PersonRow, *, plain: bool) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Statuskette//Statuskette//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Statuskette")
    calendar.add("refresh-interval", _AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    # A calendar without any component would be none; its events are in UTC and need no zone.
    calendar.add_component(Timezone.from_tzinfo(calendar_of(session, person.site).zone))
    writing = _Writing(services, services.words.get(person.language) or services.words["de"], plain=plain)
    for ticket, customer in _tickets(session, person.short):
        for event in writing.events(ticket, customer, services.ticket_service.rule_context(session, ticket)):
            calendar.add_component(event)
    return calendar


def _tickets(session: Session, owner: str) -> list[tuple[TicketRow, CustomerRow]]:
    found = (
        select(TicketRow, CustomerRow)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(TicketRow.owner == owner, col(TicketRow.closed).is_(False))
        .order_by(col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))
        .limit(_MOST_TICKETS)
    )
    return [(ticket, customer) for ticket, customer in session.execute(found).all()]


class _Writing:
    """Turns what is ahead of a ticket into events."""

    def __init__(self, services: Services, words: Words, *, plain: bool) -> None:
        self._front = services
        self._words = words
        self._plain = plain
        self._base_url = services.settings.base_url.rstrip("/")
        self._host = urlsplit(self._base_url).hostname or "statuskette"

    def events(self, row: TicketRow, customer: CustomerRow, rule_context: RuleContext) -> Iterator[Event]:
        """Yield the deadlines ahead, and the follow-up."""
        ticket, now = self._front.ticket_service.ticket(row), self._front.clock()
        due = [moment for moment in agenda(ticket, rule_context) if moment.rule.marks_overdue and moment.at > now]
        for moment in due:
            stamp = moment.why.set_at
            yield self._event(row, customer, moment.key, self._title(moment, rule_context), moment.at, stamp)
        if not any(Anchor.FOLLOW_UP in moment.rule.anchors for moment in due):
            yield from self._follow_up(row, customer, ticket, now)

    def _follow_up(self, row: TicketRow, customer: CustomerRow, ticket: Ticket, now: datetime) -> Iterator[Event]:
        """Yield a follow-up on which no deadline hangs: it was promised all the same."""
        promised = ticket.anchors.get(Anchor.FOLLOW_UP)
        if promised and promised.at > now and ticket.status is not Status.CLOSED and not ticket.paused:
            title = self._words(N_("Follow-up"))
            yield self._event(row, customer, f"follow-up#{promised.n}", title, promised.at, promised.set_at)

    def _title(self, moment: Moment, rule_context: RuleContext) -> str:
        """Return what an event is: a follow-up, a step of a chain, or plainly a deadline."""
        if Anchor.FOLLOW_UP in moment.rule.anchors:
            return self._words(N_("Follow-up"))
        if is_chain(rule_context.process):
            return moment.rule.title[self._words.language]
        return self._words(N_("Deadline"))

    def _event(
        self, row: TicketRow, customer: CustomerRow, key: str, title: str, at: datetime, stamp: datetime
    ) -> Event:
        event = Event()
        event.add("uid", f"{row.number}.{key.replace('#', '.').replace('/', '.')}@{self._host}")
        event.add("dtstamp", stamp)
        event.add("dtstart", at)
        event.add("duration", _LASTS)
        event.add("summary", f"{called(row)} · {title}" if self._plain else f"{called(row)} {row.subject} · {title}")
        if not self._plain:
            event.add("description", customer.name)
        event.add("url", f"{self._base_url}{page_of(row)}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        return event


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
