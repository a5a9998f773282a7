"""The outbox: writes what people are to be told in the ledger's own transaction, and withdraws what no longer holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from domain.agenda import in_force
from domain.facts import Answered, CustomerWelcomed
from domain.moments import Moment
from domain.process import Delivery, Verb
from domain.scene import Scene
from domain.ticket import Status, Ticket
from domain.wording import LANGUAGES, why_sentence
from models.messages import Command
from models.tables import Channel, NoticeRow, NoticeStatus, OptInRow, TicketRow

_CHANNELS = {Verb.MAIL: Channel.MAIL, Verb.POP_UP: Channel.POP_UP}


def person_mailbox(short: str) -> str:
    """Return the mailbox of somebody of the staff."""
    return f"person:{short}"


def write(session: Session, row: TicketRow, ticket: Ticket, scene: Scene, happened: Sequence[Moment]) -> None:
    """Write a notice for every person a moment speaks to and every way it does; the key lets it exist once."""
    for moment in happened:
        for action in moment.rule.does:
            if action.verb in _CHANNELS:
                channel = _CHANNELS[action.verb]
                kind = action.argument or moment.rule.code
                for member in moment.told(ticket, scene.roster):
                    session.add(_notice(session, row, moment, member.short, channel, kind))


def _notice(session: Session, row: TicketRow, moment: Moment, short: str, channel: Channel, kind: str) -> NoticeRow:
    wanted = is_wanted(session, short, moment.rule.code, channel, default=moment.rule.optional)
    return NoticeRow(
        key=f"{row.number}:{moment.key}:{short}:{channel}",
        ticket=row.number,
        mailbox=person_mailbox(short),
        channel=channel,
        kind=kind,
        moment=moment.key,
        at=moment.at,
        deliver=moment.rule.deliver,
        status=NoticeStatus.WAITING if wanted else NoticeStatus.OFF,
        why={language: why_sentence(moment.why, language) for language in LANGUAGES},
    )


def is_wanted(session: Session, short: str, kind: str, channel: Channel, *, default: bool | None) -> bool:
    """Whether a person wants a kind of notice this way; kinds without a switch are always wanted (AC-17)."""
    if default is None:
        return True
    choice = session.get(OptInRow, (short, kind, channel))
    return default if choice is None else choice.on


def write_answer(session: Session, row: TicketRow, command: Command, at: datetime) -> None:
    """Write a person's answer or welcome into the customer's mailbox; other facts tell the customer nothing."""
    fact = command.fact
    if isinstance(fact, Answered) or (isinstance(fact, CustomerWelcomed) and fact.by == "mail"):
        session.add(
            NoticeRow(
                key=f"{row.number}:answer:{command.id}",
                ticket=row.number,
                mailbox=f"customer:{row.customer}",
                channel=Channel.MAIL,
                kind="answer",
                at=at,
                deliver=Delivery.AT_ONCE,
                text=command.text,
            )
        )


def withdraw(session: Session, row: TicketRow, ticket: Ticket, scene: Scene) -> None:
    """Withdraw what still waits but no longer holds: handled, closed, or somebody else's ticket by now (AC-18)."""
    session.flush()
    told = set()
    if ticket.status is not Status.CLOSED:
        holding = in_force(ticket, scene)
        told = {(m.key, person_mailbox(p.short)) for m in holding for p in m.told(ticket, scene.roster)}
    for notice in session.exec(select(NoticeRow).where(NoticeRow.ticket == row.number, NoticeRow.moment != "")):
        if notice.status in _REVOCABLE[Channel(notice.channel)] and (notice.moment, notice.mailbox) not in told:
            notice.status = NoticeStatus.WITHDRAWN


_REVOCABLE = {
    Channel.MAIL: {NoticeStatus.WAITING, NoticeStatus.CLAIMED},
    Channel.POP_UP: {NoticeStatus.WAITING, NoticeStatus.SENT},
}
"""What can still be taken back: a mail until it is sent, a pop-up until it was seen."""


def waiting_mailboxes(session: Session, number: int) -> list[str]:
    """Return the mailboxes in which notices of a ticket wait."""
    waiting = select(NoticeRow.mailbox).where(NoticeRow.ticket == number, NoticeRow.status == NoticeStatus.WAITING)
    return sorted(set(session.exec(waiting)))
