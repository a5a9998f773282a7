"""The outbox: writes what people are to be told in the ledger's own transaction, and withdraws what no longer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, select

from activities.ledger.deputies import Deputies
from domain.process.definition import Delivery, MomentRule, Verb
from domain.process.roles import Role
from domain.ticket.agenda import in_force
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import AssistantAsked
from domain.ticket.facts import Answered, CustomerWelcomed
from domain.ticket.moments import Moment
from domain.ticket.ticket import Status, Ticket
from domain.words.wording import LANGUAGES, why_sentence
from models.messages import Command
from models.tables import Channel, LifeRow, NoticeLockRow, NoticeRow, NoticeStatus, OptInRow, TicketRow
from models.tables.notices import is_shown, is_undelivered, is_waiting

_CHANNELS = {Verb.MAIL: Channel.MAIL, Verb.POP_UP: Channel.POP_UP}


def person_mailbox(short: str) -> str:
    """Return the mailbox of somebody of the staff."""
    return f"person:{short}"


def customer_mailbox(number: int) -> str:
    """Return the mailbox of a customer."""
    return f"customer:{number}"


_THE_CUSTOMER = "customer:"
"""How customers' mailboxes begin; of a ticket's notices, whoever that is: its customer may have been merged since."""


def is_customers(mailbox: str) -> bool:
    """Whether a mailbox is a customer's."""
    return mailbox.startswith(_THE_CUSTOMER)


def write(
    session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext, happened: Sequence[Moment]
) -> None:
    """Write a notice for every person a moment speaks to and every way it does; the key lets it exist once."""
    for moment in happened:
        ways = _ways(moment.rule)
        told = (
            _acting(session, [member.short for member in moment.told(ticket, rule_context.roster)], moment.at)
            if ways
            else {}
        )
        for way in ways:
            for short, instead_of in told.items():
                session.add(_notice(session, row, moment, short, way, instead_of))
            if Role.CUSTOMER in moment.rule.to:
                session.add(_to_customer(row, moment, way))


@dataclass(frozen=True)
class _Way:
    """One way in which a moment reaches somebody; `mark` tells a second one through the same channel apart."""

    channel: Channel
    kind: str
    mark: str = ""


def _ways(rule: MomentRule) -> list[_Way]:
    """Return the ways of a moment, the same one once.

    What is applied today mails once at most. A definition that tickets are pinned to may mail twice: then both are
    written, and the key of the first is what it always was.
    """
    ways: list[_Way] = []
    for action in rule.does:
        channel, kind = _CHANNELS.get(action.verb), action.argument or rule.code
        if channel is None or any((way.channel, way.kind) == (channel, kind) for way in ways):
            continue
        is_second = any(way.channel is channel for way in ways)
        ways.append(_Way(channel, kind, f":{kind}" if is_second else ""))
    return ways


def _acting(session: Session, told: Sequence[str], at: datetime) -> dict[str, str | None]:
    """Return who hears it at that instant, and for whom; who is away does not, unless nobody else is here."""
    deputies = Deputies(session, at)
    acting: dict[str, str | None] = {short: None for short in told if not deputies.is_away(short)}
    for short in told:
        if deputies.is_away(short):
            deputy = deputies.for_person(short)
            acting.setdefault(deputy or short, short if deputy else None)
    return acting


def _notice(
    session: Session,
    row: TicketRow,
    moment: Moment,
    short: str,
    way: _Way,
    instead_of: str | None,
) -> NoticeRow:
    wanted = is_wanted(session, short, moment.rule.code, way.channel, default=moment.rule.optional)
    return NoticeRow(
        key=f"{row.number}:{moment.key}:{short}:{way.channel}{way.mark}",
        ticket=row.number,
        mailbox=person_mailbox(short),
        instead_of=instead_of,
        channel=way.channel,
        kind=way.kind,
        moment=moment.key,
        at=moment.at,
        deliver=moment.rule.deliver,
        status=NoticeStatus.WAITING if wanted else NoticeStatus.OFF,
        n=row.recorded,
        why={language: why_sentence(moment.why, language) for language in LANGUAGES},
    )


