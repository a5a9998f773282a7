"""A gate is data: what a definition may say about one, what it need not say, and where it is wrong (QG-04)."""

import tomllib

import pytest

from domain.process.definition import Condition, Holding, Late, ProcessDefinition
from domain.process.gates import ItemKind, Prefill
from domain.process.moment_reading import Surroundings
from domain.process.reading import read_definition
from domain.process.roles import Role
from domain.process.table import DefinitionError
from domain.time.spans import Clock

TEMPLATES = frozenset(
    {"handover_waiting", "handover_returned", "handover_reminder", "handover_escalated", "point_due", "phase_escalated"}
)
GATED = """
[process]
key = "trial"
title = { de = "Versuch", en = "Trial" }
[milestones]
met = { de = "Getroffen", en = "Met", at_receipt = true }
[phases]
talk = { de = "Reden", en = "Talk" }
build = { de = "Bauen", en = "Build" }
bill = { de = "Rechnen", en = "Bill" }
[items.plan]
de = "Plan"
en = "Plan"
kind = "file"
[items.budget]
de = "Budget"
en = "Budget"
kind = "number"
[gates.order]
de = "Auftrag"
en = "Order"
cites = "QG-01"
phase = "talk"
from = "salesperson"
to = "project_manager"
owner = "controller"
override = "senior_controller"
control = { de = "Kontrolle", en = "Control" }
criteria = { de = "Kriterien", en = "Criteria" }
sequence = { de = "Reihenfolge", en = "Sequence" }
documentation = { de = "Dokumentation", en = "Documentation" }
items = ["plan", "budget"]
[reasons]
done = { de = "Fertig", en = "Done" }
"""
FINISH = """
[gates.finish]
de = "Abschluss"
en = "Finish"
cites = "QG-02"
phase = "build"
from = "project_manager"
to = "service"
owner = "controller"
override = "controller"
control = { de = "Kontrolle", en = "Control" }
criteria = { de = "Kriterien", en = "Criteria" }
sequence = { de = "Reihenfolge", en = "Sequence" }
documentation = { de = "Dokumentation", en = "Documentation" }
items = ["plan"]
"""
PLAN, GATE, REASON = 'kind = "file"', 'phase = "talk"', 'done = { de = "Fertig", en = "Done" }'
MOMENT = """
[[moments]]
code = "M"
title = { de = "Moment", en = "Moment" }
cites = "none"
after = "met"
span = "1h"
does = "pop-up"
to = "service"
"""


def read(text: str) -> ProcessDefinition:
    """Read a definition from text, as a file called trial.toml."""
    return read_definition(tomllib.loads(text), Surroundings(TEMPLATES), name="trial.toml")


def changed(old: str, new: str, text: str = GATED) -> str:
    """Return the trial definition with one thing changed."""
    assert text.count(old) == 1
    return text.replace(old, new)


def with_line(beside: str, line: str) -> str:
    """Return the trial definition with one more line."""
    return changed(beside, f"{beside}\n{line}")


