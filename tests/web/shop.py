"""A shop with people, customers and tickets in every state, as the pages find them, at a clock that stands.

What happened is written by the real ledger; only the workflow that would have asked it to is left out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlmodel import select

from activities.intake.attachments import inspected
from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger import catalogues
from activities.ledger.context import process_of
from activities.ledger.record import Ledger
from activities.operation import presence
from domain.process.definition import ProcessDefinition
from domain.process.gates import Answer, Item, ItemKind
from domain.ticket.facts import (
    Answered,
    Closed,
    Fact,
    FollowUpSet,
    HandoverAccepted,
    HandoverSubmitted,
    Noted,
    Paused,
    Reassigned,
)
from models.database import Database
from models.messages import Command, Entry
from models.tables import Channel, LifeRow, NoticeRow, NoticeStatus, PersonRow, TicketRow, WorkerRow
from processes.loader import shipped_catalogue
from tests.office import berlin, furnish
from web.shell.passwords import Passwords

PASSWORD = "correct horse battery staple"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
NOW = berlin("2027-03-02 14:20")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_NAMES = {
    "anna": "Anna Berger",
    "paul": "Paul Seidl",
    "dora": "Dora Lindner",
    "carl": "Carl Maurer",
    "helga": "Helga Brandt",
    "sven": "Sven Holm",
    "ina": "Ina Voss",
}


_BUILDERS = {
    "mia": ("Mia Yıldız", "project_manager"),
    "piotr": ("Piotr Wójcik", "project_manager"),
    "tom": ("Tom Jäger", "technician"),
    "sara": ("Sara Öztürk", "service"),
    "vera": ("Vera Pohl", "assistant"),
}
"""The other departments of a builder, and an assistant who works for customers, by short name."""


_LETTER = """Sehr geehrter Herr Huber,

vielen Dank für Ihre Anfrage. Das Angebot für drei Transporter erhalten Sie bis Donnerstag.