def _to_customer(row: TicketRow, moment: Moment, way: _Way) -> NoticeRow:
    """Return what a machine writes to the customer: an automatic answer, a confirmation."""
    return NoticeRow(
        key=f"{row.number}:{moment.key}:customer{way.mark}",
        ticket=row.number,
        mailbox=customer_mailbox(row.customer),
        channel=Channel.MAIL,
        kind=way.kind,
        moment=moment.key,
        at=moment.at,
        deliver=moment.rule.deliver,
        n=row.recorded,
    )


def is_wanted(session: Session, short: str, kind: str, channel: Channel, *, default: bool | None) -> bool:
    """Whether a person wants a kind of notice this way; kinds without a switch are always wanted (AC-17).

    What an administrator locked is as they said, whatever the person chose.
    """
    locked = session.get(NoticeLockRow, (kind, channel))
    if locked is not None:
        return locked.on
    if default is None:
        return True
    choice = session.get(OptInRow, (short, kind, channel))
    return default if choice is None else choice.on


def write_answer(session: Session, row: TicketRow, command: Command, at: datetime) -> None:
    """Write a person's answer or welcome into the customer's mailbox, and a question into their assistant's.

    Other facts tell nobody anything by themselves.
    """
    fact = command.fact
    if isinstance(fact, AssistantAsked):
        _ask(session, row, command, at)
    if isinstance(fact, Answered) or (isinstance(fact, CustomerWelcomed) and fact.by == "mail"):
        session.add(
            NoticeRow(
                key=f"{row.number}:answer:{command.id}",
                ticket=row.number,
                mailbox=customer_mailbox(row.customer),
                channel=Channel.MAIL,
                kind="answer",
                at=at,
                deliver=Delivery.AT_ONCE,
                text=command.text,
                n=row.recorded,
            )
        )


def command_of(notice: NoticeRow) -> str:
    """Return the id of the command whose words a notice carries; empty where it carries none."""
    _, _, written = notice.key.partition(":")
    by, _, command = written.partition(":")
    return command if by in {"answer", "ask"} and not notice.moment else ""


def _ask(session: Session, row: TicketRow, command: Command, at: datetime) -> None:
    """Ask the assistant who works for a customer, if we know one (KD-11)."""
    life = session.get(LifeRow, row.customer)
    if life is None or life.assistant is None:
        return
    session.add(
        NoticeRow(
            key=f"{row.number}:ask:{command.id}",
            ticket=row.number,
            mailbox=person_mailbox(life.assistant),
            channel=Channel.MAIL,
            kind="question",
            at=at,
            deliver=Delivery.BUSINESS_HOURS,
            text=command.text,
            n=row.recorded,
        )
    )


def withdraw(session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> None:
    """Withdraw what still waits but no longer holds: handled, closed, or somebody else's ticket by now (AC-18)."""
    session.flush()
    told = set()
    if ticket.status is not Status.CLOSED:
        holding = in_force(ticket, rule_context)
        told = {(m.key, person_mailbox(p.short)) for m in holding for p in m.told(ticket, rule_context.roster)}
        told |= {(m.key, _THE_CUSTOMER) for m in holding if Role.CUSTOMER in m.rule.to}
    revocable = select(NoticeRow).where(NoticeRow.ticket == row.number, NoticeRow.moment != "", _is_revocable())
    for notice in session.exec(revocable):
        if (notice.moment, _meant(notice)) not in told:
            notice.status = NoticeStatus.WITHDRAWN


def _meant(notice: NoticeRow) -> str:
    """Return the mailbox of whom a notice was meant for, whoever stands in for them."""
    if is_customers(notice.mailbox):
        return _THE_CUSTOMER
    return person_mailbox(notice.instead_of) if notice.instead_of else notice.mailbox


def _is_revocable() -> ColumnElement[bool]:
    """Whether a notice can still be taken back: a mail until it is sent, a pop-up until it was seen."""
    return or_(is_undelivered(), is_shown())


def woken_by(session: Session, number: int, n: int) -> list[str]:
    """Return the mailboxes in which notices wait that entry `n` of a ticket wrote."""
    written = select(NoticeRow.mailbox).where(NoticeRow.ticket == number, NoticeRow.n == n)
    return sorted(set(session.exec(written.where(is_waiting()))))
