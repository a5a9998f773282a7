"""Checklists on the pure rules: what is an answer, what stands in for one, what is missing without (QG-01, KM-01)."""

from collections.abc import Mapping
from datetime import date

import pytest

from domain.process.gates import NO, YES, Answer, Gate, Item, ItemKind, as_date, wrong
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT
from domain.ticket.context import RuleContext
from domain.ticket.facts import MilestoneSet
from domain.ticket.handover_rules import earliest_days
from domain.ticket.ticket import Ticket, received
from domain.ticket.transitions import apply
from domain.time.spans import Clock, Span
from processes.loader import find_process
from tests.domain.scenes import OFFICE, at

WORDS = {"de": "Wort", "en": "word"}
ITEMS = {
    kind: Item("line", WORDS, kind, options={"first": WORDS, "last": WORDS} if kind is ItemKind.CHOICE else None)
    for kind in ItemKind
}
STATUSKETTE = find_process("statuskette")
SITE = RuleContext(STATUSKETTE, OFFICE, Roster((Member("anna", frozenset({Role.SALESPERSON})),)))


def gate(*items: Item) -> Gate:
    """Return a gate that asks for these items."""
    return Gate(
        key="trial",
        title=WORDS,
        cites="none",
        phase="talk",
        giver=Role.SALESPERSON,
        receiver=Role.SERVICE,
        owner=Role.CONTROLLER,
        override=Role.CONTROLLER,
        critical=True,
        own=False,
        control=WORDS,
        criteria=WORDS,
        sequence=WORDS,
        documentation=WORDS,
        items=items,
        points=Span(Clock.WORKING_DAYS, days=5),
    )


def is_missing(item: Item, answer: Answer | None) -> bool:
    """Whether a gate that asks for one item misses it."""
    return gate(item).missing({} if answer is None else {item.key: answer}) == (item.key,)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ItemKind.YES_NO, YES),
        (ItemKind.YES_NO, NO),
        (ItemKind.TEXT, "keine"),
        (ItemKind.TEXT, "x" * LONGEST_TEXT),
        (ItemKind.NUMBER, "0"),
        (ItemKind.NUMBER, "12500"),
        (ItemKind.NUMBER, "1.250,00"),
        (ItemKind.NUMBER, "1'250.00"),
        (ItemKind.NUMBER, "1 250\u00a0000"),
        (ItemKind.NUMBER, "-3"),
        (ItemKind.NUMBER, "+3"),
        (ItemKind.NUMBER, " 7 "),
        (ItemKind.NUMBER, "7" * LONGEST_LINE),
        (ItemKind.DATE, "2027-03-03"),
        (ItemKind.DATE, "2028-02-29"),
        (ItemKind.FILE, "7"),
        (ItemKind.CHOICE, "first"),
        (ItemKind.CHOICE, "last"),
    ],
)
def test_qg_01_answer_of_its_kind_is_an_answer(kind: ItemKind, value: str) -> None:
    assert wrong(ITEMS[kind], value) is None
    assert not is_missing(ITEMS[kind], Answer(value))


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (ItemKind.YES_NO, "ja", "not_yes_or_no"),
        (ItemKind.YES_NO, "Yes", "not_yes_or_no"),
        (ItemKind.TEXT, " \n\t", "not_a_text"),
        (ItemKind.TEXT, "x" * (LONGEST_TEXT + 1), "answer_too_long"),
        (ItemKind.NUMBER, "viele", "not_a_number"),
        (ItemKind.NUMBER, "12 Euro", "not_a_number"),
        (ItemKind.NUMBER, "1.", "not_a_number"),
        (ItemKind.NUMBER, ",5", "not_a_number"),
        (ItemKind.NUMBER, "1..5", "not_a_number"),
        (ItemKind.NUMBER, "-", "not_a_number"),
        (ItemKind.NUMBER, "٣", "not_a_number"),
        (ItemKind.NUMBER, "7" * (LONGEST_LINE + 1), "not_a_number"),
        (ItemKind.DATE, "03.03.2027", "not_a_date"),
        (ItemKind.DATE, "2027-02-29", "not_a_date"),
        (ItemKind.DATE, "bald", "not_a_date"),
        (ItemKind.FILE, "plan.pdf", "not_a_file"),
        (ItemKind.FILE, "-7", "not_a_file"),
        (ItemKind.FILE, "٣", "not_a_file"),
        (ItemKind.CHOICE, "middle", "not_a_choice"),
        (ItemKind.CHOICE, "First", "not_a_choice"),
    ],
)
def test_qg_01_answer_of_another_kind_is_refused_and_leaves_the_line_missing(
    kind: ItemKind, value: str, code: str
) -> None:
    assert wrong(ITEMS[kind], value) == code
    assert is_missing(ITEMS[kind], Answer(value))