def refusal(text: str) -> str:
    """Return the one line with which a definition is refused."""
    with pytest.raises(DefinitionError) as refused:
        read(text)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (PLAN, 'kind = "song"', "kind: 'song' is unknown; known are yes/no, text, number, date, file, choice"),
        (PLAN, "", "kind: a text is missing"),
        (PLAN, 'kind = "choice"', "options: a choice has options, and nothing else has"),
        (PLAN, f'{PLAN}\noptions.a = {{ de = "A", en = "A" }}', "options: a choice has options, and nothing"),
        (PLAN, 'kind = "choice"\noptions.a = { de = "A" }', "options: a: en: a text is missing"),
        (PLAN, f'{PLAN}\ndemands = "yes"', "demands: only yes/no can be demanded to be yes"),
        (PLAN, 'kind = "yes/no"\ndemands = "no"', "demands: 'no' is unknown; known is \"yes\""),
        (PLAN, f'{PLAN}\nmissing = "never"', "missing: 'never' is unknown; known is \"reason\""),
        (PLAN, f'{PLAN}\nfollows = "met"', "follows: a day follows a milestone; 'met' is none that file could follow"),
        (PLAN, 'kind = "date"\nfollows = "dreamt"', "follows: a day follows a milestone; 'dreamt' is none that date"),
        (PLAN, f'{PLAN}\nprefill = "customer name"', "prefill: 'customer name' is unknown; known are customer email,"),
        (PLAN, f'{PLAN}\nprefill = ""', "prefill: '' is not a text"),
        (PLAN, f'{PLAN}\nrequired = "no"', "required: 'no' is neither true nor false"),
        (PLAN, f'{PLAN}\nhelp = "Upload it"', "help: a table is expected"),
        (PLAN, f'{PLAN}\nhelp = {{ de = "Hochladen" }}', "help: en: a text is missing"),
        (PLAN, f"{PLAN}\nsize = 3", "size: unknown key; known are de, en, kind"),
        ('de = "Plan"', "", "de: a text is missing"),
        ('en = "Plan"', 'en = " "', "en: ' ' is not a text"),
    ],
)
def test_qg_04_item_that_cannot_be_is_refused_with_file_table_and_key(old: str, new: str, message: str) -> None:
    assert refusal(changed(old, new)).startswith(f"trial.toml: items: plan: {message}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GATE, 'phase = "walk"', "phase: 'walk' is no phase that a gate can end; known are talk, build"),
        (GATE, 'phase = "bill"', "phase: 'bill' is no phase that a gate can end; known are talk, build"),
        (GATE, "", "phase: a text is missing"),
        ('"plan", "budget"', '"plan", "gold"', "items: the item 'gold' is unknown; known are plan, budget"),
        ('"plan", "budget"', '"plan", "plan"', "items: a gate asks for at least one item, and for each one once"),
        ('"plan", "budget"', "", "items: a gate asks for at least one item, and for each one once"),
        ('items = ["plan", "budget"]', "", "items: a gate asks for at least one item"),
        ('items = ["plan", "budget"]', "items = 2", "items: 2 is not a list of texts"),
        ('"salesperson"', '"queen"', "from: 'queen' is unknown; known are owner, giver, receiver"),
        ('"salesperson"', '"owner"', "from: 'owner' is a role of a ticket, not of people"),
        ('"project_manager"', '"receiver"', "to: 'receiver' is a role of a ticket, not of people"),
        ('"controller"', '"assignee"', "owner: 'assignee' is a role of a ticket, not of people"),
        ('"senior_controller"', '"giver"', "override: 'giver' is a role of a ticket, not of people"),
        ('override = "senior_controller"', "", "override: a text is missing"),
        ('cites = "QG-01"', "", "cites: a text is missing"),
        ('de = "Auftrag"', "", "de: a text is missing"),
        ('control = { de = "Kontrolle", en = "Control" }', "", "control: de: a text is missing"),
        ('de = "Kriterien", ', "", "criteria: de: a text is missing"),
        (', en = "Sequence"', "", "sequence: en: a text is missing"),
        ('en = "Documentation"', 'en = "Documentation", fr = "?"', "documentation: fr: unknown key"),
        (GATE, f'{GATE}\ncritical = "very"', "critical: 'very' is neither true nor false"),
        (GATE, f"{GATE}\nown = 1", "own: 1 is neither true nor false"),
        (GATE, f'{GATE}\npoints = "3h"', "points: '3h' is not a number of days"),
        (GATE, f'{GATE}\nspan = "3h"', "span: unknown key; known are de, en, cites, phase, from, to"),
        (GATE, f'{GATE}\ngive = "8h"', "give: a table is expected"),
        (GATE, f'{GATE}\ngive = {{ before = "met" }}', "give: before: unknown key; known are after, span"),
        (GATE, f'{GATE}\ntake = {{ after = "met" }}', "take: after: unknown key; known are span"),
        (GATE, f"{GATE}\ngive = {{ after = 7 }}", "give: after: 7 is not a list of texts"),
        (GATE, f'{GATE}\ngive = {{ span = "2d" }}', "give.due: span: '2d' is not a span of time"),
        (GATE, f'{GATE}\ntake = {{ span = "soon" }}', "take.due: span: 'soon' is not a span of time"),
        (GATE, f'{GATE}\nremind = "1d"', "take.remind: span: '1d' is not a span of time"),
        (GATE, f'{GATE}\nescalate = "no"', "take.escalated: span: 'no' is not a span of time"),
        (GATE, f"{GATE}\nremind = false", "remind: False is not a text"),
    ],
)
def test_qg_04_gate_that_cannot_be_is_refused_with_file_table_and_key(old: str, new: str, message: str) -> None:
    assert refusal(changed(old, new)).startswith(f"trial.toml: gates: order: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed("[items.plan]", "[items.Plan]"), "trial.toml: items: Plan: 'Plan' is not a key of small letters"),
        (changed("[items.plan]", '[items."pl-an"]'), "trial.toml: items: pl-an: 'pl-an' is not a key of small letters"),
        (changed("[items.plan]", "[items.7]"), "trial.toml: items: 7: '7' is not a key of small letters"),
        (changed("[gates.order]", "[gates.Order]"), "trial.toml: gates: Order: 'Order' is not a key of small letters"),
        (changed("[gates.order]", '[gates."a/b"]'), "trial.toml: gates: a/b: 'a/b' is not a key of small letters"),
        (changed("order", "o" * 65), f"trial.toml: gates: {'o' * 65}: '{'o' * 65}' is not a key of small letters"),
        (
            changed('"plan", "budget"', '"plan"'),
            "trial.toml: items: budget: no gate asks for this",
        ),
        (
            GATED + changed('phase = "build"', 'phase = "talk"', FINISH),
            "trial.toml: gates: finish: phase: 'talk' already ends at the gate 'order'",
        ),
        (
            with_line(GATE, 'give = { after = "dreamt" }'),
            "trial.toml: moments[order.give.due]: after: the anchor 'dreamt' is unknown; known are opened,",
        ),
        (with_line(REASON, 'needs = "met"'), "trial.toml: reasons: needs: a table is expected"),
        (
            changed('en = "Done"', 'en = "Done", needs = "dreamt"'),
            "trial.toml: reasons: done: needs: 'dreamt' is unknown; known are met, passed:order",
        ),
        (
            changed('en = "Done"', 'en = "Done", needs = "passed:finish"'),
            "trial.toml: reasons: done: needs: 'passed:finish' is unknown; known are met, passed:order",
        ),
        (changed('en = "Done"', 'en = "Done", wants = "met"'), "trial.toml: reasons: done: wants: unknown key"),
        (with_line('key = "trial"', 'welcome = "dreamt"'), "trial.toml: process: welcome: the milestone 'dreamt' is"),
        (with_line('key = "trial"', 'objections = "2h"'), "trial.toml: process: objections: '2h' is not a number of"),
        (with_line('key = "trial"', 'objections = ""'), "trial.toml: process: objections: '' is not a text"),
        (
            f'{GATED}{MOMENT}gate = "finish"',
            "trial.toml: moments[M]: gate: 'finish' is unknown; known are order",
        ),
        (
            f'{GATED}{MOMENT}while = "passed finish"',
            "trial.toml: moments[M]: while: 'finish' is unknown; known are order",
        ),
        (
            f'{GATED}{MOMENT}while = "waiting at talk"',
            "trial.toml: moments[M]: while: 'talk' is unknown; known are order",
        ),
        (
            f'{GATED}{MOMENT}while = "not given"',
            "trial.toml: moments[M]: while: not given names a phase, milestone or gate",
        ),
        (
            changed('code = "M"', 'code = "passed:order"', GATED + MOMENT),
            "trial.toml: moments[passed:order]: code: 'passed:order' is no name: at most 128 characters without space",
        ),
        (
            changed('code = "M"', 'code = "order.take.due"', GATED + MOMENT),
            "trial.toml: moments[order.take.due]: code: 'order.take.due' is already taken",
        ),
    ],
)
def test_qg_04_definition_that_does_not_fit_together_is_refused(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


UNGATED = GATED[: GATED.index("[items.plan]")] + GATED[GATED.index("[reasons]") :]


def test_qg_04_definition_without_gates_names_none_where_one_is_asked_for() -> None:
    nothing = UNGATED.replace('[milestones]\nmet = { de = "Getroffen", en = "Met", at_receipt = true }', "")
    needy = nothing.replace('en = "Done"', 'en = "Done", needs = "met"')
    assert refusal(needy) == "trial.toml: reasons: done: needs: 'met' is unknown; known are none"
    assert refusal(f'{UNGATED}{MOMENT}gate = "g"') == "trial.toml: moments[M]: gate: 'g' is unknown; known are none"
    without_items = GATED[: GATED.index("[items.plan]")] + GATED[GATED.index("[gates.order]") :]
    assert refusal(without_items).endswith("gates: order: items: the item 'plan' is unknown; known are none")


def test_qg_04_gate_needs_a_phase_that_something_follows() -> None:
    alone = changed('build = { de = "Bauen", en = "Build" }\nbill = { de = "Rechnen", en = "Bill" }\n', "")
    assert refusal(alone).endswith(
        "'talk' is no phase that a gate can end; known are none, for something has to follow"
    )


def test_qg_04_key_may_be_as_long_as_an_address_bears() -> None:
    key = "o" * 64
    assert list(read(changed("order", key)).gates) == [key]


def test_qg_04_gate_says_who_and_how_and_the_rest_is_sensible() -> None:
    gate = read(GATED).gates["order"]
    assert (gate.key, gate.phase, gate.title["de"], gate.cites) == ("order", "talk", "Auftrag", "QG-01")
    assert (gate.giver, gate.receiver) == (Role.SALESPERSON, Role.PROJECT_MANAGER)
    assert (gate.owner, gate.override) == (Role.CONTROLLER, Role.SENIOR_CONTROLLER)
    answers = (gate.control, gate.criteria, gate.sequence, gate.documentation)
    assert [words["en"] for words in answers] == ["Control", "Criteria", "Sequence", "Documentation"]
    assert (gate.critical, gate.own, str(gate.points), gate.points.clock) == (True, False, "5d", Clock.WORKING_DAYS)


def test_qg_04_gate_may_be_lenient_where_it_says_so() -> None:
    gate = read(with_line(GATE, 'critical = false\nown = true\npoints = "3d"')).gates["order"]
    assert (gate.critical, gate.own, str(gate.points)) == (False, True, "3d")


def test_qg_04_item_is_required_and_admits_no_reason_unless_it_says_so() -> None:
    plan = read(GATED).gates["order"].items[0]
    assert (plan.key, plan.title["en"], plan.kind, plan.required) == ("plan", "Plan", ItemKind.FILE, True)
    assert (plan.may_be_missing, plan.demands_yes) == (False, False)
    assert (plan.help, plan.options, plan.prefill, plan.follows) == (None, None, None, None)


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ('kind = "text"\nrequired = false', "required", False),
        ('kind = "text"\nmissing = "reason"', "may_be_missing", True),
        ('kind = "yes/no"\ndemands = "yes"', "demands_yes", True),
        ('kind = "text"\nprefill = "customer phone"', "prefill", Prefill.PHONE),
        ('kind = "date"\nfollows = "met"', "follows", "met"),
        ('kind = "text"\nhelp = { de = "H", en = "h" }', "help", {"de": "H", "en": "h"}),
        ('kind = "choice"\noptions.a = { de = "A", en = "a" }', "options", {"a": {"de": "A", "en": "a"}}),
    ],
)
def test_qg_04_item_says_what_it_asks_for(lines: str, field: str, value: object) -> None:
    plan = read(changed(PLAN, lines)).gates["order"].items[0]
    assert getattr(plan, field) == value


