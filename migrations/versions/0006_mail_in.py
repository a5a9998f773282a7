"""mail in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Go forward."""
    op.create_table('incoming',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('sender_name', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fate', sa.String(length=16), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('ticket', sa.Integer(), nullable=True),
    sa.Column('about', sa.Integer(), nullable=True),
    sa.Column('text', sa.Integer(), nullable=True),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('remarks', sa.JSON(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['site'], ['site.key'], ),
    sa.ForeignKeyConstraint(['text'], ['text.id'], ),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('site', 'place')
    )
    op.create_table('inbox',
    sa.Column('site', sa.String(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(), nullable=False),
    sa.Column('problem_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['site'], ['site.key'], ),
    sa.PrimaryKeyConstraint('site')
    )
    op.create_index('ix_incoming_message_id', 'incoming', ['message_id'], unique=False)
    op.create_index('ix_incoming_digest', 'incoming', ['digest'], unique=False)
    op.create_index('ix_incoming_sender', 'incoming', ['sender', 'received_at'], unique=False)
    op.create_index('ix_incoming_ticket', 'incoming', ['ticket'], unique=False)
    op.create_index('ix_incoming_done', 'incoming', ['done'], unique=False)
    op.create_index('ix_text_message_id', 'text', ['message_id'], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index('ix_text_message_id', table_name='text')
    op.drop_table('inbox')
    op.drop_table('incoming')
