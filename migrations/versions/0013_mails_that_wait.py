"""mails that wait for the mail server."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Go forward."""
    op.add_column("notice", sa.Column("n", sa.Integer(), nullable=True))
    for name in ("delayed_at", "refused_at", "retry_at"):
        op.add_column("notice", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("mail", "retry_at")
    for name in ("retry_at", "refused_at", "delayed_at", "n"):
        op.drop_column("notice", name)
