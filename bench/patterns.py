"""The rows that a grown database is copied from, written by the real code where there is any."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from activities.intake.customers import NewCustomer
from domain.ticket.facts import Answered, Closed, Noted
from domain.webhooks.messages import KINDS, written_secret
from models.database import Database
from models.tables import (
    AbsenceRow,
    DeliveryRow,
    EscalationRow,
    EventRow,
    ImportLineRow,
    ImportRow,
    IncomingRow,
    MailRow,
    OutsideFactRow,
    SessionRow,
    TicketRow,
    WebhookRow,
)
from tests.web.shop import Shop

BODY = "Sehr geehrte Frau Kunde, das Angebot erhalten Sie bis Donnerstag. " * 8


@dataclass(frozen=True)
class Patterns:
    """Which rows are copied, by their keys. `old` is a ticket that many things happen to, `open` one of many."""

    shop: Shop
    customer: int
    old: int
    open: int
    closed: int
    life: int
    event: int
    mail: int
    dead: int


def write_patterns(database: Database) -> Patterns:
    """Furnish a database and write one row of everything."""
    shop, now = Shop(database), datetime.now(UTC)
    shop.plays("helga", "senior_controller", "admin")
    began = now - timedelta(days=2)
    numbers = [shop.inquiry(f"Kombi {n}", at=began, body=BODY) for n in range(3)]
    old, open_, closed = numbers
    for number in numbers:
        shop.happens(number, Answered(), now - timedelta(hours=30), text=BODY)
        shop.happens(number, Noted(), now - timedelta(hours=29), text=BODY)
    shop.happens(closed, Closed("answered"), now - timedelta(hours=28), text=BODY)
    idle = shop.inquiry("Niemand antwortet", at=now - timedelta(days=4))
    shop.passes(idle, now)
    life = shop.customer_service.register(
        NewCustomer(site="musterstadt", by="dora", name="Ada", key="ada", owner="ina"), began
    )
    shop.passes(life.number, now)
    with database.writing() as session:
        dead = _webhooks(session, now)
        mail = _rest(session, old, now)
        customer = session.get_one(TicketRow, old).customer
        event = session.exec(select(EventRow.id).where(EventRow.code == "noted")).first() or 0
    return Patterns(shop, customer, old, open_, closed, life.number, event, mail, dead)


def _webhooks(session: Session, now: datetime) -> int:
    """Add one that answers and one that does not, and a delivery; returns the second."""
    ids = []
    for title in ("CRM", "Dead"):
        row = WebhookRow(
            title=title,
            url="http://127.0.0.1:9/told",
            kinds=list(KINDS),
            secret=written_secret(bytes(32)),
            by="helga",
            created_at=now,
        )
        session.add(row)
        session.flush()
        ids.append(row.id)
    until = now + timedelta(days=3)
    session.add(DeliveryRow(webhook=ids[0], message="p", kind="test", body=BODY, at=now, next_at=now, until=until))
    return ids[1]


def _rest(session: Session, ticket: int, now: datetime) -> int:
    """Add what only its own part of the code writes; returns the mail."""
    mail = MailRow(message_id="<p@x>", mailbox="person:anna", address="anna@x.example", subject="R1", claimed_at=now)
    mail.text, mail.html, mail.status = BODY, BODY * 2, "failed"
    came: dict[str, Any] = {"message_id": "<p@x>", "digest": "p", "received_at": now, "done": True}
    file = ImportRow(name="bookings.csv", by="helga", site="musterstadt", started_at=now)
    session.add_all([mail, file])
    session.flush()
    session.add_all(
        [
            IncomingRow(site="musterstadt", place="p", fate="note", **came),
            AbsenceRow(person="sven", since=now - timedelta(days=900), until=now - timedelta(days=899)),
            SessionRow(token_hash="pattern", person="anna", csrf="p", expires_at=now + timedelta(days=1)),
            EscalationRow(ticket=ticket, person="helga", code="pattern", since=now),
            OutsideFactRow(id="pattern", content={"id": "pattern", "what": "task"}),
            ImportLineRow(import_id=file.id, line=0, content={"id": "1", "customer": "7", "what": "task"}),
        ]
    )
    return mail.id
