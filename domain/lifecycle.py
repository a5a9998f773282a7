"""A customer's way from lead to regular customer: what each fact makes of it, or why it is refused (KD-01 to KD-13)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.customer_facts import (
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
from domain.facts import (
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
from domain.gatekeeping import Given
from domain.life import Life, LifeRules, Mark, Package, Task, class_mark
from domain.process import Anchor
from domain.roles import Role
from domain.scene import Scene
from domain.ticket import Status, Ticket, anchored, entered, received, whole_second

_ALSO_OF_TICKETS = (Answered, Called, FollowUpSet, Noted, Reassigned, Paused, Resumed, MilestoneSet, Closed)
_CONTACTS = (Answered, Called)
_WEEK = timedelta(days=7)


def registered(scene: Scene, at: datetime, owner: str | None, registered_at: datetime | None = None) -> Ticket:
    """Return a new lead as we learn of it at `at`, somebody's from the start; nobody has to act on it (KD-01)."""
    lead = received(scene, registered_at or at, owner)
    lead = replace(lead, status=Status.IN_PROGRESS, life=Life())
    return anchored(lead, Anchor.ASSIGNED, whole_second(at), whole_second(at)) if owner else lead


def check_kind(ticket: Ticket, fact: Fact, scene: Scene) -> None:
    """Raise Refused for what happens to customers but not to tickets, or the other way round."""
    if isinstance(fact, CustomerFact):
        if ticket.life is None:
            raise Refused("for_customers_only")
        return
    rules = scene.process.life
    if ticket.life is None or rules is None:
        return
    is_check = not isinstance(fact, MilestoneSet) or fact.name in rules.checks
    if not isinstance(fact, _ALSO_OF_TICKETS) or not is_check:
        raise Refused("for_tickets_only")


def worked_on(ticket: Ticket, fact: Fact, at: datetime) -> Ticket:
    """Return a customer after a contact or a reminder, which work off their entry; other facts do not (reading 34)."""
    if ticket.life is None:
        return ticket
    if isinstance(fact, _CONTACTS):
        return _worked(_without(ticket, Mark.ASKED), at)
    return _worked(ticket, at, rests_until=whole_second(fact.at)) if isinstance(fact, FollowUpSet) else ticket


def live(ticket: Ticket, fact: CustomerFact, at: datetime, scene: Scene, given: Given) -> Ticket:
    """Return a customer after what happened in their life; raises Refused."""
    life, rules = ticket.life, scene.process.life
    if life is None or rules is None:
        raise Refused("for_customers_only")
    match fact:
        case PackageBooked():
            return _booked(ticket, life, fact, at, scene, given)
        case TaskPosted():
            return _posted(ticket, life, fact, at, scene)
        case TaskAssigned():
            return _assigned(ticket, life, fact, at)
        case AppointmentBooked() | Invited():
            return _as_lead(ticket, fact, at, scene, given)
        case Tagged():
            return _tagged(ticket, life, fact, at, rules)
        case _:
            return _looked_after(ticket, fact, at)


def _looked_after(
    ticket: Ticket, fact: PriorityMarked | Watched | OfferSent | Acknowledged | AssistantAsked | Observed, at: datetime
) -> Ticket:
    """Return a customer after what their admin does about them."""
    match fact:
        case PriorityMarked():
            return _switched(ticket, Mark.PRIORITY, fact.on, at)
        case Watched():
            return _switched(_without(ticket, Mark.DRIFTED), Mark.WATCHED, fact.on, at)
        case OfferSent():
            return anchored(ticket, Mark.OFFER, at, at)
        case Acknowledged():
            return _worked(anchored(ticket, Mark.ACKNOWLEDGED, at, at), at)
        case AssistantAsked():
            answer_by = whole_second(fact.answer_by)
            if answer_by <= at:
                raise Refused("answer_in_the_past")
            return _worked(anchored(ticket, Mark.ASKED, answer_by, at, planned=True), at)
        case Observed():
            if Mark.ASKED not in ticket.anchors:
                raise Refused("not_asked")
            return _worked(_without(ticket, Mark.ASKED), at)


def _booked(ticket: Ticket, life: Life, fact: PackageBooked, at: datetime, scene: Scene, given: Given) -> Ticket:
    """Count the packages, whatever order they become known in; the stage follows from how many there are."""
    rules = _rules(scene)
    if fact.size not in rules.sizes:
        raise Refused("package_unknown", size=str(fact.size), sizes=", ".join(map(str, rules.sizes)))
    booked_at = _when(ticket, fact.at, at, scene)
    packages = tuple(sorted((*life.packages, Package(fact.size, booked_at)), key=lambda package: package.at))
    after = replace(ticket, status=Status.OPEN, life=replace(life, packages=packages))
    if not life.packages:
        after = _given_to(_without(after, Mark.ACKNOWLEDGED), rules.care, at, scene, given)
    if not life.packages or packages[0] != life.packages[0]:
        after = anchored(after, Mark.FIRST_PACKAGE, packages[0].at, at)
    after = _grown(after, life, fact.size, booked_at, at, rules)
    chain = scene.process.chain
    stage = chain[min(len(packages), len(chain) - 1)]
    if stage == ticket.phase:
        return after
    after = replace(entered(after, stage, at), status=Status.OPEN)
    after = anchored(after, Mark.WORKED, at, at)
    return anchored(after, Mark.REGULAR, at, at) if stage == chain[-1] and _is_news(booked_at, at, rules) else after


