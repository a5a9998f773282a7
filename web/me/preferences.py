"""What a person may set for themselves.

Which notices reach them, in which language, how long before a follow-up, and their private calendar.
"""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from activities.ledger.context import calendar_of
from domain.text.numbers import read_number
from domain.words.wording import instant
from models.tables import FeedRow, OptInRow, PersonRow
from web.me import notice_kinds
from web.shell import lost_updates
from web.shell.audit_log import PERSON, record
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import Visit, Visitor, fresh_id
from web.shell.translations import LANGUAGES, N_

router = APIRouter()
REMINDER = "WR1"
LONGEST_REMINDER = 7 * 24 * 60
SHOWN_ON = "shown_on"
"""The field that says which switches were on when the page was drawn."""


@router.get("/me/notifications")
def notifications(visit: Visitor) -> Response:
    """Show the switches."""
    return show(visit)


@router.post("/me/notifications")
def save(visit: Visitor, form: Sent) -> Response:
    """Save the switches (AC-16, AC-17); what the administration decided has none, whatever the form says."""
    sheet = Sheet.of(form)
    language = sheet.choice("language", LANGUAGES)
    minutes = _reminder(sheet)
    if sheet.problems:
        return show(visit, sheet, 422)
    with visit.services.database.writing() as session:
        person = session.get_one(PersonRow, visit.person.short, with_for_update={"key_share": True})
        before = _said(person)
        after: dict[str, Any] = {"language": language, "sound": "sound" in sheet.typed}
        after["offsets"] = _offsets(person.offsets, minutes)
        if before != after:
            lost_updates.check(session, visit, sheet, PERSON, person.short, before, _drawn)
        if not sheet.newer:
            person.language, person.sound, person.offsets = after["language"], after["sound"], after["offsets"]
            record(session, visit, PERSON, person.short, before, after)
            _switch(session, visit, person, sheet)
    if sheet.newer:
        return show(visit, sheet, sheet.status)
    return visit.redirect("/me/notifications", "settings")


def _switch(session: Session, visit: Visit, person: PersonRow, sheet: Sheet) -> None:
    """Keep what was switched; what the page showed as it was sent was left alone, whatever it is now."""
    shown = sheet.typed.get(SHOWN_ON, "").split()
    for switch in notice_kinds.switches(notice_kinds.groups(session, person, visit.words)):
        on = switch.name in sheet.typed
        if on not in (switch.name in shown, switch.on):
            session.merge(OptInRow(person=person.short, kind=switch.kind, channel=switch.channel, on=on))


def show(visit: Visit, sheet: Sheet | None = None, status: int = 200, *, address: str = "") -> Response:
    """Make the page; `address` is that of a calendar that was just made, shown this once."""
    with visit.services.database.reading() as session:
        seen = lost_updates.newest(session, PERSON, visit.person.short)
        person = session.get_one(PersonRow, visit.person.short)
        found = notice_kinds.groups(session, person, visit.words)
        feed = session.get(FeedRow, visit.person.short)
        zone = calendar_of(session, visit.person.site).zone
    return visit.render(
        "me/notifications.html",
        status,
        groups=found,
        sheet=sheet or Sheet({**_drawn(_said(person)), lost_updates.SEEN: seen}),
        shown_on=" ".join(switch.name for switch in notice_kinds.switches(found) if switch.on),
        feed_since=instant(feed.created_at, visit.words.language, zone) if feed else "",
        address=address,
        form_id=fresh_id(),
    )


def _said(person: PersonRow) -> dict[str, Any]:
    """Return what the trail keeps of it."""
    return {"language": person.language, "sound": person.sound, "offsets": dict(person.offsets)}


def _drawn(state: lost_updates.State) -> dict[str, str]:
    """Return the fields of the form as they are drawn of somebody."""
    drawn = {"language": state["language"], "reminder": _minutes(state["offsets"].get(REMINDER, ""))}
    return drawn | ({"sound": "on"} if state["sound"] else {})


def _reminder(sheet: Sheet) -> int | None:
    text = sheet.line("reminder", needed=False)
    if not text:
        return None
    minutes = read_number(text, LONGEST_REMINDER)
    if not minutes:
        sheet.wrong("reminder", N_("Please give whole minutes, at most a week, or leave it empty."))
        return None
    return minutes


def _offsets(offsets: dict[str, str], minutes: int | None) -> dict[str, str]:
    others = {code: span for code, span in offsets.items() if code != REMINDER}
    return others if minutes is None else {**others, REMINDER: f"{minutes}m"}


def _minutes(span: str) -> str:
    return span.removesuffix("m") if span.endswith("m") and read_number(span[:-1]) is not None else span
