"""people."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "notice_lock",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "channel"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deputy", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deputy"],
            ["person.short"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.short"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_person"), ["person"], unique=False)

    op.create_table(
        "feed",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.short"],
        ),
        sa.PrimaryKeyConstraint("person"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("escalates", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(batch_op.f("ix_event_escalates"), ["escalates"], unique=False)

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instead_of", sa.String(), nullable=True))
        batch_op.alter_column("ticket", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digests", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("distribution", sa.String(), server_default="by hand", nullable=False))
        batch_op.add_column(sa.Column("mails_per_hour", sa.Integer(), server_default="6", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("site", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("mails_per_hour")
        batch_op.drop_column("distribution")
        batch_op.drop_column("digests")

    op.execute("DELETE FROM notice WHERE ticket IS NULL")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.alter_column("ticket", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("instead_of")

    with op.batch_alter_table("event", schema=None, recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_escalates"))
        batch_op.drop_column("escalates")

    op.drop_table("feed")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_person"))

    op.drop_table("absence")
    op.drop_table("notice_lock")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
