"""Snippets on SQLite and on PostgreSQL: found however they are typed, kept in versions, nothing overwritten unseen."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from activities.knowledge import snippets as knowledge
from activities.knowledge.snippets import Draft, Overtaken
from activities.ledger.context import Unknown
from domain.text.search import excerpt, folded, terms
from models.database import Database
from models.tables import SiteRow
from tests.office import SOME_DAY

TEXTS = {
    "Öffnungszeiten": "Wir haben montags bis freitags von 8 bis 18 Uhr geöffnet.",
    "Rechnungskopie": "Eine Kopie Ihrer Rechnungen senden wir gern noch einmal an Frau Müller.",
    "Fußmatten": "Die Fußmatten aus Straßburg passen in jede Größe.",
    "Termin": "Den Termin zur Hauptuntersuchung bestätigt Ihnen Herr Mueller. Öffnungszeiten siehe dort.",
    "TÜV": "HU/AU: 2× im Monat; C++ und AT&T zählen nicht.",
}


@pytest.fixture
def snippets(database: Database) -> Database:
    """Return a ledger with a few snippets."""
    with database.writing() as session:
        for site in ("musterstadt", "nord"):
            session.add(SiteRow(key=site, name=site))
        session.flush()
        for title, text in TEXTS.items():
            knowledge.add(session, Draft(title, text), "anna", SOME_DAY)
    return database


def found(database: Database, asked: str, **more: str) -> list[str]:
    """Return the titles that are found."""
    with database.reading() as session:
        return [row.title for row in knowledge.search(session, asked, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("öffnungszeiten", ["Öffnungszeiten", "Termin"]),
        ("Oeffnungszeiten", ["Öffnungszeiten", "Termin"]),
        ("OFFNUNGSZ", ["Öffnungszeiten", "Termin"]),
        ("Mueller", ["Rechnungskopie", "Termin"]),
        ("Müller", ["Rechnungskopie", "Termin"]),
        ("Fussmatten", ["Fußmatten"]),
        ("Fußmatten", ["Fußmatten"]),
        ("strassburg", ["Fußmatten"]),
        ("grös", ["Fußmatten"]),
        ("tuev", ["TÜV"]),
        ("Rechn Kopie", ["Rechnungskopie"]),
        ("Kopie gibtesnicht", ["Rechnungskopie"]),
        ("gibtesnicht", []),
        ("", []),
        ("***", []),
    ],
)
def test_words_are_found_both_ways_from_their_beginning_title_first(
    snippets: Database, asked: str, titles: list[str]
) -> None:
    assert sorted(found(snippets, asked)) == sorted(titles)
    assert found(snippets, asked)[:1] == titles[:1] or asked in ("Mueller", "Müller")


@pytest.mark.parametrize(
    "asked",
    [
        '"',
        "'",
        "Termin AND",
        "NOT Termin",
        "Termin NEAR/2 Herr",
        "-Termin",
        "Term*",
        "title_found:Termin",
        "(Termin",
        "Termin & | ! <->",
        "Termin:*A",
        "Termin\\",
        "Termin\x00",
        "{Termin}",
        "^Termin",
        "Termin; DROP TABLE snippet; --",
        "\ud800 Termin",
    ],
)
def test_nothing_that_is_typed_is_a_query(snippets: Database, asked: str) -> None:
    expected = [] if asked in "\"'" else ["Termin"]
    assert found(snippets, asked)[:1] == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(max_size=60))
def test_nothing_that_is_typed_is_an_error(snippets: Database, asked: str) -> None:
    with snippets.reading() as session:
        for row in knowledge.search(session, asked):
            assert row.title in TEXTS
            assert "".join(piece.text for piece in excerpt(row.text, terms(asked)))


@given(word=st.text(alphabet="aäoöuüeEsßSSt", min_size=1, max_size=12), at=st.integers(0, 12))
def test_what_is_typed_so_far_is_the_beginning_of_the_word(word: str, at: int) -> None:
    """So while somebody types, a hit never disappears before the word does not fit any more."""
    assert folded(word).startswith(folded(word[:at]))


def test_german_stems_are_known_to_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.writing() as session:
        knowledge.add(session, Draft("Kopie", "Die Rechnung liegt bei."), "anna", SOME_DAY)
        knowledge.add(session, Draft("Der die das", "Und."), "anna", SOME_DAY)
    assert found(database, "Rechnungen") == ["Kopie"]
    assert found(database, "die das") == ["Der die das"]
    database.close()


def test_retired_and_other_sites_snippets_are_not_found(snippets: Database) -> None:
    with snippets.writing() as session:
        knowledge.add(session, Draft("Parken Nord", "Hinter dem Haus.", site="nord"), "anna", SOME_DAY)
        knowledge.change(session, 1, 1, Draft("Öffnungszeiten", TEXTS["Öffnungszeiten"]), "b", SOME_DAY, retired=True)
    assert found(snippets, "Öffnungszeiten") == ["Termin"]
    assert found(snippets, "Parken") == found(snippets, "Parken", site="nord") == ["Parken Nord"]
    assert found(snippets, "Parken", site="musterstadt") == []


def test_changed_words_are_found_and_the_old_ones_are_not(snippets: Database) -> None:
    with snippets.writing() as session:
        knowledge.change(session, 3, 1, Draft("Teppiche", "Aus Köln."), "b", SOME_DAY)
    assert found(snippets, "Fußmatten") == []
    assert found(snippets, "koeln") == ["Teppiche"]


@pytest.fixture
def writing(snippets: Database) -> Iterator[Session]:
    """Yield a session that writes."""
    with snippets.writing() as session:
        yield session


def test_every_version_is_kept_and_nobody_overwrites_what_they_have_not_read(writing: Session) -> None:
    knowledge.change(writing, 5, 1, Draft("TÜV", "Neu."), "anna", SOME_DAY)
    with pytest.raises(Overtaken) as overtaken:
        knowledge.change(writing, 5, 1, Draft("TÜV", "Anders."), "paul", SOME_DAY)
    assert (overtaken.value.row.by, overtaken.value.row.text) == ("anna", "Neu.")
    knowledge.change(writing, 5, 2, Draft("TÜV", "Anders."), "paul", SOME_DAY)
    assert [(row.number, row.by, row.text) for row in knowledge.versions(writing, 5)] == [
        (3, "paul", "Anders."),
        (2, "anna", "Neu."),
        (1, "anna", TEXTS["TÜV"]),
    ]


def test_form_sent_twice_makes_one_version(writing: Session) -> None:
    for _ in range(2):
        knowledge.change(writing, 5, 1, Draft("TÜV", "Neu."), "anna", SOME_DAY)
    assert len(knowledge.versions(writing, 5)) == 2


def test_snippet_that_is_not_there_is_said(writing: Session) -> None:
    with pytest.raises(Unknown):
        knowledge.change(writing, 99, 1, Draft("x", "y"), "anna", SOME_DAY)
