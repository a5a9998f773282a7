"""customers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go forward."""
    op.create_table('outside_fact',
    sa.Column('id', sa.String(length=128), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('taken', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('api_key',
    sa.Column('key_hash', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('site', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['site.key'], ),
    sa.PrimaryKeyConstraint('key_hash')
    )
    op.create_table('import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('site', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['site.key'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('import_line',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('refusal', sa.String(), nullable=False),
    sa.Column('context', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import.id'], ),
    sa.PrimaryKeyConstraint('import_id', 'line')
    )
    op.create_table('life',
    sa.Column('customer', sa.Integer(), nullable=False),
    sa.Column('ticket', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('tag', sa.String(), nullable=False),
    sa.Column('assistant', sa.String(), nullable=True),
    sa.Column('invited', sa.Boolean(), nullable=False),
    sa.Column('no_show', sa.Boolean(), nullable=False),
    sa.Column('watched', sa.Boolean(), nullable=False),
    sa.Column('priority', sa.Boolean(), nullable=False),
    sa.Column('offer', sa.Boolean(), nullable=False),
    sa.Column('open_tasks', sa.Integer(), nullable=False),
    sa.Column('packages', sa.JSON(), nullable=False),
    sa.Column('work_by', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], ),
    sa.PrimaryKeyConstraint('customer'),
    sa.UniqueConstraint('ticket')
    )
    with op.batch_alter_table('life', schema=None) as batch_op:
        batch_op.create_index('ix_life_stage', ['stage'], unique=False)
        batch_op.create_index('ix_life_work_by', ['work_by'], unique=False)

    with op.batch_alter_table('customer', schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column('company', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('key', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_customer_key'), ['key'], unique=True)

    with op.batch_alter_table('ticket', schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column('life', sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table('ticket', schema=None, recreate="never") as batch_op:
        batch_op.drop_column('life')

    with op.batch_alter_table('customer', schema=None, recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_key'))
        batch_op.drop_column('key')
        batch_op.drop_column('company')

    with op.batch_alter_table('life', schema=None) as batch_op:
        batch_op.drop_index('ix_life_work_by')
        batch_op.drop_index('ix_life_stage')

    op.drop_table('life')
    op.drop_table('import_line')
    op.drop_table('import')
    op.drop_table('api_key')
    op.drop_table('outside_fact')
