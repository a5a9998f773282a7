"""Letters of the tests: who writes to whom about what."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from activities.mail.letter_facts import Item, Lost, Reader, Reply
from activities.mail.render import Letter, Letters
from tests.activities.incoming.mailroom import DUE, MAIL_FROM, MORNING, ROOT, WHY

TEMPLATES = ROOT / "templates/mail"
LETTERS = Letters("https://office.example/", MAIL_FROM, TEMPLATES)
PHASES = ("phase_reminder", "phase_target", "phase_escalated", "phase_check")
HANDOVERS = ("handover_waiting", "handover_returned", "handover_reminder", "handover_escalated")
AT_GATES = (*HANDOVERS, "point_due", "service_involve")
OF_CUSTOMERS = ("customer", "praise", "question", "KD13")
KINDS = ("DM1", "R1", "EM2.1", "WR1", *PHASES, *AT_GATES, "welcome_due", "undeliverable", "delayed", "notice")
LISTS = ("EL1", "EL2", "return", "list")
GATE = {"de": "Vertrieb an Projekt", "en": "Sales to project"}
POINT = {"de": "Auftragswert in Euro", "en": "Order value in euros"}
CHECKLIST = "/tickets/7/gates/sales_to_project"
ANNA = Reader("Anna Kern", "anna@office.example", "de", ("salesperson",))
CORA = Reader("Cora Weiß", "cora@office.example", "de", ("controller", "admin"))
LOST = Lost("Karl Muster", customer=True, kinds=("answer",), numbers=("#7",), error="550 5.1.1 unknown")
LATE = replace(LOST, error="450 4.1.2 Domain not found", since=DUE)
ITEM = Item("R1", 7, "Probefahrt", "Karl Muster", "030 1234", "Anna Kern", mine=True, due_at=DUE, why=WHY)
REPLY = Reply("#7", "Probefahrt", "Gern am Freitag.", "Anna Kern", "Autohaus Musterstadt")


def item(kind: str = "R1", **changed: Any) -> Item:
    """Return what a notice of a kind tells."""
    facts: dict[str, Any] = {"lost": {"undeliverable": LOST, "delayed": LATE}.get(kind)}
    if kind in AT_GATES:
        facts |= {"gate": GATE, "path": CHECKLIST, "point": POINT if kind == "point_due" else {}}
    return replace(ITEM, kind=kind, **facts | changed)


def notify(*items: Item, reader: Reader = ANNA, at: datetime = MORNING) -> Letter:
    """Return the letter to a reader."""
    return LETTERS.notify(reader, items, at, "<id@statuskette.example>")


def answer(reply: Reply = REPLY, language: str = "de") -> Letter:
    """Return the letter to the customer."""
    karl = Reader("Karl Muster", "karl@kunde.example", language)
    return LETTERS.answer(karl, reply, MORNING, "<id@statuskette.example>")
