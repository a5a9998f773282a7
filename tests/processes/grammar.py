"""Small definitions and calendars as the grammar allows them, good and bad ones, for whoever tries what applies."""

import json
from typing import Any

from hypothesis import strategies as st

from domain.process.definition import Delivery, Late
from domain.time.spans import FORWARDS_ONLY, Clock

PHASES = ("one", "two")
MILESTONES = ("met", "paid")
EVENTS = ("opened", "received", "assigned", "redistributed", "follow_up", "partner", "open_point", *MILESTONES)
TIMES = ("0h", "90m", "2h", "26h", "99999h")
SPANS = {
    Clock.SAME_DAY: ("",),
    Clock.WORKING_DAYS: ("0d", "1d", "30d", "9999d"),
    Clock.CALENDAR_DAYS: ("0d", "1d", "2w", "9999w"),
    Clock.WORKING_WEEKS: ("0w", "1w", "9999w"),
}
DOES = ("mark overdue", "pop-up", "escalate 1", "escalate 9", "set met", "mail R1", "mail notice", "mail point_due")
WHILE = ("open", "in progress", "in one", "unfinished two", "missing met", "set paid", "new partner")
ROLES = ("owner", "controller", "senior_controller", "dispatcher", "pool", "assignee", "helper")
BAD = {
    "code": ("A/anna", "B#1", "E 1", "met", "AA"),
    "span": ("", "1s", "soon", "0h"),
    "does": (
        "mail EL1",
        "mail customer",
        "mail undeliverable",
        "mail gone",
        "mail DM1",
        "escalate 99999999999",
        "set no",
    ),
    "anchor": ("phase:three", "A", "passed:gate", "open_task"),
    "while": ("open two", "waiting at gate", "set no"),
    "to": ("customer", "astronaut"),
    "title": ("unsichtbar\u0000", "\u202eumgekehrt", "Zeile\nfür Zeile"),
    "calendar": ("moon",),
}
"""What is refused, or ought to be."""


def mostly(good: tuple[str, ...], bad: str) -> st.SearchStrategy[str]:
    """Choose something good, and now and then something that may be bad."""
    return st.integers(0, 19).flatmap(lambda n: st.sampled_from(BAD[bad] if n == 13 else good))


def dump(value: Any) -> str:
    """Return a value as TOML; tables are written in line."""
    match value:
        case dict():
            return "{ " + ", ".join(f"{json.dumps(key)} = {dump(one)}" for key, one in value.items()) + " }"
        case list():
            return "[" + ", ".join(dump(one) for one in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=True)


def text_of(mapping: dict[str, Any]) -> str:
    """Return a definition's text."""
    return "\n".join(f"{key} = {dump(value)}" for key, value in mapping.items()) + "\n"


def words(text: str = "x") -> dict[str, str]:
    """Return a title in both languages."""
    return {"de": text, "en": text}


def some(values: st.SearchStrategy[str], least: int = 0, most: int = 2) -> st.SearchStrategy[list[str]]:
    """Choose a few."""
    return st.lists(values, min_size=least, max_size=most)


@st.composite
def moments(draw: st.DrawFn, code: str, earlier: tuple[str, ...]) -> dict[str, Any]:
    """A row of a moment after an event or an earlier moment; every key that is not needed is there or not."""
    clock = draw(st.sampled_from(Clock))
    ways = ("after",) if clock in FORWARDS_ONLY else ("after", "before")
    row: dict[str, Any] = {
        "code": draw(mostly((code,), "code")),
        "title": words(draw(mostly(("Ein Moment",), "title"))),
        "cites": "S0",
        draw(st.sampled_from(ways)): draw(mostly((*EVENTS, *earlier), "anchor")),
        "span": draw(mostly(SPANS.get(clock, TIMES), "span")),
        "clock": str(clock),
        "does": draw(some(mostly(DOES, "does"), 1)),
        "to": draw(some(mostly(ROLES, "to"), 1)),
    }
    more = st.fixed_dictionaries(
        {},
        optional={
            "while": some(mostly(WHILE, "while")),
            "personal": st.booleans(),
            "repeats": st.integers(0, 5).map(lambda n: n == 0),
            "optional": st.sampled_from(("on", "off")),
            "deliver": st.sampled_from(Delivery).map(str),
            "late": st.sampled_from(Late).map(str),
            "calendar": mostly(("site", "around-the-clock"), "calendar"),
            "not_before": st.sampled_from(MILESTONES),
        },
    )
    return row | draw(more)


GATE = {
    **words("Übergabe"),
    "cites": "S1",
    "phase": "one",
    "from": "salesperson",
    "to": "project_manager",
    "owner": "controller",
    "override": "senior_controller",
    "items": ["note"],
    "control": words(),
    "criteria": words(),
    "sequence": words(),
    "documentation": words(),
}


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A definition of two phases, maybe with a gate between them and a deadline on one of them."""
    phases: dict[str, Any] = {key: words(key) for key in PHASES}
    if draw(st.booleans()):
        span = draw(mostly(SPANS[Clock.WORKING_DAYS], "span"))
        phases["two"]["due"] = {"after": "met", "span": span, "clock": "working days", "cites": "S0"}
    rows: list[dict[str, Any]] = []
    for code in draw(st.sampled_from((("A",), ("A", "B"), ("A", "B", "C.1")))):
        rows.append(draw(moments(code, tuple(row["code"] for row in rows))))
    mapping: dict[str, Any] = {
        "process": {"key": "anfrage", "title": words(), "cites": "S0"},
        "phases": phases,
        "milestones": {key: words(key) for key in MILESTONES},
        "reasons": {"won": words()},
        "moments": rows,
    }
    if draw(st.booleans()):
        mapping["gates"] = {"gate": GATE}
        mapping["items"] = {"note": {**words(), "kind": "text"}}
    return mapping


DAYS: tuple[list[str], ...] = ([], ["09:00-18:00"], ["09:00-12:00", "13:00-18:00"], ["13:00-24:00"], ["22:00-06:00"])


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, Any]:
    """A calendar with few hours, around days that are over and days that come."""
    days = st.sampled_from(("2027-02-26", "2027-03-02", "2027-03-03", "2027-03-28", "2027-12-31"))
    weekdays = st.sampled_from(("mon", "wed", "fri", "sat", "sun"))
    return {
        "zone": draw(st.sampled_from(("Europe/Berlin", "America/Havana", "Australia/Lord_Howe"))),
        "holidays": draw(st.sampled_from(("none", "DE-BY"))),
        "closed": draw(st.lists(days, max_size=1)),
        "hours": draw(st.dictionaries(weekdays, st.sampled_from(DAYS), max_size=4)),
        "exceptions": draw(st.dictionaries(days, st.sampled_from(DAYS), max_size=2)),
    } | draw(st.sampled_from(({}, {"working_days": ["tue"]})))
