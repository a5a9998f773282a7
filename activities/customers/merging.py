"""Two customers that turned out to be one: what belongs to the one appears under the other, until it is undone.

Nothing is deleted and no history is rewritten. What is not said here stays where it is: lives, keys, and mail, which
goes to whom its ticket belongs when it is sent.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from activities.customers.contact_data import CONTACT, contact_of
from activities.ledger.context import Unknown
from domain.ticket.facts import Refused
from domain.words.wording import mark_of
from models.tables import AuditRow, CustomerRow, LifeRow, MergeRow, TicketRow

MERGE, MERGED = "merge", "merged"
"""What the trail speaks of: of the customer who stayed, and of the one who was merged."""


def obstacle(session: Session, kept: int, merged: int) -> Refused | None:
    """Return why the one cannot be merged into the other, before anybody clicks; None where nothing is in the way.

    A life is a workflow of its own and stays with its customer: who has one stays, and of two only an ended one is
    put away (S3).
    """
    if kept == merged:
        return Refused("merge_with_oneself")
    for number in (kept, merged):
        row = session.get(CustomerRow, number)
        if row is None:
            raise Unknown(f"there is no customer {number}")
        if row.merged_into is not None:
            return Refused("merged_already", customer=_called(row), into=mark_of(row.merged_into, life=True))
    lives = {number: _is_living(session, number) for number in (kept, merged)}
    if lives[merged] is None or (lives[merged] is False and lives[kept] is not None):
        return None
    if lives[merged] and lives[kept]:
        return Refused("merge_of_two_lives")
    return Refused("merge_other_way_round", customer=_called(session.get_one(CustomerRow, merged)))


def merge(
    session: Session, kept: int, merged: int, chosen: Mapping[str, str], by: str, at: datetime, *, seen: str
) -> MergeRow:
    """Put everything of the one customer under the other, in the caller's transaction; returns what it takes to undo.

    `chosen` is the contact data that stays, by field; `seen` the state of both, as `state_of` told it, on which it was
    chosen. The same person asking again gets the same merge. Raises Refused where it cannot be, where somebody was
    faster, and where one of them was changed since; Unknown for nobody.
    """
    rows = _locked(session, kept, merged)
    done = session.exec(_standing(kept).where(MergeRow.merged == merged, MergeRow.by == by)).first()
    if done is not None:
        return done
    refused = obstacle(session, kept, merged)
    if refused is not None:
        raise refused
    if state_of(rows) != seen:
        raise Refused("changed_meanwhile")
    stays, goes = rows
    before = contact_of(stays)
    for field in CONTACT:
        setattr(stays, field, chosen.get(field, before[field]))
    after = contact_of(stays)
    changed = [field for field in CONTACT if before[field] != after[field]]
    pointed = list(session.exec(select(CustomerRow.id).where(CustomerRow.merged_into == merged)))
    tickets = _move(session, merged, kept)
    session.exec(update(CustomerRow).where(col(CustomerRow.id).in_(pointed)).values(merged_into=kept))
    goes.merged_into = kept
    row = MergeRow(
        kept=kept,
        merged=merged,
        by=by,
        at=at,
        before={
            "contact": {field: before[field] for field in changed},
            "chosen": {field: after[field] for field in changed},
            "pointed": pointed,
        },
        tickets=tickets,
    )
    session.add(row)
    session.flush()
    _note(session, row, by, at, undone=False)
    return row


def undo(session: Session, kept: int, merge_id: int, by: str, at: datetime) -> MergeRow:
    """Take a merge back: tickets go to whom they belonged, contact data is as before; what is newer stays.

    A field that somebody edited since keeps what they wrote. Raises Refused for a merge that is undone already or on
    top of which something was merged, Unknown for none.
    """
    row = session.get(MergeRow, merge_id) if 0 < merge_id < 2**31 else None
    if row is None or row.kept != kept:
        raise Unknown(f"there is no merge {merge_id} of customer {kept}")
    stays, goes = _locked(session, row.kept, row.merged)
    session.refresh(row)
    if row.undone_at is not None:
        raise Refused("merge_undone_already")
    on_top = on_top_of(session, row)
    if on_top is not None:
        other = session.get_one(CustomerRow, on_top.merged if on_top.kept == kept else on_top.kept)
        raise Refused("merge_on_top", customer=_called(other))
    for field, old in row.before["contact"].items():
        if getattr(stays, field) == row.before["chosen"][field]:
            setattr(stays, field, old)
    goes.merged_into = None
    pointed = row.before["pointed"]
    session.exec(update(CustomerRow).where(col(CustomerRow.id).in_(pointed)).values(merged_into=row.merged))
    _move(session, row.kept, row.merged, row.tickets)
    row.undone_at, row.undone_by = at, by
    _note(session, row, by, at, undone=True)
    return row


def merges_into(session: Session, customer: int) -> list[MergeRow]:
    """Return what was merged into a customer and stands, the newest first; only that one can be undone."""
    return list(session.exec(_standing(customer).order_by(col(MergeRow.id).desc())))


def on_top_of(session: Session, row: MergeRow) -> MergeRow | None:
    """Return the merge that has to be undone before this one: the kept customer's own, or the newest into them."""
    own = session.exec(select(MergeRow).where(MergeRow.merged == row.kept, col(MergeRow.undone_at).is_(None))).first()
    newest = merges_into(session, row.kept)[0]
    return own or (newest if newest.id != row.id else None)


