"""Letters of the tests: who writes to whom about what."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from activities.letter_facts import Item, Lost, Reader, Reply
from activities.letters import Letter, Letters
from tests.activities.mailroom import DUE, MAIL_FROM, MORNING, ROOT, WHY

TEMPLATES = ROOT / "templates/mail"
LETTERS = Letters("https://office.example/", MAIL_FROM, TEMPLATES)
PHASES = ("phase_reminder", "phase_target", "phase_escalated", "phase_check")
KINDS = ("DM1", "R1", "EM2.1", "WR1", *PHASES, "undeliverable")
ANNA = Reader("Anna Kern", "anna@office.example", "de", ("salesperson",))
CORA = Reader("Cora Weiß", "cora@office.example", "de", ("controller", "admin"))
LOST = Lost("Karl Muster", customer=True, kinds=("answer",), numbers=(7,), error="550 5.1.1 unknown")
ITEM = Item("R1", 7, "Probefahrt", "Karl Muster", "030 1234", "Anna Kern", mine=True, due_at=DUE, why=WHY)
REPLY = Reply(7, "Probefahrt", "Gern am Freitag.", "Anna Kern", "Autohaus Musterstadt")


def item(kind: str = "R1", **changed: Any) -> Item:
    """Return what a notice of a kind tells."""
    return replace(ITEM, kind=kind, lost=LOST if kind == "undeliverable" else None, **changed)


def notify(*items: Item, reader: Reader = ANNA, at: datetime = MORNING) -> Letter:
    """Return the letter to a reader."""
    return LETTERS.notify(reader, items, at, "<id@statuskette.example>")


def answer(reply: Reply = REPLY, language: str = "de") -> Letter:
    """Return the letter to the customer."""
    karl = Reader("Karl Muster", "karl@kunde.example", language)
    return LETTERS.answer(karl, reply, MORNING, "<id@statuskette.example>")
