"""Strict when something is applied, tolerant when something pinned is read."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.process.definition import ProcessDefinition
from domain.process.table import DefinitionError
from domain.service.catalogue import confirmed
from domain.service.levels import Criterion, Group, Window
from domain.ticket.agenda import agenda, fire
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import PackageBooked
from domain.ticket.customer_transitions import registered
from domain.ticket.facts import Called, FollowUpSet
from domain.ticket.simulation import CAST, OWNER
from domain.ticket.ticket import Status, Ticket, received
from domain.ticket.transitions import apply
from domain.time.calendar import CalendarError
from processes import loader, pinned
from processes.loader import SHIPPED
from tests.definitions import KEPT, kept, not_kept
from tests.domain.scenes import OFFICE, at, times

PROCESSES = [*kept("processes"), *kept("presets")]


def read(path: Path) -> ProcessDefinition:
    """Read a definition as one that tickets are pinned to."""
    return pinned.read_process(path.read_text(encoding="utf-8"), path.name)


PROMISED = at("2027-09-02 10:00")


def lived(process: ProcessDefinition) -> Ticket:
    """Receive, book, let happen what would happen meanwhile, call and promise to come back; nothing of it may fail."""
    rule_context = RuleContext(process, OFFICE, CAST)
    begin = received if process.life is None else registered
    ticket = begin(rule_context, at("2027-03-02 17:00"), OWNER)
    if process.life:
        ticket = apply(ticket, PackageBooked(process.life.sizes[0]), at("2027-03-02 18:00"), rule_context)
    for _ in range(40):
        if due := agenda(ticket, rule_context):
            ticket = fire(ticket, due[0])
    ticket = replace(ticket, status=Status.OPEN)
    ticket = apply(ticket, Called(), at("2027-09-01 10:00"), rule_context)
    return apply(ticket, FollowUpSet(PROMISED), at("2027-09-01 11:00"), rule_context)


def test_what_is_shipped_is_kept() -> None:
    """Tickets will be pinned to it: `.venv/bin/python -m tests.definitions` keeps it for the tests below."""
    assert not not_kept(), "run: .venv/bin/python -m tests.definitions"


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_every_definition_ever_shipped_is_read_and_counted(path: Path) -> None:
    assert lived(read(path)).follow_up_at == PROMISED


@pytest.mark.parametrize("path", kept("catalogues"), ids=lambda path: path.stem)
def test_every_catalogue_ever_shipped_is_read_and_every_promise_counted(path: Path) -> None:
    catalogue = pinned.read_catalogue(path.read_text(encoding="utf-8"), path.name)
    processes = [read(one) for one in PROCESSES]
    for process in (process for process in processes if process.life is None):
        for level in catalogue.levels.levels.values():
            assert lived(confirmed(level.applied_to(process))).follow_up_at == PROMISED
        for category in catalogue.categories.values():
            assert lived(category.applied_to(process)).follow_up_at == PROMISED


@pytest.mark.parametrize("path", kept("digests"), ids=lambda path: path.stem)
def test_every_list_ever_shipped_is_read_and_falls_on_a_day(path: Path) -> None:
    week = [date(2027, 3, 1 + n) for n in range(7)]
    for digest in pinned.read_lists(path.read_text(encoding="utf-8"), path.name):
        assert any(digest.falls_on(day, OFFICE) for day in week), digest.code


@pytest.mark.parametrize("path", kept("calendars"), ids=lambda path: path.stem)
def test_every_calendar_ever_shipped_is_read_and_counts(path: Path) -> None:
    calendar = pinned.read_calendar(path.read_text(encoding="utf-8"), path.name)
    assert calendar.next_open(at("2027-03-02 17:00")) >= at("2027-03-02 17:00")


@pytest.mark.parametrize("number", [1, 2])
def test_kd_13_customers_of_every_version_have_their_booking_on_the_list_of_the_same_week(number: int) -> None:
    text = (KEPT / "processes" / f"customer-{number}.toml").read_text(encoding="utf-8")
    rule_context = RuleContext(pinned.read_process(text, "customer.toml"), OFFICE, CAST)
    booked = apply(
        registered(rule_context, at("2027-01-04 10:00"), OWNER), PackageBooked(5), at("2027-01-11 10:00"), rule_context
    )
    assert times(agenda(booked, rule_context), "week.due") == ["week.due 15.01. 18:00"]


ANFRAGE = (SHIPPED / "anfrage.toml").read_text(encoding="utf-8")
CUSTOMER = (SHIPPED / "customer.toml").read_text(encoding="utf-8")
STATUSKETTE = (SHIPPED / "statuskette.toml").read_text(encoding="utf-8")
R1 = '"mail R1"'
CALENDAR = (SHIPPED / "calendars" / "musterstadt.toml").read_text(encoding="utf-8")
HASTY = """
[[moments]]
code = "hasty"
title = {{ de = "Eilig", en = "Hasty" }}
cites = "S0"
{way} = "follow_up"
span = "{span}"
does = "mark overdue"
repeats = true
"""
LISTS = (SHIPPED / "digests" / "standard.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ANFRAGE.replace(R1, '"mail gone"'), "does: there is no mail template 'gone'"),
        (ANFRAGE.replace(R1, '"mail EL1"'), "does: there is no mail template 'EL1'"),
        (ANFRAGE.replace(R1, '"mail customer"'), "does: there is no mail template 'customer'"),
        (ANFRAGE.replace(R1, '"mail undeliverable"'), "does: there is no mail template 'undeliverable'"),
        (ANFRAGE.replace(R1, '["mail R1", "mail DM1"]'), "does: mail R1 and mail DM1 would reach the same people"),
        (ANFRAGE.replace(R1, '["mail R1", "pop-up", "pop-up"]'), "does: pop-up and pop-up would reach the same"),
        (ANFRAGE.replace('code = "R1"', 'code = "R1"\ncalendar = "moon"'), "calendar: 'moon' is unknown"),
        (ANFRAGE.replace('code = "R1"', 'code = "R1"\nnew_key = 1'), "new_key: unknown key"),
        (ANFRAGE.replace('code = "R1"', 'code = "AA"'), "code: 'AA' is a moment of the service catalogue"),
        (ANFRAGE.replace('code = "R1"', 'code = "R/1"'), "code: 'R/1' is no name"),
        (ANFRAGE.replace('key = "anfrage"', 'key = "an frage"'), "key: 'an frage' is no name"),
        (ANFRAGE + '[phases."a/b"]\nde = "A"\nen = "A"\n', "'a/b' is no name"),
        (ANFRAGE.replace('while = "open"', 'while = ["open", "in progress"]'), "this can never happen"),
        (ANFRAGE.replace('de = "Erinnerung', 'de = "\\u0000Erinnerung', 1), "holds characters that nobody can see"),
        (ANFRAGE.replace('to = "owner"', 'to = ["owner", "astronaut"]', 1), "to: 'astronaut' is unknown"),
        (ANFRAGE.replace('to = "owner"', 'to = ["owner", "customer"]', 1), "to: customers are written to by people"),
        (CUSTOMER.replace("appointment = {", "appointments = {"), "'appointment' is unknown"),
        (CUSTOMER.replace('worked_off = "week.due"', 'worked_off = "gone"'), "worked_off: there is no moment 'gone'"),
        (CUSTOMER.replace('care = "case_handler"', 'care = "astronaut"'), "care: 'astronaut' is unknown"),
        (STATUSKETTE.replace('from = "salesperson"', 'from = "astronaut"'), "from: 'astronaut' is unknown"),
        (
            ANFRAGE.replace('does = "escalate 1"', 'does = "escalate 99999999999"', 1),
            "the highest escalation level is 9",
        ),
        (
            ANFRAGE + HASTY.format(way="after", span="59m"),
            "repeats: a moment repeats after something, and after an hour",
        ),
        (
            ANFRAGE + HASTY.format(way="before", span="2h"),
            "repeats: a moment repeats after something, and after an hour",
        ),
        (
            STATUSKETTE.replace("[milestones]", '[milestones]\nopened = { de = "A", en = "A" }'),
            "is the name of an event",
        ),
    ],
    ids=lambda value: value[-30:],
)
def test_definition_is_refused_when_applied_and_read_once_it_is_pinned(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        loader.read_process(text, "own.toml")
    assert problem in str(refused.value)
    assert lived(pinned.read_process(text, "own.toml")).follow_up_at == PROMISED


NIGHTS = """
default = "plain"
precedence = ["channel", "category", "segment", "customer"]
[levels.plain]
title = { de = "Einfach", en = "Plain" }
window = "business hours"
group = "commercial"
calendar = "site"
[[rows]]
channel = "phone"
level = "plain"
[categories.hours]
title = { de = "Zeiten", en = "Hours" }
automation = "automatic"
answer = { de = "{customer}, wir haben offen.", en = "{customer}, we are open." }
[channels.phone]
title = { de = "Telefon", en = "Telephone" }
open = "site"
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (NIGHTS.replace('calendar = "site"', 'calendar = "moon"'), "calendar: 'moon' is unknown"),
        (NIGHTS.replace('open = "site"', 'open = "moon"'), "open: 'moon' is unknown"),
        (NIGHTS.replace('"channel", "category"', '"channel"'), "precedence: each of customer"),
        (NIGHTS.replace('"business hours"', '"all night"'), "window: 'all night' is unknown"),
        (NIGHTS.replace('"commercial"', '"everybody"'), "group: 'everybody' is unknown"),
        (NIGHTS.replace('channel = "phone"', 'channel = "phone"\nmood = "angry"'), "mood: unknown key"),
        (NIGHTS.replace("{customer}, wir", "{mood}, wir"), "the gap {mood} is unknown"),
        (NIGHTS.replace("{customer}, wir", "{customer:d}, wir"), "a gap cannot be filled"),
        (NIGHTS + "colour = 1\n", "colour: unknown key"),
    ],
    ids=lambda value: value[-30:],
)
def test_catalogue_is_refused_when_applied_and_read_once_it_is_pinned(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        loader.read_catalogue(text, "own.toml", applied_at=PROMISED)
    assert problem in str(refused.value)
    catalogue = pinned.read_catalogue(text, "own.toml")
    level = catalogue.levels.decide({Criterion.CHANNEL: "phone"}).level
    assert (level.window, level.group, level.calendar) == (Window.BUSINESS_HOURS, Group.COMMERCIAL, None)
    assert catalogue.categories["hours"].filled("de", {"customer": "Kim"})[1].endswith(", wir haben offen.")


def test_row_that_asks_for_what_nobody_knows_any_more_fits_nobody() -> None:
    text = NIGHTS.replace('channel = "phone"', 'channel = "phone"\nmood = "angry"')
    assert pinned.read_catalogue(text, "own.toml").levels.rows == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LISTS.replace('content = "due"', 'content = "moods"'), "content: 'moods' is unknown"),
        (LISTS.replace('to = ["owner"', 'to = ["owner", "astronaut"', 1), "to: 'astronaut' is unknown"),
        (LISTS.replace("[[digests]]", "[[digests]]\ncolour = 1", 1), "colour: unknown key"),
    ],
    ids=["content", "role", "key"],
)
def test_lists_are_refused_when_applied_and_read_once_they_are_pinned(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        loader.read_lists(text, "own.toml")
    assert problem in str(refused.value)
    left = [digest.code for digest in pinned.read_lists(text, "own.toml")]
    assert left == (["EL2", "KD13"] if "moods" in text else ["EL1", "EL2", "KD13"])


@pytest.mark.parametrize(
    ("text", "problem", "is_holiday"),
    [
        (CALENDAR.replace("zone =", "colour = 1\nzone ="), "colour: unknown key", True),
        (CALENDAR.replace('holidays = "', 'holidays = "DE-XX" # "'), '"DE-XX" is a region without', True),
        (CALENDAR.replace('holidays = "', 'holidays = "QQ" # "'), '"QQ" is a region without', False),
        (CALENDAR.replace("zone =", 'holiday_categories = ["lunar"]\nzone ='), '"lunar" is not one of', True),
    ],
    ids=["key", "state", "country", "category"],
)
def test_calendar_is_refused_when_applied_and_read_once_it_is_pinned(text: str, problem: str, is_holiday: bool) -> None:
    """Of a state that the package dropped the holidays of the country are left."""
    with pytest.raises(CalendarError) as refused:
        loader.read_calendar(text, "own.toml", applied_at=PROMISED)
    assert problem in str(refused.value)
    good_friday = date(2027, 3, 26)
    assert pinned.read_calendar(text, "own.toml").opens_on(good_friday) is not is_holiday
