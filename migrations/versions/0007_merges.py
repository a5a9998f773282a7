"""merges: customers that turned out to be one, and what duplicates are found by."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.customers.matching import like_email, like_name
from domain.customers.telephone import like_phone

revision = "0007"
down_revision = "0006"

_SAME = ("same_email", "same_phone", "same_name")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["kept"], ["customer.id"]),
        sa.ForeignKeyConstraint(["merged"], ["customer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_merge_kept", "merge", ["kept"])
    op.create_index("ix_merge_merged", "merge", ["merged"])
    op.create_index("ix_audit_what_key", "audit", ["what", "key"])
    with op.batch_alter_table("customer", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.Integer(), nullable=True))
        for name in _SAME:
            batch_op.add_column(sa.Column(name, sa.String(), server_default="", nullable=False))
    _recognise()
    op.create_index("ix_customer_merged_into", "customer", ["merged_into"])
    for name in _SAME:
        op.create_index(f"ix_customer_{name}", "customer", [name])


def _recognise() -> None:
    """Write what the customers there are can be recognised by."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("id", "name", "company", "email", "phone", *_SAME)]
    customer, connection = sa.table("customer", *columns), op.get_bind()
    told = [
        {
            "number": row.id,
            "like_email": like_email(row.email),
            "like_phone": like_phone(row.phone),
            "like_name": like_name(row.name, row.company),
        }
        for row in connection.execute(sa.select(customer)).all()
    ]
    if told:
        values: dict[str, sa.BindParameter[Any]] = {
            name: sa.bindparam(like) for name, like in zip(_SAME, ("like_email", "like_phone", "like_name"), strict=True)
        }
        connection.execute(customer.update().where(customer.c.id == sa.bindparam("number")).values(values), told)


def downgrade() -> None:
    """Go back; customers that were merged stand by themselves again, without the tickets that moved."""
    for name in reversed(_SAME):
        op.drop_index(f"ix_customer_{name}", table_name="customer")
    op.drop_index("ix_customer_merged_into", table_name="customer")
    with op.batch_alter_table("customer", schema=None, recreate="never") as batch_op:
        for name in reversed(_SAME):
            batch_op.drop_column(name)
        batch_op.drop_column("merged_into")
    op.drop_index("ix_audit_what_key", table_name="audit")
    op.drop_index("ix_merge_merged", table_name="merge")
    op.drop_index("ix_merge_kept", table_name="merge")
    op.drop_table("merge")
