"""Registers customers: a customer's life begins in the database before any workflow hears of it (KD-01)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from activities.customers.directory import family, kept
from activities.ledger import projection, webhook_outbox
from activities.ledger.context import Unknown, calendar_of, latest_definition, process_of, region_of, rule_context_of
from activities.ledger.distribution import turn_in
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT, is_legible
from domain.text.numbers import read_number
from domain.ticket.context import RuleContext
from domain.ticket.customer_transitions import registered
from domain.ticket.facts import Refused
from models.codec import write_ticket
from models.database import Database
from models.messages import TicketStart
from models.tables import CustomerRow, DefinitionRow, EventRow, LifeRow, PersonRow, SiteRow, TextRow, TicketRow

PROCESS = "customer"
"""The process that customers' lives follow."""


@dataclass(frozen=True)
class NewCustomer:
    """What is known of somebody who registered; `key` is what another system calls them.

    `id` is a customer we know already, whose life begins now. `registered_at` is an aware instant, None for now.
    `command` is the id under which it happens once, as with every other fact.
    """

    site: str
    by: str
    name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    note: str = ""
    key: str | None = None
    id: int | None = None
    owner: str | None = None
    registered_at: datetime | None = None
    command: str | None = None


class CustomerService:
    """The database side of new customers."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    def register(self, new: NewCustomer, at: datetime) -> TicketStart:
        """Write the customer and the beginning of their life at `at`; without an owner it is an admin's turn.

        Raises Unknown for a site, person or customer that is not there, Refused for what nobody could read, for a key
        that is taken, and for a customer whose life is kept already.
        """
        with self._database.writing() as session:
            return register_in(session, new, at)

    def customer_start(self, customer: int) -> TicketStart:
        """Return what the gateway needs to reach a customer's life; raises Unknown, and Refused for one who left."""
        with self._database.reading() as session:
            known = kept(session, customer)
            life = session.get(LifeRow, known.id) if known else None
            if life is None:
                raise Unknown(f"there is no customer {customer} with a life cycle")
            row = session.get_one(TicketRow, life.ticket)
            if row.closed:
                raise Refused("already_closed")
            return TicketStart(row.number, row.recorded, customer=life.customer)

    def has_recorded(self, key: str, command: str) -> bool:
        """Whether this very command is in the history of the customer whom another system calls by this key."""
        customer = self.known_as(key)
        if customer is None:
            return False
        with self._database.reading() as session:
            lives = select(LifeRow.ticket).where(col(LifeRow.customer).in_(family(session, customer)))
            recorded = select(EventRow.id).where(col(EventRow.ticket).in_(lives), EventRow.command == command)
            return session.exec(recorded).first() is not None

    def known_as(self, key: str) -> int | None:
        """Return the customer whom another system calls by this key, or whose number it is; None for nobody.

        Who was merged leads to the one that stayed.
        """
        with self._database.reading() as session:
            found = session.exec(select(CustomerRow.id).where(CustomerRow.key == key)).first()
            if found is not None:
                return session.get_one(CustomerRow, found).merged_into or found
            named = kept(session, read_number(key) or 0)
            return named.id if named is not None and session.get(LifeRow, named.id) is not None else None


def register_in(session: Session, new: NewCustomer, at: datetime) -> TicketStart:
    """Register a customer as `CustomerService.register` does, as part of somebody else's transaction."""
    _check(session, new, at)
    customer = _customer(session, new)
    definition = latest_definition(session, PROCESS)
    rule_context = RuleContext(process_of(session, definition.id), calendar_of(session, new.site))
    rules = rule_context.process.life
    if rules is None:
        raise Unknown(f"the process {PROCESS!r} says nothing about customers")
    owner = new.owner or turn_in(session, new.site, rules.care, at).get(rules.care)
    ticket = registered(rule_context, at, owner, new.registered_at)
    row = _row(definition, customer, new.site, owner)
    row.state, row.received_at = write_ticket(ticket), ticket.received_at
    session.add(row)
    session.flush()
    projection.project(session, row, ticket, rule_context_of(session, row))
    text = _note(session, row.number, new, at)
    session.add(
        EventRow(
            ticket=row.number,
            n=0,
            code="registered",
            at=at,
            recorded_at=at,
            by=new.by,
            text=text,
            command=new.command,
        )
    )
    webhook_outbox.write(session, row, at, row.phase)
    return TicketStart(row.number, row.recorded, customer=customer.id)


_DIGITS = 10
_LONGEST_KEY = 64


def _check(session: Session, new: NewCustomer, at: datetime) -> None:
    lines = {"customer": new.name, "e-mail": new.email, "phone": new.phone, "company": new.company}
    for what, line in (*lines.items(), ("key", new.key or "")):
        if not is_legible(line) or len(line) > LONGEST_LINE:
            raise Refused("illegible", what=what)
    if new.id is None and not new.name.strip():
        raise Refused("name_missing")
    if len(new.key or "") > _LONGEST_KEY or len(new.note) > LONGEST_TEXT:
        raise Refused("text_too_long", limit=str(LONGEST_TEXT if new.note else _LONGEST_KEY))
    if new.registered_at is not None and new.registered_at > at:
        raise Refused("in_the_future")
    if session.get(SiteRow, new.site) is None:
        raise Unknown(f"there is no site {new.site!r}")
    owner = session.get(PersonRow, new.owner) if new.owner else None
    if new.owner and (owner is None or not owner.active):
        raise Unknown(f"there is nobody {new.owner!r} who could take a customer")


def _customer(session: Session, new: NewCustomer) -> CustomerRow:
    if new.id is not None:
        known = kept(session, new.id, lock=True)
        if known is None:
            raise Unknown(f"there is no customer {new.id}")
        if session.get(LifeRow, known.id) is not None:
            raise Refused("customer_known", customer=str(known.id))
        return known
    if new.key and session.exec(select(CustomerRow.id).where(CustomerRow.key == new.key)).first() is not None:
        raise Refused("customer_known", customer=new.key)
    customer = CustomerRow(
        name=new.name.strip(),
        email=new.email,
        phone=new.phone,
        region=region_of(session, new.site),
        company=new.company,
        key=new.key or None,
    )
    session.add(customer)
    session.flush()
    return customer


def _row(definition: DefinitionRow, customer: CustomerRow, site: str, owner: str | None) -> TicketRow:
    return TicketRow(
        definition=definition.id,
        site=site,
        customer=customer.id,
        subject=customer.name,
        channel="customer",
        owner=owner,
        life=True,
    )


def _note(session: Session, ticket: int, new: NewCustomer, at: datetime) -> int | None:
    if not new.note.strip():
        return None
    text = TextRow(ticket=ticket, author=new.by, body=new.note, written_at=at)
    session.add(text)
    session.flush()
    return text.id