def _grown(ticket: Ticket, before: Life, size: int, booked_at: datetime, at: datetime, rules: LifeRules) -> Ticket:
    """Mark who grows right after the trial (KD-06), and watch who books another size than usual (KD-10)."""
    news = _is_news(booked_at, at, rules)
    earlier = [package.size for package in before.packages if package.at <= booked_at]
    if earlier and earlier[-1] == rules.trial and size in rules.grows:
        if Mark.PRIORITY not in ticket.anchors:
            ticket = anchored(ticket, Mark.PRIORITY, at, at)
        ticket = anchored(ticket, Mark.GREW, at, at) if news else ticket
    usual = before.usual(booked_at)
    if news and before.tag in rules.watches and usual is not None and size != usual:
        ticket = anchored(anchored(ticket, Mark.WATCHED, at, at), Mark.DRIFTED, at, at)
    return ticket


def _posted(ticket: Ticket, life: Life, fact: TaskPosted, at: datetime, scene: Scene) -> Ticket:
    """A task waits to be assigned; the first one ends a no-show (KD-09)."""
    if not _is_key(fact.task):
        raise Refused("task_key", task=fact.task)
    if fact.task in life.tasks:
        raise Refused("task_known", task=fact.task)
    posted_at = _when(ticket, fact.at, at, scene)
    tasks = {**life.tasks, fact.task: Task(posted_at, at, ticket.facts)}
    after = replace(_without(ticket, Mark.NO_SHOW), status=Status.OPEN, life=replace(life, tasks=tasks))
    return after if life.tasks else anchored(after, Mark.FIRST_TASK, posted_at, at)


def _assigned(ticket: Ticket, life: Life, fact: TaskAssigned, at: datetime) -> Ticket:
    task = life.tasks.get(fact.task)
    if task is None:
        raise Refused("task_unknown", task=fact.task)
    if task.assigned:
        raise Refused("task_assigned_already", task=fact.task)
    tasks = {**life.tasks, fact.task: replace(task, assigned=True)}
    after = replace(life, tasks=tasks, assistant=fact.to or life.assistant)
    status = Status.OPEN if after.open_tasks else Status.IN_PROGRESS
    ticket = replace(ticket, life=after, status=status)
    return ticket if Mark.FIRST_ASSIGNED in ticket.anchors else anchored(ticket, Mark.FIRST_ASSIGNED, at, at)


def _as_lead(ticket: Ticket, fact: AppointmentBooked | Invited, at: datetime, scene: Scene, given: Given) -> Ticket:
    """An appointment makes it sales' lead; one whom a colleague invited is nobody's to-do (KD-01, KD-08)."""
    if ticket.phase != scene.process.first_phase:
        raise Refused("not_a_lead")
    if isinstance(fact, Invited):
        return _switched(ticket, Mark.INVITED, True, at)
    booked = replace(_switched(ticket, Mark.APPOINTMENT, True, at), status=Status.OPEN)
    return _given_to(booked, _rules(scene).sales, at, scene, given)


def _tagged(ticket: Ticket, life: Life, fact: Tagged, at: datetime, rules: LifeRules) -> Ticket:
    if fact.tag not in rules.classes:
        raise Refused("tag_unknown", tag=fact.tag, tags=", ".join(rules.classes))
    if fact.tag == life.tag:
        raise Refused("already_so")
    after = _without(ticket, *(class_mark(letter) for letter in rules.classes))
    return anchored(replace(after, life=replace(life, tag=fact.tag)), class_mark(fact.tag), at, at)


def _given_to(ticket: Ticket, role: Role, at: datetime, scene: Scene, given: Given) -> Ticket:
    """Give a customer to whose turn it is in a department, unless their owner belongs to it."""
    turn = given.turns.get(role)
    if turn is None or (ticket.owner and scene.roster.plays(ticket.owner, role)):
        return ticket
    return replace(anchored(ticket, Anchor.ASSIGNED, at, at), owner=turn)


def _worked(ticket: Ticket, at: datetime, rests_until: datetime | None = None) -> Ticket:
    """Work off an entry: it rests until next week, or until the week of its reminder; a due reminder is kept with it.

    The customer's priority is checked anew from now on (reading 31).
    """
    due = ticket.follow_up_at
    kept = _without(ticket, Anchor.FOLLOW_UP) if due is not None and due <= at else ticket
    rested = max(at, rests_until - _WEEK) if rests_until else at
    worked = anchored(anchored(kept, Mark.CHECKED, at, at), Mark.WORKED, rested, at)
    return replace(worked, status=Status.IN_PROGRESS)


def _switched(ticket: Ticket, mark: str, on: bool, at: datetime) -> Ticket:
    if on == (mark in ticket.anchors):
        raise Refused("already_so")
    return anchored(ticket, mark, at, at) if on else _without(ticket, mark)


def _without(ticket: Ticket, *anchors: str) -> Ticket:
    return replace(ticket, anchors={name: at for name, at in ticket.anchors.items() if name not in anchors})


def _when(ticket: Ticket, when: datetime | None, at: datetime, scene: Scene) -> datetime:
    """Return when something happened; compared by the site's dates with the registration."""
    happened = whole_second(when) if when else at
    if happened > at:
        raise Refused("in_the_future")
    if scene.calendar.date_of(happened) < scene.calendar.date_of(ticket.received_at):
        raise Refused("before_registration", at=ticket.received_at.isoformat())
    return happened


def _is_news(happened: datetime, at: datetime, rules: LifeRules) -> bool:
    return at - happened <= timedelta(days=rules.news_days)


def _is_key(text: str) -> bool:
    """Whether a task's id can stand in the code of a moment."""
    return 0 < len(text) <= _LONGEST_KEY and all(one.isalnum() or one in "-_.:" for one in text)


_LONGEST_KEY = 64


def _rules(scene: Scene) -> LifeRules:
    if scene.process.life is None:
        raise Refused("for_customers_only")
    return scene.process.life
