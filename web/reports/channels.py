"""Which ways contacts come in, and how many are answered without waiting for a person (SL-05)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session, col, select

from activities.ledger.catalogues import of_site
from activities.ledger.context import calendar_of
from domain.service.automation_share import TARGET, Contact, Share, Week, by_category, monday_of, share, weeks
from domain.words.wording import day
from models.tables import TicketRow
from web.shell import presenting
from web.shell.request import OVERSEERS, Visit, Visitor
from web.shell.translations import N_, Words

router = APIRouter()
PERIODS = {"4": N_("4 weeks"), "12": N_("12 weeks"), "52": N_("A year")}
Weeks = Annotated[str, Query(alias="weeks")]


@dataclass(frozen=True)
class Bar:
    """A week as a stack of channels: where each begins and ends in percent of the fullest week."""

    title: str
    total: int
    parts: list[tuple[str, str, int, float, float]]
    share: Share


@router.get("/statistics")
def statistics(visit: Visitor, period: Weeks = "12") -> Response:
    """Show the visitor's own site, week by week."""
    visit.demand(OVERSEERS)
    chosen = period if period in PERIODS else "12"
    with visit.services.database.reading() as session:
        zone = calendar_of(session, visit.person.site).zone
        today = visit.now.astimezone(zone).date()
        first = monday_of(today - timedelta(weeks=int(chosen) - 1))
        contacts = _contacts(session, visit.person.site, first, zone)
        titles = {"": visit.words(N_("Not recognised")), **_categories(session, visit)}
    return visit.render(
        "reports/statistics.html",
        periods=PERIODS,
        chosen=chosen,
        bars=_bars(weeks(contacts, first, today), zone, visit.words),
        channels=_channels(contacts),
        categories=[(titles.get(key, key), one) for key, one in by_category(contacts).items()],
        total=share(contacts),
        target=TARGET,
    )


def _contacts(session: Session, site: str, first: date, zone: ZoneInfo) -> list[Contact]:
    """Return the contacts of a site since a local day; customers' lives are none."""
    since = datetime.combine(first, time(), zone)
    columns = select(TicketRow.received_at, TicketRow.channel, TicketRow.category, TicketRow.answered_by)
    here = columns.where(TicketRow.site == site, ~col(TicketRow.life), col(TicketRow.received_at) >= since)
    return [Contact(at.astimezone(zone).date(), *rest) for at, *rest in session.exec(here)]


def _categories(session: Session, visit: Visit) -> Mapping[str, str]:
    catalogue = of_site(session, visit.person.site)
    return {key: one.title[visit.words.language] for key, one in catalogue.categories.items()} if catalogue else {}


def _channels(contacts: list[Contact]) -> list[tuple[str, str, int, int]]:
    """Return key, title, number and percent of every channel that was used, in their fixed order."""
    counts = {key: sum(one.channel == key for one in contacts) for key in presenting.CHANNELS}
    return [(key, presenting.CHANNELS[key], n, round(100 * n / len(contacts))) for key, n in counts.items() if n]


def _bars(told: list[Week], zone: ZoneInfo, words: Words) -> list[Bar]:
    most = max((sum(week.channels.values()) for week in told), default=0) or 1
    bars = []
    for week in told:
        parts, begins = [], 0.0
        for key, title in presenting.CHANNELS.items():
            height = 100 * week.channels.get(key, 0) / most
            parts.append((key, title, week.channels.get(key, 0), begins, height))
            begins += height
        begins_on = day(datetime.combine(week.monday, time(12), zone), words.language, zone)
        title = words(N_("Week from %(day)s"), day=begins_on)
        bars.append(Bar(title, sum(week.channels.values()), parts, week.share))
    return bars
