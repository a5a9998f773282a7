"""mail in waits."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_ASIDE = sa.text("seen_at IS NULL AND text IS NULL")
_REFUSED = sa.text("seen_at IS NULL AND text IS NOT NULL AND error <> ''")


def upgrade() -> None:
    """Go forward; of a mail that was taken before, who sent it counts as who wrote it."""
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("incoming") as batch_op:
        batch_op.add_column(sa.Column("writer", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("trouble", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("again_at", instant, nullable=True))
        batch_op.add_column(sa.Column("seen_at", instant, nullable=True))
        batch_op.add_column(sa.Column("seen_by", sa.String(), nullable=True))
    op.execute("UPDATE incoming SET writer = sender")
    op.create_index("ix_incoming_writer", "incoming", ["writer", "received_at"])
    op.create_index("ix_incoming_aside", "incoming", ["site"], sqlite_where=_ASIDE, postgresql_where=_ASIDE)
    op.create_index("ix_incoming_refused", "incoming", ["site"], sqlite_where=_REFUSED, postgresql_where=_REFUSED)
    op.create_table(
        "stuck",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("again_at", instant, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sent_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.key"]),
        sa.PrimaryKeyConstraint("site", "place"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("stuck")
    for index in ("writer", "aside", "refused"):
        op.drop_index(f"ix_incoming_{index}", table_name="incoming")
    with op.batch_alter_table("incoming") as batch_op:
        for column in ("seen_by", "seen_at", "again_at", "trouble", "tries", "writer"):
            batch_op.drop_column(column)
