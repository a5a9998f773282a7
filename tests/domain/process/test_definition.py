"""A process definition is valid once constructed: every error names file, table and key."""

import tomllib
from pathlib import Path

import pytest

from domain.process.definition import Delivery, ProcessDefinition
from domain.process.moment_reading import Surroundings
from domain.process.reading import read_definition
from domain.process.table import DefinitionError
from domain.ticket.context import RuleContext
from domain.ticket.simulation import play
from processes.loader import SHIPPED, find_process, load_calendar, read_process, shipped_processes
from tests.domain.scenes import INQUIRY, OFFICE, inquiry, times

HEAD = """
[process]
key = "trial"
title = { de = "Versuch", en = "Trial" }
[phases]
only = { de = "Einzige", en = "Only" }
[reasons]
done = { de = "Fertig", en = "Done" }
"""
MOMENT = """
[[moments]]
code = "M"
title = { de = "Moment", en = "Moment" }
cites = "none"
after = "opened"
span = "1h"
does = "mark overdue"
"""


def read(text: str) -> ProcessDefinition:
    """Read a definition from text, as a file called trial.toml."""
    surroundings = Surroundings(frozenset({"R1", "phase_reminder", "phase_escalated"}), {"around-the-clock": OFFICE})
    return read_definition(tomllib.loads(text), surroundings, name="trial.toml")


def changed(old: str, new: str) -> str:
    """Return the trial definition with one thing changed."""
    assert old in HEAD + MOMENT
    return (HEAD + MOMENT).replace(old, new)


