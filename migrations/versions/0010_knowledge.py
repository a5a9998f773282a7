"""knowledge."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_SQLITE = (
    """CREATE VIRTUAL TABLE snippet_search USING fts5(
        title_found, text_found, content='snippet', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3 4')""",
    """CREATE TRIGGER snippet_added AFTER INSERT ON snippet BEGIN
        INSERT INTO snippet_search(rowid, title_found, text_found) VALUES (new.id, new.title_found, new.text_found);
    END""",
    """CREATE TRIGGER snippet_removed AFTER DELETE ON snippet BEGIN
        INSERT INTO snippet_search(snippet_search, rowid, title_found, text_found)
        VALUES ('delete', old.id, old.title_found, old.text_found);
    END""",
    """CREATE TRIGGER snippet_changed AFTER UPDATE OF title_found, text_found ON snippet BEGIN
        INSERT INTO snippet_search(snippet_search, rowid, title_found, text_found)
        VALUES ('delete', old.id, old.title_found, old.text_found);
        INSERT INTO snippet_search(rowid, title_found, text_found) VALUES (new.id, new.title_found, new.text_found);
    END""",
)
_POSTGRES = (
    """ALTER TABLE snippet ADD COLUMN snippet_search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('german', title_found), 'A') || setweight(to_tsvector('simple', title_found), 'A') ||
        setweight(to_tsvector('german', text_found), 'B') || setweight(to_tsvector('simple', text_found), 'B')
    ) STORED""",
    "CREATE INDEX snippet_search_words ON snippet USING gin (snippet_search)",
)


def upgrade() -> None:
    """Go forward; each database gets the full-text search it has."""
    op.create_table(
        "snippet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("title_found", sa.Text(), nullable=False),
        sa.Column("text_found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "snippet_version",
        sa.Column("snippet", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["snippet"], ["snippet.id"]),
        sa.PrimaryKeyConstraint("snippet", "number"),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE snippet_search")
    op.drop_table("snippet_version")
    op.drop_table("snippet")
