"""papers of handovers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "answer",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.number"],
        ),
        sa.PrimaryKeyConstraint("ticket", "gate", "item"),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_ticket"), ["ticket"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("giver", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remarks", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["remarks"],
            ["text.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index("ix_handover_ticket_gate", ["ticket", "gate"], unique=False)

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gate", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("gate_side", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("waits_for", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("waits_role", sa.String(), server_default="", nullable=False))
        batch_op.create_index("ix_ticket_waits", ["waits_role", "waits_for"], unique=False)

    with op.batch_alter_table("opt_in", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=32), type_=sa.String(length=64))

    with op.batch_alter_table("text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("ticket", schema=None, recreate="never") as batch_op:
        batch_op.drop_index("ix_ticket_waits")
        for column in ("waits_role", "waits_for", "gate_side", "gate"):
            batch_op.drop_column(column)

    with op.batch_alter_table("text", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("parts")

    with op.batch_alter_table("opt_in", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=64), type_=sa.String(length=32))

    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index("ix_handover_ticket_gate")

    op.drop_table("handover")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_ticket"))

    op.drop_table("file")
    op.drop_table("answer")