def test_qg_04_items_come_in_the_order_of_the_gate_and_serve_several() -> None:
    gates = read(changed('"plan", "budget"', '"budget", "plan"') + FINISH).gates
    assert [item.key for item in gates["order"].items] == ["budget", "plan"]
    assert gates["finish"].items == (gates["order"].items[1],)


def test_qg_02_reason_needs_milestones_and_passed_gates_where_it_says_so() -> None:
    needy = read(changed('en = "Done"', 'en = "Done", needs = ["met", "passed:order"]'))
    assert needy.needs == {"done": ("met", "passed:order")}
    assert read(GATED).needs == {"done": ()}


def test_qg_02_welcome_and_objections_are_there_where_the_process_says_so() -> None:
    said = read(with_line('key = "trial"', 'welcome = "met"\nobjections = "2d"'))
    assert said.objections is not None
    assert (said.welcome, str(said.objections), said.objections.clock) == ("met", "2d", Clock.WORKING_DAYS)
    assert (read(GATED).welcome, read(GATED).objections) == (None, None)


CLOCKS = [
    *("order.submitted", "order.rejected", "order.take.due", "order.take.remind", "order.take.escalated"),
    *("order.give.due", "order.give.remind", "order.give.escalated"),
]
POINTS = ["point.due", "point.escalated"]


