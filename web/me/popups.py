"""What pops up (AC-04).

Asked for by the page's script, shown as a banner without it, confirmed by the person.
"""

from dataclasses import asdict

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from activities.ledger.outbox import person_mailbox
from models.tables import Channel, NoticeRow, NoticeStatus, TicketRow
from web.shell import queries
from web.shell.csrf import Sent
from web.shell.request import Visitor

router = APIRouter()


@router.get("/popups")
def waiting(visit: Visitor) -> Response:
    """Return what waits to be confirmed, for the script that asks every few seconds."""
    with visit.front.database.reading() as session:
        found = queries.pop_ups(session, visit.person.short, visit.words.language)
    return JSONResponse([asdict(one) for one in found])


@router.post("/popups/{number:int}/seen")
def seen(visit: Visitor, request: Request, form: Sent, number: int) -> Response:
    """Take down that the person has seen it; confirming twice is no mistake."""
    with visit.front.database.writing() as session:
        notice = session.get(NoticeRow, number)
        if notice is None or notice.mailbox != person_mailbox(visit.person.short) or notice.channel != Channel.POP_UP:
            raise HTTPException(404)
        if notice.status == NoticeStatus.SENT:
            notice.status = NoticeStatus.SEEN
        place = queries.place_of(session, notice, session.get_one(TicketRow, notice.ticket))
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"seen": number})
    return visit.go(place if form.get("open") else "/")
