"""What a record from elsewhere may say, and with which words everything else is refused."""

from datetime import datetime

import pytest

from domain.customers.external_facts import FIELDS, WHATS, Registration, Reported, normalised, read_record
from domain.ticket.customer_facts import (
    AppointmentBooked,
    CustomerFact,
    Invited,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
)
from domain.ticket.facts import Refused
from domain.words import words_of_customers, words_of_imports, words_of_tickets
from domain.words.wording import refusal
from tests.domain.scenes import OFFICE, at

NOW = at("2027-03-02 14:20")


def record(what: str, **said: str) -> dict[str, str]:
    """Return a record about the customer k-1."""
    return {"id": "f-1", "what": what, "customer": "k-1", **said}


def read(content: dict[str, str], now: datetime = NOW) -> Registration | Reported:
    """Read a record as it would be sent."""
    return read_record(normalised(content), OFFICE, now)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        (record("appointment"), AppointmentBooked()),
        (record("package", size="20"), PackageBooked(20)),
        (record("package", size="05", at="2027-03-01"), PackageBooked(5, at("2027-03-01 09:00"))),
        (record("task_posted", task="t-1", at="2027-03-01 11:30"), TaskPosted("t-1", at("2027-03-01 11:30"))),
        (record("task_assigned", task="t-1"), TaskAssigned("t-1")),
        (record("task_assigned", task="t-1", to="ina"), TaskAssigned("t-1", "ina")),
        (record("tagged", tag="A"), Tagged("A")),
        (record("offer", size="", at=" "), OfferSent()),
        (record("invited"), Invited()),
    ],
    ids=lambda value: value["what"] if isinstance(value, dict) else "",
)
def test_record_becomes_its_fact(said: dict[str, str], fact: CustomerFact) -> None:
    assert read(said) == Reported("k-1", fact)


def test_registration_keeps_what_is_known_of_somebody() -> None:
    said = record("registered", name=" Kim ", email="kim@kunde.example", phone="+49 89 1", company="K", at="2027-02-01")
    whole = Registration("k-1", "Kim", "kim@kunde.example", "+49 89 1", "K", at("2027-02-01 09:00"))
    assert read(said) == whole
    assert read(record("registered", name="Kim")) == Registration("k-1", "Kim")


@pytest.mark.parametrize("what", WHATS)
def test_every_kind_that_is_announced_is_read_once_it_says_enough(what: str) -> None:
    """A field too many is named, one after the other, until the record is right."""
    said = record(what, name="Kim", size="5", task="t", tag="A")
    while (surplus := surplus_of(said)) is not None:
        del said[surplus]
    assert read(said) is not None


def surplus_of(said: dict[str, str]) -> str | None:
    """Return the field that does not belong, None for a record that is right."""
    try:
        read(said)
    except Refused as refused:
        return refused.context["field"]
    return None


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2027-03-01", "2027-03-01T08:00:00+00:00"),
        ("2027-02-28", "2027-02-27T23:00:00+00:00"),  # a Sunday: closed, so it begins at midnight
        ("2027-03-02", "2027-03-02T08:00:00+00:00"),
        ("1999-01-01", "1998-12-31T23:00:00+00:00"),  # years the calendar is not asked about
        ("2027-03-01T10:15", "2027-03-01T09:15:00+00:00"),
        ("2027-03-01t10:15:30z", "2027-03-01T10:15:30+00:00"),
        ("2027-03-01T10:15:30.25-0500", "2027-03-01T15:15:30.250000+00:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),  # the first of the two
        ("2026-03-29T02:30", "2026-03-29T01:30:00+00:00"),  # skipped: the offset before the change
    ],
)
def test_instants_are_read_in_the_site_s_zone(said: str, instant: str) -> None:
    found = read(record("package", size="5", at=said))
    assert isinstance(found, Reported)
    assert found.fact == PackageBooked(5, datetime.fromisoformat(instant))


