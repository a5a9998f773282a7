"""How a ticket looks: its light in words, its countdown in business time, its line in a list.

Derives everything from rows, calendars and the instant it is given; knows neither requests nor templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.ticket.standing import Light
from domain.time.calendar import Break, BusinessCalendar
from domain.time.horizon import answer
from domain.words.wording import duration, instant, short_instant
from models.tables import CustomerRow, TicketRow
from web.shell.translations import N_, Words
from web.shell.urls import called, page_of

LIGHTS = {
    Light.ESCALATED: N_("Escalated"),
    Light.RED: N_("Overdue"),
    Light.YELLOW: N_("Open"),
    Light.GREEN: N_("In progress"),
    Light.PAUSED: N_("Paused"),
    Light.CLOSED: N_("Done"),
}
"""In the order in which they want attention."""

CHANNELS = {
    "mail": N_("E-mail"),
    "phone": N_("Telephone"),
    "web": N_("Web form"),
    "fax": N_("Fax"),
    "letter": N_("Letter"),
    "api": N_("API"),
}
_NEAR = timedelta(days=6)


@dataclass(frozen=True)
class Countdown:
    """What is left, or how late it is, in business time.

    `ticks_until` is when the site closes, if it is open now.
    """

    text: str
    detail: str
    kind: str
    resting: bool = False
    due: datetime | None = None
    title: str = ""
    left: int = 0
    ticks_until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """A ticket or a customer in a list; `mark` is how people call it, `href` its page."""

    number: int
    subject: str
    customer: str
    light: Light
    countdown: Countdown
    owner: str
    channel: str
    mark: str
    href: str
    phase: str = ""


def countdown(
    ticket: TicketRow, now: datetime, calendar: BusinessCalendar, breaks: Sequence[Break], words: Words
) -> Countdown:
    """Return the countdown of a ticket; without a running deadline it says why there is none."""
    if ticket.closed:
        at = near(ticket.closed_at, now, calendar, words) if ticket.closed_at else ""
        return Countdown(words(N_("closed")), at, "none")
    if ticket.light == Light.PAUSED:
        return Countdown(words(N_("paused")), words(N_("the clock stands still")), "none", resting=True)
    if ticket.due_at is None:
        return Countdown(words(N_("no deadline")), words(N_("nobody is waiting")), "none")
    return running(ticket.due_at, now, calendar, breaks, words)


def running(
    due: datetime, now: datetime, calendar: BusinessCalendar, breaks: Sequence[Break], words: Words
) -> Countdown:
    """Return the countdown to a deadline that runs."""
    left = answer(lambda: calendar.between(now, due, breaks=breaks), due - now)
    late = due <= now
    spent = duration(left, words.language)
    open_now = calendar.is_open(now)
    text = words(N_("overdue for %(span)s"), span=spent) if late else words(N_("%(span)s left"), span=spent)
    return Countdown(
        text=text,
        detail=_detail(due, now, calendar, words, open_now=open_now),
        kind="late" if late else "left",
        resting=not open_now,
        due=due.astimezone(calendar.zone),
        title=instant(due, words.language, calendar.zone),
        left=int(left.total_seconds()),
        ticks_until=_closes(calendar, now) if open_now else None,
    )


def _detail(due: datetime, now: datetime, calendar: BusinessCalendar, words: Words, *, open_now: bool) -> str:
    at = near(due, now, calendar, words)
    if due <= now:
        return words(N_("business time · was due %(at)s"), at=at)
    if open_now:
        return words(N_("business time · due %(at)s"), at=at)
    opens = answer(lambda: calendar.next_open(now), None)
    if opens is None or due < opens:
        return words(N_("outside business hours · due %(at)s"), at=at)
    return words(
        N_("counts on from %(opens)s · due %(at)s"),
        opens=short_instant(opens, words.language, calendar.zone),
        at=at,
    )


def near(at: datetime, now: datetime, calendar: BusinessCalendar, words: Words) -> str:
    """Return weekday and time of an instant this week, the whole date of any other."""
    say = short_instant if abs(at - now) < _NEAR else instant
    return say(at, words.language, calendar.zone)


def _closes(calendar: BusinessCalendar, now: datetime) -> datetime:
    return calendar.segments(now, now + timedelta(days=1))[0].closes_at


def line(ticket: TicketRow, customer: CustomerRow, light: Light, owner: str, shown: Countdown, phase: str = "") -> Line:
    """Return a ticket's line in a list; `phase` is a title, where there is a chain."""
    return Line(
        number=ticket.number,
        subject=customer.name if ticket.life else ticket.subject,
        customer=customer.company if ticket.life else customer.name,
        light=light,
        countdown=shown,
        owner=owner,
        channel=ticket.channel,
        mark=called(ticket),
        href=page_of(ticket),
        phase=phase,
    )


def suggested_follow_up(now: datetime, calendar: BusinessCalendar) -> datetime:
    """Return the opening of the next working day: when most promises to come back are meant."""
    today = now.astimezone(calendar.zone).date()
    return answer(lambda: calendar.opening_of(calendar.add_working_days(today, 1)), now + timedelta(days=1))
