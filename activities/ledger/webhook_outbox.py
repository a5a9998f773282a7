"""The outbox of webhooks: writes what other systems are to be told, in the transaction that records the event."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from domain.webhooks.messages import PATIENCE, PHASE_CHANGED, STAGE_CHANGED, Told, chosen, message_id, told_of, utc
from models.messages import WEBHOOK
from models.tables import (
    CustomerRow,
    DefinitionRow,
    DeliveryRow,
    EventRow,
    PersonRow,
    TextRow,
    TicketRow,
    WebhookRow,
)
from models.tables.webhooks import is_waiting


def outbox_of(webhook: int) -> str:
    """Return what a webhook's outbox is called among the mailboxes."""
    return f"{WEBHOOK}{webhook}"


def waiting(session: Session, ticket: int | None = None, due_before: datetime | None = None) -> list[str]:
    """Return the outboxes in which deliveries wait, of one ticket or of all; what is switched off is left out.

    With `due_before` only those in which one should have been tried by then.
    """
    waits = select(DeliveryRow.id).where(DeliveryRow.webhook == WebhookRow.id, is_waiting())
    if ticket is not None:
        waits = waits.where(DeliveryRow.ticket == ticket)
    if due_before is not None:
        waits = waits.where(col(DeliveryRow.next_at) < due_before)
    found = select(WebhookRow.id).where(WebhookRow.off == "", waits.exists()).order_by(col(WebhookRow.id))
    return [outbox_of(webhook) for webhook in session.exec(found)]


def write(session: Session, row: TicketRow, at: datetime, phase: str) -> list[str]:
    """Write a delivery for every event of a ticket's newest entry, to every webhook that wants its kind.

    Returns the outboxes it wrote into.

    `phase` is where the ticket was before that entry; `at` when it is recorded, an aware instant.
    """
    here = or_(col(WebhookRow.site).is_(None), col(WebhookRow.site) == row.site)
    webhooks = session.exec(select(WebhookRow).where(WebhookRow.off == "", here).order_by(col(WebhookRow.id))).all()
    if not webhooks:
        return []
    session.flush()
    newest = select(EventRow).where(EventRow.ticket == row.number, EventRow.n == row.recorded)
    events = session.exec(newest.order_by(col(EventRow.id))).all()
    written = set()
    for event, told in _told(row, events, phase):
        for webhook in webhooks:
            if told.kind in webhook.kinds:
                session.add(_delivery(session, webhook, row, event, told, phase, at))
                written.add(webhook.id)
    return [outbox_of(number) for number in sorted(written)]


def _told(row: TicketRow, events: Sequence[EventRow], phase: str) -> list[tuple[EventRow, Told]]:
    """Return which event is told as what; a change of phase or stage came with the last one."""
    found = [
        (event, told) for event in events if (told := told_of(event.code, life=row.life, escalates=event.escalates))
    ]
    if events and row.phase != phase:
        found.append((events[-1], Told(STAGE_CHANGED if row.life else PHASE_CHANGED)))
    return found


def _delivery(
    session: Session, webhook: WebhookRow, row: TicketRow, event: EventRow, told: Told, phase: str, at: datetime
) -> DeliveryRow:
    data = _data(session, row, event) | chosen(event.fact, told)
    if told.kind in {PHASE_CHANGED, STAGE_CHANGED}:
        data |= {"from": phase, "to": row.phase}
    if event.escalates:
        data |= {"code": event.code, "level": row.level}
    if webhook.words:
        data["words"] = _words(session, row, event)
    return DeliveryRow(
        webhook=webhook.id,
        message=message_id(webhook.id, webhook.created_at.isoformat(), event.id, told.kind),
        kind=told.kind,
        ticket=row.number,
        at=event.at,
        body=body(told.kind, event.at, data),
        next_at=at,
        until=at + PATIENCE,
    )


def body(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """Return a message as it is sent, to the byte."""
    return json.dumps({"type": kind, "timestamp": utc(at), "data": data}, ensure_ascii=False, separators=(",", ":"))


def _data(session: Session, row: TicketRow, event: EventRow) -> dict[str, Any]:
    """Return what every message says: ids, codes and instants."""
    return {
        "event": event.id,
        "ticket": None if row.life else row.number,
        "customer": row.customer,
        "customer_key": session.get_one(CustomerRow, row.customer).key,
        "site": row.site,
        "process": session.get_one(DefinitionRow, row.definition).key,
        "phase": row.phase,
        "light": row.light,
        "owner": row.owner,
        "by": event.by,
        "recorded_at": utc(event.recorded_at),
        "due_at": utc(row.due_at) if row.due_at else None,
    }


def _words(session: Session, row: TicketRow, event: EventRow) -> dict[str, Any]:
    """Return names and texts, for a webhook that is told them."""
    owner = session.get(PersonRow, row.owner) if row.owner else None
    text = session.get(TextRow, event.text) if event.text else None
    return {
        "subject": row.subject,
        "customer": session.get_one(CustomerRow, row.customer).name,
        "owner": owner.name if owner else None,
        "text": text.body if text else None,
    }
