"""Walks a ticket through its chain: milestones planned and reached, phases done, skipped and taken up again."""

from dataclasses import replace
from datetime import datetime

from domain.process.definition import PASSED, REJECTED, SUBMITTED, Anchor
from domain.process.handovers import Stage
from domain.ticket.bounds import LARGEST
from domain.ticket.context import RuleContext
from domain.ticket.facts import MilestoneSet, PartnerChosen, PhaseDone, PhaseSkipped, PhaseSteppedBack, Refused
from domain.ticket.handover_rules import Evidence, phase_over
from domain.ticket.ticket import Ended, Status, Ticket, anchored, entered, whole_second

Step = MilestoneSet | PhaseDone | PhaseSkipped | PhaseSteppedBack | PartnerChosen


def walk(ticket: Ticket, step: Step, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    """Return the ticket after a step along its chain; raises Refused."""
    match step:
        case MilestoneSet():
            return _milestone_set(ticket, step, at, rule_context)
        case PhaseDone():
            return phase_over(ticket, Ended.DONE, at, rule_context, evidence)
        case PhaseSkipped():
            return phase_over(ticket, Ended.SKIPPED, at, rule_context, evidence)
        case PhaseSteppedBack():
            return _stepped_back(ticket, step, at, rule_context)
        case PartnerChosen():
            if step.jobs < 0:
                raise Refused("number_out_of_bounds", field="jobs", largest=str(LARGEST))
            return replace(anchored(ticket, Anchor.PARTNER, at, at), partner_jobs=step.jobs)


def _milestone_set(ticket: Ticket, fact: MilestoneSet, at: datetime, rule_context: RuleContext) -> Ticket:
    """Plan or reach a milestone; what is reached stays, and none precedes what it follows (KM-09)."""
    if fact.name not in rule_context.process.milestones:
        raise Refused("milestone_unknown", milestone=fact.name)
    if fact.name == rule_context.process.welcome:
        raise Refused("welcome_by_mail_or_call", milestone=fact.name)
    known = ticket.anchors.get(fact.name)
    if known is not None and not known.planned:
        raise Refused("milestone_reached_already", milestone=fact.name)
    when = whole_second(fact.at) if fact.at else at
    _check_sequence(ticket, fact.name, when, rule_context)
    handled = replace(ticket, status=Status.IN_PROGRESS)
    return anchored(handled, fact.name, when, at, planned=fact.at is not None)


def _check_sequence(ticket: Ticket, name: str, when: datetime, rule_context: RuleContext) -> None:
    """Compare by the site's dates: on the same day is in order."""
    day = rule_context.calendar.date_of(when)
    dates = {key: rule_context.calendar.date_of(a.at) for key, a in ticket.anchors.items() if key != name}
    milestones = rule_context.process.milestones
    early = [key for key in milestones[name].follows if key in dates and dates[key] > day]
    late = [key for key, other in milestones.items() if name in other.follows and key in dates and dates[key] < day]
    for other in (*early, *late):
        raise Refused("milestone_out_of_sequence", milestone=name, other=other)


def _stepped_back(ticket: Ticket, fact: PhaseSteppedBack, at: datetime, rule_context: RuleContext) -> Ticket:
    """The phases from there on are unfinished again, and their gates closed.

    Deadlines count from the milestones they always had.
    """
    chain = rule_context.process.chain
    earlier = chain[: chain.index(ticket.phase)]
    if fact.to not in earlier:
        raise Refused("not_an_earlier_phase", phase=fact.to)
    finished = earlier[: earlier.index(fact.to)]
    ended = {phase: how for phase, how in ticket.ended.items() if phase in finished}
    again = {gate.key for gate in rule_context.process.gates.values() if gate.phase not in finished}
    handovers = {
        key: replace(handover, stage=Stage.REOPENED) if key in again else handover
        for key, handover in ticket.handovers.items()
    }
    steps = {f"{step}{key}" for key in again for step in (SUBMITTED, REJECTED, PASSED)}
    anchors = {name: anchor for name, anchor in ticket.anchors.items() if name not in steps}
    return entered(replace(ticket, ended=ended, handovers=handovers, anchors=anchors), fact.to, at)
