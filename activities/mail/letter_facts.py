"""What a letter is about, gathered from the rows: who reads it, which tickets it names, what was answered.

Knows the tables; refuses to know words and templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from activities.customers.directory import kept
from activities.ledger.context import calendar_of, process_of
from domain.process.definition import Anchor, Delivery, MomentRule, ProcessDefinition
from domain.process.gates import Words
from domain.process.roles import Role
from domain.time.calendar import BusinessCalendar
from domain.time.horizon import answer
from domain.words.wording import mark_of
from models.tables import (
    CustomerRow,
    MailRow,
    NoticeRow,
    NoticeStatus,
    PersonRow,
    SiteRow,
    TextRow,
    TicketRow,
)

UNDELIVERABLE = "undeliverable"
DELAYED = "delayed"
ANSWER = "answer"
NO_ADDRESS = "no usable address"
INACTIVE = "person is inactive"
BROKEN = "cannot be written"
"""How the error of a notice begins that is ours to repair: no template, or what it speaks of is gone."""

Row = TypeVar("Row", bound=SQLModel)


class Unwritable(LookupError):
    """What a letter needs is not there; the message names rows and kinds, no people."""


@dataclass(frozen=True)
class Reader:
    """Who reads a letter; customers have no roles."""

    name: str
    address: str
    language: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lost:
    """A mail that did not arrive: to whom, the kinds and the marks of tickets it spoke of, and the server's reply.

    One that has not left yet, and is still tried, is late `since` an instant in the site's time.
    """

    to: str
    customer: bool
    kinds: tuple[str, ...]
    numbers: tuple[str, ...]
    error: str
    since: datetime | None = None

    @property
    def is_ours(self) -> bool:
        """Whether no server refused it, but we could not write it."""
        return self.error.startswith(BROKEN)


@dataclass(frozen=True)
class Item:
    """One notice as a letter tells it. `due_at` is in the site's time, None where no deadline runs.

    `gate` and `point` are titles by language, of the gate and of the item still missing there; empty where it is about
    none. `side` of the handover is "giver", "receiver" or empty. `path` leads to the gate's page; empty means the
    ticket's own.
    `instead_of` is the name of who is away and for whom the reader acts.
    Where it is about a customer's life, `number` is the customer's, `title` the moment's, `task` the task's id.
    `said` is what a colleague wrote to the reader; `code` is the moment's, as rules are cited by.
    """

    kind: str
    number: int
    subject: str
    customer: str
    phone: str = ""
    owner: str | None = None
    mine: bool = False
    due_at: datetime | None = None
    why: Mapping[str, str] = field(default_factory=dict)
    lost: Lost | None = None
    gate: Words = field(default_factory=dict)
    point: Words = field(default_factory=dict)
    side: str = ""
    path: str = ""
    instead_of: str = ""
    life: bool = False
    title: Words = field(default_factory=dict)
    task: str = ""
    said: str = ""
    code: str = ""

    @property
    def mark(self) -> str:
        """How people call it: "#17" a ticket, "K17" a customer."""
        return mark_of(self.number, life=self.life)

    @property
    def place(self) -> str:
        """The path of the page it is about."""
        return self.path or (f"/customers/{self.number}" if self.life else f"/tickets/{self.number}")


@dataclass(frozen=True)
class Reply:
    """What somebody of the staff wrote to a customer; `number` is the ticket's mark.

    `thread` holds message ids, oldest first.
    """

    number: str
    subject: str
    body: str
    author: str
    site: str
    thread: tuple[str, ...] = ()
    replies_to: str = ""


@dataclass(frozen=True)
class Addressee:
    """Whose mailbox it is. Without a calendar all may go out at once; a problem says why nothing can."""

    mailbox: str
    reader: Reader
    calendar: BusinessCalendar | None = None
    problem: str = ""

    @property
    def short(self) -> str:
        """The short name of somebody of the staff; a customer's number."""
        return self.mailbox.partition(":")[2]

    @property
    def is_customer(self) -> bool:
        """Whether mails go to a customer: never bundled, never reminders."""
        return self.mailbox.startswith("customer:")

    def next_delivery(self, notice: NoticeRow, at: datetime) -> datetime:
        """Return when a notice may go out, `at` itself if now (reading 3); there is no waiting for what never opens."""
        calendar = self.calendar
        if calendar is None or Delivery(notice.deliver) is Delivery.AT_ONCE:
            return at
        return answer(lambda: calendar.next_open(at), at)