Mit freundlichen Grüßen
Anna Berger"""


async def _nobody_sleeps(_: Sequence[str]) -> None:
    """Stands where mailboxes would be woken."""


class Shop:
    """Furnishes a database and lets things happen in it at chosen instants."""

    def __init__(self, database: Database, *, commands: int | None = None) -> None:
        """Furnish the database, unless it was: then say after how many commands. Everybody has the same password."""
        self.database = database
        self.ticket_service = TicketService(database)
        self.customer_service = CustomerService(database)
        self.ledger = Ledger(database, _nobody_sleeps, "http://test")
        self.commands = commands or 0
        if commands is None:
            self._furnish()

    def _furnish(self) -> None:
        database = self.database
        furnish(database)
        with database.writing() as session:
            someday = NOW + timedelta(days=3650)
            session.add(WorkerRow(name="one", build="test", revision=1, started_at=NOW, seen_at=someday))
            presence.done(session, "sweep", someday)
            for short, name in _NAMES.items():
                person = session.get_one(PersonRow, short)
                person.name, person.password_hash = name, CHEAP.hash(PASSWORD)
            for short, (name, role) in _BUILDERS.items():
                session.merge(
                    PersonRow(
                        short=short,
                        name=name,
                        email=f"{short}@musterstadt.example",
                        site="musterstadt",
                        roles=[role],
                        password_hash=CHEAP.hash(PASSWORD),
                    )
                )

    def inquiry(
        self,
        subject: str = "Kombi gesucht",
        *,
        at: datetime = NOW,
        owner: str | None = "anna",
        customer: str = "Kim Kunde",
        body: str = "Guten Tag, ich suche einen Kombi.",
        channel: str = "mail",
        phone: str = "+49 89 123456",
        email: str = "kim@kunde.example",
        process: str = "anfrage",
    ) -> int:
        """Have a request arrive."""
        new = NewTicket(
            process=process,
            site="musterstadt",
            subject=subject,
            body=body,
            by="web",
            customer_name=customer,
            customer_email=email,
            customer_phone=phone,
            owner=owner,
            channel=channel,
        )
        return self.ticket_service.open_ticket(new, at).number

    def serves_by_catalogue(self, text: str | None = None) -> None:
        """Let the site decide by a service catalogue, the shipped one, from now on."""
        with self.database.writing() as session:
            catalogues.apply(session, "musterstadt", text or shipped_catalogue(), "ada", NOW)

    def registers(
        self,
        name: str = "Ada Lang",
        *,
        at: datetime = NOW,
        owner: str | None = "ina",
        email: str = "ada@lang.example",
        phone: str = "",
        company: str = "",
        key: str | None = None,
        note: str = "",
        known: int | None = None,
    ) -> int:
        """Have somebody register, or begin the life of a known customer; returns the customer's number."""
        new = NewCustomer(
            site="musterstadt",
            by="dora",
            name=name,
            email=email,
            phone=phone,
            company=company,
            key=key,
            note=note,
            id=known,
            owner=owner,
        )
        customer = self.customer_service.register(new, at).customer
        assert customer is not None
        return customer

    def life(self, customer: int) -> int:
        """Return the number of the ticket that is a customer's life."""
        with self.database.reading() as session:
            return session.get_one(LifeRow, customer).ticket

    def stands(self, customer: int) -> LifeRow:
        """Return where a customer is in their life cycle."""
        with self.database.reading() as session:
            return session.get_one(LifeRow, customer)

    def lives(self, customer: int, fact: Fact, at: datetime, by: str = "ina", text: str | None = None) -> None:
        """Something happens in a customer's life at an instant, after everything that was due before."""
        self.happens(self.life(customer), fact, at, by, text)

    def happens(self, number: int, fact: Fact, at: datetime, by: str = "anna", text: str | None = None) -> None:
        """Somebody does something at an instant, after everything that was due before."""
        kept = None if text is None else self.ticket_service.keep_text(number, by, text, at)
        self.commands += 1
        self._write(number, at, Command(fact, by, f"shop-{self.commands}", text=kept))

    def fills_in(self, number: int, gate: str, at: datetime, by: str = "anna", **answers: str) -> None:
        """Somebody fills in a checklist: what is given, and something that fits into every other line."""
        found = self._process(number).gates[gate]
        typed = {item.key: answers.get(item.key, self._fitting(number, item, at)) for item in found.items}
        kept = {key: Answer("", value[1:]) if value.startswith("!") else Answer(value) for key, value in typed.items()}
        self.ticket_service.save_answers(number, gate, kept, by, at)

    def hands_over(
        self, number: int, gate: str, at: datetime, by: str = "anna", to: str | None = None, **answers: str
    ) -> None:
        """Somebody fills in a checklist and hands over."""
        self.fills_in(number, gate, at, by, **answers)
        self.happens(number, HandoverSubmitted(gate, to), at, by)

    def passes_gate(self, number: int, gate: str, at: datetime, by: str = "anna", to: str = "anna") -> None:
        """Somebody hands over, and somebody accepts, at the same instant."""
        self.hands_over(number, gate, at, by)
        self.happens(number, HandoverAccepted(gate), at, to)

    def tells(self, number: int, fact: Fact, at: datetime, by: str, text: int) -> None:
        """Somebody does something with a text that was kept before."""
        self.commands += 1
        self._write(number, at, Command(fact, by, f"shop-{self.commands}", text=text))

    def plays(self, short: str, *roles: str) -> None:
        """Somebody gets these roles instead of their own."""
        with self.database.writing() as session:
            session.get_one(PersonRow, short).roles = list(roles)

    def attaches(self, number: int, at: datetime, name: str = "Auftrag Müller.pdf", by: str = "anna") -> int:
        """Somebody attaches a file; returns its number."""
        return self.ticket_service.keep_file(number, inspected(name, PDF), by, at)

    def _fitting(self, number: int, item: Item, at: datetime) -> str:
        """Return an answer that fits a line."""
        if item.kind is ItemKind.FILE:
            return str(self.attaches(number, at))
        return {
            ItemKind.YES_NO: "yes",
            ItemKind.TEXT: f"{item.title['de']}: erledigt",
            ItemKind.NUMBER: "12.500,50",
            ItemKind.DATE: "2027-09-01",
            ItemKind.CHOICE: next(iter(item.options or {}), ""),
        }[item.kind]

    def _process(self, number: int) -> ProcessDefinition:
        with self.database.reading() as session:
            return process_of(session, session.get_one(TicketRow, number).definition)

    def passes(self, number: int, until: datetime = NOW) -> None:
        """Time passes: everything that is due by then happens."""
        self._write(number, until, None)

    def pops_up(self, short: str) -> None:
        """Deliver the pop-ups that wait for somebody."""
        with self.database.writing() as session:
            mine = select(NoticeRow).where(NoticeRow.mailbox == f"person:{short}", NoticeRow.channel == Channel.POP_UP)
            for notice in session.exec(mine):
                if notice.status == NoticeStatus.WAITING:
                    notice.status = NoticeStatus.SENT

    def row(self, number: int) -> TicketRow:
        """Return a ticket's row."""
        with self.database.reading() as session:
            return session.get_one(TicketRow, number)

    def _write(self, number: int, at: datetime, command: Command | None) -> None:
        recorded, _ = self.ledger.write(Entry(number, self.row(number).recorded + 1, at, command))
        assert recorded.refusal is None, recorded.refusal


