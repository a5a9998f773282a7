"""Worked off by Friday: how far somebody's customers are worked on this week, and what is left (KD-13)."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from activities.ledger.context import calendar_of
from domain.time.horizon import answer
from domain.words.wording import instant, short_day
from web.customers.lines import Lines
from web.customers.page import next_check
from web.customers.queries import week
from web.shell import directory, presenting
from web.shell.directory import active
from web.shell.request import OVERSEERS, Visitor, fresh_id

router = APIRouter()
Person = Annotated[str, Query(alias="person")]


@router.get("/customers/week")
def this_week(visit: Visitor, person: Person = "") -> Response:
    """Show my week; those who oversee may look at anybody's."""
    short = person or visit.person.short
    if short != visit.person.short:
        visit.demand(OVERSEERS)
    with visit.services.database.reading() as session:
        people = directory.people(session)
        if short not in people:
            raise HTTPException(404)
        calendar = calendar_of(session, people[short].site)
        until = answer(lambda: calendar.end_of_week(visit.now, 0), visit.now)
        found = week(session, short, until, visit.now)
        reading = Lines(visit, session, people)
        lines = [reading.of(one) for one in found.shown]
    language, again = visit.words.language, next_check(visit.now, calendar)
    return visit.render(
        "customers/customer_week.html",
        week=found,
        lines=lines,
        lights=presenting.LIGHTS,
        someone=people[short],
        mine=short == visit.person.short,
        chooses=visit.plays(OVERSEERS),
        people=active(people),
        until=until,
        until_words=instant(until, language, calendar.zone),
        over=until <= visit.now,
        again=f"{again:%Y-%m-%dT%H:%M}",
        again_words=short_day(again, language, calendar.zone),
        back=f"/customers/week?person={short}" if short != visit.person.short else "/customers/week",
        form_id=fresh_id,
    )
