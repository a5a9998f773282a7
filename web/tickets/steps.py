"""What the forms along the chain ask for beyond words: a milestone and its day, an earlier phase, a partner's jobs.

Whether a step may be taken is the domain's to say; here it is only read.
"""

from datetime import datetime
from typing import Any

from domain.process.definition import Holding, MomentRule, ProcessDefinition
from web.commands.limits import Limits
from web.shell.forms import Sheet
from web.shell.translations import N_

MILESTONE, WHEN, PLANNED_FOR, PHASE, JOBS = "milestone", "when", "planned_for", "phase", "jobs"
REACHED, PLANNED = "reached", "planned"
MOST_JOBS = 9999


def is_chain(process: ProcessDefinition) -> bool:
    """Whether there is a chain to walk: a process of one phase is done or not."""
    return len(process.chain) > 1


def watching_new_partners(process: ProcessDefinition) -> MomentRule | None:
    """Return the rule that looks after jobs of new partners, if there is one (KM-06)."""
    watching = (rule for rule in process.moments if any(one.kind is Holding.NEW_PARTNER for one in rule.conditions))
    return next(watching, None)


def phases_with_partner(process: ProcessDefinition) -> set[str]:
    """Return the phases in which it matters who builds: where new partners are watched, and the one before."""
    rule = watching_new_partners(process)
    watched = {one.of for one in rule.conditions if one.kind is Holding.IN_PHASE} if rule else set()
    return watched | {phase for phase in process.chain if process.after(phase) in watched}


def read_milestone(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    """Read which milestone, and the day it is planned for; None for one that is reached now."""
    name = sheet.choice(MILESTONE, limits.process.milestones)
    when = sheet.choice(WHEN, {REACHED, PLANNED})
    at = _planned_for(sheet, limits) if when == PLANNED else None
    if when == REACHED and sheet.typed.get(PLANNED_FOR, "").strip():
        sheet.wrong(PLANNED_FOR, N_("What is reached counts from now. Please empty this, or choose “planned for”."))
    return {MILESTONE: name, PLANNED_FOR: at}


def _planned_for(sheet: Sheet, limits: Limits) -> datetime | None:
    """Read a day of the site, as the instant it begins; today is still ahead."""
    at = sheet.day(PLANNED_FOR, limits.zone)
    if at is not None and at.date() < limits.now.astimezone(limits.zone).date():
        sheet.wrong(PLANNED_FOR, N_("This lies in the past."))
    return at


def read_phase(sheet: Sheet, limits: Limits) -> dict[str, Any]:
    """Read which phase to step back to."""
    return {PHASE: sheet.choice(PHASE, limits.process.phases)}


def read_jobs(sheet: Sheet, _: Limits) -> dict[str, Any]:
    """Read how many jobs the partner did for us before this one."""
    return {JOBS: sheet.count(JOBS, MOST_JOBS)}
