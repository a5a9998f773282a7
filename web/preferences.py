"""What a person may set for themselves.

Which notices reach them, in which language, how long before a follow-up, and their private calendar.
"""

from fastapi import APIRouter
from fastapi.responses import Response

from activities.shelf import calendar_of
from domain.wording import instant
from models.tables import FeedRow, OptInRow, PersonRow
from web import kinds
from web.forgery import Sent
from web.forms import Sheet
from web.translations import LANGUAGES, N_
from web.visits import Visit, Visitor

router = APIRouter()
REMINDER = "WR1"
LONGEST_REMINDER = 7 * 24 * 60


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
    with visit.front.database.writing() as session:
        person = session.get_one(PersonRow, visit.person.short)
        person.language, person.sound = language, "sound" in sheet.typed
        person.offsets = _offsets(person.offsets, minutes)
        for switch in kinds.switches(kinds.groups(session, person, visit.words)):
            on = switch.name in sheet.typed
            if switch.chosen or on != switch.on:
                session.merge(OptInRow(person=person.short, kind=switch.kind, channel=switch.channel, on=on))
    return visit.go("/me/notifications", "settings")


def show(visit: Visit, sheet: Sheet | None = None, status: int = 200, *, address: str = "") -> Response:
    """Make the page; `address` is that of a calendar that was just made, shown this once."""
    with visit.front.database.reading() as session:
        found = kinds.groups(session, visit.person, visit.words)
        feed = session.get(FeedRow, visit.person.short)
        zone = calendar_of(session, visit.person.site).zone
    return visit.page(
        "notifications.html",
        status,
        groups=found,
        sheet=sheet or _as_kept(visit.person),
        feed_since=instant(feed.created_at, visit.words.language, zone) if feed else "",
        address=address,
    )


def _as_kept(person: PersonRow) -> Sheet:
    typed = {"language": person.language, "reminder": _minutes(person.offsets.get(REMINDER, ""))}
    return Sheet(typed | ({"sound": "on"} if person.sound else {}))


def _reminder(sheet: Sheet) -> int | None:
    text = sheet.line("reminder", needed=False)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) <= LONGEST_REMINDER:
        sheet.wrong("reminder", N_("Please give whole minutes, at most a week, or leave it empty."))
        return None
    return int(text)


def _offsets(offsets: dict[str, str], minutes: int | None) -> dict[str, str]:
    others = {code: span for code, span in offsets.items() if code != REMINDER}
    return others if minutes is None else {**others, REMINDER: f"{minutes}m"}


def _minutes(span: str) -> str:
    return span.removesuffix("m") if span.endswith("m") and span[:-1].isdigit() else span