def state_of(rows: Sequence[CustomerRow]) -> str:
    """Return what a preview showed of two customers: where it differs later, somebody changed one of them."""
    said = "\n".join(f"{row.id}|{sorted(contact_of(row).items())}" for row in rows)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _standing(kept: int) -> SelectOfScalar[MergeRow]:
    return select(MergeRow).where(MergeRow.kept == kept, col(MergeRow.undone_at).is_(None))


def _locked(session: Session, kept: int, merged: int) -> tuple[CustomerRow, CustomerRow]:
    """Return both customers, locked in the order of their numbers: of two merges one waits for the other."""
    found = {
        row.id: row
        for row in session.exec(
            select(CustomerRow)
            .where(col(CustomerRow.id).in_([kept, merged]))
            .order_by(col(CustomerRow.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if kept not in found or merged not in found:
        raise Unknown(f"there is no customer {kept if kept not in found else merged}")
    return found[kept], found[merged]


def _is_living(session: Session, customer: int) -> bool | None:
    """Return whether a customer's life goes on; None for one without."""
    life = session.get(LifeRow, customer)
    return None if life is None else not session.get_one(TicketRow, life.ticket).closed


def _move(session: Session, source: int, target: int, only: Sequence[int] | None = None) -> list[int]:
    """Move tickets from one customer to another, never a life; returns their numbers."""
    theirs = select(TicketRow.number).where(TicketRow.customer == source, ~col(TicketRow.life))
    if only is not None:
        theirs = theirs.where(col(TicketRow.number).in_(only))
    numbers = list(session.exec(theirs.order_by(col(TicketRow.number))))
    session.exec(update(TicketRow).where(col(TicketRow.number).in_(numbers)).values(customer=target))
    return numbers


def _note(session: Session, row: MergeRow, by: str, at: datetime, *, undone: bool) -> None:
    """Leave a trace in the histories of both, and in the administration's."""
    kept, merged = (session.get_one(CustomerRow, number) for number in (row.kept, row.merged))
    moved = ", ".join(f"#{number}" for number in row.tickets)
    old = dict(row.before["contact"])
    new = {"merged": _called(merged), "tickets": moved, **row.before["chosen"]}
    into = {"merged_into": _called(kept), "tickets": moved}
    for what, number, before, after in ((MERGE, kept.id, old, new), (MERGED, merged.id, {}, into)):
        first, last = (after, before) if undone else (before, after)
        session.add(AuditRow(at=at, by=by, what=what, key=str(number), before=first, after=last))


def _called(row: CustomerRow) -> str:
    return f"{mark_of(row.id, life=True)} {row.name}".strip()
