"""Lists as people read them: subject, headings, the most urgent first, a link on every line."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.mail.digest_facts import Group, Report
from activities.mail.render import Letter
from domain.staff.absence import Absence
from tests.activities.incoming.mailroom import DUE, MORNING
from tests.activities.mail.writing import ANNA, CORA, ITEM, LETTERS, item, notify

LATE = replace(ITEM, number=8, subject="Seit gestern", due_at=MORNING - timedelta(days=1))
SOON = replace(ITEM, number=9, subject="Heute noch", due_at=DUE)


def digest(report: Report, language: str = "de") -> Letter:
    """Return the letter with a list."""
    return LETTERS.digest(replace(ANNA, language=language), report, MORNING, "<list@statuskette.example>")


DAILY = Report("EL1", (Group("overdue", (LATE,)), Group("today", (SOON,)), Group("Paul Seidl", (ITEM,))))


@pytest.mark.parametrize(
    ("language", "subject", "headings"),
    [
        ("de", "Heute: 3 Vorgänge, davon 1 überfällig", ["Überfällig (1)", "Heute fällig (1)", "Paul Seidl (1)"]),
        ("en", "Today: 3 tickets, 1 overdue", ["Overdue (1)", "Due today (1)", "Paul Seidl (1)"]),
    ],
)
def test_ac_13_daily_list_is_grouped_and_every_line_links_to_its_ticket(
    language: str, subject: str, headings: list[str]
) -> None:
    letter = digest(DAILY, language)
    assert letter.subject == subject
    for body in (letter.text, letter.html):
        places = [body.index(heading) for heading in headings]
        assert places == sorted(places)
        for number in (7, 8, 9):
            assert f"https://office.example/tickets/{number}" in body


def test_ac_15_weekly_list_counts_what_was_solved() -> None:
    letter = digest(Report("EL2", (Group("Anna Kern", (LATE,)),), solved=3))
    assert letter.subject == "Eskaliert: 1 Vorgang, gelöst 3"
    assert "Seit der letzten Wochenliste gelöst: 3." in letter.text
    assert "Seit der letzten Wochenliste gelöst: 3." in letter.html


def test_report_after_absence_says_what_others_did() -> None:
    away = Absence(MORNING - timedelta(days=7), MORNING - timedelta(hours=2))
    letter = digest(Report("return", (Group("overdue", (LATE,)),), away=away, touched=(ITEM, SOON)), "en")
    assert letter.subject == "You are back: 1 ticket waits, 2 were looked after"
    assert "Worked on while you were away (2)" in letter.text


def test_list_says_which_setting_sent_it_and_links_there() -> None:
    letter = digest(DAILY)
    assert "Tagesliste (EL1)" in letter.text
    assert "https://office.example/me/notifications" in letter.text


def test_who_stands_in_reads_for_whom() -> None:
    letter = notify(item("R1", instead_of="Paul Seidl", mine=False), reader=CORA)
    assert "Sie vertreten: Paul Seidl." in letter.text
    assert "Sie vertreten: Paul Seidl." in letter.html


def test_words_of_a_customer_stay_on_their_line_and_out_of_the_markup() -> None:
    nasty = replace(ITEM, subject="a\nb<script>", customer="x\r\nBcc: all@example.com")
    letter = digest(Report("EL1", (Group("overdue", (nasty,)),)))
    assert "#7 a b<script>" in letter.text
    assert "<script>" not in letter.html
    assert "x Bcc: all@example.com" in letter.text
