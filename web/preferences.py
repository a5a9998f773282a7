"""What a person may set for themselves.

Which notices reach them, in which language, how long before a follow-up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from activities.shelf import process_of
from domain.process import MomentRule, Verb
from models.tables import Channel, OptInRow, PersonRow
from web import queries
from web.forgery import Sent
from web.forms import Sheet
from web.translations import LANGUAGES, N_
from web.visits import Visit, Visitor

router = APIRouter()
REMINDER = "WR1"
LONGEST_REMINDER = 7 * 24 * 60
_CHANNELS = {Verb.MAIL: Channel.MAIL, Verb.POP_UP: Channel.POP_UP}


@dataclass(frozen=True)
class Switch:
    """One kind of notice through one channel, and whether it is on."""

    kind: str
    title: str
    channel: Channel
    on: bool

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"{self.kind}:{self.channel}"


@router.get("/me/notifications")
def notifications(visit: Visitor) -> Response:
    """Show the switches."""
    minutes = _minutes(visit.person.offsets.get(REMINDER, ""))
    typed = {
        "language": visit.person.language,
        "reminder": minutes,
        "sound": "on" if visit.person.sound else "",
    }
    return _show(visit, Sheet(typed))


@router.post("/me/notifications")
def save(visit: Visitor, form: Sent) -> Response:
    """Save the switches (AC-16, AC-17)."""
    sheet = Sheet.of(form)
    language = sheet.choice("language", LANGUAGES)
    minutes = _reminder(sheet)
    if sheet.problems:
        return _show(visit, sheet, 422)
    with visit.front.database.writing() as session:
        person = session.get_one(PersonRow, visit.person.short)
        person.language, person.sound = language, "sound" in sheet.typed
        person.offsets = _offsets(person.offsets, minutes)
        for switch in _switches(session, visit):
            on = switch.name in sheet.typed
            session.merge(OptInRow(person=person.short, kind=switch.kind, channel=switch.channel, on=on))
    return visit.go("/me/notifications", "settings")


def _show(visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    with visit.front.database.reading() as session:
        switches = list(_switches(session, visit))
    kinds: dict[str, list[Switch]] = {}
    for switch in switches:
        kinds.setdefault(switch.kind, []).append(switch)
    return visit.page("notifications.html", status, kinds=kinds, sheet=sheet)


def _switches(session: Session, visit: Visit) -> Iterator[Switch]:
    """Yield a switch for everything the shipped chains tell people and people may decline."""
    chosen = queries.switches(session, visit.person.short)
    seen = set()
    for rule in _optional_rules(session):
        for action in rule.does:
            channel = _CHANNELS.get(action.verb)
            if channel and rule.optional is not None and (rule.code, channel) not in seen:
                seen.add((rule.code, channel))
                on = chosen.get((rule.code, channel), rule.optional)
                yield Switch(rule.code, rule.title[visit.words.language], channel, on)


def _optional_rules(session: Session) -> Iterator[MomentRule]:
    for row in queries.definitions(session):
        yield from process_of(session, row.id or 0).moments


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