def other(code: str, **changes: str) -> str:
    """Return one more moment, with changes to its lines."""
    lines = {"after": 'after = "opened"', "while": "", "span": 'span = "1h"', "does": 'does = "mark overdue"'}
    lines |= changes
    title = 'title = { de = "Moment", en = "Moment" }\ncites = "none"\n'
    return f'\n[[moments]]\ncode = "{code}"\n{title}' + "\n".join(lines.values()) + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed('"opened"', '"full moon"'), "trial.toml: moments[M]: after: the anchor 'full moon' is unknown"),
        (changed('"mark overdue"', '"sing"'), "trial.toml: moments[M]: does: 'sing' is unknown"),
        (changed('"mark overdue"', '"mail R9"'), "trial.toml: moments[M]: does: there is no mail template 'R9'"),
        (changed('"mark overdue"', '"mail"'), "trial.toml: moments[M]: does: mail takes an argument"),
        (changed('"mark overdue"', '"pop-up now"'), "trial.toml: moments[M]: does: pop-up takes no argument"),
        (changed('"mark overdue"', '"escalate top"'), "trial.toml: moments[M]: does: 'top' is not an escalation"),
        (changed('"mark overdue"', '"escalate 0"'), "trial.toml: moments[M]: does: '0' is not an escalation"),
        (changed('"mark overdue"', '"mail R1"'), "trial.toml: moments[M]: to: a moment that mails"),
        (changed('does = "mark overdue"', "does = []"), "trial.toml: moments[M]: does: a moment does at least"),
        (changed('does = "mark overdue"', "does = 7"), "trial.toml: moments[M]: does: 7 is not a list of texts"),
        (changed('span = "1h"', 'span = "soon"'), "trial.toml: moments[M]: span: 'soon' is not a span of time"),
        (changed('span = "1h"', ""), "trial.toml: moments[M]: span: a text is missing"),
        (changed('span = "1h"', "span = 2"), "trial.toml: moments[M]: span: 2 is not a text"),
        (
            changed('span = "1h"', 'span = "1h"\nclock = "working days"'),
            "trial.toml: moments[M]: span: '1h' is not a number of days",
        ),
        (
            changed('span = "1h"', 'span = "1h"\nclock = "same day"'),
            "trial.toml: moments[M]: span: the clock 'same day' takes no span",
        ),
        (
            changed('span = "1h"', 'span = "1h"\nclock = "moon"'),
            "trial.toml: moments[M]: clock: 'moon' is unknown; known are business hours",
        ),
        (
            changed('after = "opened"\nspan = "1h"', 'before = "follow_up"\nclock = "same day"'),
            "trial.toml: moments[M]: clock: 'same day' counts forwards only",
        ),
        (
            changed('after = "opened"', 'after = "opened"\nto = "queen"'),
            "trial.toml: moments[M]: to: 'queen' is unknown; known are owner",
        ),
        (
            changed('after = "opened"', 'after = "opened"\ncalendar = "lunar"'),
            "trial.toml: moments[M]: calendar: 'lunar' is unknown; known are site, around-the-clock",
        ),
        (
            changed('after = "opened"', 'after = "opened"\nbefore = "follow_up"'),
            "trial.toml: moments[M]: after: exactly one of",
        ),
        (changed('after = "opened"', ""), "trial.toml: moments[M]: after: exactly one of"),
        (changed('after = "opened"', "after = []"), "trial.toml: moments[M]: after: an anchor is missing"),
        (
            changed('after = "opened"', 'after = "opened"\nwhile = ["open", "in progress"]'),
            "trial.toml: moments[M]: while: this can never happen",
        ),
        (
            changed('after = "opened"', 'after = "opened"\noptional = "maybe"'),
            "trial.toml: moments[M]: optional: 'maybe' is neither",
        ),
        (
            changed('after = "opened"', 'after = "opened"\npersonal = "yes"'),
            "trial.toml: moments[M]: personal: 'yes' is neither true nor false",
        ),
        (
            changed('after = "opened"', 'after = "opened"\nremind = "1h"'),
            "trial.toml: moments[M]: remind: unknown key",
        ),
        (changed('de = "Moment", ', ""), "trial.toml: moments[M]: title: de: a text is missing"),
        (changed('{ de = "Moment", en = "Moment" }', '"Moment"'), "trial.toml: moments[M]: title: a table"),
        (changed('code = "M"', 'code = "opened"'), "trial.toml: moments[opened]: code: 'opened' is already taken"),
        (changed('code = "M"', ""), "trial.toml: moments[1]: code: a text is missing"),
        (HEAD + MOMENT + MOMENT, "trial.toml: moments[M]: code: 'M' is already taken"),
        (changed("[phases]\nonly", "[phrases]\nonly"), "trial.toml: phrases: unknown key"),
        (
            HEAD.replace('[phases]\nonly = { de = "Einzige", en = "Only" }', ""),
            "trial.toml: phases: a process has at least one phase",
        ),
        (
            HEAD.replace('[reasons]\ndone = { de = "Fertig", en = "Done" }', ""),
            "trial.toml: reasons: closing needs at least one reason",
        ),
        ("moments = 3\n" + HEAD, "trial.toml: moments: an array of tables is expected"),
        (
            HEAD + other("A", after='after = "B"') + other("B", after='after = "A"'),
            "trial.toml: moments[A]: after: cycle A → B → A",
        ),
        (HEAD + other("A", after='after = "A"'), "trial.toml: moments[A]: after: cycle A → A"),
        (
            HEAD + other("A") + other("B", after='after = ["A", "opened"]'),
            "trial.toml: moments[B]: after: several anchors must all be events",
        ),
        (
            HEAD
            + other("A", **{"while": 'while = "open"'})
            + other("B", after='after = "A"', **{"while": 'while = "in progress"'}),
            "trial.toml: moments[B]: while: this can never happen: A needs the opposite",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_file_table_and_key(text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read(text)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


CHAIN = """
[process]
key = "trial"
title = { de = "Versuch", en = "Trial" }
[milestones]
met = { de = "Getroffen", en = "Met", at_receipt = true }
built = { de = "Gebaut", en = "Built", follows = "met" }
[phases.talk]
de = "Reden"
en = "Talk"
due = { after = "met", span = "2d", clock = "working days", cites = "none" }
[reasons]
done = { de = "Fertig", en = "Done" }
[[flags]]
key = "unbuilt"
title = { de = "Ungebaut", en = "Unbuilt" }
while = "missing built"
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('follows = "met"', 'follows = "dreamt"', "trial.toml: milestones: built: follows: the milestone 'dreamt'"),
        ('follows = "met"', 'follows = "built"', "trial.toml: milestones: built: follows: the milestone 'built'"),
        ('after = "met"', 'after = "dreamt"', "trial.toml: moments[talk.due]: after: the anchor 'dreamt' is unknown"),
        ('after = "met"', 'since = "met"', "trial.toml: phases: talk: due: since: unknown key"),
        ('after = "met", ', "", "trial.toml: phases: talk: due: after: exactly one of"),
        ('"2d"', '"2h"', "trial.toml: phases: talk: due: span: '2h' is not a number of days"),
        ('en = "Talk"', 'en = "Talk"\nremind = "2d"', "trial.toml: phases: talk: remind: span: '2d' is not a span"),
        ('en = "Talk"', 'en = "Talk"\nend = 3', "trial.toml: phases: talk: end: unknown key"),
        ("[phases.talk]", "[phase_defaults]\nremember = 1\n[phases.talk]", "trial.toml: phase_defaults: remember: unk"),
        ('key = "trial"', 'key = "trial"\nnew_partner_jobs = "few"', "trial.toml: process: new_partner_jobs: 'few'"),
        ('"missing built"', '"missing gold"', "trial.toml: flags[unbuilt]: while: 'gold' is unknown; known are met"),
        (
            '"missing built"',
            '"unfinished walk"',
            "trial.toml: flags[unbuilt]: while: 'walk' is unknown; known are",
        ),
        ('"missing built"', '"missing"', "trial.toml: flags[unbuilt]: while: missing names a phase, milestone or gate"),
        ('"missing built"', '"open door"', "trial.toml: flags[unbuilt]: while: open names nothing"),
        ('"missing built"', '"sleepy"', "trial.toml: flags[unbuilt]: while: 'sleepy' is unknown; known are open"),
    ],
)
def test_chain_that_cannot_be_is_refused_with_file_table_and_key(old: str, new: str, message: str) -> None:
    assert old in CHAIN
    with pytest.raises(DefinitionError) as refused:
        read(CHAIN.replace(old, new, 1))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('not_before = "dreamt"', "trial.toml: moments[M]: not_before: the anchor 'dreamt' is unknown"),
        ("repeats = true", "trial.toml: moments[M]: repeats: a moment that repeats needs a span"),
    ],
)
def test_moment_that_waits_for_nothing_or_never_ends_is_refused(line: str, message: str) -> None:
    text = changed('span = "1h"', f'span = "0h"\n{line}')
    with pytest.raises(DefinitionError) as refused:
        read(text)
    assert str(refused.value).startswith(message)


def test_phase_unfolds_into_reminder_deadline_and_escalation() -> None:
    assert [rule.code for rule in read(CHAIN).moments] == ["talk.due", "talk.remind", "talk.escalated"]
    alone = CHAIN.replace('en = "Talk"', 'en = "Talk"\nremind = "never"\nescalate = "never"')
    assert [rule.code for rule in read(alone).moments] == ["talk.due"]


def test_moments_come_in_an_order_in_which_anchors_come_first() -> None:
    process = read(HEAD + other("C", after='after = "B"') + other("B", after='after = "A"') + other("A"))
    assert [rule.code for rule in process.moments] == ["A", "B", "C"]


def test_moment_lives_no_longer_than_what_it_hangs_on() -> None:
    process = read(HEAD + other("A", **{"while": 'while = "open"'}) + other("B", after='after = "A"'))
    assert process.by_code["B"].conditions == process.by_code["A"].conditions


def test_named_calendar_is_used_instead_of_the_sites() -> None:
    text = changed('after = "opened"', 'after = "opened"\ncalendar = "around-the-clock"')
    assert read(text).by_code["M"].calendar is OFFICE


@pytest.mark.parametrize("key", shipped_processes())
def test_shipped_definition_is_valid_and_every_rule_cites_its_source(key: str) -> None:
    process = find_process(key)
    assert process.key == key
    assert all(rule.cites for rule in process.moments)


def test_request_chain_has_exactly_the_standard_values_of_the_source() -> None:
    assert {rule.code: (str(rule.span), rule.clock.value) for rule in INQUIRY.moments if rule.span} == {
        "DM1": ("0h", "wall"),
        "R1": ("1h30m", "business hours"),
        "R1.new": ("1h30m", "business hours"),
        "E1": ("2h", "business hours"),
        "E2.1": ("4h", "business hours"),
        "EM2.1": ("2h", "business hours"),
        "WV": ("0h", "wall"),
        "E2.2": ("24h", "business hours"),
    }


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (lambda: find_process("nowhere"), "there is no process 'nowhere'; known are anfrage"),
        (lambda: load_calendar(Path("nowhere.toml")), "there is no calendar file 'nowhere.toml'"),
        (lambda: read_process("key =", "broken.toml"), "broken.toml: this is not TOML"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(load: object, message: str) -> None:
    assert callable(load)
    with pytest.raises(DefinitionError) as refused:
        load()
    assert str(refused.value).startswith(message)


def test_definition_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("Geschäft".encode("latin-1"))
    with pytest.raises(DefinitionError, match=r"latin\.toml: this is not UTF-8"):
        find_process(str(path))


def test_every_shipped_calendar_opens() -> None:
    for path in (SHIPPED / "calendars").glob("*.toml"):
        assert load_calendar(path).fingerprint


def test_preset_counts_business_time_in_the_first_stage_only() -> None:
    """Reading 1: clock and delivery are two settings; a living competitor runs the later stages through the night."""
    process = find_process(str(SHIPPED / "presets" / "anfrage_stufe_1.toml"))
    moments = play(inquiry("2027-03-06 12:00"), RuleContext(process, OFFICE), [], None)
    assert times(moments, "E1", "E2.1", "EM2.1") == ["E1 08.03. 10:00", "E2.1 08.03. 14:00", "EM2.1 08.03. 16:00"]
    late = play(inquiry("2027-03-05 15:30"), RuleContext(process, OFFICE), [], None)
    assert times(late, "E1", "E2.1", "EM2.1") == ["E1 05.03. 17:30", "E2.1 05.03. 21:30", "EM2.1 05.03. 23:30"]
    assert process.by_code["EM2.1"].deliver is Delivery.BUSINESS_HOURS