def addressee_of(session: Session, mailbox: str) -> Addressee:
    """Return whose mailbox "person:anna" or "customer:7" is; raises LookupError when it is nobody's.

    What waits for a customer who was merged reaches the one that stayed.
    """
    kind, _, key = mailbox.partition(":")
    if kind == "customer":
        customer = kept(session, int(key)) or known(session, CustomerRow, int(key))
        reader = Reader(customer.name, customer.email, customer.language)
        return Addressee(mailbox, reader)
    if kind != "person":
        raise LookupError(f"{mailbox!r} is neither a person's nor a customer's mailbox")
    person = known(session, PersonRow, key)
    reader = Reader(person.name, person.email, person.language, tuple(person.roles))
    calendar = calendar_of(session, person.site)
    return Addressee(mailbox, reader, calendar, "" if person.active else INACTIVE)


def item_about(session: Session, ticket: TicketRow, kind: str, reader: str) -> Item:
    """Return a line about a ticket as it stands now, for somebody of the staff."""
    customer = known(session, CustomerRow, ticket.customer)
    zone = calendar_of(session, ticket.site).zone
    return Item(
        kind=kind,
        number=customer.id if ticket.life else ticket.number,
        life=ticket.life,
        subject=customer.name if ticket.life else ticket.subject,
        customer=(customer.company or customer.name) if ticket.life else customer.name,
        phone=customer.phone,
        owner=known(session, PersonRow, ticket.owner).name if ticket.owner else None,
        mine=reader == ticket.owner,
        due_at=ticket.due_at.astimezone(zone) if ticket.due_at else None,
    )


def item_of(session: Session, notice: NoticeRow) -> Item:
    """Return a notice to somebody of the staff, with what its ticket and customer say now."""
    ticket = known(session, TicketRow, notice.ticket)
    place = _place(session, ticket, notice)
    return replace(
        item_about(session, ticket, notice.kind, notice.mailbox.removeprefix("person:")),
        why=notice.why,
        lost=_lost(session, notice),
        gate=place.gate,
        point=place.point,
        side=place.side,
        path=place.path,
        instead_of=known(session, PersonRow, notice.instead_of).name if notice.instead_of else "",
        title=place.title,
        task=place.task,
        said=known(session, TextRow, notice.text).body if notice.text else "",
        code=notice.moment.partition("#")[0].partition("/")[0],
    )


@dataclass(frozen=True)
class _Place:
    """Where in a ticket a moment points to; empty where that is the ticket as a whole."""

    gate: Words = field(default_factory=dict)
    point: Words = field(default_factory=dict)
    side: str = ""
    path: str = ""
    title: Words = field(default_factory=dict)
    task: str = ""


def _place(session: Session, ticket: TicketRow, notice: NoticeRow) -> _Place:
    """Return the gate a notice speaks of, and the item where it is about an open point of that gate."""
    rule_code, *named = notice.moment.rpartition("#")[0].split("/")
    if not rule_code:
        return _Place()
    process = process_of(session, ticket.definition)
    rule = process.by_code.get(rule_code)
    gate, item = (rule.gate if rule else None), None
    for name in named:
        gate_key, _, item_key = name.partition(".")
        if gate_key in process.gates:
            gate, item = process.gates[gate_key], process.gates[gate_key].item(item_key)
    if gate is None:
        task = named[0] if named and rule and Anchor.TASK in rule.anchors else ""
        return _Place(title=rule.title if rule and ticket.life else {}, task=task)
    path = f"/tickets/{ticket.number}/gates/{gate.key}"
    return _Place(gate.title, item.title if item else {}, _side(rule, process), path)


def _side(rule: MomentRule | None, process: ProcessDefinition) -> str:
    """Return which side of a handover a moment is about: the one it speaks to, or the one whose deadline it follows."""
    while rule is not None:
        for side in (Role.GIVER, Role.RECEIVER):
            if side in rule.to:
                return side
        rule = next((process.by_code[anchor] for anchor in rule.anchors if anchor in process.by_code), None)
    return ""


def undeliverable_key(mail: MailRow, short: str) -> str:
    """Return the key of the notice that tells somebody about a mail that did not arrive."""
    return f"{UNDELIVERABLE}:{mail.message_id}:{short}"


