"""A customer's way from lead to regular customer: what each fact makes of it, or why it is refused (KD-01 to KD-13)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.process.definition import Anchor
from domain.process.life import Life, LifeRules, Mark, Package, Task, class_mark
from domain.process.roles import Role
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import (
    Acknowledged,
    AppointmentBooked,
    AssistantAsked,
    CustomerFact,
    Invited,
    Observed,
    OfferSent,
    PackageBooked,
    PriorityMarked,
    Tagged,
    TaskAssigned,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import (
    Answered,
    Called,
    Closed,
    Fact,
    FollowUpSet,
    MilestoneSet,
    Noted,
    Paused,
    Reassigned,
    Refused,
    Resumed,
)
from domain.ticket.handover_rules import Evidence
from domain.ticket.ticket import Status, Ticket, anchored, entered, received, unanchored, whole_second
from domain.ticket.weekly_duty import begun, news, worked

_ALSO_OF_TICKETS = (Answered, Called, FollowUpSet, Noted, Reassigned, Paused, Resumed, MilestoneSet, Closed)
_CONTACTS = (Answered, Called)


def registered(
    rule_context: RuleContext, at: datetime, owner: str | None, registered_at: datetime | None = None
) -> Ticket:
    """Return a new lead as we learn of it at `at`, somebody's from the start; nobody has to act on it (KD-01)."""
    lead = received(rule_context, registered_at or at, owner)
    lead = replace(lead, status=Status.IN_PROGRESS, life=Life())
    return anchored(lead, Anchor.ASSIGNED, whole_second(at), whole_second(at)) if owner else lead


def check_kind(fact: Fact, rule_context: RuleContext) -> None:
    """Raise Refused for what happens to tickets, but not to a customer."""
    rules = rule_context.process.life
    if rules is None or isinstance(fact, CustomerFact):
        return
    is_check = not isinstance(fact, MilestoneSet) or fact.name in rules.checks
    if not isinstance(fact, _ALSO_OF_TICKETS) or not is_check:
        raise Refused("for_tickets_only")


def worked_on(ticket: Ticket, fact: Fact, at: datetime) -> Ticket:
    """Return a customer after a contact or a reminder, which work off their entry; other facts do not (reading 34)."""
    if ticket.life is None:
        return ticket
    if isinstance(fact, _CONTACTS):
        return worked(unanchored(ticket, Mark.ASKED), at)
    return worked(ticket, at, rests_until=whole_second(fact.at)) if isinstance(fact, FollowUpSet) else ticket


def live(ticket: Ticket, fact: CustomerFact, at: datetime, rule_context: RuleContext, evidence: Evidence) -> Ticket:
    """Return a customer after what happened in their life; raises Refused, also for a ticket that is no life."""
    life, rules = ticket.life, rule_context.process.life
    if life is None or rules is None:
        raise Refused("for_customers_only")
    living = _Living(ticket, life, rules, at, rule_context, evidence)
    match fact:
        case PackageBooked():
            return living.booked(fact)
        case TaskPosted():
            return living.posted(fact)
        case TaskAssigned():
            return living.assigned(fact)
        case AppointmentBooked() | Invited():
            return living.as_lead(fact)
        case Tagged():
            return living.tagged(fact.tag)
        case _:
            return _looked_after(ticket, fact, at)


