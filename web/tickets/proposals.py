"""What a ticket is about, and the answer that is proposed for it, to be sent with one click (SL-05)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from activities.ledger.catalogues import catalogue_of
from domain.service.levels import Automation
from domain.ticket.ticket import Status
from models.tables import SiteRow
from web.commands.loaded import Opened
from web.shell.request import Visit
from web.shell.translations import N_, Words


@dataclass(frozen=True)
class Proposal:
    """A text for an answer: as it goes out unless somebody changes it."""

    category: str
    title: str
    text: str


@dataclass(frozen=True)
class Matter:
    """What a ticket is about, with why that was recognised; `known` are the categories there are, by key."""

    title: str = ""
    why: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    proposal: Proposal | None = None


def matter(visit: Visit, session: Session, ticket: Opened) -> Matter:
    """Return what a ticket is about; empty where its site has no catalogue."""
    row, language = ticket.row, visit.words.language
    known = {key: title[language] for key, title in ticket.rule_context.process.categories.items()}
    why = row.category_why.get(language, "")
    return Matter(known.get(row.category, ""), why, known, _proposal(visit, session, ticket))


def _proposal(visit: Visit, session: Session, ticket: Opened) -> Proposal | None:
    """Return the text of the category in the customer's language, while they wait and a machine may help."""
    row, customer = ticket.row, ticket.customer
    catalogue = catalogue_of(session, row)
    category = catalogue.categories.get(row.category) if catalogue else None
    waits = ticket.ticket.status is Status.OPEN and not row.answered_by and bool(customer.email)
    if category is None or not category.answer or not waits or row.automation != Automation.SEMI_AUTOMATIC:
        return None
    words: Words = visit.services.words.get(customer.language) or visit.words
    gaps = {"customer": customer.name, "ticket": f"#{row.number}", "site": session.get_one(SiteRow, row.site).name}
    _, text = category.filled(customer.language, gaps)
    greeting = words(N_("Dear %(customer)s,"), customer=customer.name)
    return Proposal(category.key, category.title[visit.words.language], f"{greeting}\n\n{text}")
