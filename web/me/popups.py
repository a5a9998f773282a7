"""What pops up (AC-04).

Asked for by the page's script, shown as a banner without it, confirmed by the person.
"""

from dataclasses import asdict, dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session, col, select

from activities.ledger.context import process_of
from activities.ledger.outbox import person_mailbox
from activities.mail.letter_facts import DELAYED
from models.tables import Channel, NoticeRow, NoticeStatus, TicketRow
from models.tables.notices import is_shown
from web.shell.csrf import Sent
from web.shell.request import Visitor
from web.shell.translations import read_words
from web.shell.urls import called, page_of
from web.tickets.mail_states import reason

router = APIRouter()


@router.get("/popups")
def waiting(visit: Visitor) -> Response:
    """Return what waits to be confirmed, for the script that asks every few seconds."""
    with visit.services.database.reading() as session:
        found = pop_ups(session, visit.person.short, visit.words.language)
    return JSONResponse([asdict(one) for one in found])


@router.post("/popups/{number:row}/seen")
def seen(visit: Visitor, request: Request, form: Sent, number: int) -> Response:
    """Take down that the person has seen it; confirming twice is no mistake."""
    with visit.services.database.writing() as session:
        notice = session.get(NoticeRow, number)
        if notice is None or notice.mailbox != person_mailbox(visit.person.short) or notice.channel != Channel.POP_UP:
            raise HTTPException(404)
        if notice.status == NoticeStatus.SENT:
            notice.status = NoticeStatus.SEEN
        place = place_of(session, notice, session.get_one(TicketRow, notice.ticket))
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"seen": number})
    return visit.redirect(place if form.get("open") else "/")


@dataclass(frozen=True)
class PopUp:
    """What pops up: about which ticket or customer, why, and where it leads; without a title of its own it is overdue.

    `mark` is how people call it, `life` says that it is a customer, `late` that a deadline has passed.
    """

    id: int
    kind: str
    number: int
    subject: str
    why: str
    title: str
    href: str
    mark: str
    life: bool
    late: bool


def pop_ups(session: Session, person: str, language: str) -> list[PopUp]:
    """Return what pops up for a person until they have confirmed it (AC-04)."""
    statement = (
        select(NoticeRow, TicketRow)
        .select_from(NoticeRow)
        .join(TicketRow, col(TicketRow.number) == col(NoticeRow.ticket))
        .where(NoticeRow.mailbox == f"person:{person}", is_shown())
        .order_by(col(NoticeRow.at))
        .limit(10)
    )
    return [pop_up(session, notice, row, language) for notice, row in session.execute(statement).all()]


def pop_up(session: Session, notice: NoticeRow, row: TicketRow, language: str) -> PopUp:
    """Return a notice as it pops up."""
    rule = process_of(session, row.definition).by_code.get(notice.kind)
    delayed, why = notice.kind == DELAYED, notice.why.get(language, "")
    late = (rule is None and not delayed) or (rule is not None and (rule.marks_overdue or rule.escalation_level > 0))
    return PopUp(
        id=notice.id,
        kind=notice.kind,
        number=row.number,
        subject=row.subject,
        why=reason(why, read_words()[language]) if delayed else why,
        title=_DELAYED[language] if delayed else rule.title[language] if rule and (row.life or not late) else "",
        href=place_of(session, notice, row),
        mark=called(row),
        life=row.life,
        late=late,
    )


_DELAYED = {"de": "Mail noch nicht zugestellt", "en": "Mail not delivered yet"}


def place_of(session: Session, notice: NoticeRow, row: TicketRow) -> str:
    """Return where what a notice says is done: at the gate it speaks of, on the ticket, or on the customer's card."""
    rule = process_of(session, row.definition).by_code.get(notice.kind)
    return f"/tickets/{row.number}/gates/{rule.gate.key}" if rule and rule.gate else page_of(row)
