"""SL-01 to SL-03 and SL-06: which promise a contact gets, why, and what that makes of the agenda."""

import tomllib
from dataclasses import replace

import pytest

from domain.process.definition import ProcessDefinition
from domain.process.table import DefinitionError
from domain.service.catalogue_reading import read_catalogue
from domain.service.levels import Automation, Criterion, Group, LevelTable, Window, why
from domain.ticket.agenda import agenda
from domain.ticket.context import RuleContext
from domain.ticket.ticket import received
from processes import loader, pinned
from processes.loader import CATALOGUE, find_process, surroundings
from tests.domain.scenes import INQUIRY, OFFICE, STAFF, at, times

PROCESSES = {"anfrage": INQUIRY, "statuskette": find_process("statuskette")}
TEXT = CATALOGUE.read_text(encoding="utf-8")
SHIPPED = loader.read_catalogue(TEXT, "standard.toml", PROCESSES, applied_at=at("2027-03-02 09:00")).levels
TABLE = """
default = "plain"
[calendars.night]
zone = "Europe/Berlin"
holidays = "none"
[calendars.night.hours]
mon = ["20:00-24:00"]
[levels.plain]
title = { de = "Einfach", en = "Plain" }
window = "business hours"
group = "commercial"
[levels.quick]
title = { de = "Schnell", en = "Quick" }
window = "on-call"
group = "business-critical"
automation = "automatic"
calendar = "night"
spans.anfrage = { E1 = "1h" }
[[rows]]
channel = "phone"
level = "quick"
[[rows]]
segment = "A"
level = "plain"
[[rows]]
segment = "A"
channel = "phone"
level = "quick"
[[rows]]
customer = "7"
level = "quick"
"""


def read(text: str = TABLE) -> LevelTable:
    """Return a table."""
    return read_catalogue(tomllib.loads(text), PROCESSES, surroundings().calendars, name="levels.toml").levels


def ahead(process: ProcessDefinition, when: str) -> list[str]:
    """Return when a request that arrives is reminded, overdue and escalated."""
    rule_context = RuleContext(process, OFFICE, STAFF)
    return times(agenda(received(rule_context, at(when), "anna"), rule_context), "R1", "E1", "E2.1")


def promised(segment: str, when: str) -> list[str]:
    """Return the promise of a segment."""
    return ahead(SHIPPED.decide({Criterion.SEGMENT: segment}).level.applied_to(INQUIRY), when)


def test_same_request_at_night_gives_three_segments_three_promises() -> None:
    """An A customer is answered within the hour; B has till eight in the morning, C the whole next day."""
    assert promised("A", "2027-03-02 22:00") == ["R1 02.03. 22:30", "E1 02.03. 23:00", "E2.1 03.03. 00:00"]
    assert promised("B", "2027-03-02 22:00") == ["R1 03.03. 08:30", "E1 03.03. 09:00", "E2.1 03.03. 13:00"]
    assert promised("C", "2027-03-02 22:00") == ["R1 03.03. 15:00", "E1 03.03. 17:00", "E2.1 04.03. 12:00"]


def test_sl_06_who_is_in_no_row_keeps_the_old_promise() -> None:
    decision = SHIPPED.decide({Criterion.SEGMENT: "Z"})
    assert decision.row is None
    assert decision.level.applied_to(INQUIRY) is INQUIRY
    assert why(decision, "de") == "Standard: keine Zeile der Tabelle passt"
    assert why(decision, "en") == "Standard: no row of the table fits"


@pytest.mark.parametrize(
    ("contact", "row", "level"),
    [
        ({}, None, "plain"),
        ({Criterion.CHANNEL: "mail"}, None, "plain"),
        ({Criterion.CHANNEL: "phone"}, 1, "quick"),
        ({Criterion.SEGMENT: "A"}, 2, "plain"),
        ({Criterion.SEGMENT: "A", Criterion.CHANNEL: "phone"}, 3, "quick"),
        ({Criterion.SEGMENT: "A", Criterion.CHANNEL: "mail"}, 2, "plain"),
        ({Criterion.SEGMENT: "A", Criterion.CUSTOMER: "7", Criterion.CHANNEL: "phone"}, 4, "quick"),
        ({Criterion.SEGMENT: "B", Criterion.CHANNEL: "phone"}, 1, "quick"),
    ],
)
def test_first_criterion_of_the_precedence_that_tells_rows_apart_decides(
    contact: dict[Criterion, str], row: int | None, level: str
) -> None:
    decision = read().decide(contact)
    assert (decision.row and decision.row.number, decision.level.key) == (row, level)


