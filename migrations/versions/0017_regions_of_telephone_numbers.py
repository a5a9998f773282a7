"""regions of telephone numbers: each is known again however it is written, in the country of its site."""

import sqlalchemy as sa
from alembic import op

from domain.customers.telephone import like_phone

revision = "0017"
down_revision = "0016"

_AT_ONCE = 10_000


def upgrade() -> None:
    """Go forward; the customers there are were taken down in Germany."""
    with op.batch_alter_table("customer", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("region", sa.String(length=2), server_default="DE", nullable=False))
    _recognise()


def _recognise() -> None:
    """Write what every number is found by, a few thousand customers at a time."""
    customer = sa.table("customer", *(sa.column(name) for name in ("id", "phone", "same_phone")))
    connection, last = op.get_bind(), 0
    some = sa.select(customer).where(customer.c.id > sa.bindparam("last")).order_by(customer.c.id).limit(_AT_ONCE)
    found = customer.update().where(customer.c.id == sa.bindparam("number")).values(same_phone=sa.bindparam("like"))
    while rows := connection.execute(some, {"last": last}).all():
        last = rows[-1].id
        like = [{"number": row.id, "like": like_phone(row.phone)} for row in rows]
        if changed := [one for one, row in zip(like, rows, strict=True) if one["like"] != row.same_phone]:
            connection.execute(found, changed)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("customer", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("region")
