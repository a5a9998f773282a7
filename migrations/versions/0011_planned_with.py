"""what tickets were planned with."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_OPEN = sa.text("NOT closed AND started")
_OPEN_SQLITE = sa.text("closed = 0 AND started = 1")


def upgrade() -> None:
    """Go forward; tickets from before are planned again once."""
    op.add_column("ticket", sa.Column("planned_with", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_ticket_planned",
        "ticket",
        ["site", "owner", "planned_with"],
        sqlite_where=_OPEN_SQLITE,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_ticket_planned", "ticket")
    op.drop_column("ticket", "planned_with")
