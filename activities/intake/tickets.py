"""The office's desk: takes new tickets and words into the database before any workflow hears of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session

from activities.customers.directory import kept
from activities.intake.attachments import Attachment
from activities.ledger import history, projection, webhook_outbox
from activities.ledger.catalogues import decide
from activities.ledger.context import (
    Unknown,
    calendar_of,
    latest_definition,
    newest_definition,
    process_of,
    region_of,
    rule_context_of,
    ticket_of,
)
from activities.ledger.distribution import new_owner
from domain.process.gates import Answer
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT, is_legible
from domain.ticket.context import RuleContext
from domain.ticket.facts import Refused
from domain.ticket.ticket import Ticket, received
from models.codec import write_ticket
from models.database import Database
from models.messages import TicketStart
from models.tables import (
    AnswerRow,
    CustomerRow,
    DefinitionRow,
    EventRow,
    FileRow,
    PersonRow,
    SiteRow,
    TextRow,
    TicketRow,
)
from processes.loader import read_process


@dataclass(frozen=True)
class NewTicket:
    """What somebody typed to open a ticket; a known customer by `customer_id`, a new one by name.

    An empty `category` is recognised by the words. Without `answers` its sender wants no mail from a machine.
    A mail has a `message_id`, and its text is kept even if it says nothing.
    """

    process: str
    site: str
    subject: str
    body: str
    by: str
    customer_id: int | None = None
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    owner: str | None = None
    channel: str = "web"
    category: str = ""
    answers: bool = True
    message_id: str = ""
    customer_language: str = "de"


class TicketService:
    """The database side of what people do; the workflows' side is the gateway."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    def open_ticket(self, new: NewTicket, at: datetime) -> TicketStart:
        """Write customer, message and ticket; the clock starts at `at`. Without an owner the site's rule finds one.

        Raises Unknown for a process, site or person that is not there, Refused for what nobody could read.
        """
        with self._database.writing() as session:
            return open_in(session, new, at)

    def keep_text(
        self,
        ticket: int,
        author: str | None,
        body: str,
        at: datetime,
        subject: str = "",
        parts: Mapping[str, str] | None = None,
    ) -> int:
        """Keep what somebody wrote, before the command that uses it; returns its id.

        `parts` are remarks about single items of a checklist.
        """
        with self._database.writing() as session:
            return keep_words(session, ticket, author, body, at, subject, parts)

    def save_answers(
        self,
        number: int,
        gate: str,
        answers: Mapping[str, Answer],
        by: str,
        at: datetime,
        *,
        seen: Mapping[str, Answer] = MappingProxyType({}),
    ) -> dict[str, AnswerRow]:
        """Keep lines of a checklist as they are typed; they count when they are submitted.

        Returns the lines that are neither as they were `seen` nor as they were typed: somebody else's, they stay. What
        somebody typed is kept even if it is no answer yet. Raises Unknown for a ticket, gate or line that is not there,
        Refused for a closed ticket and for what is too long.
        """
        theirs = {}
        with self._database.writing() as session:
            row = _open_row(session, number, lock=True)
            found = process_of(session, row.definition).gates.get(gate)
            if found is None or any(found.item(key) is None for key in answers):
                raise Unknown(f"there is no gate {gate!r} with these lines")
            for key, answer in answers.items():
                if max(len(answer.value), len(answer.reason)) > LONGEST_TEXT:
                    raise Refused("text_too_long", limit=str(LONGEST_TEXT))
                kept = session.get(AnswerRow, (number, gate, key))
                if kept and key in seen and Answer(kept.value, kept.reason) not in (answer, seen[key]):
                    theirs[key] = kept
                    continue
                session.merge(_answer_row(number, gate, key, answer, by, at))
        return theirs

    def keep_file(self, number: int, file: Attachment, by: str, at: datetime) -> int:
        """Keep a file of a ticket; returns its number. Raises Unknown and Refused as `save_answers` does."""
        with self._database.writing() as session:
            _open_row(session, number)
            return keep_file_in(session, number, file, by, at)

    def ticket_start(self, number: int, command: str = "") -> TicketStart:
        """Return what the gateway needs to reach a ticket; raises Unknown, and Refused for a closed one.

        A `command` that a ticket accepted before it closed reaches it once more, for the answer of the first time.
        """
        with self._database.reading() as session:
            row = session.get(TicketRow, number)
            if row is not None and row.closed and command and history.is_known(session, row, command):
                return start_of(row)
            return start_of(_open_row(session, number))

    def rule_context(self, session: Session, row: TicketRow) -> RuleContext:
        """Return what the ticket's agenda is computed from."""
        return rule_context_of(session, row)

    def ticket(self, row: TicketRow) -> Ticket:
        """Return the ticket's state."""
        return ticket_of(row)

    def apply_definition(self, key: str, text: str, fingerprint: str) -> int:
        """Keep a new version of a process unless its text is the newest already; returns the version's number.

        A definition that cannot be raises DefinitionError and is not kept.
        """
        read_process(text, f"{key}.toml")
        with self._database.writing() as session:
            newest = newest_definition(session, key)
            if newest is not None and newest.fingerprint == fingerprint:
                return newest.number
            number = newest.number + 1 if newest else 1
            session.add(DefinitionRow(key=key, number=number, fingerprint=fingerprint, text=text))
            return number