@pytest.mark.parametrize("kind", ItemKind)
def test_qg_01_empty_answer_breaks_no_rule_and_is_still_missing(kind: ItemKind) -> None:
    """A draft may have gaps; a handover may not."""
    assert wrong(ITEMS[kind], "") is None
    assert is_missing(ITEMS[kind], Answer())
    assert is_missing(ITEMS[kind], None)


def test_choice_without_options_has_no_answer() -> None:
    assert wrong(Item("line", WORDS, ItemKind.CHOICE), "first") == "not_a_choice"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-03", date(2027, 3, 3)),
        ("2000-01-01", date(2000, 1, 1)),
        ("2099-12-31", date(2099, 12, 31)),
        ("1999-12-31", None),
        ("2100-01-01", None),
        ("20270303", None),
        ("2027-3-3", None),
        ("2027-13-01", None),
        ("", None),
    ],
)
def test_day_is_written_in_one_way_and_lies_in_this_century(text: str, day: date | None) -> None:
    assert as_date(text) == day


@pytest.mark.parametrize(
    ("value", "code"), [("2027-03-02", "day_too_early"), ("2027-03-03", None), ("2027-03-04", None)]
)
def test_day_does_not_precede_the_milestone_it_follows(value: str, code: str | None) -> None:
    """On the same day is in order."""
    day, first = ITEMS[ItemKind.DATE], date(2027, 3, 3)
    assert wrong(day, value, first) == code
    assert gate(day).missing({day.key: Answer(value)}, {day.key: first}) == ((day.key,) if code else ())


def test_first_day_speaks_of_days_only() -> None:
    assert wrong(ITEMS[ItemKind.TEXT], "2027-03-02", date(2027, 3, 3)) is None


@pytest.mark.parametrize(
    ("value", "missing"), [(YES, False), (NO, True), ("", True), ("maybe", True)], ids=["yes", "no", "empty", "other"]
)
def test_qg_01_where_yes_is_demanded_no_is_an_answer_that_does_not_pass(value: str, missing: bool) -> None:
    demanding = Item("line", WORDS, ItemKind.YES_NO, demands_yes=True)
    assert is_missing(demanding, Answer(value)) is missing
    assert wrong(demanding, NO) is None


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (Answer("0170 1234567"), False),
        (Answer(reason="Kunde hat kein Mobiltelefon"), False),
        (Answer("0170 1234567", "Firmenhandy"), False),
        (Answer(), True),
        (Answer(reason=" "), True),
        (Answer(" ", "Kunde hat kein Mobiltelefon"), True),
    ],
)
def test_km_01_reason_stands_in_for_what_is_not_there(answer: Answer, missing: bool) -> None:
    """As complete as possible: a gap needs its reason, and a blank is no answer that a reason could explain."""
    may_be_missing = Item("mobile", WORDS, ItemKind.TEXT, may_be_missing=True)
    assert is_missing(may_be_missing, answer) is missing


def test_qg_01_reason_does_not_stand_in_where_the_item_does_not_allow_it() -> None:
    assert is_missing(ITEMS[ItemKind.TEXT], Answer(reason="kommt noch"))


