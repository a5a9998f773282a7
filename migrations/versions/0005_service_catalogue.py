"""service catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_WORDS = ("category", "service_level", "automation", "answered_by")
_REASONS = ("level_why", "category_why")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "catalogue",
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
        for column in _WORDS:
            batch_op.add_column(sa.Column(column, sa.String(), server_default="", nullable=False))
        for column in _REASONS:
            batch_op.add_column(sa.Column(column, sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("catalogue", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirms", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("ticket", schema=None, recreate="never") as batch_op:
        for column in (*_WORDS, *_REASONS, "catalogue", "confirms"):
            batch_op.drop_column(column)
    op.drop_table("catalogue")