def open_in(session: Session, new: NewTicket, at: datetime) -> TicketStart:
    """Open a ticket as `TicketService.open_ticket` does, as part of somebody else's transaction."""
    definition = latest_definition(session, new.process)
    _check(session, new)
    new = _known(session, new)
    if new.owner is None:
        new = replace(new, owner=new_owner(session, new.site, new.customer_id, at))
    customer = _customer(session, new)
    process, calendar = process_of(session, definition.id), calendar_of(session, new.site)
    if process.life is not None:
        raise Unknown(f"{new.process!r} is the life of customers, not a process of tickets")
    ticket = received(RuleContext(process, calendar), at, new.owner)
    row = _ticket_row(definition, customer, new, ticket)
    decide(session, row, new.body, answers=new.answers)
    session.add(row)
    session.flush()
    projection.project(session, row, ticket, rule_context_of(session, row))
    _append_received(session, row, new, at)
    webhook_outbox.write(session, row, at, row.phase)
    return start_of(row)


def start_of(row: TicketRow) -> TicketStart:
    """Return what the gateway needs to reach a ticket."""
    return TicketStart(row.number, row.recorded, customer=row.customer if row.life else None)


def _answer_row(number: int, gate: str, item: str, answer: Answer, by: str, at: datetime) -> AnswerRow:
    return AnswerRow(ticket=number, gate=gate, item=item, value=answer.value, reason=answer.reason, by=by, saved_at=at)


def _check(session: Session, new: NewTicket) -> None:
    """Refuse what nobody could read or reach, whatever the path it came in on."""
    for what, line in (("subject", new.subject), ("customer", new.customer_name), ("e-mail", new.customer_email)):
        if not is_legible(line) or len(line) > LONGEST_LINE:
            raise Refused("illegible", what=what)
    if not new.subject.strip():
        raise Refused("subject_missing")
    if len(new.body) > LONGEST_TEXT:
        raise Refused("text_too_long", limit=str(LONGEST_TEXT))
    if session.get(SiteRow, new.site) is None:
        raise Unknown(f"there is no site {new.site!r}")
    owner = session.get(PersonRow, new.owner) if new.owner else None
    if new.owner and (owner is None or not owner.active):
        raise Unknown(f"there is nobody {new.owner!r} who could take a ticket")


def _open_row(session: Session, number: int, *, lock: bool = False) -> TicketRow:
    row = session.get(TicketRow, number, with_for_update={"key_share": True} if lock else None)
    if row is None:
        raise Unknown(f"there is no ticket {number}")
    if row.closed:
        raise Refused("already_closed")
    return row


def _known(session: Session, new: NewTicket) -> NewTicket:
    """Put the customer in whom a known one was merged into, and keep them from being merged until the ticket is there.

    Raises Unknown for nobody.
    """
    if new.customer_id is None:
        return new
    customer = kept(session, new.customer_id, lock=True)
    if customer is None:
        raise Unknown(f"there is no customer {new.customer_id}")
    return replace(new, customer_id=customer.id)


def _customer(session: Session, new: NewTicket) -> int:
    if new.customer_id is not None:
        return new.customer_id
    customer = CustomerRow(
        name=new.customer_name,
        email=new.customer_email,
        phone=new.customer_phone,
        region=region_of(session, new.site),
        language=new.customer_language,
    )
    session.add(customer)
    session.flush()
    return customer.id


def _ticket_row(definition: DefinitionRow, customer: int, new: NewTicket, ticket: Ticket) -> TicketRow:
    return TicketRow(
        definition=definition.id,
        site=new.site,
        customer=customer,
        subject=new.subject,
        channel=new.channel,
        category=new.category,
        owner=new.owner,
        state=write_ticket(ticket),
        received_at=ticket.received_at,
    )


def _append_received(session: Session, row: TicketRow, new: NewTicket, at: datetime) -> None:
    text = None
    if new.body or new.message_id:
        text = keep_words(session, row.number, None, new.body, at, new.subject, message_id=new.message_id)
    session.add(EventRow(ticket=row.number, n=0, code="received", at=at, recorded_at=at, by=new.by, text=text))


def keep_words(
    session: Session,
    ticket: int,
    author: str | None,
    body: str,
    at: datetime,
    subject: str = "",
    parts: Mapping[str, str] | None = None,
    message_id: str = "",
) -> int:
    """Keep what somebody wrote as part of somebody else's transaction; returns its id."""
    text = TextRow(
        ticket=ticket,
        author=author,
        subject=subject,
        body=body,
        message_id=message_id,
        written_at=at,
        parts=dict(parts or {}),
    )
    session.add(text)
    session.flush()
    return text.id


def keep_file_in(session: Session, number: int, file: Attachment, by: str, at: datetime) -> int:
    """Keep a file of a ticket as part of somebody else's transaction; returns its number."""
    kept = FileRow(
        ticket=number,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        content=file.content,
        by=by,
        kept_at=at,
    )
    session.add(kept)
    session.flush()
    return kept.id
