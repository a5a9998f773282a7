"""Takes a message into the database: everything it brings in one transaction, once, however often it is offered."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session, select

from activities.customers.directory import customer_at
from activities.incoming.classify import Fate, Ours, Verdict, judged
from activities.incoming.knowledge import known, sent_mail
from activities.incoming.message import Incoming, Remark
from activities.incoming.opening import BY, attach, link, new_ticket, number_of, open_for, remark
from activities.incoming.reading import read
from activities.incoming.undone import Taken, left_of
from activities.intake.attachments import Attachment
from activities.intake.tickets import keep_file_in, keep_words
from activities.ledger.context import Unknown, latest_definition
from activities.mail import fates
from models.database import Database
from models.tables import IncomingRow, SiteRow, TicketRow

_LARGEST_RAW = 25 * 1024 * 1024
_LARGEST_ASIDE = 1024 * 1024
_LONGEST_ERROR = 500
_DIGEST_LENGTH = 16
"""Of the bytes, in their place: a mailbox that was set up anew counts from one again."""
_LONGEST_PLACE = 150
_OUT_OF_REACH = (OperationalError, InterfaceError, NoConnection)
"""What the store raises when it does not answer; such an error is none of the message."""


@dataclass(frozen=True)
class Mailroom:
    """Whose mail is taken: a site's, for which process, under which address."""

    site: str
    process: str
    ours: Ours


def short(place: str) -> str:
    """Return a place as the database takes it; one that it would not, as names of files may be, by its digest."""
    is_storable = len(place) <= _LONGEST_PLACE and place.isprintable()
    return place if is_storable else hashlib.sha256(place.encode(errors="surrogatepass")).hexdigest()