def delayed_key(late: NoticeRow, short: str, channel: str) -> str:
    """Return the key of the notice that tells somebody about a mail that has not left for hours."""
    return f"{DELAYED}:{late.id}:{channel}:{short}"


def delayed_notice(told: NoticeRow) -> int:
    """Return the number of the notice whose delay is told."""
    return int(told.key.split(":")[1])


def _lost(session: Session, notice: NoticeRow) -> Lost | None:
    """Return the mail a notice tells about, if it tells about one; a moment tells about none, whatever its kind."""
    if notice.moment:
        return None
    if notice.kind == DELAYED:
        return _late(session, known(session, NoticeRow, delayed_notice(notice)))
    return _failed(session, notice) if notice.kind == UNDELIVERABLE else None


def _late(session: Session, late: NoticeRow) -> Lost:
    addressee = addressee_of(session, late.mailbox)
    zone = calendar_of(session, known(session, TicketRow, late.ticket).site).zone
    return Lost(
        to=addressee.reader.name,
        customer=addressee.is_customer,
        kinds=(late.kind,),
        numbers=(_mark(session, late),),
        error=late.error,
        since=late.delayed_at.astimezone(zone) if late.delayed_at else None,
    )


def _failed(session: Session, notice: NoticeRow) -> Lost:
    message_id = notice.key.removeprefix(f"{UNDELIVERABLE}:").rpartition(":")[0]
    mail = session.exec(select(MailRow).where(MailRow.message_id == message_id)).one()
    carried = select(NoticeRow).where(NoticeRow.mail == mail.id).order_by(col(NoticeRow.id))
    notices = session.exec(carried).all()
    addressee = addressee_of(session, mail.mailbox)
    return Lost(
        to=addressee.reader.name,
        customer=addressee.is_customer,
        kinds=tuple(dict.fromkeys(lost.kind for lost in notices)),
        numbers=tuple(dict.fromkeys(_mark(session, lost) for lost in notices if lost.ticket is not None)),
        error=mail.error,
    )


def _mark(session: Session, notice: NoticeRow) -> str:
    ticket = known(session, TicketRow, notice.ticket)
    return mark_of(ticket.customer if ticket.life else ticket.number, life=ticket.life)


def reply_of(session: Session, notice: NoticeRow) -> Reply:
    """Return the answer a notice carries to a customer, in the thread of its ticket."""
    ticket = known(session, TicketRow, notice.ticket)
    text = known(session, TextRow, notice.text)
    thread, replies_to = thread_of(session, notice)
    return Reply(
        number=mark_of(ticket.customer if ticket.life else ticket.number, life=ticket.life),
        subject=text.subject or ticket.subject,
        body=text.body,
        author=known(session, PersonRow, text.author).name if text.author else "",
        site=known(session, SiteRow, ticket.site).name,
        thread=thread,
        replies_to=replies_to,
    )


def thread_of(session: Session, notice: NoticeRow) -> tuple[tuple[str, ...], str]:
    """Return the message ids of a ticket's mails with its customer, oldest first, and the one that is replied to."""
    received, sent = _received_ids(session, notice), _sent_ids(session, notice)
    thread = tuple(message_id for _, message_id in sorted(received + sent))
    return thread, max(received or sent, default=(None, ""))[1]


def _received_ids(session: Session, notice: NoticeRow) -> list[tuple[datetime, str]]:
    query = select(TextRow).where(TextRow.ticket == notice.ticket, col(TextRow.author).is_(None))
    return [(text.written_at, text.message_id) for text in session.exec(query) if text.message_id]


def _sent_ids(session: Session, notice: NoticeRow) -> list[tuple[datetime, str]]:
    query = (
        select(MailRow)
        .join(NoticeRow, col(NoticeRow.mail) == col(MailRow.id))
        .where(NoticeRow.ticket == notice.ticket, col(NoticeRow.mailbox).startswith("customer:"))
        .where(MailRow.status == NoticeStatus.SENT)
    )
    return [(mail.claimed_at, mail.message_id) for mail in session.exec(query)]


def known(session: Session, table: type[Row], key: object) -> Row:
    """Return a row that must be there."""
    row = None if key is None else session.get(table, key)
    if row is None:
        raise Unwritable(f"{table.__tablename__} {key!r} is unknown")
    return row