@pytest.mark.parametrize("answer", [None, Answer(), Answer("bald")])
def test_qg_01_item_that_is_not_required_is_never_missing(answer: Answer | None) -> None:
    optional = Item("line", WORDS, ItemKind.DATE, required=False)
    assert not is_missing(optional, answer)
    assert wrong(optional, "bald") == "not_a_date"


def test_qg_01_missing_items_are_named_in_the_order_of_the_checklist() -> None:
    items = [Item(key, WORDS, ItemKind.TEXT) for key in ("walls", "attic", "roof", "cellar")]
    assert gate(*items).missing({"roof": Answer("dicht")}) == ("walls", "attic", "cellar")


def test_answer_to_what_nobody_asked_fills_no_line() -> None:
    assert gate(ITEMS[ItemKind.TEXT]).missing({"other": Answer("da")}) == ("line",)


def test_gate_knows_its_own_items_only() -> None:
    wall, roof = (Item(key, WORDS, ItemKind.TEXT) for key in ("wall", "roof"))
    assert gate(wall, roof).item("roof") is roof
    assert gate(wall).item("roof") is None


CONTACT = {"mobile": Answer("0170 1234567"), "fax": Answer(reason="kein Fax"), "email": Answer("a@example.org")}


@pytest.mark.parametrize("item", ["mobile", "fax", "email"])
def test_km_01_intake_asks_for_mobile_fax_and_mail_or_why_they_are_missing(item: str) -> None:
    intake = STATUSKETTE.gates["intake_complete"]
    others = {key: answer for key, answer in CONTACT.items() if key != item}
    assert [each.key for each in intake.items] == list(CONTACT)
    assert intake.missing(CONTACT) == ()
    assert intake.missing(others) == (item,)
    assert intake.missing({**others, item: Answer(reason="will der Kunde nicht nennen")}) == ()


@pytest.mark.parametrize(
    ("key", "between", "critical"),
    [
        ("intake_complete", (Role.SALESPERSON, Role.SALESPERSON), True),
        ("sales_to_project", (Role.SALESPERSON, Role.PROJECT_MANAGER), True),
        ("project_to_site", (Role.PROJECT_MANAGER, Role.TECHNICIAN), False),
        ("start_of_operation", (Role.TECHNICIAN, Role.SERVICE), True),
    ],
)
def test_qg_04_gate_answers_the_working_questions(key: str, between: tuple[Role, Role], critical: bool) -> None:
    """Interface, criticality, control, criteria, sequence, documentation, owner (S1:10-17)."""
    asked = STATUSKETTE.gates[key]
    assert ((asked.giver, asked.receiver), asked.critical) == (between, critical)
    assert asked.owner in {Role.DISPATCHER, Role.CONTROLLER}
    words = (asked.title, asked.control, asked.criteria, asked.sequence, asked.documentation)
    assert all(text[language] for text in words for language in ("de", "en"))
    assert asked.cites
    assert asked.items


def ordered(*facts: MilestoneSet, when: str = "2027-03-02 10:00") -> Ticket:
    """Return a project whose milestones were set."""
    ticket = received(SITE, at("2027-03-01 09:00"), "anna")
    for fact in facts:
        ticket = apply(ticket, fact, at(when), SITE)
    return ticket


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ([], {}),
        ([MilestoneSet("order_placed")], {"wanted_start": date(2027, 3, 2)}),
        ([MilestoneSet("order_placed", at("2027-03-08 00:00"))], {"wanted_start": date(2027, 3, 8)}),
        ([MilestoneSet("site_survey")], {}),
    ],
)
def test_first_day_of_a_line_is_that_of_its_milestone_at_the_site(
    facts: list[MilestoneSet], days: Mapping[str, date]
) -> None:
    """At midnight in Berlin it is still the day before in UTC; the site's date counts."""
    assert earliest_days(STATUSKETTE.gates["sales_to_project"], ordered(*facts), SITE) == days
