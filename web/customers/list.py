"""The customer manager: customers by stage, with counts and lights (S3)."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from web.customers.lines import Lines
from web.customers.queries import Asked, Tab, customers, stages, without_life
from web.shell import directory, presenting
from web.shell.directory import active
from web.shell.paging import PageNumber, Search, page_number, plain_search
from web.shell.request import Visit, Visitor
from web.shell.translations import N_, Words

router = APIRouter()
_TITLES = {
    Tab.ALL: N_("All"),
    Tab.INVITED: N_("Leads of colleagues"),
    Tab.NO_SHOW: N_("No-shows"),
    Tab.WATCHED: N_("Watchlist"),
    Tab.LEFT: N_("Left"),
}
"""The tabs besides the stages, which the definition names; who left has one only where somebody did."""
EVERYBODY, NOBODY = "*", "-"
Whose = Annotated[str, Query(alias="owner")]


@dataclass(frozen=True)
class Kind:
    """The list as it was asked for; everything that narrows it is in its address."""

    asked: Asked
    owner: str = ""

    def url(self, *, tab: str | None = None, page: int = 1) -> str:
        """Return the address of a tab and a page of it."""
        chosen = self.asked.tab if tab is None else tab
        narrowed = {
            "tab": "" if chosen == Tab.ALL else chosen,
            "q": self.asked.search,
            "owner": self.owner,
            "page": page if page > 1 else "",
        }
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return f"/customers?{query}" if query else "/customers"


@router.get("/customers")
def manager(visit: Visitor, tab: str = "", search: Search = "", page: PageNumber = "1", owner: Whose = "") -> Response:
    """Show customers by tab: mine, unless others are asked for."""
    asked = Asked(
        tab=tab or Tab.ALL,
        owner=owner if owner not in ("", EVERYBODY, NOBODY) else None if owner else visit.person.short,
        unassigned=owner == NOBODY,
        search=plain_search(search),
        page=page_number(page),
    )
    return _show(visit, Kind(asked, owner))


def _tabs(session: Session, words: Words) -> dict[str, str]:
    """Return the titles of the tabs in their order: all, every stage, and what cuts across the stages."""
    every = {key: title[words.language] for key, title in stages(session).items()}
    first, *others = ((str(tab), words(title)) for tab, title in _TITLES.items())
    return dict([first, *every.items(), *others])


def _show(visit: Visit, kind: Kind) -> Response:
    with visit.services.database.reading() as session:
        people = directory.people(session)
        tabs = _tabs(session, visit.words)
        if kind.asked.tab not in tabs:
            kind = replace(kind, asked=replace(kind.asked, tab=Tab.ALL))
        listed = customers(session, kind.asked, visit.now)
        reading = Lines(visit, session, people)
        lines = [reading.of(found) for found in listed.found]
        others = without_life(session, kind.asked.search) if kind.asked.search and kind.asked.page == 1 else []
    return visit.render(
        "customers/customers.html",
        kind=kind,
        listed=listed,
        lines=lines,
        others=others,
        tabs=tabs,
        lights=presenting.LIGHTS,
        people={short: one for short, one in active(people).items() if short != visit.person.short},
    )
