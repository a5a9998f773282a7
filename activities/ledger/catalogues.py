"""What a contact is promised, as the site's newest service catalogue says; and what a ticket was promised (S4).

Decided once, at registration; a ticket keeps the catalogue it was opened under.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlmodel import Session, col, func, select

from domain.process.definition import SELF_ANSWERED, ProcessDefinition
from domain.service.catalogue import AUTOMATIC_LETTER, CONFIRMING_LETTER, Catalogue, Category, Recognised, confirmed
from domain.service.levels import Automation, Criterion, Decision, LevelTable, ServiceLevel, least, why
from domain.ticket.facts import Answered, Called, Categorised, Fact, Refused
from domain.ticket.ticket import Ticket
from domain.words.wording import LANGUAGES
from models.tables import CatalogueRow, CustomerRow, LifeRow, NoticeRow, TicketRow
from processes import pinned

WRITTEN = frozenset({"mail", "web", "api"})
"""The channels on which the customer writes; on the others somebody of the staff is with them already."""
BY_PEOPLE = "people"
MOST_PER_HOUR = 3
"""So many mails a customer gets from a machine in an hour."""


def newest(session: Session, site: str) -> CatalogueRow | None:
    """Return the catalogue a site decides by now, if it has one."""
    row = _newest(session, site)
    return row if row is not None and row.text.strip() else None


def apply(session: Session, site: str, text: str, by: str, at: datetime) -> None:
    """Keep a new version of a site's catalogue, unless it is the newest one already; open tickets keep theirs."""
    row = _newest(session, site)
    if (row.text if row else "") != text:
        number = row.number + 1 if row else 1
        session.add(CatalogueRow(site=site, number=number, text=text, by=by, applied_at=at))


def _newest(session: Session, site: str) -> CatalogueRow | None:
    versions = select(CatalogueRow).where(CatalogueRow.site == site).order_by(col(CatalogueRow.number).desc())
    return session.exec(versions).first()


def catalogue_of(session: Session, row: TicketRow) -> Catalogue | None:
    """Return the catalogue that a ticket was opened under."""
    return _read(session.get_one(CatalogueRow, row.catalogue)) if row.catalogue is not None else None


def of_site(session: Session, site: str) -> Catalogue | None:
    """Return the catalogue that a site decides by now, read."""
    row = newest(session, site)
    return _read(row) if row is not None else None


def decide(session: Session, row: TicketRow, text: str, *, answers: bool) -> None:
    """Write into a new ticket's row what it is about and what it is promised, and why.

    `answers` says that its sender may be written to by a machine. Raises Refused for a category that the catalogue does
    not know; without a catalogue any will do.
    """
    version = newest(session, row.site)
    if version is None:
        return
    catalogue = _read(version)
    row.catalogue = version.id
    category = _categorise(catalogue, row, text)
    decision = _level(session, catalogue.levels, row)
    row.service_level = decision.level.key
    row.level_why = {language: why(decision, language) for language in LANGUAGES}
    reachable = answers and row.channel in WRITTEN and _may_be_written_to(session, row)
    if category is not None:
        alone = reachable and not catalogue.needs_people(row.subject, text)
        row.automation = degree(category, decision.level, alone=alone)
    channel = catalogue.channels.get(row.channel)
    row.confirms = reachable and channel is not None and channel.confirms and row.automation != Automation.AUTOMATIC


def _may_be_written_to(session: Session, row: TicketRow) -> bool:
    """Whether a machine may write to a ticket's customer: they have an address, and got few such mails this hour.

    Two machines that answer each other with new mails come to an end here.
    """
    written = select(func.count()).where(
        NoticeRow.mailbox == f"customer:{row.customer}",
        col(NoticeRow.kind).in_((AUTOMATIC_LETTER, CONFIRMING_LETTER)),
        col(NoticeRow.at) > row.received_at - timedelta(hours=1),
    )
    return bool(session.get_one(CustomerRow, row.customer).email) and session.exec(written).one() < MOST_PER_HOUR


def degree(category: Category, level: ServiceLevel, *, alone: bool) -> Automation:
    """Return how far a machine may go: no further than the category, the level and the moment allow (SL-03)."""
    return least(category.automation, level.automation, Automation.AUTOMATIC if alone else Automation.SEMI_AUTOMATIC)


def read_through(session: Session, row: TicketRow, process: ProcessDefinition) -> ProcessDefinition:
    """Return a ticket's process as its level, its category and its channel make it."""
    catalogue = catalogue_of(session, row)
    if catalogue is None or row.life:
        return process
    named = replace(process, categories={key: one.title for key, one in catalogue.categories.items()})
    promised = catalogue.levels.levels[row.service_level].applied_to(named)
    category = catalogue.categories.get(row.category)
    if row.automation == Automation.AUTOMATIC and category is not None:
        promised = category.applied_to(promised)
    return confirmed(promised) if row.confirms else promised


def note(session: Session, row: TicketRow, ticket: Ticket, fact: Fact | None) -> None:
    """Keep what a fact says about the category, and who gave the first answer (SL-05).

    Raises Refused for a category nobody knows. With one that a person chose the matter is theirs: no machine closes it.
    """
    if isinstance(fact, Categorised):
        catalogue = catalogue_of(session, row)
        _check_category(fact.category, catalogue.categories if catalogue else {})
        row.category, row.category_why = fact.category, {}
        row.automation = Automation.SEMI_AUTOMATIC
    if isinstance(fact, Answered | Called) and row.answered_by in ("", Automation.AUTOMATIC):
        proposal = fact.proposal if isinstance(fact, Answered) else ""
        row.answered_by = Automation.SEMI_AUTOMATIC if proposal else BY_PEOPLE
    if SELF_ANSWERED in ticket.anchors and not row.answered_by:
        row.answered_by = Automation.AUTOMATIC


def _categorise(catalogue: Catalogue, row: TicketRow, text: str) -> Category | None:
    """Return what the ticket is about: what was said when it was opened, else what its words say."""
    if row.category:
        _check_category(row.category, catalogue.categories)
        return catalogue.categories[row.category]
    found = catalogue.recognise(row.subject, text)
    if found is None:
        return None
    row.category, row.category_why = found.category.key, _seen(found)
    return found.category


def _check_category(key: str, known: Mapping[str, Category]) -> None:
    if key and key not in known:
        raise Refused("category_unknown", category=key)


def _seen(found: Recognised) -> dict[str, str]:
    return {"de": f"erkannt an „{found.by}“", "en": f"recognised by “{found.by}”"}


def _level(session: Session, table: LevelTable, row: TicketRow) -> Decision:
    """Decide by who asks, about what, and how it came in; a customer's segment is their class (reading 36)."""
    life = session.get(LifeRow, row.customer)
    contact = {
        Criterion.CUSTOMER: str(row.customer),
        Criterion.SEGMENT: life.tag if life else "",
        Criterion.CATEGORY: row.category,
        Criterion.CHANNEL: row.channel,
    }
    return table.decide({criterion: value for criterion, value in contact.items() if value})


def _read(row: CatalogueRow) -> Catalogue:
    return _parsed(row.text, f"service catalogue, version {row.id}")


@lru_cache(maxsize=256)
def _parsed(text: str, name: str) -> Catalogue:
    return pinned.read_catalogue(text, name)