@pytest.mark.parametrize(
    ("line", "silent"),
    [
        ("", ()),
        ('remind = "never"', ("remind",)),
        ('escalate = "never"', ("escalated",)),
        ('remind = "never"\nescalate = "never"', ("remind", "escalated")),
    ],
)
def test_gate_unfolds_into_a_clock_for_each_side(line: str, silent: tuple[str, ...]) -> None:
    """Without a word both sides are reminded, and the gate's owner hears of both."""
    expected = [code for code in CLOCKS if not code.endswith(silent)]
    assert sorted(read(with_line(GATE, line)).by_code) == sorted([*expected, *POINTS])


@pytest.mark.parametrize(
    ("code", "anchors", "span", "to", "does"),
    [
        ("order.submitted", ("submitted:order",), "0h", Role.RECEIVER, ["pop-up", "mail handover_waiting"]),
        ("order.rejected", ("rejected:order",), "0h", Role.GIVER, ["pop-up", "mail handover_returned"]),
        ("order.take.due", ("submitted:order",), "4h", Role.RECEIVER, ["mark overdue", "pop-up"]),
        ("order.take.remind", ("order.take.due",), "1h", Role.RECEIVER, ["mail handover_reminder"]),
        ("order.take.escalated", ("order.take.due",), "2h", Role.CONTROLLER, ["escalate 1", "mail handover_escalated"]),
        ("order.give.due", ("met", "rejected:order"), "8h", Role.GIVER, ["mark overdue", "pop-up"]),
        ("order.give.remind", ("order.give.due",), "1h", Role.GIVER, ["mail handover_reminder"]),
        ("order.give.escalated", ("order.give.due",), "2h", Role.CONTROLLER, ["escalate 1", "mail handover_escalated"]),
    ],
)
def test_clocks_of_a_gate_count_from_its_steps_and_speak_to_its_sides(
    code: str, anchors: tuple[str, ...], span: str, to: Role, does: list[str]
) -> None:
    process = read(with_line(GATE, 'give = { after = "met" }'))
    rule = process.by_code[code]
    assert (rule.anchors, str(rule.span), rule.to, [str(action) for action in rule.does]) == (
        anchors,
        span,
        (to,),
        does,
    )
    assert (rule.backwards, rule.late is Late.SKIP) == (code.endswith("remind"), code.endswith("remind"))
    assert (rule.cites, rule.optional, rule.gate) == ("QG-01", True, process.gates["order"])