@dataclass(frozen=True)
class _Living:
    """A customer to whom something happens at an instant, and what it is judged by."""

    ticket: Ticket
    life: Life
    rules: LifeRules
    at: datetime
    rule_context: RuleContext
    evidence: Evidence

    def booked(self, fact: PackageBooked) -> Ticket:
        """Count the packages, whatever order they become known in; the stage follows from how many there are."""
        if fact.size not in self.rules.sizes:
            known = ", ".join(map(str, self.rules.sizes))
            raise Refused("package_unknown", size=str(fact.size), sizes=known)
        package = Package(fact.size, self._when(fact.at))
        packages = tuple(sorted((*self.life.packages, package), key=lambda one: one.at))
        after = replace(self.ticket, status=Status.OPEN, life=replace(self.life, packages=packages))
        if not self.life.packages:
            after = self._given_to(self.rules.care, unanchored(after, Mark.ACKNOWLEDGED))
        if packages[0] not in self.life.packages:
            after = anchored(after, Mark.FIRST_PACKAGE, packages[0].at, self.at)
        listed = news if self.life.packages else begun
        after = listed(after, self.at, self.rule_context, self.rules)
        return self._in_stage(self._grown(after, package), len(packages), package)

    def _in_stage(self, after: Ticket, packages: int, package: Package) -> Ticket:
        chain = self.rule_context.process.chain
        stage = chain[min(packages, len(chain) - 1)]
        if stage == self.ticket.phase:
            return after
        after = replace(entered(after, stage, self.at), status=Status.OPEN)
        is_new_regular = stage == chain[-1] and self._is_news(package)
        return anchored(after, Mark.REGULAR, self.at, self.at) if is_new_regular else after

    def _grown(self, after: Ticket, package: Package) -> Ticket:
        """Mark who grows right after the trial (KD-06), and watch who books another size than usual (KD-10)."""
        earlier = [one.size for one in self.life.packages if one.at <= package.at]
        marks: list[Mark] = []
        if earlier and earlier[-1] == self.rules.trial and package.size in self.rules.grows:
            marks += [] if Mark.PRIORITY in after.anchors else [Mark.PRIORITY]
            marks += [Mark.GREW] if self._is_news(package) else []
        is_unusual = self.life.usual(package.at) not in (None, package.size)
        if is_unusual and self.life.tag in self.rules.watches and self._is_news(package):
            marks += [Mark.WATCHED, Mark.DRIFTED]
        for mark in marks:
            after = anchored(after, mark, self.at, self.at)
        return after

    def posted(self, fact: TaskPosted) -> Ticket:
        """Have a task wait to be assigned; the first one ends a no-show (KD-09)."""
        if not _is_key(fact.task):
            raise Refused("task_key", task=fact.task)
        if fact.task in self.life.tasks:
            raise Refused("task_known", task=fact.task)
        task = Task(self._when(fact.at), self.at, self.ticket.facts)
        life = replace(self.life, tasks={**self.life.tasks, fact.task: task})
        after = replace(unanchored(self.ticket, Mark.NO_SHOW), status=Status.OPEN, life=life)
        if Mark.NO_SHOW in self.ticket.anchors:
            after = begun(after, self.at, self.rule_context, self.rules)
        return after if self.life.tasks else anchored(after, Mark.FIRST_TASK, task.posted_at, self.at)

    def assigned(self, fact: TaskAssigned) -> Ticket:
        """End a task's wait, which works the entry off; who got it works for this customer from now on, if known."""
        task = self.life.tasks.get(fact.task)
        if task is None:
            raise Refused("task_unknown", task=fact.task)
        if task.assigned:
            raise Refused("task_assigned_already", task=fact.task)
        tasks = {**self.life.tasks, fact.task: replace(task, assigned=True)}
        life = replace(self.life, tasks=tasks, assistant=fact.to or self.life.assistant)
        status = Status.OPEN if life.open_tasks else Status.IN_PROGRESS
        after = replace(worked(self.ticket, self.at), life=life, status=status)
        is_first = Mark.FIRST_ASSIGNED not in after.anchors
        return anchored(after, Mark.FIRST_ASSIGNED, self.at, self.at) if is_first else after

    def as_lead(self, fact: AppointmentBooked | Invited) -> Ticket:
        """Give a lead with an appointment to sales; one whom a colleague invited is nobody's to-do (KD-01, KD-08)."""
        if self.ticket.phase != self.rule_context.process.first_phase:
            raise Refused("not_a_lead")
        if isinstance(fact, Invited):
            return _switched(self.ticket, Mark.INVITED, True, self.at)
        booked = _switched(self.ticket, Mark.APPOINTMENT, True, self.at)
        return self._given_to(self.rules.sales, replace(booked, status=Status.OPEN))

    def tagged(self, tag: str) -> Ticket:
        """Classify the customer; one class replaces the other."""
        if tag not in self.rules.classes:
            raise Refused("tag_unknown", tag=tag, tags=", ".join(self.rules.classes))
        if tag == self.life.tag:
            raise Refused("already_so")
        after = unanchored(self.ticket, *(class_mark(letter) for letter in self.rules.classes))
        return anchored(replace(after, life=replace(self.life, tag=tag)), class_mark(tag), self.at, self.at)

    def _given_to(self, role: Role, ticket: Ticket) -> Ticket:
        """Give a customer to whose turn it is in a department, unless their owner belongs to it."""
        turn = self.evidence.turns.get(role)
        if turn is None or (ticket.owner and self.rule_context.roster.plays(ticket.owner, role)):
            return ticket
        return replace(anchored(ticket, Anchor.ASSIGNED, self.at, self.at), owner=turn)

    def _when(self, when: datetime | None) -> datetime:
        """Return when something happened; compared by the site's dates with the registration."""
        happened = whole_second(when) if when else self.at
        if happened > self.at:
            raise Refused("in_the_future")
        date_of = self.rule_context.calendar.date_of
        if date_of(happened) < date_of(self.ticket.received_at):
            raise Refused("before_registration", at=self.ticket.received_at.isoformat())
        return happened

    def _is_news(self, package: Package) -> bool:
        return self.at - package.at <= timedelta(days=self.rules.news_days)


def _looked_after(
    ticket: Ticket,
    fact: PriorityMarked | Watched | OfferSent | Acknowledged | AssistantAsked | Observed,
    at: datetime,
) -> Ticket:
    """Return a customer after what their admin does about them."""
    match fact:
        case PriorityMarked():
            return _switched(ticket, Mark.PRIORITY, fact.on, at)
        case Watched():
            return _switched(unanchored(ticket, Mark.DRIFTED), Mark.WATCHED, fact.on, at)
        case OfferSent():
            return anchored(ticket, Mark.OFFER, at, at)
        case Acknowledged():
            return worked(anchored(ticket, Mark.ACKNOWLEDGED, at, at), at)
        case AssistantAsked():
            answer_by = whole_second(fact.answer_by)
            if answer_by <= at:
                raise Refused("answer_in_the_past")
            return worked(anchored(ticket, Mark.ASKED, answer_by, at, planned=True), at)
        case Observed():
            if Mark.ASKED not in ticket.anchors:
                raise Refused("not_asked")
            return worked(unanchored(ticket, Mark.ASKED), at)


def _switched(ticket: Ticket, mark: str, on: bool, at: datetime) -> Ticket:
    if on == (mark in ticket.anchors):
        raise Refused("already_so")
    return anchored(ticket, mark, at, at) if on else unanchored(ticket, mark)


def _is_key(text: str) -> bool:
    """Whether a task's id can stand in the code of a moment."""
    return 0 < len(text) <= _LONGEST_KEY and all(one.isalnum() or one in "-_.:" for one in text)


_LONGEST_KEY = 64