def busy_shop(database: Database) -> Shop:
    """Return a shop on a Tuesday afternoon with tickets in every state."""
    shop = Shop(database)
    shop.inquiry(
        "Probefahrt E-Kombi am Wochenende möglich?",
        at=NOW - timedelta(minutes=50),
        customer="Miriam Osterkamp",
    )
    shop.inquiry(
        "Inzahlungnahme Golf VII, 84.000 km",
        at=NOW - timedelta(minutes=15),
        customer="Jonas Reiter",
        channel="phone",
    )
    late = shop.inquiry("Wann ist mein Wagen fertig?", at=berlin("2027-03-02 11:05"), customer="Familie Özdemir")
    worse = shop.inquiry(
        "Bitte um Rückruf wegen Leasingrückgabe und der Frage, ob die Winterräder im Preis enthalten sind",
        at=berlin("2027-03-01 15:30"),
        customer="Autovermietung Nordlicht GmbH & Co. KG",
    )
    promised = shop.inquiry(
        "Angebot Transporter, 3 Stück", at=berlin("2027-03-01 10:00"), customer="Malerbetrieb Huber"
    )
    shop.happens(
        promised,
        Answered(),
        berlin("2027-03-01 10:40"),
        text=_LETTER,
    )
    shop.happens(promised, FollowUpSet(berlin("2027-03-04 09:00")), berlin("2027-03-01 10:41"))
    shop.happens(promised, Noted(), berlin("2027-03-02 09:12"), by="paul", text="Rabatt mit Carl abgestimmt: 12 %.")
    resting = shop.inquiry(
        "Sonderlackierung: Farbmuster unterwegs", at=berlin("2027-02-26 09:00"), customer="Studio Weiss"
    )
    shop.happens(resting, Answered(), berlin("2027-02-26 09:30"), text="Das Muster ist bestellt.")
    shop.happens(resting, Paused(), berlin("2027-02-26 09:31"), text="Lieferant meldet sich.")
    done = shop.inquiry("Reifenwechsel", at=berlin("2027-02-25 09:00"), customer="Tom Falk")
    shop.happens(done, Closed("answered"), berlin("2027-02-25 09:45"), text="Termin steht.")
    pauls = shop.inquiry(
        "Finanzierung: Unterlagen fehlen noch",
        at=berlin("2027-03-01 09:05"),
        owner="paul",
        customer="Lea Winter",
    )
    handed = shop.inquiry(
        "Gebrauchtwagen bis 15.000 €", at=berlin("2027-03-01 11:00"), owner="sven", customer="Ben Schulte"
    )
    shop.happens(handed, Reassigned("paul"), berlin("2027-03-01 11:30"), by="dora")
    for subject, minutes in (("Teilanfrage Dachbox", 35), ("Werkstatttermin: Klappern vorne links", 100)):
        shop.inquiry(
            subject,
            at=NOW - timedelta(minutes=minutes),
            owner=None,
            customer="Website-Formular",
            channel="web",
        )
    for number in (late, worse, promised, pauls, handed):
        shop.passes(number)
    return shop
