"""An office that gets mail: Kim waits for an answer, Zoe's ticket is closed, Fritz is somebody else."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from activities.incoming.classify import Ours
from activities.incoming.taking import Mailroom, Taking
from activities.incoming.undone import Undone
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.record import Ledger
from domain.ticket.facts import Answered, Closed, Fact
from models.database import Database
from models.messages import Command, Entry, TicketStart
from models.tables import (
    Channel,
    CustomerRow,
    EventRow,
    FileRow,
    IncomingRow,
    MailRow,
    NoticeRow,
    NoticeStatus,
    TextRow,
    TicketRow,
)
from tests.incoming.mails import OFFICE
from tests.office import furnish

SITE = "musterstadt"
KIM, ZOE, FRITZ = "kim@kunde.example", "zoe@kunde.example", "fritz@kunde.example"
OURS = Ours(OFFICE, "musterstadt.example")


async def _nobody(_mailboxes: Sequence[str]) -> None:
    """Wake nobody."""


class IncomingOffice:
    """A furnished ledger with three tickets, and what it can be asked."""

    def __init__(self, database: Database, at: datetime, calendar: str = "around-the-clock") -> None:
        """Furnish; every ticket arrived at `at`."""
        furnish(database, calendar)
        self.database = database
        self.taking = Taking(database, Mailroom(SITE, "anfrage", OURS))
        self.undone = Undone(database, SITE, "anfrage")
        self._ledger = Ledger(database, _nobody, "https://office.example")
        self._desk = TicketService(database)
        self.kim = self._ticket("Kim Kunde", KIM, at)
        self.zoe = self._ticket("Zoe Zimmer", ZOE, at)
        self.fritz = self._ticket("Fritz Fremd", FRITZ, at)
        self.does(self.kim, Answered(), at)
        self.does(self.zoe, Closed("answered"), at)
        self.answer_to_kim = self.mail_to("customer", self.kim, KIM, at)
        self.second_to_kim = self.mail_to("customer", self.kim, KIM, at)
        self.reminder_to_anna = self.mail_to("person:anna", self.kim, "anna@musterstadt.example", at)

    def _ticket(self, name: str, address: str, at: datetime) -> int:
        new = NewTicket("anfrage", SITE, "Kombi", "Frage", "web", None, name, address.upper(), owner="anna")
        return self._desk.open_ticket(new, at).number

    def does(self, number: int, fact: Fact, at: datetime) -> None:
        """Somebody does something to a ticket."""
        text = self._desk.keep_text(number, "anna", "Antwort", at)
        self.commands(number, Command(fact, "anna", f"{fact.kind}-{number}", text=text), at)

    def commands(self, number: int, command: Command, at: datetime) -> None:
        """A ticket accepts a command, as its workflow would have it recorded."""
        recorded, _ = self._ledger.write(Entry(number, self.row(number).recorded + 1, at, command))
        assert recorded.refusal is None

    def mail_to(self, mailbox: str, number: int, address: str, at: datetime) -> str:
        """We sent a mail about a ticket; returns its message id."""
        mailbox = mailbox if ":" in mailbox else f"customer:{self.row(number).customer}"
        with self.database.writing() as session:
            count = len(session.exec(select(MailRow.id)).all())
            row = MailRow(
                message_id=f"<{count:032x}@musterstadt.example>",
                mailbox=mailbox,
                address=address,
                subject="Re: Kombi",
                status=NoticeStatus.SENT,
                claimed_at=at,
                sent_at=at,
            )
            session.add(row)
            session.flush()
            session.add(
                NoticeRow(
                    key=f"sent-{count}",
                    ticket=number,
                    mailbox=mailbox,
                    channel=Channel.MAIL,
                    kind="answer" if mailbox.startswith("customer") else "R1",
                    at=at,
                    deliver="at once",
                    status=NoticeStatus.SENT,
                    mail=row.id,
                )
            )
            return row.message_id

    def start_of(self, number: int) -> TicketStart:
        """Return how a ticket's workflow is reached."""
        return self._desk.ticket_start(number)

    def row(self, number: int) -> TicketRow:
        """Return a ticket's row."""
        with self.database.reading() as session:
            return session.get_one(TicketRow, number)

    def customer(self, number: int) -> CustomerRow:
        """Return a ticket's customer."""
        with self.database.reading() as session:
            return session.get_one(CustomerRow, session.get_one(TicketRow, number).customer)

    def tickets(self) -> list[TicketRow]:
        """Return every ticket."""
        with self.database.reading() as session:
            return list(session.exec(select(TicketRow).order_by(col(TicketRow.number))))

    def incoming(self) -> list[IncomingRow]:
        """Return every message that was taken."""
        with self.database.reading() as session:
            return list(session.exec(select(IncomingRow).order_by(col(IncomingRow.id))))

    def texts(self, number: int) -> list[TextRow]:
        """Return what was written about a ticket."""
        with self.database.reading() as session:
            return list(session.exec(select(TextRow).where(TextRow.ticket == number).order_by(col(TextRow.id))))

    def files(self, number: int) -> list[FileRow]:
        """Return the files of a ticket."""
        with self.database.reading() as session:
            return list(session.exec(select(FileRow).where(FileRow.ticket == number).order_by(col(FileRow.id))))

    def codes(self, number: int) -> list[str]:
        """Return what people and mails did to a ticket, in order."""
        with self.database.reading() as session:
            rows = session.exec(select(EventRow).where(EventRow.ticket == number).order_by(col(EventRow.id)))
            return [row.code for row in rows if not row.moment]

    def notices(self, kind: str) -> list[NoticeRow]:
        """Return the notices of a kind."""
        with self.database.reading() as session:
            return list(session.exec(select(NoticeRow).where(NoticeRow.kind == kind)))

    def mailboxes(self) -> list[str]:
        """Return the mailbox of every notice."""
        with self.database.reading() as session:
            return [notice.mailbox for notice in session.exec(select(NoticeRow))]

    def mail(self, message_id: str) -> MailRow:
        """Return a mail of ours."""
        with self.database.reading() as session:
            return session.exec(select(MailRow).where(MailRow.message_id == message_id)).one()
