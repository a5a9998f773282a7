"""Who is away, and who stands in: set by everybody for themselves, and by some for others."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, col, select

from activities.ledger.context import absences_of, calendar_of
from activities.ledger.deputies import Deputies
from activities.ledger.outbox import person_mailbox
from domain.staff.absence import Absence, circle
from domain.words.wording import instant
from models.tables import AbsenceRow, PersonRow
from web.shell import directory, idempotency
from web.shell.audit_log import ABSENCE, record
from web.shell.csrf import Sent
from web.shell.directory import active, known
from web.shell.forms import Sheet
from web.shell.naming import name_of
from web.shell.request import ADMINS, CONTROLLERS, REDISTRIBUTORS, Visit, Visitor, fresh_id
from web.shell.translations import N_
from web.tickets.redistribution import carried, open_wishes, owned_by_all
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {
    "absence": N_("The absence is entered."),
    "absence_over": N_("The absence is over from now on."),
    "absence_deleted": N_("The absence is deleted."),
}
"""What is said after something was done, by what a redirect names."""
OVERSEERS_OF_ABSENCES = ADMINS | CONTROLLERS
LONGEST = timedelta(days=366)
NOBODY = ""


@dataclass(frozen=True)
class Shown:
    """An absence on the page; `acting` is who stands in now, if it holds now."""

    id: int
    since: str
    until: str
    deputy: str
    current: bool
    acting: str


@dataclass(frozen=True)
class Whose:
    """Whose absences a page is about, and its address."""

    short: str
    path: str


@router.get("/me/absences")
def mine(visit: Visitor) -> Response:
    """Show my absences."""
    return _show(visit, _me(visit), Sheet())


@router.post("/me/absences")
async def add_mine(visit: Visitor, form: Sent) -> Response:
    """Enter an absence of mine."""
    return await _add(visit, _me(visit), Sheet.of(form))


@router.post("/me/absences/{number:row}/{what}")
async def stop_mine(visit: Visitor, form: Sent, number: int, what: str) -> Response:
    """End an absence of mine now, or delete one to come."""
    return await _stop(visit, _me(visit), Sheet.of(form), number, what)


@router.get("/people/{short}/absences")
def theirs(visit: Visitor, short: str) -> Response:
    """Show somebody's absences."""
    return _show(visit, _somebody(visit, short), Sheet())


@router.post("/people/{short}/absences")
async def add_theirs(visit: Visitor, form: Sent, short: str) -> Response:
    """Enter an absence of somebody."""
    return await _add(visit, _somebody(visit, short), Sheet.of(form))


@router.post("/people/{short}/absences/{number:row}/{what}")
async def stop_theirs(visit: Visitor, form: Sent, short: str, number: int, what: str) -> Response:
    """End somebody's absence now, or delete one to come."""
    return await _stop(visit, _somebody(visit, short), Sheet.of(form), number, what)


def _me(visit: Visit) -> Whose:
    return Whose(visit.person.short, "/me/absences")


def _somebody(visit: Visit, short: str) -> Whose:
    visit.demand(OVERSEERS_OF_ABSENCES)
    return Whose(short, f"/people/{short}/absences")


async def _add(visit: Visit, whose: Whose, sheet: Sheet) -> Response:
    current = await asyncio.to_thread(_write, visit, whose, sheet)
    if sheet.problems:
        return await asyncio.to_thread(_show, visit, whose, sheet, 422)
    if current:
        await _look_again(visit, whose)
    return visit.redirect(whose.path, "absence")


async def _stop(visit: Visit, whose: Whose, sheet: Sheet, number: int, what: str) -> Response:
    if what not in ("end", "delete"):
        raise HTTPException(404)
    await asyncio.to_thread(_end_or_delete, visit, whose, sheet, number, what)
    if what == "end":
        await _look_again(visit, whose)
    return visit.redirect(whose.path, "absence_over" if what == "end" else "absence_deleted")


async def _look_again(visit: Visit, whose: Whose) -> None:
    """Have what waits for somebody find its way; where nobody answers, it does at its next time."""
    with suppress(Unavailable):
        await visit.services.gateway.look_again(person_mailbox(whose.short))


def _write(visit: Visit, whose: Whose, sheet: Sheet) -> bool:
    """Write an absence unless the form has problems; says whether it holds now."""
    with idempotency.creating(visit, sheet.typed) as sent:
        if sent.became:
            return sent.became == "now"
        current = _enter(sent.session, visit, whose, sheet)
        sent.became = "" if sheet.problems else "now" if current else "later"
        return current


def _enter(session: Session, visit: Visit, whose: Whose, sheet: Sheet) -> bool:
    person = known(session, whose.short)
    _alone(session)
    zone = calendar_of(session, person.site).zone
    people = directory.people(session)
    since, until = _instant(sheet, "since", zone), _instant(sheet, "until", zone)
    deputy = sheet.choice("deputy", {NOBODY, *active(people)}) or None
    if deputy == whose.short:
        sheet.wrong("deputy", N_("Nobody stands in for themselves. Please choose somebody else."))
    if since is None or until is None or sheet.problems or not _possible(visit, sheet, since, until):
        return False
    wanted = Absence(since, until, deputy)
    _check_against_others(session, sheet, whose.short, wanted, people, visit.words.language)
    if sheet.problems:
        return False
    row = AbsenceRow(person=whose.short, since=since, until=until, deputy=deputy)
    session.add(row)
    session.flush()
    record(session, visit, ABSENCE, whose.short, {}, _said(row, zone))
    return wanted.covers(visit.now)


