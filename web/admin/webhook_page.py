"""The pages of webhooks: all of them, and one with its last deliveries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException
from fastapi.responses import Response
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from activities.ledger.context import calendar_of
from domain.webhooks.messages import KINDS
from domain.words.wording import instant
from models.tables import DeliveryRow, DeliveryStatus, SiteRow, TicketRow, WebhookRow
from models.tables.webhooks import is_given_up, is_waiting
from web.shell import lost_updates
from web.shell.audit_log import WEBHOOK
from web.shell.forms import Sheet
from web.shell.request import Visit, fresh_id
from web.shell.translations import N_
from web.shell.urls import called, page_of

LAST = 50
TITLES = {
    "ticket.opened": N_("A ticket was opened"),
    "ticket.answered": N_("A customer was answered"),
    "ticket.called": N_("A call was logged"),
    "ticket.customer_wrote": N_("A customer wrote again"),
    "ticket.reassigned": N_("A ticket has another owner"),
    "ticket.paused": N_("A ticket rests"),
    "ticket.resumed": N_("A ticket goes on"),
    "ticket.closed": N_("A ticket was closed"),
    "handover.submitted": N_("Somebody handed over"),
    "handover.accepted": N_("A handover was accepted"),
    "handover.rejected": N_("A handover was returned"),
    "handover.overridden": N_("A gate was opened without its check"),
    "ticket.phase_changed": N_("A ticket is in another phase"),
    "ticket.escalated": N_("A ticket is escalated"),
    "customer.registered": N_("A customer was registered"),
    "customer.reassigned": N_("A customer has another owner"),
    "customer.package_booked": N_("A customer booked a package"),
    "customer.left": N_("A customer left"),
    "customer.stage_changed": N_("A customer is in another stage"),
}
STATES = {
    DeliveryStatus.WAITING: N_("waits"),
    DeliveryStatus.SENT: N_("delivered"),
    DeliveryStatus.GIVEN_UP: N_("given up after three days"),
}
OFF = {"by hand": N_("switched off"), "gone": N_("switched off: the other system said it is gone (410)")}


@dataclass(frozen=True)
class Listed:
    """A webhook in the list."""

    row: WebhookRow
    site: str
    waiting: int
    given_up: int
    failing: str


@dataclass(frozen=True)
class Sending:
    """One delivery, in words; `next_at` is empty unless it waits."""

    row: DeliveryRow
    at: str
    tried_at: str
    next_at: str
    about: str
    href: str


def show_all(visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    """Show every webhook, and the form for another one."""
    with visit.services.database.reading() as session:
        sites, words = _sites(session), _instants(session, visit)
        rows = session.exec(select(WebhookRow).order_by(col(WebhookRow.off) != "", col(WebhookRow.id))).all()
        waiting, lost = _counts(session, is_waiting()), _counts(session, is_given_up())
    listed = [
        Listed(
            row, sites.get(row.site or "", ""), waiting.get(row.id, 0), lost.get(row.id, 0), words(row.failing_since)
        )
        for row in rows
    ]
    return visit.render(
        "admin/webhooks.html",
        status,
        sheet=sheet,
        listed=listed,
        sites=list(sites.items()),
        kinds=TITLES,
        form_id=fresh_id(),
        off=OFF,
    )


def show_one(visit: Visit, number: int, sheet: Sheet | None = None, status: int = 200, *, secret: str = "") -> Response:
    """Show one webhook with its last deliveries; the secret only where it was just made."""
    with visit.services.database.reading() as session:
        seen = lost_updates.newest(session, WEBHOOK, str(number))
        row = session.get(WebhookRow, number)
        if row is None:
            raise HTTPException(404)
        sites, words = _sites(session), _instants(session, visit)
        newest = select(DeliveryRow).where(DeliveryRow.webhook == number)
        newest = newest.order_by(col(DeliveryRow.at).desc(), col(DeliveryRow.id).desc())
        sendings = [_sending(session, each, words) for each in session.exec(newest.limit(LAST))]
        both_until = words(row.old_until) if row.old_until and row.old_until > visit.now else ""
    return visit.render(
        "admin/webhook.html",
        status,
        sheet=sheet or Sheet({**drawn(said(row)), lost_updates.SEEN: seen}),
        row=row,
        secret=secret,
        sendings=sendings,
        sites=list(sites.items()),
        kinds=TITLES,
        form_id=fresh_id(),
        states=STATES,
        off=OFF,
        both_until=both_until,
        failing=words(row.failing_since),
        rests_until=words(row.rests_until) if row.rests_until and row.rests_until > visit.now else "",
        last=LAST,
    )


def _instants(session: Session, visit: Visit) -> Callable[[datetime | None], str]:
    """Return what writes instants as the visitor reads them, nothing for none."""
    zone = calendar_of(session, visit.person.site).zone
    return lambda at: instant(at, visit.words.language, zone) if at else ""


def _sending(session: Session, row: DeliveryRow, words: Callable[[datetime | None], str]) -> Sending:
    ticket = session.get(TicketRow, row.ticket) if row.ticket else None
    waits = row.status == DeliveryStatus.WAITING
    return Sending(
        row,
        words(row.at),
        words(row.tried_at),
        words(row.next_at) if waits else "",
        called(ticket) if ticket else "",
        page_of(ticket) if ticket else "",
    )


def said(row: WebhookRow) -> dict[str, object]:
    """Return what the trail says of a webhook: everything but its secret."""
    return {
        "name": row.title,
        "url": row.url,
        "site": row.site,
        "kinds": list(row.kinds),
        "words": row.words,
        "active": not row.off,
    }


def drawn(state: lost_updates.State) -> dict[str, str]:
    """Return the fields of the form as they are drawn of a webhook."""
    ticked = {f"kind:{kind}": "on" for kind in KINDS if kind in state["kinds"]}
    ticked |= {"words": "on"} if state["words"] else {}
    return {"title": state["name"], "url": state["url"], "site": state["site"] or "", **ticked}


def _sites(session: Session) -> dict[str, str]:
    return {row.key: row.name for row in session.exec(select(SiteRow).order_by(SiteRow.name))}


def _counts(session: Session, which: ColumnElement[bool]) -> dict[int, int]:
    counted = select(DeliveryRow.webhook, func.count()).where(which)
    found: Sequence[tuple[int, int]] = session.exec(counted.group_by(col(DeliveryRow.webhook))).all()
    return dict(found)