class Taking:
    """The database side of mail in."""

    def __init__(self, database: Database, mailroom: Mailroom) -> None:
        """Take the database, and whose mail it is."""
        self._database = database
        self._mailroom = mailroom

    def check(self) -> None:
        """Raise Unknown where the site or the process of its mails is not there."""
        with self._database.reading() as session:
            if session.get(SiteRow, self._mailroom.site) is None:
                raise Unknown(f"there is no site {self._mailroom.site!r}")
            latest_definition(session, self._mailroom.process)

    def take(self, place: str, content: bytes, at: datetime, left_out: int = 0) -> Taken:
        """Take what lies at a `place` in the mailbox; offered again, it is what it was the first time.

        Of a mail too large to be fetched the mailbox gives the headers only, and how many bytes it `left_out`.

        What nobody foresaw about a message makes that one unreadable: a ticket that holds it as it came. A database
        that does not answer raises, and so does one that refuses even that: the mailbox keeps the message.
        """
        message = self._mailroom.ours.answered(read(content))
        if left_out:
            message = replace(message, remarks=(*message.remarks, Remark("too_large", {"size": str(left_out)})))
        place = f"{short(place)}/{message.digest[:_DIGEST_LENGTH]}"
        try:
            return self._once(place, message, content, at)
        except _OUT_OF_REACH:
            raise
        except Exception as broken:  # noqa: BLE001
            spoilt = replace(Incoming(message.digest, message.message_id), unreadable=type(broken).__name__)
            return self._once(place, spoilt, content, at)

    def _once(self, place: str, message: Incoming, content: bytes, at: datetime) -> Taken:
        try:
            return self._write(place, message, content, at)
        except IntegrityError:  # another worker, thought dead, took it at the same moment
            return self._write(place, message, content, at)

    def _write(self, place: str, message: Incoming, content: bytes, at: datetime) -> Taken:
        with self._database.writing() as session:
            site = self._mailroom.site
            same = select(IncomingRow).where(IncomingRow.site == site, IncomingRow.place == place)
            row = session.exec(same).first()
            if row is not None:
                return left_of(session, row)
            verdict = judged(message, self._mailroom.ours, known(session, site, message, self._mailroom.ours, at))
            row = _row(site, place, message, verdict, at)
            session.add(row)
            session.flush()
            wake = self._settle(session, row, message, verdict, content, at)
            return replace(left_of(session, row), wake=wake)

    def _settle(
        self, session: Session, row: IncomingRow, message: Incoming, verdict: Verdict, content: bytes, at: datetime
    ) -> tuple[str, ...]:
        """Write what a fate brings about; returns the mailboxes to wake."""
        match verdict.fate:
            case Fate.NEW:
                customer = customer_at(session, message.writer.address)
                answers = not verdict.quiet
                new = new_ticket(row, self._mailroom.process, customer, message.text, message, answers=answers)
                open_for(session, row, new, at)
                link(row, "forged", verdict.claims)
                attach(session, row, message, at)
            case Fate.REPLY:
                self._reply(session, row, message, verdict, at)
            case Fate.UNREADABLE:
                open_for(session, row, new_ticket(row, self._mailroom.process, None, ""), at)
                row.raw = content[:_LARGEST_RAW]
                if content:
                    original = Attachment("mail.eml", "message/rfc822", row.raw)
                    row.files = [keep_file_in(session, number_of(row), original, BY, at)]
            case Fate.NOTE | Fate.AUTO_REPLY | Fate.BOUNCE:
                return self._note(session, row, message, verdict, content, at)
            case Fate.LOOP | Fate.DUPLICATE:
                _put_aside(row, content)
        if any(each.code in ("too_deep", "too_many_parts") for each in message.remarks):
            row.raw = content[:_LARGEST_RAW]
        return ()

    def _reply(self, session: Session, row: IncomingRow, message: Incoming, verdict: Verdict, at: datetime) -> None:
        """Keep a customer's words with their ticket; a closed one, and a customer's life, goes on in a new ticket."""
        ticket = session.get_one(TicketRow, verdict.ticket)
        if ticket.closed or ticket.life:
            row.fate = Fate.NEW
            new = new_ticket(row, self._mailroom.process, ticket.customer, message.text, message)
            open_for(session, row, new, at)
            link(row, "goes_on", None if ticket.life else ticket.number)
        else:
            row.ticket = ticket.number
            row.text = keep_words(
                session, ticket.number, None, message.text, at, row.subject, message_id=row.message_id
            )
        attach(session, row, message, at)

    def _note(
        self, session: Session, row: IncomingRow, message: Incoming, verdict: Verdict, content: bytes, at: datetime
    ) -> tuple[str, ...]:
        """Keep what no customer said with the ticket it is about; a mail of ours that came back has failed.

        What is about no ticket, or about a closed one, is put aside.
        """
        wake: tuple[str, ...] = ()
        ticket = session.get(TicketRow, verdict.ticket) if verdict.ticket else None
        row.ticket = ticket.number if ticket else None
        if verdict.fate is Fate.BOUNCE and message.returned is not None and message.returned.action == "failed":
            mail = sent_mail(session, message)
            if mail is not None:
                error = message.returned.error or message.text
                wake = fates.fail(session, mail, " ".join(error.split())[:_LONGEST_ERROR], at).told
                row.done = True
        if ticket is None or ticket.closed or ticket.life or row.done:
            _put_aside(row, content)
            return wake
        row.text = keep_words(session, ticket.number, BY, message.text, at, row.subject)
        if verdict.fate is not Fate.BOUNCE:  # what came back is our own mail
            attach(session, row, message, at)
        return wake


def _row(site: str, place: str, message: Incoming, verdict: Verdict, at: datetime) -> IncomingRow:
    return IncomingRow(
        site=site,
        place=place,
        message_id=message.message_id,
        digest=message.digest,
        sender=message.sender.address.lower(),
        sender_name=message.sender.name,
        writer=message.writer.address.lower(),
        subject=message.subject,
        received_at=at,
        sent_at=message.sent_at,
        fate=verdict.fate,
        why=verdict.why,
        html=message.html if verdict.fate in (Fate.NEW, Fate.REPLY, Fate.NOTE) else "",
        remarks=[each.written() for each in message.remarks],
    )


def _put_aside(row: IncomingRow, content: bytes) -> None:
    """Keep a mail that becomes no words of a ticket; of a large one the beginning, the mailbox has it all.

    What its reading remarked is about words and files that nobody sees.
    """
    row.raw, row.done, row.remarks = content[:_LARGEST_ASIDE], True, []
    if len(content) > _LARGEST_ASIDE:
        remark(row, "original_cut", size=str(len(content)))
