"""indexes for what is asked all day long, and webhooks that rest."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_DROPPED = (
    ("ix_notice_mailbox_status", "notice", ["mailbox", "status"]),
    ("ix_mail_mailbox", "mail", ["mailbox"]),
    ("ix_ticket_waits", "ticket", ["waits_role", "waits_for"]),
    ("ix_incoming_done", "incoming", ["done"]),
    ("ix_event_ticket", "event", ["ticket"]),
    ("ix_delivery_webhook_status", "delivery", ["webhook", "status", "next_at"]),
)
_NEW = (
    ("ix_mail_mailbox_sent", "mail", ["mailbox", "sent_at"]),
    ("ix_event_ticket_id", "event", ["ticket", "id"]),
    ("ix_escalation_person", "escalation", ["person", "since"]),
    ("ix_absence_until", "absence", ["until"]),
    ("ix_delivery_webhook_at", "delivery", ["webhook", "at"]),
)
_RARE = (
    ("ix_notice_mail", "notice", ["mail"], "mail IS NOT NULL", ""),
    ("ix_notice_undelivered", "notice", ["mailbox", "at", "id"], "status = 'waiting' OR status = 'claimed'", ""),
    ("ix_notice_shown", "notice", ["mailbox", "at"], "channel = 'pop-up' AND status = 'sent'", ""),
    ("ix_mail_claimed", "mail", ["mailbox", "id"], "status = 'claimed'", ""),
    ("ix_incoming_undone", "incoming", ["site", "id"], "NOT done", "done = 0"),
    ("ix_ticket_unstarted", "ticket", ["started", "number"], "NOT started", "started = 0"),
    ("ix_ticket_open", "ticket", ["life", "owner", "light", "due_at", "number", "recorded"], "NOT closed", "closed = 0"),
    ("ix_ticket_done", "ticket", ["closed_at", "number"], "closed AND NOT life", "closed = 1 AND life = 0"),
    ("ix_ticket_done_of", "ticket", ["life", "owner", "closed_at", "number"], "closed", "closed = 1"),
    ("ix_ticket_lives", "ticket", ["owner", "number"], "life", "life = 1"),
    ("ix_ticket_to_accept", "ticket", ["site", "waits_for"], "gate_side = 'take'", ""),
    ("ix_event_escalates", "event", ["at"], "escalates", "escalates = 1"),
    ("ix_import_line_waiting", "import_line", ["import_id", "line"], "outcome = ''", ""),
    ("ix_delivery_waiting", "delivery", ["webhook", "at", "id"], "status = 'waiting'", ""),
    ("ix_delivery_next", "delivery", ["webhook", "next_at"], "status = 'waiting'", ""),
    ("ix_delivery_given_up", "delivery", ["webhook"], "status = 'given up'", ""),
)


def upgrade() -> None:
    """Go forward."""
    op.add_column("webhook", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    for name in ("failing_since", "rests_until"):
        op.add_column("webhook", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_event_escalates", "event")
    for name, table, _ in _DROPPED:
        op.drop_index(name, table)
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, columns, where, on_sqlite in _RARE:
        rows = {"sqlite_where": sa.text(on_sqlite or where), "postgresql_where": sa.text(where)}
        op.create_index(name, table, columns, **rows)


def downgrade() -> None:
    """Go back."""
    for name, table, *_ in (*_NEW, *_RARE):
        op.drop_index(name, table)
    for name, table, columns in (*_DROPPED, ("ix_event_escalates", "event", ["escalates"])):
        op.create_index(name, table, columns)
    for name in ("rests_until", "failing_since", "failures"):
        op.drop_column("webhook", name)
