"""Which webhooks somebody should look at: other systems that have not heard of us for a day, and what was given up."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from models.tables import DeliveryRow, WebhookRow
from models.tables.webhooks import is_given_up

_PATIENCE = timedelta(days=1)


def troubled(session: Session, now: datetime) -> int:
    """Return how many webhooks have failed for a day, or have deliveries that were given up; not those switched off."""
    lost = select(DeliveryRow.id).where(DeliveryRow.webhook == WebhookRow.id, is_given_up())
    fails = col(WebhookRow.failing_since) < now - _PATIENCE
    counted = select(func.count()).select_from(WebhookRow).where(WebhookRow.off == "", or_(fails, lost.exists()))
    return session.exec(counted).one()
