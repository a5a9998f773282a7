"""The sentences every surface shares, in both languages."""

import dataclasses
from datetime import timedelta

import pytest

from domain.process.definition import Late
from domain.process.recipients import Roster
from domain.ticket.agenda import agenda
from domain.ticket.context import RuleContext
from domain.ticket.facts import FollowUpSet, Paused, Resumed
from domain.ticket.transitions import apply
from domain.time.spans import Clock, parse_span
from domain.words.wording import (
    day,
    duration,
    fact_words,
    instant,
    refusal,
    short_day,
    short_instant,
    span_words,
    why_sentence,
)
from tests.domain.scenes import BERLIN, INQUIRY, OFFICE, at, inquiry, rule_context
from tests.domain.ticket.test_request_chain import FORETOLD


def test_why_names_anchor_span_clock_counted_hours_and_source() -> None:
    overdue = next(m for m in agenda(inquiry("2027-03-02 17:00"), rule_context()) if m.code == "E1")
    assert why_sentence(overdue.why, "de") == (
        "Eingang Di 02.03.2027 17:00 + 2 h Geschäftszeit (Di 17:00–18:00, Mi 09:00–10:00) "
        "[AC-02, AC-03, AC-04 (S2:13,17,39)]"
    )
    assert why_sentence(overdue.why, "en").startswith("receipt Tue 02.03.2027 17:00 + 2 h business time")


def test_why_of_a_long_span_names_the_first_and_last_hours() -> None:
    ticket = apply(
        inquiry("2027-03-01 10:00"), FollowUpSet(at("2027-03-05 17:00")), at("2027-03-01 10:10"), rule_context()
    )
    late = next(m for m in agenda(ticket, rule_context()) if m.code == "E2.2")
    assert "(Fr 17:00–18:00, … 3 weitere …, Mi 09:00–10:00)" in why_sentence(late.why, "de")


def test_why_says_that_pauses_were_left_out() -> None:
    ticket = apply(inquiry("2027-03-02 10:00"), Paused(), at("2027-03-02 11:00"), rule_context())
    resumed = apply(ticket, Resumed(), at("2027-03-02 12:00"), rule_context())
    overdue = next(m for m in agenda(resumed, rule_context()) if m.code == "E1")
    assert why_sentence(overdue.why, "en").endswith("; without pauses [AC-02, AC-03, AC-04 (S2:13,17,39)]")


def test_why_counts_backwards_from_what_lies_ahead() -> None:
    ticket = apply(
        inquiry("2027-03-01 10:00"), FollowUpSet(at("2027-03-05 17:00")), at("2027-03-01 10:10"), rule_context()
    )
    reminder = next(m for m in agenda(ticket, rule_context(Roster((FORETOLD,)))) if m.code == "WR1/anna")
    assert why_sentence(reminder.why, "de").startswith("Wiedervorlage Fr 05.03.2027 17:00 − 30 min Uhrzeit [")


@pytest.mark.parametrize(
    ("span", "de"),
    [
        (timedelta(hours=1, minutes=10), "1 h 10 min"),
        (-timedelta(hours=2), "2 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=20), "unter 1 min"),
        (timedelta(0), "0 min"),
    ],
)
def test_duration_has_at_most_two_units_and_no_sign(span: timedelta, de: str) -> None:
    assert duration(span, "de") == de


def test_instant_of_a_repeated_hour_names_its_offset() -> None:
    second = at("2027-10-31 02:30").replace(fold=1)
    assert instant(second, "de", BERLIN) == "So 31.10.2027 02:30 CET"
    assert instant(at("2027-10-31 02:30"), "de", BERLIN) == "So 31.10.2027 02:30 CEST"
    assert short_instant(at("2027-03-02 17:00"), "en", BERLIN) == "Tue 17:00"


def test_day_is_the_site_s() -> None:
    """An hour before midnight in London it is the next day in Berlin."""
    late = at("2027-03-09 00:30")
    assert (day(late, "de", BERLIN), short_day(late, "en", BERLIN)) == ("Di 09.03.2027", "Tue 09.03.")


def test_span_is_said_with_its_clock() -> None:
    assert span_words(parse_span("8d", Clock.WORKING_DAYS), "de") == "8 Arbeitstage"
    assert span_words(parse_span("", Clock.SAME_DAY), "en") == "the same day"


@pytest.mark.parametrize(
    ("text", "de", "en"),
    [
        ("0w", "bis zum Ende der Woche", "by the end of the week"),
        ("1w", "bis zum Ende der Folgewoche", "by the end of the following week"),
        ("3w", "bis zum Ende der 3. Woche danach", "by the end of week 3 after it"),
    ],
)
def test_span_of_weeks_says_which_week_s_end_is_meant(text: str, de: str, en: str) -> None:
    span = parse_span(text, Clock.WORKING_WEEKS)
    assert (span_words(span, "de"), span_words(span, "en")) == (de, en)


def test_refusal_is_a_sentence_and_never_fails() -> None:
    context = {"by": "paul", "code": "answered", "at": "Mi 10:00"}
    assert refusal("outdated", context, "de").startswith("Inzwischen hat paul gehandelt (geantwortet, Mi 10:00)")
    assert refusal("outdated", {}, "en").startswith("– has acted meanwhile")
    assert refusal("brand_new_code", {}, "de") == "brand_new_code"


def test_moments_and_facts_have_words() -> None:
    assert (fact_words("called", "de"), fact_words("E1", "de")) == ("Anruf erfasst", "E1")


def test_short_notice_is_said() -> None:
    """A moment that had passed before its anchor was set happens at once, and says why."""
    process = dataclasses.replace(
        INQUIRY,
        moments=tuple(
            dataclasses.replace(rule, late=Late.AT_ONCE) if rule.code == "WR1" else rule for rule in INQUIRY.moments
        ),
    )
    ticket = apply(
        inquiry("2027-03-01 10:00"), FollowUpSet(at("2027-03-01 10:20")), at("2027-03-01 10:10"), rule_context()
    )
    reminder = agenda(ticket, RuleContext(process, OFFICE, Roster((FORETOLD,))))[0]
    assert (reminder.code, reminder.at) == ("WR1/anna", at("2027-03-01 10:10"))
    assert "; kurzfristig, daher sofort [" in why_sentence(reminder.why, "de")


def test_why_of_a_same_day_rule_says_so() -> None:
    overdue = next(m for m in agenda(inquiry("2027-03-02 17:00"), rule_context()) if m.code == "E1")
    same_day = dataclasses.replace(overdue.why, span=parse_span("", Clock.SAME_DAY))
    assert " + am selben Tag [" in why_sentence(same_day, "de")
