"""Mails about customers' lives: which customer, what to do, and a way to the card."""

from dataclasses import replace

import pytest

from activities.mail.letter_facts import Item
from activities.mail.render import Letter
from tests.activities.incoming.mailroom import DUE, WHY
from tests.activities.mail.writing import ANNA, CORA, ITEM, notify

TITLE = {"de": "Aufgabe nicht zugewiesen", "en": "Task not assigned"}
KIM = Item("customer", 12, "Kim Kunde", "Kunde GmbH", owner="Anna Kern", mine=True, due_at=DUE, why=WHY, life=True)


def texts(letter: Letter) -> list[str]:
    """Return both bodies with their white space folded."""
    return [" ".join(body.split()) for body in (letter.text, letter.html)]


@pytest.mark.parametrize(
    ("language", "title", "button", "mine"),
    [
        ("de", "Aufgabe nicht zugewiesen", "Kunde öffnen", "Sie sind für diesen Kunden zuständig."),
        ("en", "Task not assigned", "Open customer", "You look after this customer."),
    ],
)
def test_mail_says_what_it_is_about_and_leads_to_the_card(language: str, title: str, button: str, mine: str) -> None:
    letter = notify(replace(KIM, title=TITLE, task="T-17"), reader=replace(ANNA, language=language))
    assert letter.subject == f"{title}: K12 Kim Kunde"
    assert letter.headers["References"] == "<customer-12@statuskette.example>"
    for text in texts(letter):
        for said in (title, "K12 Kim Kunde", "Kunde GmbH", "T-17", button, mine, "https://office.example/customers/12"):
            assert said in text
        assert "/tickets/" not in text


def test_two_moments_of_one_customer_are_one_mail_that_names_both() -> None:
    other = replace(KIM, title={"de": "Watchlist", "en": "Watchlist"})
    letter = notify(replace(KIM, title=TITLE), other, replace(KIM, title=TITLE))
    assert letter.subject == "1 Kunde braucht Sie: K12"
    for text in texts(letter):
        assert text.count("Aufgabe nicht zugewiesen") == 1
        assert text.count("Watchlist") == 1


def test_customers_and_tickets_in_one_mail_are_told_apart() -> None:
    letter = notify(replace(KIM, title=TITLE), replace(ITEM, number=12))
    assert letter.subject == "2 Vorgänge brauchen Sie: K12, #12"
    assert letter.headers["X-Statuskette-Ticket"] == "K12, 12"
    for text in texts(letter):
        assert "https://office.example/customers/12" in text
        assert "https://office.example/tickets/12" in text


@pytest.mark.parametrize(
    ("mine", "words"),
    [(True, "Bitte loben Sie den VPA, der für diesen Kunden arbeitet."), (False, "Danke für Ihre Arbeit!")],
)
def test_kd_07_praise_goes_to_the_assistant_or_asks_the_admin_to_praise(mine: bool, words: str) -> None:
    for text in texts(notify(replace(KIM, kind="praise", mine=mine), reader=CORA)):
        assert words in text


def test_kd_11_question_to_the_assistant_carries_the_words_of_who_asks() -> None:
    letter = notify(replace(KIM, kind="question", said="Kommen Sie zurecht? <b>&"), reader=CORA)
    assert letter.subject == "Bitte um Auskunft: K12 Kim Kunde"
    assert "Kommen Sie zurecht? <b>&" in letter.text
    assert "Kommen Sie zurecht? &lt;b&gt;&amp;" in letter.html
