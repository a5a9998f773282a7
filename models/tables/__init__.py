"""What rests in the database: the truth about what happened, in words as well as in codes."""

from models.tables.contacts import ApiKeyRow, ContactRow, InboxRow, IncomingRow, SecretRow, SentFormRow, StuckRow
from models.tables.customers import CustomerRow, ImportLineRow, ImportRow, LifeRow, MergeRow, OutsideFactRow
from models.tables.handovers import AnswerRow, FileRow, HandoverRow
from models.tables.knowledge import SnippetRow, SnippetVersionRow
from models.tables.notices import Channel, MailRow, NoticeRow, NoticeStatus
from models.tables.operation import HeartbeatRow, WorkerRow
from models.tables.people import AbsenceRow, AuditRow, FeedRow, NoticeLockRow, OptInRow, PersonRow, SessionRow, SiteRow
from models.tables.tickets import CatalogueRow, DefinitionRow, EscalationRow, EventRow, TextRow, TicketRow
from models.tables.webhooks import DeliveryRow, DeliveryStatus, WebhookRow

__all__ = [
    "AbsenceRow",
    "AnswerRow",
    "ApiKeyRow",
    "AuditRow",
    "CatalogueRow",
    "Channel",
    "ContactRow",
    "CustomerRow",
    "DefinitionRow",
    "DeliveryRow",
    "DeliveryStatus",
    "EscalationRow",
    "EventRow",
    "FeedRow",
    "FileRow",
    "HandoverRow",
    "HeartbeatRow",
    "ImportLineRow",
    "ImportRow",
    "InboxRow",
    "IncomingRow",
    "LifeRow",
    "MailRow",
    "MergeRow",
    "NoticeLockRow",
    "NoticeRow",
    "NoticeStatus",
    "OptInRow",
    "OutsideFactRow",
    "PersonRow",
    "SecretRow",
    "SentFormRow",
    "SessionRow",
    "SiteRow",
    "SnippetRow",
    "SnippetVersionRow",
    "StuckRow",
    "TextRow",
    "TicketRow",
    "WebhookRow",
    "WorkerRow",
]