@pytest.mark.parametrize(("now", "said"), [("08:59", None), ("09:00", "09:00"), ("09:01", "09:00")])
def test_today_before_the_opening_is_now(now: str, said: str | None) -> None:
    """What is dated today never lies ahead."""
    found = read(record("package", size="5", at="2027-03-02"), at(f"2027-03-02 {now}"))
    assert isinstance(found, Reported)
    assert found.fact == PackageBooked(5, at(f"2027-03-02 {said}") if said else None)


def test_tomorrow_is_not_today() -> None:
    """A future date stays one: the ledger refuses it with its own words."""
    found = read(record("package", size="5", at="2027-03-03"), at("2027-03-02 23:59"))
    assert isinstance(found, Reported)
    assert found.fact == PackageBooked(5, at("2027-03-03 09:00"))


@pytest.mark.parametrize(
    ("said", "code", "word"),
    [
        ({"what": "offer", "customer": "k"}, "field_missing", "id"),
        ({"id": "1", "customer": "k"}, "field_missing", "what"),
        ({"id": "1", "what": "offer", "customer": " "}, "field_missing", "customer"),
        (record("offer", id="a b"), "id_wrong", "128"),
        (record("offer", id="a\u200bb"), "id_wrong", "128"),
        (record("offer", id="x" * 129), "id_wrong", "128"),
        (record("priority"), "what_unknown", "priority"),
        (record("Package", size="5"), "what_unknown", "Package"),
        (record("package"), "field_missing_for", "size"),
        (record("tagged"), "field_missing_for", "tag"),
        (record("task_assigned", to="ina"), "field_missing_for", "task"),
        (record("registered"), "field_missing_for", "name"),
        (record("package", size="0"), "size_wrong", "0"),
        (record("package", size="-5"), "size_wrong", "-5"),
        (record("package", size="five"), "size_wrong", "five"),
        (record("package", size="٥"), "size_wrong", "٥"),
        (record("package", size="9" * 9), "size_wrong", "9"),
        (record("package", size="5", task="t"), "field_not_for", "task"),
        (record("offer", at="2027-03-01"), "field_not_for", "at"),
        (record("offer", colour="red"), "field_unknown", "colour"),
        (record("package", size="5", at="03.03.2027"), "instant_unreadable", "03.03.2027"),
        (record("package", size="5", at="2027-02-30"), "instant_unreadable", "2027-02-30"),
        (record("package", size="5", at="2027-W09-2"), "instant_unreadable", "W09"),
        (record("package", size="5", at="0001-01-01T00:00"), "instant_unreadable", "0001"),
        (record("package", size="5", at="2027-03-01T25:00"), "instant_unreadable", "25:00"),
        (record("registered", name="Kim\nKunde"), "illegible_field", "name"),
        (record("registered", name="K" * 201), "illegible_field", "200"),
        (record("offer", customer="k" * 65), "illegible_field", "64"),
        (record("registered", name="Kim", email="kim"), "email_wrong", "kim"),
    ],
)
def test_what_is_wrong_is_said(said: dict[str, str], code: str, word: str) -> None:
    with pytest.raises(Refused) as refused:
        read(said)
    assert refused.value.code == code
    for language in ("de", "en"):
        sentence = refusal(code, refused.value.context, language)
        assert word in sentence
        assert "–" not in sentence


@pytest.mark.parametrize("limit", [1, 128])
def test_longest_and_shortest_id_are_taken(limit: int) -> None:
    assert read(record("offer", id="ü" * limit)) is not None


def test_sentences_are_complete_and_new() -> None:
    """Both languages, the same gaps, and no code that another file of words has."""
    assert not words_of_imports.REFUSALS.keys() & {**words_of_tickets.REFUSALS, **words_of_customers.REFUSALS}.keys()
    for code, sentences in words_of_imports.REFUSALS.items():
        gaps = [{part.partition("}")[0] for part in sentences[one].split("{")[1:]} for one in ("de", "en")]
        assert gaps[0] == gaps[1], code


def test_nothing_else_is_a_field() -> None:
    assert normalised({" id ": " 1 ", "what": "", "x": "\t"}) == {"id": "1"}
    assert FIELDS[:3] == ("id", "what", "customer")
