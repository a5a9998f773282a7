"""`simulate`: the vectors of S2 through the command line, and one clear line for everything that is wrong."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from commandline.entry import run
from tests.domain.ticket.test_request_chain import VECTORS

ROOT = Path(__file__).parent.parent
MUSTERSTADT = str(ROOT / "processes" / "calendars" / "musterstadt.toml")
AROUND_THE_CLOCK = str(ROOT / "processes" / "calendars" / "around-the-clock.toml")
CHAIN = ("R1", "E1", "E2.1", "EM2.1")
TUESDAY = "2027-03-02 17:00"

Capture = pytest.CaptureFixture[str]


def simulated(
    capsys: Capture,
    received: str,
    *events: str,
    calendar: str = MUSTERSTADT,
    process: str = "anfrage",
    **more: str,
) -> list[Any]:
    """Return what `simulate --json` prints."""
    options = [word for name, value in more.items() for word in (f"--{name}", value)]
    happening = [word for event in events for word in ("--event", event)]
    arguments = ["simulate", process, "--calendar", calendar, "--received", received, "--json", *happening, *options]
    assert run(arguments) == 0
    return list(json.loads(capsys.readouterr().out))


def named(moments: list[Any], *codes: str) -> list[str]:
    """Return moments as "E1 03.03. 10:00", all of them or those with one of the codes."""
    return [
        f"{moment['moment']} {datetime.fromisoformat(moment['at']):%d.%m. %H:%M}"
        for moment in moments
        if not codes or moment["moment"] in codes
    ]


@pytest.mark.parametrize(("received", *"abcd"), VECTORS)
def test_prints_each_vector_of_s2(capsys: Capture, received: str, a: str, b: str, c: str, d: str) -> None:
    assert named(simulated(capsys, received), *CHAIN) == [a, b, c, d]


def test_lunch_break_moves_the_chain_to_the_next_morning(capsys: Capture, tmp_path: Path) -> None:
    """The vector with hours 09-12 and 13-18."""
    calendar = tmp_path / "lunch.toml"
    hours = Path(MUSTERSTADT).read_text("utf-8").replace('"09:00-18:00"', '"09:00-12:00", "13:00-18:00"')
    calendar.write_text(hours, "utf-8")
    moments = simulated(capsys, "2027-03-02 11:30", calendar=str(calendar))
    assert named(moments, *CHAIN) == ["R1 02.03. 14:00", "E1 02.03. 14:30", "E2.1 03.03. 09:30", "EM2.1 03.03. 11:30"]


def test_moment_says_when_what_to_whom_and_why(capsys: Capture) -> None:
    (overdue,) = [m for m in simulated(capsys, TUESDAY, language="en") if m["moment"] == "E1"]
    assert overdue["at"] == "2027-03-03T10:00:00+01:00"
    assert overdue["does"] == ["mark overdue", "pop-up"]
    assert overdue["to"] == ["owner"]
    assert "receipt Tue 02.03.2027 17:00 + 2 h business time" in overdue["why"]


@pytest.mark.parametrize(
    "received",
    [
        "2027-03-02T17:00",
        "2027-03-02 17:00:00",
        "2027-03-02 16:00Z",
        "2027-03-02T17:00+01:00",
        "2027-03-02 11:00 -0500",
    ],
)
def test_instants_are_iso_8601_with_or_without_an_offset(capsys: Capture, received: str) -> None:
    assert named(simulated(capsys, received), "E1") == ["E1 03.03. 10:00"]


def test_time_that_a_clock_change_skips_has_the_offset_before_it(capsys: Capture) -> None:
    """RFC 5545: 02:30 on 28 March 2027 is 03:30 summer time."""
    moments = simulated(capsys, "2027-03-28 02:30", calendar=AROUND_THE_CLOCK)
    assert [m["at"] for m in moments if m["moment"] == "E1"] == ["2027-03-28T05:30:00+02:00"]


def test_time_that_a_clock_change_repeats_is_the_first_one(capsys: Capture) -> None:
    moments = simulated(capsys, "2027-10-31 02:30", calendar=AROUND_THE_CLOCK)
    assert [m["at"] for m in moments if m["moment"] == "E1"] == ["2027-10-31T03:30:00+01:00"]


@pytest.mark.parametrize(
    ("calendar", "received", "expected"),
    [
        (AROUND_THE_CLOCK, "2027-03-28 01:30", "2027-03-28T04:30:00+02:00"),
        (AROUND_THE_CLOCK, "2027-10-31 01:30", "2027-10-31T02:30:00+01:00"),
    ],
)
def test_two_hours_around_the_clock_are_elapsed_hours(
    capsys: Capture, calendar: str, received: str, expected: str
) -> None:
    moments = simulated(capsys, received, calendar=calendar)
    assert [m["at"] for m in moments if m["moment"] == "E1"] == [expected]


def test_output_is_sorted_by_instant_not_by_the_time_on_the_wall(capsys: Capture) -> None:
    """In the night of the clock change the reminder at the first 02:45 comes before overdue at the second 02:15."""
    moments = simulated(capsys, "2027-10-31 01:15", calendar=AROUND_THE_CLOCK)
    assert [m["at"] for m in moments if m["moment"] in ("R1", "E1")] == [
        "2027-10-31T02:45:00+02:00",
        "2027-10-31T02:15:00+01:00",
    ]


def test_handling_cancels_what_would_have_followed(capsys: Capture) -> None:
    assert named(simulated(capsys, TUESDAY, "2027-03-03 09:45 answered"), *CHAIN) == ["R1 03.03. 09:30"]


def test_handling_at_the_very_instant_is_in_time(capsys: Capture) -> None:
    assert named(simulated(capsys, TUESDAY, "2027-03-03T10:00 called"), *CHAIN) == ["R1 03.03. 09:30"]


def test_follow_up_that_moves_is_overdue_where_it_moved_to(capsys: Capture) -> None:
    """Vectors of E2.2: 24 business hours, not 24 hours on the wall clock."""
    moments = simulated(
        capsys,
        "2027-03-01 10:00",
        "2027-03-01 10:05 follow_up 2027-03-02 10:00",
        "2027-03-01 16:00 follow_up 2027-03-05T17:00",
    )
    assert named(moments, "WV", "E2.2") == ["WV 05.03. 17:00", "E2.2 10.03. 10:00"]


def test_pause_is_a_break_in_the_calendar(capsys: Capture) -> None:
    moments = simulated(capsys, "2027-03-02 10:00", "2027-03-02 11:00 paused", "2027-03-04 11:00 resumed")
    assert named(moments, "E1") == ["E1 04.03. 12:00"]


def test_paused_ticket_is_silent(capsys: Capture) -> None:
    assert named(simulated(capsys, "2027-03-02 10:00", "2027-03-02 11:00 paused"), *CHAIN) == []


def test_customer_writing_again_starts_a_new_clock(capsys: Capture) -> None:
    moments = simulated(capsys, "2027-03-02 10:00", "2027-03-02 10:30 answered", "2027-03-02 17:00 customer_wrote")
    assert named(moments, "E1") == ["E1 03.03. 10:00"]


def test_reassigning_mails_the_new_owner_and_moves_no_deadline(capsys: Capture) -> None:
    moments = simulated(capsys, TUESDAY, "2027-03-02 17:30 reassigned paul", "2027-03-02 17:40 noted")
    assert named(moments, "DM1", "E1") == ["DM1 02.03. 17:00", "DM1 02.03. 17:30", "E1 03.03. 10:00"]


def test_until_is_inclusive_and_ends_the_story(capsys: Capture) -> None:
    assert named(simulated(capsys, TUESDAY, until="2027-03-03 10:00"), *CHAIN) == ["R1 03.03. 09:30", "E1 03.03. 10:00"]


def test_people_read_a_table_in_site_time(capsys: Capture) -> None:
    assert run(["simulate", "anfrage", "--calendar", MUSTERSTADT, "--received", TUESDAY]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Zeit", "Moment", "Was", "An", "Warum"]
    (overdue,) = [line for line in lines if line.startswith("Mi 03.03.2027 10:00")]
    assert "E1 Überfällig" in overdue
    assert overdue.index("mark overdue") == lines[0].index("Was")


def test_process_may_be_the_path_of_a_file(capsys: Capture) -> None:
    path = str(ROOT / "processes" / "anfrage.toml")
    assert run(["simulate", path, "--calendar", MUSTERSTADT, "--received", TUESDAY, "--json"]) == 0
    assert "EM2.1" in capsys.readouterr().out


GOOD = ("simulate", "anfrage", "--calendar", MUSTERSTADT, "--received", TUESDAY)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "unknown", *GOOD[2:]), ("'unknown'", "anfrage")),
        (("simulate", "anfrage", "--calendar", "nowhere.toml", *GOOD[4:]), ("nowhere.toml",)),
        (("simulate", "anfrage", "--calendar", str(ROOT), *GOOD[4:]), ("no calendar file",)),
        ((*GOOD[:4], "--received", "2027-02-30 17:00"), ("--received", "2027-02-30 17:00")),
        ((*GOOD[:4], "--received", "tomorrow"), ("--received", "tomorrow")),
        ((*GOOD[:4], "--received", ""), ("--received",)),
        ((*GOOD[:4], "--received", "2027-03-02"), ("no time of day",)),
        ((*GOOD[:4], "--received", "1999-03-02 17:00"), ("horizon",)),
        ((*GOOD[:4], "--received", "0001-01-01 00:00"), ("--received",)),
        ((*GOOD[:4], "--received", "9999-12-31 23:59"), ("horizon",)),
        ((*GOOD, "--event", "2027-03-02 16:59 answered"), ("before the receipt",)),
        ((*GOOD, "--event", "2027-03-02 17:30 shouted"), ("'shouted'", "follow_up INSTANT")),
        ((*GOOD, "--event", "2027-03-02 17:30"), ("INSTANT NAME [ARG]",)),
        ((*GOOD, "--event", ""), ("INSTANT NAME [ARG]",)),
        ((*GOOD, "--event", "2027-03-32 17:30 answered"), ("2027-03-32 17:30",)),
        ((*GOOD, "--event", "answered"), ("INSTANT NAME [ARG]",)),
        ((*GOOD, "--event", "2027-03-02 17:30 follow_up"), ("argument is missing", "follow_up INSTANT")),
        ((*GOOD, "--event", "2027-03-02 17:30 closed"), ("argument is missing", "closed REASON")),
        ((*GOOD, "--event", "2027-03-02 17:30 answered quickly"), ("takes no argument", "quickly")),
        ((*GOOD, "--event", "2027-03-02 17:30 follow_up soon"), ("soon",)),
        ((*GOOD, "--event", "2027-03-02 17:30 follow_up 2027-03-02 17:29"), ("lies in the past",)),
        ((*GOOD, "--event", "2027-03-02 17:30 follow_up 2027-03-03 09:00 please"), ("please",)),
        ((*GOOD, "--event", f"{TUESDAY} closed won", "--event", f"{TUESDAY} closed won"), ("closed already",)),
        ((*GOOD, "--event", "2027-03-02 17:30 resumed"), ("not paused",)),
        ((*GOOD, "--event", "2027-03-02 17:30 follow_up 2099-12-31 17:00"), ("too far in the future",)),
        ((*GOOD, "--until", "2027-03-02 16:59"), ("--until", "before the receipt")),
        ((*GOOD, "--until", "never"), ("--until", "never")),
        ((*GOOD, "--language", "fr"), ("--language", "de, en")),
        (GOOD[:4], ("--received",)),
        (("simulate",), ("process",)),
        ((*GOOD, "--unheard-of"), ("--unheard-of",)),
        (("imagine",), ("imagine",)),
        ((), ("command",)),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    capsys: Capture, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    for word in words:
        assert word.lower() in captured.err.lower()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("zone = ", ("calendar.toml", "TOML")),
        ('zone = "Mars/Olympus"\nholidays = "none"\n[hours]\nmon = ["09:00-18:00"]', ("calendar.toml", "zone")),
        ('zone = "Europe/Berlin"\nholidays = "none"\n[hours]\nmon = ["25:00-26:00"]', ("hours.mon",)),
        ('zone = "Europe/Berlin"\nholidays = "none"\n[hours]\nmonday = ["09:00-18:00"]', ("monday",)),
    ],
)
def test_calendar_that_cannot_be_is_named_with_file_and_key(
    capsys: Capture, tmp_path: Path, content: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(content, "utf-8")
    assert run(["simulate", "anfrage", "--calendar", str(path), "--received", TUESDAY]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    for word in words:
        assert word in message


def test_calendar_in_another_encoding_is_one_line(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("# Öffnungszeiten".encode("latin-1"))
    assert run(["simulate", "anfrage", "--calendar", str(path), "--received", TUESDAY]) == 2
    assert "UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(("received", "code"), [(TUESDAY, 0), ("2027-02-30 17:00", 2)])
def test_program_ends_with_the_exit_code(received: str, code: int) -> None:
    """The real program, as a shell sees it: JSON and nothing else on stdout, errors in one line on stderr."""
    command = (sys.executable, "starter.py", *GOOD[:4], "--received", received, "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code
    if code:
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
    else:
        assert named(json.loads(done.stdout), "E1") == ["E1 03.03. 10:00"]
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("received", "event", "due"),
    [
        ("2027-03-05 10:00", "2027-03-05 11:00 phase_done", "information.due 09.03. 18:00"),
        ("2027-03-24 10:00", "2027-03-24 11:00 phase_done", "information.due 30.03. 18:00"),
        ("2027-03-15 10:00", "2027-03-22 11:00 milestone site_survey", "quotation.due 01.04. 18:00"),
        ("2027-03-15 10:00", "2027-03-16 11:00 milestone site_survey 2027-03-22", "quotation.due 01.04. 18:00"),
        ("2027-03-15 10:00", "2027-03-25 11:00 milestone quote_submitted", "sales.due 01.04. 18:00"),
        ("2027-04-01 10:00", "2027-04-01 11:00 milestone construction_start 2027-05-10", "planning.due 27.04. 18:00"),
        ("2027-02-01 10:00", "2027-02-01 11:00 milestone construction_start 2027-03-01", "planning.due 17.02. 18:00"),
        ("2027-05-03 10:00", "2027-05-14 11:00 milestone project_delivered", "invoicing.due 24.05. 18:00"),
    ],
)
def test_prints_each_vector_of_the_statuskette(capsys: Capture, received: str, event: str, due: str) -> None:
    moments = simulated(capsys, received, event, process="statuskette", until="2027-06-30 12:00")
    assert due in named(moments)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("2027-03-02 18:00 milestone", "the argument is missing; write milestone NAME [DATE]"),
        ("2027-03-02 18:00 milestone moon", "no milestone “moon”"),
        ("2027-03-02 18:00 milestone site_survey 2027-02-30", "'2027-02-30' is not a date with a time"),
        ("2027-03-02 18:00 milestone site_survey 2027-02-01", "would be in the wrong order"),
        ("2027-03-02 18:00 milestone first_contact", "has been reached already"),
        ("2027-03-02 18:00 phase_back sales", "“sales” is not an earlier phase"),
        ("2027-03-02 18:00 partner many", "'many' is not a number of jobs"),
        ("2027-03-02 18:00 phase_done now", "'phase_done' takes no argument"),
        ("2027-03-02 18:00 handover_submitted", "the argument is missing; write handover_submitted GATE [SHORT]"),
        ("2027-03-02 18:00 handover_submitted moon", "no quality gate “moon”"),
        ("2027-03-02 18:00 handover_submitted sales_to_project", "does not stand before “sales_to_project”"),
        ("2027-03-02 18:00 handover_submitted intake_complete nobody", "nobody cannot accept at “intake_complete”"),
        ("2027-03-02 18:00 handover_accepted", "the argument is missing; write handover_accepted GATE"),
        ("2027-03-02 18:00 handover_accepted intake_complete", "No handover is waiting at “intake_complete”"),
        ("2027-03-02 18:00 handover_accepted intake_complete now", "no quality gate “intake_complete now”"),
        ("2027-03-02 18:00 handover_rejected moon", "no quality gate “moon”"),
        ("2027-03-02 18:00 gate_overridden moon", "no quality gate “moon”"),
        ("2027-03-02 18:00 phase_skipped", "only through the quality gate “intake_complete”"),
        ("2027-03-02 18:00 point_assigned moon owner 2027-03-05 10:00", "no open point “moon”"),
        ("2027-03-02 18:00 point_settled moon", "no open point “moon”"),
        ("2027-03-02 18:00 objection", "records no objections"),
        ("2027-03-02 18:00 objection loudly", "'objection' takes no argument"),
        ("2027-03-02 18:00 welcomed twice", "'twice' is neither mail nor call"),
        ("2027-03-02 18:00 milestone customer_welcomed", "is reached by the mail or the call"),
        ("2027-03-02 18:00 closed billed", "something is still missing"),
    ],
)
def test_step_that_cannot_be_is_one_clear_line(capsys: Capture, event: str, says: str) -> None:
    arguments = ["simulate", "statuskette", "--calendar", MUSTERSTADT, "--received", TUESDAY, "--event", event]
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err
    assert captured.err.count("\n") == 1


def test_project_that_is_late_in_every_phase_walks_through_its_gates_and_prints_each_vector(capsys: Capture) -> None:
    """`phase_done` at a critical gate hands over and accepts; no deadline moves because of it."""
    moments = simulated(
        capsys,
        "2027-03-05 10:00",
        "2027-03-08 09:00 phase_done",
        "2027-03-10 09:00 phase_done",
        "2027-03-22 11:00 milestone site_survey",
        "2027-03-25 11:00 milestone quote_submitted",
        "2027-04-02 09:00 phase_done",
        "2027-04-02 09:01 milestone order_placed",
        "2027-04-02 09:02 milestone construction_start 2027-05-10",
        "2027-04-02 09:03 phase_done",
        "2027-04-28 09:00 phase_done",
        "2027-05-10 09:00 milestone construction_start",
        "2027-05-14 11:00 milestone project_delivered",
        "2027-05-14 11:01 phase_done",
        "2027-05-14 11:02 welcomed call",
        "2027-05-25 09:00 closed billed",
        process="statuskette",
    )
    phases = ("intake", "information", "quotation", "sales", "planning", "invoicing")
    assert named(moments, *(f"{phase}.due" for phase in phases)) == [
        "intake.due 05.03. 18:00",
        "information.due 09.03. 18:00",
        "quotation.due 01.04. 18:00",
        "sales.due 01.04. 18:00",
        "planning.due 27.04. 18:00",
        "invoicing.due 24.05. 18:00",
    ]
    assert named(moments, "welcome.due", "point.due") == []


SUBMITTED = "2027-03-02 17:10 handover_submitted intake_complete"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((SUBMITTED,), ["take.remind 03.03. 11:10", "take.due 03.03. 12:10", "take.escalated 03.03. 14:10"]),
        ((SUBMITTED, "2027-03-03 11:09 handover_accepted intake_complete"), []),
        ((SUBMITTED, "2027-03-03 12:10 handover_accepted intake_complete"), ["take.remind 03.03. 11:10"]),
        (
            (SUBMITTED, "2027-03-03 10:00 handover_rejected intake_complete fax"),
            ["give.remind 03.03. 17:00", "give.due 03.03. 18:00", "give.escalated 04.03. 11:00"],
        ),
        ((SUBMITTED, "2027-03-03 10:00 gate_overridden intake_complete"), []),
    ],
)
def test_both_sides_of_a_handover_have_a_clock(capsys: Capture, events: tuple[str, ...], expected: list[str]) -> None:
    """Four business hours to accept; eight to hand over again what was returned."""
    moments = simulated(capsys, TUESDAY, *events, process="statuskette", until="2027-03-31 12:00")
    clocks = [name.removeprefix("intake_complete.") for name in named(moments) if name.startswith("intake_complete.")]
    assert [name for name in clocks if not name.startswith(("submitted", "rejected"))] == expected


def test_objection_is_an_open_point_until_it_is_treated(capsys: Capture) -> None:
    """Two working days; settled in time it is silent, given to somebody with a new day it is due then."""
    point = "point.due/objection.2"
    raised = "2027-03-03 10:00 objection"

    def due(*more: str) -> list[str]:
        return named(
            simulated(capsys, "2027-03-02 10:00", raised, *more, process="sales"), point, "point.due/objection.3"
        )

    assert due() == [f"{point} 05.03. 18:00"]
    assert due("2027-03-05 17:59 point_settled objection.2") == []
    assert due("2027-03-04 10:00 point_assigned objection.2 colleague 2027-03-10 12:00") == [f"{point} 10.03. 12:00"]
    assert due("2027-03-04 10:00 objection") == [f"{point} 05.03. 18:00", "point.due/objection.3 08.03. 18:00"]


def test_phase_that_settles_points_is_not_done_while_an_objection_is_open(capsys: Capture) -> None:
    steps = [f"2027-03-03 10:0{n} phase_done" for n in range(4)]
    events = ["2027-03-03 11:00 objection", "2027-03-03 12:00 phase_done"]
    options = [word for event in (*steps, *events) for word in ("--event", event)]
    arguments = ["simulate", "sales", "--calendar", MUSTERSTADT, "--received", TUESDAY, *options]
    assert run(arguments) == 2
    assert "Still open: 1" in capsys.readouterr().err


def test_life_of_a_customer_is_printed_like_a_ticket(capsys: Capture) -> None:
    """KD-03, KD-06, KD-09 with the vector of the source, and KD-10."""
    moments = simulated(
        capsys,
        "2027-01-04 09:00",
        "2027-01-11 10:00 package 5",
        "2027-03-09 10:00 task_posted T1 2027-03-08",
        "2027-03-10 10:00 task_assigned T1",
        "2027-03-10 11:00 package 50 2027-03-09",
        "2027-03-10 12:00 priority off",
        "2027-03-10 13:00 watched",
        "2027-03-11 12:00 acknowledged",
        "2027-03-11 13:00 tagged B",
        "2027-03-12 13:00 assistant_asked 2027-03-15 12:00",
        "2027-03-15 14:00 watched off",
        process="customer",
        until="2027-03-19 18:00",
    )
    assert named(moments, "no_show.set", "task.new/T1", "grew.tell", "answer.due", "watch.due", "week.due") == [
        "week.due 15.01. 18:00",
        *(f"week.due {day} 18:00" for day in ("22.01.", "29.01.", "05.02.", "12.02.", "19.02.", "26.02.", "05.03.")),
        "no_show.set 08.03. 18:00",
        "task.new/T1 09.03. 10:00",
        "grew.tell 10.03. 11:00",
        "answer.due 15.03. 12:00",
        "week.due 19.03. 18:00",
    ]


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("package", "the argument is missing; write package HOURS [DATE]"),
        ("package many", "'many' is not a number of hours"),
        ("package 7", "There is no package of 7 hours; there are 5, 10"),
        ("package 5 2027-01-01", "before the customer registered"),
        ("package 5 2027-02-01", "lies in the future"),
        ("tagged D", "no class “D”; there are A, B, C"),
        ("watched on", "'on' is not off"),
        ("watched off", "This is so already"),
        ("phase_done", "belongs to a ticket"),
    ],
)
def test_what_cannot_happen_to_a_customer_is_one_clear_line(capsys: Capture, event: str, says: str) -> None:
    arguments = ["simulate", "customer", "--calendar", MUSTERSTADT, "--received", "2027-01-04 09:00"]
    assert run([*arguments, "--event", f"2027-01-11 10:00 {event}"]) == 2
    assert says in capsys.readouterr().err
