"""Merging two customers: a preview side by side, the merge, and taking it back."""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, col, func, select

from activities.customers import merging
from activities.customers.contact_data import CONTACT
from activities.ledger.context import Unknown
from domain.ticket.facts import Refused
from domain.words.wording import refusal
from models.tables import CustomerRow, LifeRow, TicketRow
from web.customers import contacts
from web.customers.contact_history import Asked
from web.shell.audit_log import FIELDS
from web.shell.csrf import Sent
from web.shell.request import MERGERS, Visit, Visitor
from web.shell.translations import N_

router = APIRouter(prefix="/customers")
FLASHES = {
    "merged": N_("Merged. It can be undone below, at any time."),
    "merge_undone": N_("The merge is undone. Everything is as it was."),
}
"""What is said after something was done, by what a redirect names."""
STAYS, GOES = "kept", "merged"


@dataclass(frozen=True)
class Side:
    """One of the two: their tickets by number, open and in all, and whether a life goes on (None without one)."""

    customer: CustomerRow
    open: int
    tickets: int
    living: bool | None


@router.get("/{customer:row}/merge/{other:row}")
def preview(visit: Visitor, customer: int, other: int) -> Response:
    """Show two customers side by side: which data stays, what moves, and what is in the way."""
    visit.demand(MERGERS)
    return _show(visit, customer, other)


@router.post("/{customer:row}/merge/{other:row}")
def merge(visit: Visitor, form: Sent, customer: int, other: int) -> Response:
    """Merge the other customer into this one; where that cannot be, say why and show both as they are now."""
    visit.demand(MERGERS)
    try:
        with visit.services.database.writing() as session:
            rows = {STAYS: session.get(CustomerRow, customer), GOES: session.get(CustomerRow, other)}
            chosen = {field: rows.get(str(form.get(field, STAYS))) or rows[STAYS] for field in CONTACT}
            data = {field: getattr(row, field) for field, row in chosen.items() if row is not None}
            by, seen = visit.person.short, str(form.get("seen", ""))
            merging.merge(session, customer, other, data, by, visit.now, seen=seen)
    except Unknown:
        raise HTTPException(404) from None
    except Refused as refused:
        return _show(visit, customer, other, refused, 409)
    return visit.redirect(f"/customers/{customer}/contacts#merges", "merged")


@router.post("/{customer:row}/merges/{merge_id:row}/undo")
def undo(visit: Visitor, customer: int, merge_id: int) -> Response:
    """Take a merge back."""
    visit.demand(MERGERS)
    try:
        with visit.services.database.writing() as session:
            merging.undo(session, customer, merge_id, visit.person.short, visit.now)
    except Unknown:
        raise HTTPException(404) from None
    except Refused as refused:
        row = contacts.known(visit, customer)
        return contacts.show(visit, Asked(row.id), status=409, message=_sentence(visit, refused))
    return visit.redirect(f"/customers/{customer}/contacts#content", "merge_undone")


def _show(visit: Visit, customer: int, other: int, refused: Refused | None = None, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        sides = [_side(session, number) for number in (customer, other)]
        in_the_way = merging.obstacle(session, customer, other)
        other_way = merging.obstacle(session, other, customer)
    rows = [side.customer for side in sides]
    told = refused if refused is not None and (in_the_way is None or refused.code != in_the_way.code) else None
    return visit.render(
        "customers/merge.html",
        status,
        stays=sides[0],
        goes=sides[1],
        fields_of={field: FIELDS[field] for field in CONTACT},
        preset={field: GOES if not getattr(rows[0], field) else STAYS for field in CONTACT},
        obstacle=_sentence(visit, in_the_way) if in_the_way else "",
        message=_sentence(visit, told) if told else "",
        other_way=other_way is None,
        seen=merging.state_of(rows),
    )


def _side(session: Session, number: int) -> Side:
    row = session.get(CustomerRow, number)
    if row is None:
        raise HTTPException(404)
    theirs = select(TicketRow.closed, func.count()).where(TicketRow.customer == number, ~col(TicketRow.life))
    counts = dict(session.exec(theirs.group_by(col(TicketRow.closed))).all())
    life = session.get(LifeRow, number)
    living = None if life is None else not session.get_one(TicketRow, life.ticket).closed
    return Side(row, counts.get(False, 0), sum(counts.values()), living)


def _sentence(visit: Visit, refused: Refused) -> str:
    return refusal(refused.code, refused.context, visit.words.language)
