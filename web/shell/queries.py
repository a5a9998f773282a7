"""What the pages read from the database. Nothing in here writes, and nothing asks for the time by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from activities.customers.directory import kept, reached_by
from activities.ledger.context import process_of
from activities.mail.letter_facts import DELAYED
from models.tables import (
    CustomerRow,
    DefinitionRow,
    EscalationRow,
    EventRow,
    FileRow,
    IncomingRow,
    NoticeRow,
    OptInRow,
    PersonRow,
    SiteRow,
    TextRow,
    TicketRow,
)
from models.tables.columns import fixed
from models.tables.notices import is_shown
from web.shell.translations import read_words
from web.shell.urls import called, page_of
from web.tickets.list_queries import PAGE_SIZE
from web.tickets.mail_states import reason

_FOUND_CUSTOMERS = 8


def ticket(session: Session, number: int) -> tuple[TicketRow, CustomerRow] | None:
    """Return a ticket and its customer."""
    row = session.get(TicketRow, number) if 0 < number < 2**31 else None
    customer = session.get(CustomerRow, row.customer) if row else None
    return (row, customer) if row and customer else None


def history(session: Session, number: int) -> list[tuple[EventRow, TextRow | None]]:
    """Return what happened to a ticket, oldest first, each with what was written."""
    statement = (
        select(EventRow, TextRow)
        .select_from(EventRow)
        .join(TextRow, col(TextRow.id) == col(EventRow.text), isouter=True)
        .where(col(EventRow.ticket) == number)
        .order_by(col(EventRow.at), col(EventRow.n), col(EventRow.id))
    )
    return [(event, text) for event, text in session.execute(statement).all()]


def kept_text(
    session: Session, number: int, author: str, body: str, parts: Mapping[str, str], subject: str = ""
) -> int | None:
    """Return the text kept for a command that nobody answered: sending again keeps no second copy."""
    used = select(EventRow.text).where(col(EventRow.ticket) == number, col(EventRow.text).is_not(None))
    statement = (
        select(TextRow)
        .where(TextRow.ticket == number, TextRow.author == author, TextRow.body == body, TextRow.subject == subject)
        .where(col(TextRow.id).not_in(used))
        .order_by(col(TextRow.id).desc())
    )
    return next((text.id for text in session.execute(statement).scalars() if text.parts == parts), None)


@dataclass(frozen=True)
class FileCard:
    """A file of a ticket without its content; `size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int
    by: str
    kept_at: datetime


def files(session: Session, number: int) -> dict[str, FileCard]:
    """Return the files of a ticket by their numbers, as answers name them."""
    columns = (FileRow.id, FileRow.name, FileRow.media_type, FileRow.size, FileRow.by, FileRow.kept_at)
    rows = session.execute(select(*columns).where(col(FileRow.ticket) == number)).all()  # type: ignore[call-overload]
    return {str(row[0]): FileCard(*row) for row in rows}


def file(session: Session, number: int, identity: int) -> FileRow | None:
    """Return a file of a ticket with its content; None for another ticket's."""
    row = session.get(FileRow, identity) if 0 < identity < 2**31 else None
    return row if row is not None and row.ticket == number else None


def mails_in(session: Session, number: int) -> dict[int, IncomingRow]:
    """Return the mails that came for a ticket, by the text that each became."""
    statement = select(IncomingRow).where(IncomingRow.ticket == number, col(IncomingRow.text).is_not(None))
    return {mail.text: mail for mail in session.execute(statement).scalars() if mail.text is not None}


def mail_in(session: Session, number: int, identity: int) -> IncomingRow | None:
    """Return a mail that came for a ticket; None for another ticket's."""
    row = session.get(IncomingRow, identity) if 0 < identity < 2**31 else None
    return row if row is not None and row.ticket == number else None


def texts(session: Session, numbers: Iterable[int | None]) -> dict[int, TextRow]:
    """Return texts by their ids."""
    wanted = [number for number in numbers if number is not None]
    return {text.id: text for text in session.execute(select(TextRow).where(col(TextRow.id).in_(wanted))).scalars()}


def waiting_for(session: Session, person: PersonRow) -> list[tuple[TicketRow, CustomerRow]]:
    """Return the tickets whose handover waits to be accepted by a person, or by one of their departments."""
    theirs = col(TicketRow.waits_for) == person.short
    department = and_(col(TicketRow.waits_role).in_(person.roles), col(TicketRow.site) == person.site)
    statement = (
        select(TicketRow, CustomerRow)
        .select_from(TicketRow)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(col(TicketRow.gate_side) == fixed("take"), ~col(TicketRow.closed), or_(theirs, department))
        .order_by(col(TicketRow.due_at).asc().nulls_last(), col(TicketRow.number))
    )
    return [(ticket, customer) for ticket, customer in session.execute(statement).all()]


def people(session: Session) -> dict[str, PersonRow]:
    """Return the staff by short name, those who left included: history names them."""
    return {person.short: person for person in session.execute(select(PersonRow).order_by(PersonRow.name)).scalars()}


def site(session: Session, key: str) -> SiteRow:
    """Return a site that is there."""
    return session.get_one(SiteRow, key)


def definitions(session: Session) -> list[DefinitionRow]:
    """Return the newest version of every process definition."""
    newest = select(DefinitionRow.key, func.max(DefinitionRow.number).label("number")).group_by(DefinitionRow.key)
    found = newest.subquery()
    statement = select(DefinitionRow).join(
        found,
        and_(col(DefinitionRow.key) == found.c.key, col(DefinitionRow.number) == found.c.number),
    )
    return list(session.execute(statement.order_by(DefinitionRow.key)).scalars())


def processes_of_tickets(session: Session) -> list[DefinitionRow]:
    """Return the newest definitions that tickets follow: not the lives of customers."""
    return [row for row in definitions(session) if process_of(session, row.id).life is None]


def title(session: Session, definition: DefinitionRow, language: str) -> str:
    """Return what a process is called."""
    return process_of(session, definition.id or 0).title[language]


def known_customers(session: Session, email: str, phone: str, region: str) -> list[CustomerRow]:
    """Return the customers who already have this address or number, however it is written. Follows merges."""
    return reached_by(session, email, phone, region)[:_FOUND_CUSTOMERS]


def customer(session: Session, number: int) -> CustomerRow | None:
    """Return a customer, or the one they were merged into."""
    return kept(session, number)


def escalated(session: Session, person: str, page: int) -> list[tuple[EscalationRow, TicketRow, CustomerRow]]:
    """Return a page of what is escalated to a person: seller by seller, the oldest of each first."""
    statement = (
        select(EscalationRow, TicketRow, CustomerRow)
        .select_from(EscalationRow)
        .join(TicketRow, col(TicketRow.number) == col(EscalationRow.ticket))
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer))
        .where(col(EscalationRow.person) == person)
        .order_by(func.coalesce(TicketRow.owner, ""), col(EscalationRow.since), col(TicketRow.number))
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [(escalation, row, customer) for escalation, row, customer in session.execute(statement).all()]


def escalated_count(session: Session, person: str) -> int:
    """Return how many tickets and customers are escalated to a person."""
    return int(session.execute(select(func.count()).where(col(EscalationRow.person) == person)).scalar_one())


def pool_count(session: Session) -> int:
    """Return how many open tickets nobody owns."""
    unowned = (col(TicketRow.owner).is_(None), ~col(TicketRow.closed), ~col(TicketRow.life))
    return int(session.execute(select(func.count()).select_from(TicketRow).where(*unowned)).scalar_one())


@dataclass(frozen=True)
class PopUp:
    """What pops up: about which ticket or customer, why, and where it leads; without a title of its own it is overdue.

    `mark` is how people call it, `life` says that it is a customer, `late` that a deadline has passed.
    """

    id: int
    kind: str
    number: int
    subject: str
    why: str
    title: str
    href: str
    mark: str
    life: bool
    late: bool


def pop_ups(session: Session, person: str, language: str) -> list[PopUp]:
    """Return what pops up for a person until they have confirmed it (AC-04)."""
    statement = (
        select(NoticeRow, TicketRow)
        .select_from(NoticeRow)
        .join(TicketRow, col(TicketRow.number) == col(NoticeRow.ticket))
        .where(NoticeRow.mailbox == f"person:{person}", is_shown())
        .order_by(col(NoticeRow.at))
        .limit(10)
    )
    return [pop_up(session, notice, row, language) for notice, row in session.execute(statement).all()]


def pop_up(session: Session, notice: NoticeRow, row: TicketRow, language: str) -> PopUp:
    """Return a notice as it pops up."""
    rule = process_of(session, row.definition).by_code.get(notice.kind)
    delayed, why = notice.kind == DELAYED, notice.why.get(language, "")
    late = (rule is None and not delayed) or (rule is not None and (rule.marks_overdue or rule.escalation_level > 0))
    return PopUp(
        id=notice.id,
        kind=notice.kind,
        number=row.number,
        subject=row.subject,
        why=reason(why, _spoken()[language]) if delayed else why,
        title=_DELAYED[language] if delayed else rule.title[language] if rule and (row.life or not late) else "",
        href=place_of(session, notice, row),
        mark=called(row),
        life=row.life,
        late=late,
    )


_spoken = cache(read_words)
_DELAYED = {"de": "Mail noch nicht zugestellt", "en": "Mail not delivered yet"}


def place_of(session: Session, notice: NoticeRow, row: TicketRow) -> str:
    """Return where what a notice says is done: at the gate it speaks of, on the ticket, or on the customer's card."""
    rule = process_of(session, row.definition).by_code.get(notice.kind)
    return f"/tickets/{row.number}/gates/{rule.gate.key}" if rule and rule.gate else page_of(row)


def switches(session: Session, person: str) -> dict[tuple[str, str], bool]:
    """Return the personal switches somebody has set, by kind and channel."""
    rows: Iterable[OptInRow] = session.execute(select(OptInRow).where(OptInRow.person == person)).scalars()
    return {(row.kind, row.channel): row.on for row in rows}