def test_precedence_is_a_setting() -> None:
    channel_first = 'precedence = ["channel", "segment", "category", "customer"]' + TABLE
    contact = {Criterion.CUSTOMER: "7", Criterion.SEGMENT: "A"}
    assert read().decide(contact).row == read().rows[3]
    assert read(channel_first).decide(contact).row == read().rows[1]


def test_decision_says_its_row() -> None:
    decision = read().decide({Criterion.SEGMENT: "A", Criterion.CHANNEL: "phone"})
    assert why(decision, "de") == "Schnell: Zeile 3 (Segment A, Kanal phone)"
    assert why(decision, "en") == "Quick: row 3 (segment A, channel phone)"


def test_level_is_read_with_its_three_criteria() -> None:
    """SL-01 to SL-03: time window, target group, degree of automation."""
    quick, plain = read().levels["quick"], read().levels["plain"]
    assert (quick.window, quick.group, quick.automation) == (
        Window.ON_CALL,
        Group.BUSINESS_CRITICAL,
        Automation.AUTOMATIC,
    )
    assert (plain.automation, plain.calendar) == (Automation.PEOPLE, None)
    assert quick.calendar is not None
    assert quick.calendar.is_open(at("2027-03-01 21:00"))


def test_rule_with_hours_of_its_own_keeps_them() -> None:
    own = surroundings().calendars["extended"]
    rules = tuple(replace(rule, calendar=own) if rule.code == "E1" else rule for rule in INQUIRY.moments)
    applied = read().levels["quick"].applied_to(replace(INQUIRY, moments=rules))
    assert applied.by_code["E1"].calendar is own
    assert applied.by_code["R1"].calendar is not own
    assert str(applied.by_code["E1"].span) == "1h"


def test_span_that_does_not_fit_a_process_any_more_is_left_out() -> None:
    """The process may have got a version that counts the moment on another clock since: its tickets go on."""
    once = pinned.read_catalogue(TABLE.replace('E1 = "1h"', 'E1 = "2d"'), "once.toml").levels
    applied = once.levels["quick"].applied_to(INQUIRY)
    assert applied.by_code["E1"].span == INQUIRY.by_code["E1"].span


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('default = "plain"', 'default = "gold"', "default: 'gold' is unknown; known are plain, quick"),
        ('default = "plain"', 'default = "plain"\nprecedence = ["segment"]', "precedence: each of customer, segment"),
        ('calendar = "night"', 'calendar = "moon"', "levels: quick: calendar: 'moon' is unknown; known are site, "),
        ('window = "on-call"', 'window = "maybe"', "levels: quick: window: 'maybe' is unknown"),
        ("spans.anfrage", "spans.nothing", "levels: quick: spans: nothing: 'nothing' is unknown"),
        ('E1 = "1h"', 'E9 = "1h"', "levels: quick: spans: anfrage: E9: there is no such moment"),
        ('E1 = "1h"', 'E1 = "2d"', "levels: quick: spans: anfrage: E1: '2d' is not a span of time"),
        ('customer = "7"\nlevel = "quick"', 'customer = "7"\nlevel = "gold"', "rows[4]: level: 'gold' is unknown"),
        ('customer = "7"\nlevel', "level", "rows[4]: level: a row asks for at least one of customer"),
        ('customer = "7"', 'channel = "phone"', "rows[4]: asks for the same as row 1"),
        ('customer = "7"', 'colour = "7"', "rows[4]: colour: unknown key"),
        ('group = "commercial"', "", "levels: plain: group: a text is missing"),
        ('mon = ["20:00-24:00"]', 'mon = ["20:00"]', "calendars: night"),
    ],
)
def test_table_that_cannot_be_is_refused_with_table_and_key(old: str, new: str, message: str) -> None:
    assert old in TABLE
    with pytest.raises((DefinitionError, ValueError)) as refused:
        read(TABLE.replace(old, new, 1))
    assert str(refused.value).startswith(f"levels.toml: {message}")
