"""How quiet it was: what was not sent to whom in a week, and what waits. For controllers, about their own site."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session, col, func, select

from activities.ledger.outbox import person_mailbox
from activities.mail.delivery_policy import Quiet
from activities.mail.letter_facts import addressee_of
from models.tables import Channel, MailRow, NoticeRow, NoticeStatus, PersonRow
from web.shell.request import CONTROLLERS, Visitor
from web.shell.translations import N_

router = APIRouter()
WEEK = timedelta(days=7)

COLUMNS = {
    "sent": N_("Mails sent"),
    "folded": N_("Bundled"),
    "withdrawn": N_("Handled in time"),
    "off": N_("Switched off"),
    "deputies": N_("To deputies"),
    "held": N_("Held back now"),
}
EXPLAINED = {
    "sent": N_("Mails that reached the mail server."),
    "folded": N_("Notices that travelled in one mail with others."),
    "withdrawn": N_("Notices withdrawn before they were sent, because somebody had handled the ticket."),
    "off": N_("Notices of kinds that they, or an administrator, switched off."),
    "deputies": N_("Notices that went to a deputy while they were away."),
    "held": N_("Notices that wait because the hour's budget of mails is spent."),
}


@dataclass(frozen=True)
class Line:
    """One person and their numbers, by column."""

    name: str
    counts: dict[str, int]


@router.get("/quiet")
def quiet(visit: Visitor) -> Response:
    """Show the last seven days of everybody at the visitor's site."""
    visit.demand(CONTROLLERS)
    with visit.services.database.reading() as session:
        here = select(PersonRow).where(PersonRow.active, PersonRow.site == visit.person.site)
        people = session.exec(here.order_by(PersonRow.name)).all()
        counted = _counted(session, [person.short for person in people], visit.now)
    lines = [Line(person.name, counted[person.short]) for person in people]
    most = {name: max((line.counts[name] for line in lines), default=0) for name in COLUMNS}
    return visit.render("reports/quiet.html", lines=lines, most=most, columns=COLUMNS, explained=EXPLAINED)


def _counted(session: Session, shorts: list[str], now: datetime) -> dict[str, dict[str, int]]:
    """Return each person's numbers. Pop-ups, and lists that had nothing to say, are not counted."""
    since = now - WEEK
    columns = {
        "sent": _sent(session, since),
        "folded": _folded(session, since),
        "withdrawn": _notices(session, NoticeStatus.WITHDRAWN, since),
        "off": _notices(session, NoticeStatus.OFF, since),
        "deputies": _deputies(session, since),
    }
    return {
        short: {name: column[person_mailbox(short)] for name, column in columns.items()}
        | {"held": _held(session, short, now)}
        for short in shorts
    }


def _sent(session: Session, since: datetime) -> Counter[str]:
    sent = select(MailRow.mailbox, func.count()).where(
        MailRow.status == NoticeStatus.SENT, col(MailRow.sent_at) > since
    )
    return Counter(dict(session.exec(sent.group_by(col(MailRow.mailbox))).all()))


def _folded(session: Session, since: datetime) -> Counter[str]:
    carried = func.count()
    bundles = (
        select(MailRow.mailbox, carried)
        .join(NoticeRow, col(NoticeRow.mail) == col(MailRow.id))
        .where(MailRow.status == NoticeStatus.SENT, col(MailRow.sent_at) > since)
        .group_by(col(MailRow.mailbox), col(MailRow.id))
        .having(carried > 1)
    )
    folded: Counter[str] = Counter()
    for mailbox, n in session.exec(bundles):
        folded[mailbox] += n
    return folded


def _notices(session: Session, status: NoticeStatus, since: datetime) -> Counter[str]:
    about_tickets = select(NoticeRow.mailbox, func.count()).where(
        NoticeRow.status == status,
        NoticeRow.channel == Channel.MAIL,
        col(NoticeRow.ticket).is_not(None),
        col(NoticeRow.at) > since,
    )
    return Counter(dict(session.exec(about_tickets.group_by(col(NoticeRow.mailbox))).all()))


def _deputies(session: Session, since: datetime) -> Counter[str]:
    handed = select(NoticeRow.instead_of, func.count()).where(
        col(NoticeRow.instead_of).is_not(None), NoticeRow.channel == Channel.MAIL, col(NoticeRow.at) > since
    )
    rows = session.exec(handed.group_by(col(NoticeRow.instead_of))).all()
    return Counter({person_mailbox(short): n for short, n in rows if short})


def _held(session: Session, short: str, now: datetime) -> int:
    """Return how many mails only the budget keeps back: the site is open, and the person is here."""
    waiting = select(NoticeRow).where(
        NoticeRow.mailbox == person_mailbox(short),
        NoticeRow.status == NoticeStatus.WAITING,
        NoticeRow.channel == Channel.MAIL,
        col(NoticeRow.ticket).is_not(None),
    )
    notices = session.exec(waiting).all()
    if not notices:
        return 0
    quiet = Quiet.of(session, addressee_of(session, person_mailbox(short)), now)
    if quiet.held_until is None or quiet.held_until <= now or quiet.away_until is not None:
        return 0
    return sum(quiet.addressee.next_delivery(notice, now) <= now for notice in notices)