def test_clock_of_a_gate_runs_while_the_other_side_waits_and_the_phase_is_unfinished() -> None:
    unfinished = Condition(Holding.UNFINISHED, "talk")
    for rule in read(GATED).moments:
        if rule.code.startswith(("order.take", "order.submitted")):
            assert set(rule.conditions) == {Condition(Holding.AT_GATE, "order"), unfinished}
        elif rule.gate:
            assert set(rule.conditions) == {Condition(Holding.NOT_GIVEN, "order"), unfinished}


def test_giver_whose_gate_names_no_event_has_a_deadline_after_rejections_only() -> None:
    assert read(GATED).by_code["order.give.due"].anchors == ("rejected:order",)


def test_clocks_of_a_gate_take_the_spans_it_gives() -> None:
    lines = 'give = { after = "met", span = "3h" }\ntake = { span = "90m" }\nremind = "30m"\nescalate = "4h"'
    rules = read(with_line(GATE, lines)).by_code
    spans = {code.removeprefix("order."): str(rules[code].span) for code in CLOCKS[2:]}
    assert spans == {
        "take.due": "1h30m",
        "take.remind": "30m",
        "take.escalated": "4h",
        "give.due": "3h",
        "give.remind": "30m",
        "give.escalated": "4h",
    }


def test_moments_of_a_gate_are_called_after_it_in_both_languages() -> None:
    title = read(GATED).by_code["order.take.escalated"].title
    assert (title["de"], title["en"]) == ("Auftrag: Annahme eskaliert", "Order: acceptance escalated")
    assert len({str(rule.title) for rule in read(GATED).moments}) == len(CLOCKS + POINTS)


@pytest.mark.parametrize(
    ("text", "has_points"),
    [(GATED, True), (UNGATED, False), (UNGATED.replace("[process]", '[process]\nobjections = "1d"'), True)],
    ids=["gate", "neither", "objections"],
)
def test_reading_38_process_with_gates_or_objections_has_deadlines_of_open_points(text: str, has_points: bool) -> None:
    assert [rule.code for rule in read(text).moments if rule.code in POINTS] == (POINTS if has_points else [])


def test_reading_38_open_point_is_its_assignees_and_escalates_to_the_controllers() -> None:
    due, escalated = (read(GATED).by_code[code] for code in POINTS)
    assert (due.anchors, due.to) == (("open_point",), (Role.ASSIGNEE,))
    assert (due.marks_overdue, due.templates, due.escalation_level) == (True, ("point_due",), 0)
    assert (escalated.anchors, escalated.to) == (("point.due",), (Role.CONTROLLER, Role.SENIOR_CONTROLLER))
    assert (str(escalated.span), escalated.clock, escalated.escalation_level) == ("1d", Clock.WORKING_DAYS, 1)
