"""Records of imports and of the API: what they say, and what is wrong with them."""

from datetime import UTC, datetime

import pytest

from domain.customer_facts import (
    AppointmentBooked,
    CustomerFact,
    Invited,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
)
from domain.facts import Refused
from domain.outside_facts import FIELDS, Registration, normalised, read_record
from domain.wording import LANGUAGES, refusal
from tests.domain.scenes import BERLIN, at

PACKAGE = {"id": "b-1", "what": "package", "customer": "C-7", "size": "5"}
KIM = {"id": "r-1", "what": "registered", "customer": "C-7", "name": "Kim Kunde"}


@pytest.mark.parametrize(
    ("what", "more", "fact"),
    [
        ("appointment", {}, AppointmentBooked()),
        ("invited", {}, Invited()),
        ("offer", {}, OfferSent()),
        ("package", {"size": "50"}, PackageBooked(50)),
        ("package", {"size": "5", "at": "2027-01-11 10:00"}, PackageBooked(5, at("2027-01-11 10:00"))),
        ("task_posted", {"task": "T-1", "at": "2027-01-11"}, TaskPosted("T-1", at("2027-01-11 00:00"))),
        ("task_assigned", {"task": "T-1"}, TaskAssigned("T-1")),
        ("task_assigned", {"task": "T-1", "to": "vera"}, TaskAssigned("T-1", "vera")),
        ("tagged", {"tag": "A"}, Tagged("A")),
    ],
)
def test_record_says_what_happened_to_whom(what: str, more: dict[str, str], fact: CustomerFact) -> None:
    said = read_record({"id": " x ", "what": what, "customer": "C-7", "tag": "", **more}, BERLIN)
    assert (said.id, said.customer, said.fact) == ("x", "C-7", fact)


def test_registration_says_who() -> None:
    said = read_record({**KIM, "email": "kim@kunde.example", "company": "Kunde GmbH", "at": "2027-01-04"}, BERLIN)
    assert said.fact == Registration(
        "C-7", "Kim Kunde", "kim@kunde.example", company="Kunde GmbH", at=at("2027-01-04 00:00")
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-07-01T10:00", datetime(2027, 7, 1, 8, tzinfo=UTC)),
        ("2027-07-01T10:00+00:00", datetime(2027, 7, 1, 10, tzinfo=UTC)),
        ("2027-07-01T10:00Z", datetime(2027, 7, 1, 10, tzinfo=UTC)),
    ],
)
def test_time_without_an_offset_is_the_sites(text: str, instant: datetime) -> None:
    fact = read_record({**PACKAGE, "at": text}, BERLIN).fact
    assert isinstance(fact, PackageBooked)
    assert fact.at == instant


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({}, "what_unknown"),
        ({**PACKAGE, "what": "exploded"}, "what_unknown"),
        ({**PACKAGE, "id": ""}, "field_missing"),
        ({**PACKAGE, "customer": " "}, "field_missing"),
        ({**PACKAGE, "size": ""}, "field_missing"),
        ({**KIM, "name": ""}, "field_missing"),
        ({**PACKAGE, "size": "many"}, "size_unreadable"),
        ({**PACKAGE, "size": "-5"}, "size_unreadable"),
        ({**PACKAGE, "size": "٥"}, "size_unreadable"),
        ({**PACKAGE, "size": "1234567"}, "size_unreadable"),
        ({**PACKAGE, "at": "yesterday"}, "at_unreadable"),
        ({**PACKAGE, "at": "2027-02-30"}, "at_unreadable"),
        ({**PACKAGE, "at": "0001-01-01"}, "at_unreadable"),
        ({**PACKAGE, "tag": "A"}, "field_misplaced"),
        ({**KIM, "size": "5"}, "field_misplaced"),
        ({**PACKAGE, "colour": "red"}, "field_unknown"),
        ({**PACKAGE, "id": "x" * 129}, "field_illegible"),
        ({**PACKAGE, "id": "a\x00b"}, "field_illegible"),
        ({**KIM, "name": "x" * 201}, "field_illegible"),
        ({**KIM, "name": "Kim\ud800"}, "field_illegible"),
    ],
)
def test_record_that_says_nothing_is_refused_with_a_sentence(record: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_record(record, BERLIN)
    assert refused.value.code == code
    for language in LANGUAGES:
        sentence = refusal(code, refused.value.context, language)
        assert sentence != code
        assert "–" not in sentence or "what" in refused.value.context


def test_size_of_nothing_is_read_and_left_to_the_process() -> None:
    assert read_record({**PACKAGE, "size": "0"}, BERLIN).fact == PackageBooked(0)


def test_two_sendings_are_the_same_whatever_the_space_around() -> None:
    assert normalised({**PACKAGE, "size": " 5 ", "at": ""}) == PACKAGE
    assert set(PACKAGE) < set(FIELDS)
