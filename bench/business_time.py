"""How fast open time is added, beside the fastest and the best-known peer, on the same calendar.

Knows three engines and one question: 1,000 starts of 2026 plus a span. Refuses to time engines that disagree.
`python bench/business_time.py` prints the table and exits with 1 if a target ratio is missed.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import businesstimedelta
import holidays
import pytz
import workclock

from domain.time.calendar import BusinessCalendar

ZONE = "Europe/Berlin"
OFFICE = {
    "zone": ZONE,
    "holidays": "DE-BY",
    "hours": {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
YEARS = range(2025, 2031)
STARTS = 1_000
ROUNDS = 9
TARGETS = {"4,000 h / 2 h": 1.5, "ours / workclock": 3.0, "ours / businesstimedelta": 200.0}

Case = tuple[str, int]
CASES: list[Case] = [
    *(("ours", 2), ("ours", 16), ("ours", 400), ("ours", 4_000)),
    *(("workclock", 16), ("businesstimedelta", 16)),
]
RATIOS: dict[str, tuple[Case, Case]] = {
    "4,000 h / 2 h": (("ours", 4_000), ("ours", 2)),
    "ours / workclock": (("workclock", 16), ("ours", 16)),
    "ours / businesstimedelta": (("businesstimedelta", 16), ("ours", 16)),
}

Add = Callable[[datetime, timedelta], datetime]


def ours() -> Add:
    """Our calendar, as it is shipped."""
    return BusinessCalendar.from_mapping(OFFICE).add


def workclock_add() -> Add:
    """Workclock: a schedule with a lunch break, in Rust."""
    closed = holidays.country_holidays("DE", subdiv="BY", years=YEARS)
    rules: list[workclock.Rule] = [
        workclock.WorkDay(time(8), time(17)),
        workclock.Break(time(12), time(13)),
        workclock.Holidays(list(closed)),
    ]
    return workclock.Schedule(rules, time_zone=ZONE).add


def businesstimedelta_add() -> Add:
    """Businesstimedelta: working days minus lunch minus holidays, in Python."""
    zone, days = pytz.timezone(ZONE), range(5)
    work = businesstimedelta.WorkDayRule(time(8), time(17), working_days=days, tz=zone)
    lunch = businesstimedelta.LunchTimeRule(time(12), time(13), working_days=days, tz=zone)
    # It dies past the last holiday of a list, so the list reaches far beyond every result.
    closed = holidays.country_holidays("DE", subdiv="BY", years=YEARS)
    rules = businesstimedelta.Rules([work, lunch, businesstimedelta.HolidayRule(closed, tz=zone)])

    def add(at: datetime, span: timedelta) -> datetime:
        result: Any = at + businesstimedelta.BusinessTimeDelta(rules, timedelta=span)
        return datetime.fromtimestamp(result.timestamp(), UTC)

    return add


def starts(zone: Any) -> list[datetime]:
    """Minutes of 2026 at any hour of any day, always the same ones, in the office's zone."""
    random = Random(2026)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    minutes = (date(2027, 1, 1) - date(2026, 1, 1)).days * 24 * 60
    return [(first + timedelta(minutes=random.randrange(minutes))).astimezone(zone) for _ in range(STARTS)]


def seconds(add: Add, at: list[datetime], span: timedelta) -> float:
    """Processor time for one addition to each start, so that a busy machine counts less."""
    gc.collect()
    begins = process_time()
    for start in at:
        add(start, span)
    return process_time() - begins


def first_answer() -> float:
    """Milliseconds to build a calendar and add for the first time, once `holidays` is imported."""
    begins = perf_counter()
    ours()(datetime(2026, 6, 1, tzinfo=UTC), timedelta(hours=16))
    return (perf_counter() - begins) * 1_000


def disagreements(engines: dict[str, Add], at: list[datetime], span: timedelta) -> int:
    """Starts for which two engines answer different instants."""
    answers = [[add(start, span).astimezone(UTC) for start in at] for add in engines.values()]
    return sum(a != b for one, other in pairwise(answers) for a, b in zip(one, other, strict=True))


def rounds(add: dict[str, Add], at: list[datetime]) -> list[dict[Case, float]]:
    """Seconds by engine and hours; all of them take turns in every round, so that a slow moment hits all."""
    return [
        {(name, hours): seconds(add[name], at, timedelta(hours=hours)) for name, hours in CASES} for _ in range(ROUNDS)
    ]


def main() -> int:
    """Print the table, and say whether every target was met."""
    engines = {"ours": ours(), "workclock": workclock_add(), "businesstimedelta": businesstimedelta_add()}
    at = starts(BusinessCalendar.from_mapping(OFFICE).zone)
    quick = {name: engines[name] for name in ("ours", "workclock")}
    wrong = sum(disagreements(engines, at, timedelta(hours=hours)) for hours in (2, 16))
    wrong += sum(disagreements(quick, at, timedelta(hours=hours)) for hours in (400, 4_000))
    print(f"{len(at)} starts: {wrong} disagreements between {', '.join(engines)}")
    taken = rounds(engines, at)
    for name, hours in CASES:
        rate = STARTS / median(times[name, hours] for times in taken)
        print(f"{name:18} + {hours:5,} h {rate:12,.0f} additions/s")
    print(f"first answer of a new calendar {median(first_answer() for _ in range(ROUNDS)):.1f} ms")
    ratios = {name: median(times[slow] / times[fast] for times in taken) for name, (slow, fast) in RATIOS.items()}
    met = [wrong == 0]
    for name, ratio in ratios.items():
        most = name == "4,000 h / 2 h"
        met.append(ratio <= TARGETS[name] if most else ratio >= TARGETS[name])
        bound = f"{'at most' if most else 'at least'} {TARGETS[name]:g}"
        print(f"RATIO {name:26} {ratio:8.2f}  ({bound}: {'met' if met[-1] else 'MISSED'})")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
