"""service levels."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COLUMNS = ("category", "service_level", "level_table", "level_why")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "level_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site", "number"),
    )
    with op.batch_alter_table("ticket", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("service_level", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("level_table", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("level_why", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("ticket", schema=None, recreate="never") as batch_op:
        for column in _COLUMNS:
            batch_op.drop_column(column)
    op.drop_table("level_table")
