"""What is left to do for the messages in the database until their workflows have heard of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from activities.incoming.classify import Fate
from activities.incoming.opening import BY, link, new_ticket, open_for
from activities.intake.tickets import start_of
from domain.ticket.facts import CustomerWrote, Fact, Noted, Refused
from models.database import Database
from models.messages import Command, TicketStart
from models.tables import EventRow, FileRow, IncomingRow, TextRow, TicketRow

_MOST = 200
"""So many are looked at in one go, those never tried first."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)


@dataclass(frozen=True)
class Taken:
    """What is left to do for a message that is in the database: a workflow to start, a command to give.

    `wake` are the mailboxes of those who are told that a mail of ours did not arrive. `tries` have failed before.
    """

    row: int
    fate: Fate
    done: bool = False
    ticket: int | None = None
    start: TicketStart | None = None
    command: Command | None = None
    wake: tuple[str, ...] = ()
    tries: int = 0


class Undone:
    """The database side of telling workflows."""

    def __init__(self, database: Database, site: str, process: str) -> None:
        """Take the database, whose mail it is, and what a reply begins whose ticket was closed meanwhile."""
        self._database = database
        self._site = site
        self._process = process

    def left(self, at: datetime) -> list[Taken]:
        """Return what should be tried at an instant, what was never tried first, then in the order it came."""
        due = or_(col(IncomingRow.again_at).is_(None), col(IncomingRow.again_at) <= at)
        undone = select(IncomingRow).where(
            IncomingRow.site == self._site, ~col(IncomingRow.done), col(IncomingRow.ticket).is_not(None), due
        )
        with self._database.reading() as session:
            rows = session.exec(undone.order_by(col(IncomingRow.tries), col(IncomingRow.id)).limit(_MOST))
            return [left_of(session, row) for row in rows]

    def done(self, taken: Taken, error: str = "") -> None:
        """Note that the workflow has heard of a message, or why it would not."""
        with self._database.writing() as session:
            row = session.get_one(IncomingRow, taken.row)
            row.done, row.error, row.trouble, row.again_at = True, error, "", None

    def postpone(self, failed: Taken, trouble: str, at: datetime) -> None:
        """Have a message rest after a try that failed, the longer the more there were.

        What else its ticket has not heard rests as long without being counted: when it is due, one of them that was
        never tried goes first, so that a message nobody can do anything with does not hide the others.
        """
        with self._database.writing() as session:
            row = session.get_one(IncomingRow, failed.row)
            row.tries += 1
            row.trouble, row.again_at = trouble, at + pause(row.tries)
            others = select(IncomingRow).where(
                IncomingRow.ticket == row.ticket, ~col(IncomingRow.done), IncomingRow.id != row.id
            )
            for other in session.exec(others):
                other.trouble, other.again_at = trouble, max(row.again_at, other.again_at or at)

    def start_of(self, taken: Taken) -> TicketStart | None:
        """Return how to reach the ticket a command is for; None when it accepted it already.

        Raises Refused for a ticket that was closed since.
        """
        with self._database.reading() as session:
            row = session.get_one(IncomingRow, taken.row)
            if taken.command is None or row.ticket is None or _is_accepted(session, row, taken.command):
                return None
            ticket = session.get_one(TicketRow, row.ticket)
            if ticket.closed:
                raise Refused("already_closed")
            return start_of(ticket)

    def turned_away(self, taken: Taken, at: datetime) -> Taken:
        """Open a new ticket for a reply whose ticket was closed between its taking and its command."""
        with self._database.writing() as session:
            row = session.get_one(IncomingRow, taken.row, with_for_update=True)
            if row.fate != Fate.REPLY or row.ticket is None or row.text is None:
                return left_of(session, row)
            closed, words = session.get_one(TicketRow, row.ticket), session.get_one(TextRow, row.text)
            new = new_ticket(row, self._process, closed.customer, words.body)
            row.text = None
            session.flush()
            session.delete(words)
            session.flush()
            open_for(session, row, new, at)
            for file in session.exec(select(FileRow).where(col(FileRow.id).in_(row.files))):
                file.ticket = row.ticket
            row.fate = Fate.NEW
            link(row, "goes_on", closed.number)
            return left_of(session, row)


def pause(tries: int) -> timedelta:
    """Return how long to rest after so many tries: ten seconds at first, five minutes at most."""
    doubled: int = 2 ** min(tries - 1, 10)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def left_of(session: Session, row: IncomingRow) -> Taken:
    """Return what is left to do for a message."""
    fate = Fate(row.fate)
    if row.done or row.ticket is None:
        return Taken(row.id, fate, done=True)
    if fate in (Fate.NEW, Fate.UNREADABLE):
        start = start_of(session.get_one(TicketRow, row.ticket))
        return Taken(row.id, fate, ticket=row.ticket, start=start, tries=row.tries)
    fact: Fact = CustomerWrote() if fate is Fate.REPLY else Noted()
    command = Command(fact, BY, f"mail-{row.id}", text=row.text)
    return Taken(row.id, fate, ticket=row.ticket, command=command, tries=row.tries)


def _is_accepted(session: Session, row: IncomingRow, command: Command) -> bool:
    same = select(EventRow.id).where(EventRow.ticket == row.ticket, EventRow.command == command.id)
    return session.exec(same).first() is not None
