"""What the demo company knows: the snippets that its people put into answers."""

import tomllib
from datetime import datetime
from pathlib import Path

from activities.knowledge import snippets
from activities.knowledge.snippets import Draft
from models.database import Database

_FILE = Path(__file__).parent / "knowledge.toml"


def read_snippets() -> list[Draft]:
    """Return the snippets, for all sites."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["snippets"]
    return [Draft(**{**row, "text": row["text"].strip()}) for row in rows]


def keep_snippets(database: Database, by: str, at: datetime) -> None:
    """Keep them, as somebody would have typed them at an instant."""
    with database.writing() as session:
        for draft in read_snippets():
            snippets.add(session, draft, by, at)
