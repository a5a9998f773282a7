"""SL-04 and SL-05: what a contact is about by its words, and which catalogues are refused."""

import tomllib

import pytest

from domain.process.definition import SELF_ANSWERED
from domain.process.table import DefinitionError
from domain.service.catalogue import Catalogue
from domain.service.catalogue_reading import read_catalogue
from domain.service.categorise import Phrase
from domain.service.levels import Automation, least
from processes.loader import SHIPPED, find_process, read_process, read_text, shipped_catalogue, surroundings
from tests.domain.scenes import INQUIRY

PROCESSES = {"anfrage": INQUIRY, "service": find_process("service")}


def catalogue(text: str = "") -> Catalogue:
    """Return a catalogue."""
    return read_catalogue(
        tomllib.loads(text or shipped_catalogue()), PROCESSES, surroundings().calendars, name="catalogue.toml"
    )


def about(subject: str, text: str = "") -> tuple[str, str] | None:
    """Return what a contact is about, and by which words."""
    found = catalogue().recognise(subject, text)
    return (found.category.key, found.by) if found else None


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("PASSWORT VERGESSEN", "", ("password", "passwort vergessen")),
        ("Hilfe", "ich habe schon wieder mein Paßwort vergessen!", ("password", "passwort vergessen")),
        ("Frage", "Wo bekomme ich eine Preisliste?", ("general", "wo bekomme ich")),
        ("Öffnungszeiten?", "", ("general", "öffnungszeiten")),
        ("Oeffnungszeiten", "", ("general", "öffnungszeiten")),
        ("Retourenschein fehlt", "", ("webshop", "retoure*")),
        ("Wann kommt meine Bestellung?", "", ("order", "wann kommt bestellung")),
        ("Outlook-Abwesenheit", "", ("office", "outlook abwesenheit*")),
        ("I forgot my password", "", ("password", "forgot* password")),
        ("Kombi gesucht", "Bis 20.000 Euro.", None),
        ("Passwort", "Das habe ich. Vergessen Sie es nicht.", None),
        ("", "", None),
    ],
)
def test_sl_05_contact_is_recognised_by_its_words(subject: str, text: str, expected: tuple[str, str] | None) -> None:
    """All words of a phrase in one sentence, whatever their case, order, umlauts and ends."""
    assert about(subject, text) == expected


def test_sl_05_longest_phrase_decides() -> None:
    assert about("Wann kommt meine Bestellung aus dem Webshop?") == ("order", "wann kommt bestellung")


def test_sl_05_words_that_bring_a_person() -> None:
    assert catalogue().needs_people("Beschwerde", "")
    assert catalogue().needs_people("Frage", "Ich bin sehr ENTTAEUSCHT von Ihnen")
    assert not catalogue().needs_people("Frage", "Wo finde ich die Preisliste?")


def test_sl_05_only_where_it_is_done_an_answer_handles_and_closes() -> None:
    read = catalogue()
    done = read.categories["password"].applied_to(INQUIRY).by_code
    assert [str(action) for action in done["AA"].does] == ["mail automatic_answer", f"set {SELF_ANSWERED}", "handle"]
    assert done["AS"].closes_as == "answered"
    assert "AS" not in read.categories["password"].applied_to(PROCESSES["service"]).by_code
    general = read.categories["general"].applied_to(INQUIRY).by_code
    assert not general["AA"].handles
    assert "AS" not in general


def test_sl_03_least_degree_counts() -> None:
    assert least(Automation.AUTOMATIC, Automation.SEMI_AUTOMATIC) is Automation.SEMI_AUTOMATIC
    assert least(Automation.AUTOMATIC, Automation.PEOPLE, Automation.SEMI_AUTOMATIC) is Automation.PEOPLE
    assert least(Automation.AUTOMATIC) is Automation.AUTOMATIC


def test_answer_is_filled_in_the_customers_language_and_in_german_for_others() -> None:
    password = catalogue().categories["password"]
    gaps = {"customer": "Kim {0}", "ticket": "#7", "site": "Musterstadt"}
    assert password.filled("en", gaps)[0] == "Your password"
    assert password.filled("fr", gaps)[0] == "Ihr Passwort"


@pytest.mark.parametrize("text", ["", "  ", "*", "-"])
def test_phrase_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        Phrase.of(text)


CATEGORY = """
[categories.lost]
title = { de = "Verloren", en = "Lost" }
automation = "automatic"
recognise = ["verloren"]
answer = { de = "Bitte suchen.", en = "Please look." }
"""


def with_categories(text: str) -> str:
    """Return the shipped catalogue with more categories."""
    return f"{shipped_catalogue()}\n{text}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            CATEGORY.replace('answer = { de = "Bitte suchen.", en = "Please look." }', ""),
            "lost: answer: .*needs a text",
        ),
        (CATEGORY + 'close = { after = "5d", anfrage = "answered" }', "lost: close: a matter that is not done"),
        (CATEGORY + 'done = true\nclose = { after = "5h", anfrage = "answered" }', "lost: close: after: "),
        (CATEGORY + 'done = true\nclose = { after = "5d", anfrage = "dreamt" }', "anfrage: 'dreamt' is unknown; known"),
        (CATEGORY + 'done = true\nclose = { after = "5d", dream = "won" }', "dream: 'dream' is unknown"),
        (CATEGORY + 'done = true\nclose = { after = "5d", service = "settled" }', "service: 'settled' is unknown"),
        (CATEGORY.replace("Please look.", "Dear {name}"), r"the gap \{name\} is unknown; known are customer"),
        (CATEGORY.replace("Please look.", "Dear {"), "lost: answer: "),
        (CATEGORY.replace('["verloren"]', '["-"]'), "recognise: '-' has no word in it"),
        (CATEGORY.replace('"automatic"', '"magic"'), "automation: 'magic' is unknown"),
        (CATEGORY + "color = 1", "color: unknown key"),
        ('[channels.pigeon]\ntitle = { de = "T", en = "P" }\nopen = "dawn"', "pigeon: open: 'dawn' is unknown"),
    ],
)
def test_catalogue_that_does_not_fit_together_is_refused(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        catalogue(with_categories(text))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (('does = "mail R1"', 'does = "handle"'), "'handle' is unknown"),
        (('does = "mail R1"', 'does = "close won"'), "'close won' is unknown"),
        (('code = "WV"', 'code = "AA"'), "'AA' is a moment of the service catalogue"),
        (('to = "owner"', 'to = "customer"'), "customers are written to by people"),
    ],
)
def test_only_a_catalogue_answers_customers_and_closes(changed: tuple[str, str], problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        read_process(read_text(SHIPPED / "anfrage.toml").replace(*changed), "anfrage.toml")
