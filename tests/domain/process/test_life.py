"""What a definition says about customers is read, or refused naming table and key."""

import pytest

from domain.process.life import Mark
from domain.process.roles import Role
from domain.process.table import DefinitionError
from processes import pinned
from processes.loader import SHIPPED, find_process, read_process

TEXT = (SHIPPED / "customer.toml").read_text(encoding="utf-8")


def test_shipped_rules_are_those_of_the_source() -> None:
    rules = find_process("customer").life
    assert rules is not None
    assert (rules.trial, rules.grows, rules.watches) == (5, (50, 100), ("A", "B"))
    assert (rules.sales, rules.care, rules.worked_off) == (Role.SALESPERSON, Role.CASE_HANDLER, "week.due")


def test_processes_of_tickets_say_nothing_about_customers() -> None:
    assert [find_process(key).life for key in ("anfrage", "statuskette", "sales", "service")] == [None] * 4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sizes = [5, 10, 20, 30, 50, 100]", "sizes = []", "life: sizes: a list of whole numbers above zero"),
        ("sizes = [5, 10, 20, 30, 50, 100]", "sizes = [0, 5]", "life: sizes: a list of whole numbers above zero"),
        ("sizes = [5, 10, 20, 30, 50, 100]", "sizes = [true]", "life: sizes: a list of whole numbers above zero"),
        ("sizes = [5, 10, 20, 30, 50, 100]", "", "life: sizes: a list of whole numbers above zero"),
        ("trial = 5", "trial = 6", "life: trial: '6' is unknown; known are 5, 10"),
        ("grows = [50, 100]", "grows = [70]", "life: grows: '70' is unknown"),
        ('watches = ["A", "B"]', 'watches = ["Z"]', "life: watches: 'Z' is unknown; known are A, B, C"),
        ('classes = ["A", "B", "C"]', 'classes = ["A", "B", "D"]', "life: classes: 'class_d' is unknown"),
        ('"info_read", ', '"mind_read", ', "life: checks: 'mind_read' is unknown"),
        ('worked_off = "week.due"', 'worked_off = "month.due"', "life: worked_off: there is no moment 'month.due'"),
        ('care = "case_handler"', 'care = "nurse"', "life: care: 'nurse' is unknown"),
        ("news_days = 14", "news_days = -1", "life: news_days: -1 is not a whole number"),
        ("news_days = 14", "news_days = 36501", "life: news_days: 36501 is more than 36500"),
        ("news_days = 14", "oldness = 14", "life: oldness: unknown key"),
        (
            'does = "set no_show"',
            'does = "set hermit"',
            "moments[no_show.set]: does: the milestone 'hermit' is unknown",
        ),
        ('does = "set no_show"', 'does = "set"', "moments[no_show.set]: does: set takes an argument"),
        ('while = "set priority"', 'while = "set hermit"', "moments[priority.check]: while: 'hermit' is unknown"),
        ('while = "set priority"', 'while = "set"', "moments[priority.check]: while: set names a phase, milestone or"),
        ('clock = "working weeks"', 'clock = "working weeks"\nbefore = "x"', "moments[week.due]: after: exactly one"),
        ('after = "worked"', 'before = "worked"', "moments[week.due]: clock: 'working weeks' counts forwards only"),
    ],
)
def test_what_cannot_be_said_about_customers_is_refused(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(DefinitionError) as refused:
        read_process(TEXT.replace(old, new, 1), "customer.toml")
    assert str(refused.value).removeprefix("customer.toml: ").startswith(message)


@pytest.mark.parametrize("mark", Mark)
def test_milestone_that_facts_set_must_be_named(mark: Mark) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith(f"{mark} = ")]
    assert len(lines) < len(TEXT.splitlines())
    with pytest.raises(DefinitionError, match=mark):
        read_process("\n".join(lines), "customer.toml")


def test_number_that_was_accepted_once_is_cut_to_what_can_be_reckoned() -> None:
    rules = pinned.read_process(TEXT.replace("news_days = 14", f"news_days = {10**12}", 1), "customer.toml").life
    assert rules is not None
    assert rules.news_days == 36_500