def _alone(session: Session) -> None:
    """Have absences written one after the other: two at once could overlap, or close a circle."""
    session.exec(select(PersonRow).order_by(PersonRow.short).with_for_update(key_share=True)).all()


def _instant(sheet: Sheet, name: str, zone: ZoneInfo) -> datetime | None:
    """Return a day, or a day with a time, of the site; a day alone means its beginning."""
    day, time = (sheet.typed.get(field, "").strip() for field in (name, f"{name}_time"))
    whole = Sheet({name: f"{day}T{time}" if day and time else day})
    at = whole.instant(name, zone, needed=True)
    for problem in whole.problems.values():
        sheet.wrong(name, problem.message, **problem.gaps)
    return at


def _possible(visit: Visit, sheet: Sheet, since: datetime, until: datetime) -> bool:
    if until <= since:
        sheet.wrong("until", N_("Coming back must be after leaving."))
    elif until <= visit.now:
        sheet.wrong("until", N_("This lies in the past."))
    elif until - since > LONGEST:
        sheet.wrong("until", N_("At most a year at a time."))
    return not sheet.problems


def _check_against_others(
    session: Session,
    sheet: Sheet,
    short: str,
    wanted: Absence,
    people: dict[str, PersonRow],
    language: str,
) -> None:
    everybody = absences_of(session, since=wanted.since)
    own = everybody.get(short, ())
    zone = calendar_of(session, people[short].site).zone
    for one in own:
        if one.since < wanted.until and wanted.since < one.until:
            since, until = (instant(at, language, zone) for at in (one.since, one.until))
            message = N_("This overlaps with the absence from %(since)s to %(until)s.")
            sheet.wrong("since", message, since=since, until=until)
    if found := circle(short, {**everybody, short: [*own, wanted]}, wanted):
        names = " → ".join(name_of(each, people) for each in (*found, short))
        sheet.wrong("deputy", N_("They would stand in for each other in a circle: %(names)s."), names=names)


def _end_or_delete(visit: Visit, whose: Whose, sheet: Sheet, number: int, what: str) -> None:
    """End what holds now, or delete what is to come. What is over is over: 404."""
    with idempotency.creating(visit, sheet.typed) as sent:
        if sent.became:
            return
        session, sent.became = sent.session, what
        person = known(session, whose.short)
        _alone(session)
        zone = calendar_of(session, person.site).zone
        row = session.get(AbsenceRow, number)
        if row is None or row.person != whose.short or row.until <= visit.now:
            raise HTTPException(404)
        before, current = _said(row, zone), row.since <= visit.now
        if current != (what == "end"):
            raise HTTPException(404)
        if current:
            row.until = visit.now
            record(session, visit, ABSENCE, whose.short, before, _said(row, zone))
        else:
            session.delete(row)
            record(session, visit, ABSENCE, whose.short, before, {})


def _said(row: AbsenceRow, zone: ZoneInfo) -> dict[str, Any]:
    """Return what the trail keeps of an absence, in the site's time."""
    return {
        "since": row.since.astimezone(zone).isoformat(" ", "minutes"),
        "until": row.until.astimezone(zone).isoformat(" ", "minutes"),
        "deputy": row.deputy or "",
    }


def _show(visit: Visit, whose: Whose, sheet: Sheet, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        person = known(session, whose.short)
        people = directory.people(session)
        zone = calendar_of(session, person.site).zone
        ahead = select(AbsenceRow).where(AbsenceRow.person == whose.short, col(AbsenceRow.until) > visit.now)
        rows = session.exec(ahead.order_by(col(AbsenceRow.since))).all()
        deputies = Deputies(session, visit.now)
        acting = name_of(deputies.for_person(whose.short), people) if deputies.is_away(whose.short) else ""
        stands_in_for = [name_of(each, people) for each in deputies.represented_by(whose.short)]
        wishes = open_wishes(session, whose.short) if visit.plays(REDISTRIBUTORS) else []
        owned = owned_by_all(session).get(whose.short) if wishes else None
    others = [(short, one.name) for short, one in active(people).items() if short != whose.short]
    return visit.render(
        "me/absences.html",
        status,
        whose=whose,
        someone=person,
        mine=whose.short == visit.person.short and whose.path.startswith("/me/"),
        shown=_shown(rows, visit, people, zone, acting),
        stands_in_for=stands_in_for,
        sheet=sheet,
        others=others,
        zone=str(zone),
        tickets=carried(wishes),
        owned=owned,
        form_id=fresh_id(),
    )


def _shown(
    rows: Sequence[AbsenceRow], visit: Visit, people: dict[str, PersonRow], zone: ZoneInfo, acting: str
) -> list[Shown]:
    language = visit.words.language
    return [
        Shown(
            row.id,
            instant(row.since, language, zone),
            instant(row.until, language, zone),
            name_of(row.deputy, people) if row.deputy else "",
            current=row.since <= visit.now,
            acting=acting if row.since <= visit.now else "",
        )
        for row in rows
    ]
