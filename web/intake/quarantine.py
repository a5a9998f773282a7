"""Mails that opened nothing, each with the reason: nothing is lost silently, and a person may judge otherwise."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from sqlmodel import Session, col, func, select

from activities.incoming.classify import Fate
from activities.incoming.release import open_by_hand
from activities.ledger.context import Unknown, calendar_of
from domain.text.numbers import read_number
from domain.words.wording import instant
from models.tables import InboxRow, IncomingRow, TextRow
from web.intake import mail_health
from web.intake.unseen import OPENED_NOTHING, see, see_all
from web.shell.csrf import Sent
from web.shell.downloads import disposition
from web.shell.paging import page_number
from web.shell.request import REDISTRIBUTORS, Visitor
from web.shell.translations import N_, Words
from web.tickets.mails import remarks
from workflows.gateway import Unavailable

router = APIRouter()
FLASHES = {
    "mail_seen": N_("Seen. It is counted no more."),
    "mails_seen": N_("All are seen. They are counted no more."),
}
"""What is said after something was done, by what a redirect names."""
PAGE_SIZE = 25
FATES = {
    Fate.BOUNCE: N_("Undeliverable"),
    Fate.AUTO_REPLY: N_("Automatic reply"),
    Fate.LOOP: N_("Loop"),
    Fate.DUPLICATE: N_("Duplicate"),
    Fate.NOTE: N_("Mail of a colleague"),
}
_AUTOMATIC = N_("It says of itself that a machine sent it.")
_OUR_OWN = N_("It is one of our own mails that came back.")
_WHY = {
    "delivery_report": N_("A mail server reports about one of our mails."),
    "mailer_daemon": N_("It comes from a mail system."),
    "null_return_path": N_("It was sent without a return address, as mail systems do."),
    "auto_submitted": _AUTOMATIC,
    "x_autoreply": _AUTOMATIC,
    "x_autorespond": _AUTOMATIC,
    "x_autoresponder": _AUTOMATIC,
    "precedence": _AUTOMATIC,
    "report": N_("It is a report, a receipt for example."),
    "list": N_("It went to a mailing list."),
    "weak_signs": N_("Several signs say that a machine sent it."),
    "own_header": _OUR_OWN,
    "own_message_id": _OUR_OWN,
    "own_address": _OUR_OWN,
    "too_many": N_("Who wrote it has written too many mails within an hour."),
    "taken_before": N_("The same mail was taken before."),
    "staff": N_("A colleague wrote about a ticket that was closed."),
}


@dataclass(frozen=True)
class Aside:
    """One mail that opened nothing.

    `ticket` is the one it is about, `may_open` says whether its bytes are kept, `is_new` that nobody looked at it yet.
    """

    id: int
    fate: str
    why: str
    sender: str
    subject: str
    received: str
    ticket: int | None
    text: str
    remarks: tuple[str, ...]
    may_open: bool
    is_new: bool


@router.get("/mails-in")
def put_aside(visit: Visitor, page: Annotated[str, Query()] = "1") -> Response:
    """Show the mails of the visitor's site that opened nothing, and how the mailbox is found.

    What nobody looked at comes first, then what is newest.
    """
    visit.demand(REDISTRIBUTORS)
    site = visit.person.site
    number = page_number(page)
    with visit.services.database.reading() as session:
        pages = max(1, -(-_count(session, site) // PAGE_SIZE))
        number = min(max(number, 1), pages)
        zone = calendar_of(session, site).zone
        asides = [_aside(session, row, zone, visit.words) for row in _rows(session, site, number)]
        inbox = session.get(InboxRow, site)
        newest = session.exec(select(func.max(IncomingRow.id)).where(IncomingRow.site == site)).one() or 0
        waiting, lying = mail_health.lines(session, site, visit.now, zone, visit.words)
    looked = instant(inbox.looked_at, visit.words.language, zone) if inbox and inbox.looked_at else ""
    problem = inbox.problem if inbox else ""
    return visit.render(
        "intake/put_aside.html",
        mails=asides,
        page=number,
        pages=pages,
        looked=looked,
        problem=problem,
        watched=bool(inbox),
        newest=newest,
        waiting=waiting,
        lying=lying,
    )


@router.get("/mails-in/{identity:row}/original")
def original(visit: Visitor, identity: int) -> Response:
    """Hand out a mail as it came, always as a download."""
    visit.demand(REDISTRIBUTORS)
    with visit.services.database.reading() as session:
        row = session.get(IncomingRow, identity)
        if row is None or row.raw is None or row.site != visit.person.site:
            raise HTTPException(404)
        headers = {
            "Content-Disposition": disposition(f"mail-{identity}.eml"),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(row.raw, media_type="message/rfc822", headers=headers)


@router.post("/mails-in/{identity:row}/seen")
def seen(visit: Visitor, identity: int) -> Response:
    """Take down that the visitor has looked at a mail; twice is no mistake, 404 for one that was not put aside."""
    visit.demand(REDISTRIBUTORS)
    with visit.services.database.writing() as session:
        known = see(session, visit.person.site, identity, visit.person.short, visit.now)
    if not known:
        raise HTTPException(404)
    return visit.redirect("/mails-in", "mail_seen")


@router.post("/mails-in/seen")
def all_seen(visit: Visitor, form: Sent) -> Response:
    """Take down that the visitor has looked at every mail up to the newest one the page knew of."""
    visit.demand(REDISTRIBUTORS)
    newest = read_number(str(form.get("newest", "")))
    if newest is None:
        raise HTTPException(400)
    with visit.services.database.writing() as session:
        see_all(session, visit.person.site, newest, visit.person.short, visit.now)
    return visit.redirect("/mails-in", "mails_seen")


@router.post("/mails-in/{identity:row}/open")
async def open_ticket(visit: Visitor, identity: int) -> Response:
    """Open a ticket from a mail the rules put aside; 404 for one that was not. Pressed twice it is one ticket."""
    visit.demand(REDISTRIBUTORS)
    services, person = visit.services, visit.person
    process = services.settings.intake_process
    try:
        start = await asyncio.to_thread(
            open_by_hand, services.database, person.site, process, identity, person.short, visit.now
        )
    except Unknown:
        raise HTTPException(404) from None
    try:
        await services.gateway.start(start)
    except Unavailable:
        return visit.redirect(f"/tickets/{start.number}", "queued")
    return visit.redirect(f"/tickets/{start.number}", "opened")


def _count(session: Session, site: str) -> int:
    return session.exec(select(func.count()).where(col(IncomingRow.site) == site, OPENED_NOTHING)).one()


def _rows(session: Session, site: str, page: int) -> list[IncomingRow]:
    statement = select(IncomingRow).where(IncomingRow.site == site, OPENED_NOTHING)
    order = (col(IncomingRow.seen_at).is_not(None), col(IncomingRow.id).desc())
    newest = statement.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    return list(session.exec(newest))


def _aside(session: Session, row: IncomingRow, zone: ZoneInfo, words: Words) -> Aside:
    text = session.get(TextRow, row.text) if row.text else None
    return Aside(
        id=row.id,
        fate=words(FATES[Fate(row.fate)]) if Fate(row.fate) in FATES else row.fate,
        why=words(_WHY[row.why]) if row.why in _WHY else row.why,
        sender=" · ".join(filter(None, (row.sender_name, row.sender))),
        subject=row.subject,
        received=instant(row.received_at, words.language, zone),
        ticket=row.ticket,
        text=text.body if text else "",
        remarks=remarks(row, words),
        may_open=row.raw is not None,
        is_new=row.seen_at is None,
    )
