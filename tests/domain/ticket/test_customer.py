"""KD-01 to KD-13, the life of a customer (S3), statement by statement, on the pure rules."""

from dataclasses import replace

import pytest

from domain.process.life import Mark
from domain.process.recipients import Member, Roster
from domain.process.roles import Role
from domain.ticket.agenda import agenda, fire_due
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import (
    Acknowledged,
    AppointmentBooked,
    AssistantAsked,
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
from domain.ticket.customer_transitions import registered
from domain.ticket.facts import (
    Answered,
    Called,
    CustomerWrote,
    Fact,
    FollowUpSet,
    MilestoneSet,
    PhaseDone,
    Reassigned,
    Refused,
)
from domain.ticket.handover_rules import Evidence
from domain.ticket.standing import Light, escalation_level, light
from domain.ticket.ticket import Status, Ticket
from domain.ticket.transitions import apply
from processes import pinned
from processes.loader import find_process
from tests.domain.scenes import OFFICE, at, inquiry, rule_context, times

CUSTOMER = find_process("customer")
LUIS = Member("luis", frozenset({Role.SALESPERSON}))
INA = Member("ina", frozenset({Role.CASE_HANDLER}))
OLE = Member("ole", frozenset({Role.CASE_HANDLER}))
ISABEL = Member("isabel", frozenset({Role.DISPATCHER}))
VERA = Member("vera", frozenset({Role.ASSISTANT}))
SITE = RuleContext(CUSTOMER, OFFICE, Roster((LUIS, INA, OLE, ISABEL, VERA)))
TURNS = {Role.SALESPERSON: "luis", Role.CASE_HANDLER: "ina"}
MONDAY = "2027-01-11 10:00"

Story = tuple[str, Fact]


def lead(owner: str | None = "ina", when: str = "2027-01-04 10:00") -> Ticket:
    """Return somebody who has just registered."""
    return registered(SITE, at(when), owner)


def lived(*story: Story, customer: Ticket | None = None, until: str | None = None) -> Ticket:
    """Return a customer after facts, with everything that came due on the way."""
    living = customer or lead()
    for when, fact in story:
        living, _ = fire_due(living, SITE, at(when), inclusive=False)
        living = apply(living, fact, at(when), SITE, Evidence("ina", turns=TURNS))
    return fire_due(living, SITE, at(until), inclusive=True)[0] if until else living


def ahead(customer: Ticket, *codes: str) -> list[str]:
    """Return what lies ahead, "R1 03.03. 09:30"."""
    return times(agenda(customer, SITE), *codes)


def told(customer: Ticket, code: str) -> list[str]:
    """Return whom the next moment of a code speaks to."""
    (moment,) = [one for one in agenda(customer, SITE) if one.code == code]
    return [member.short for member in moment.told(customer, SITE.roster)]


def refused(fact: Fact, customer: Ticket, when: str = "2027-02-01 10:00") -> str:
    """Return the code under which a fact is refused."""
    with pytest.raises(Refused) as problem:
        apply(customer, fact, at(when), SITE)
    return problem.value.code


def booked(*sizes: int, customer: Ticket | None = None, tag: str = "") -> Ticket:
    """Return a customer who booked a package every Monday from 11 January."""
    living = lived(("2027-01-04 11:00", Tagged(tag)), customer=customer) if tag else customer or lead()
    for week, size in enumerate(sizes):
        living = lived(
            (f"2027-01-{11 + 7 * week} 10:00" if week < 3 else "2027-02-01 10:00", PackageBooked(size)), customer=living
        )
    return living


def test_kd_01_registered_without_a_package_is_a_lead_and_nobody_has_to_act() -> None:
    new = lead()
    assert (new.phase, new.status, agenda(new, SITE)) == ("lead", Status.IN_PROGRESS, [])
    assert light(new, SITE) is Light.GREEN


def test_kd_01_lead_with_a_phone_appointment_goes_to_sales() -> None:
    after = lived((MONDAY, AppointmentBooked()))
    assert (after.owner, after.status) == ("luis", Status.OPEN)
    assert after.anchors["assigned"].at == at(MONDAY)


def test_kd_01_lead_of_sales_stays_with_them_and_a_lead_without_sales_where_it_is() -> None:
    assert lived((MONDAY, AppointmentBooked()), customer=lead("luis")).owner == "luis"
    assert apply(lead(), AppointmentBooked(), at(MONDAY), SITE, Evidence("ina")).owner == "ina"


def test_kd_01_who_booked_is_an_admins_whoever_had_the_lead() -> None:
    assert lived((MONDAY, PackageBooked(5)), customer=lead("luis")).owner == "ina"
    assert lived((MONDAY, PackageBooked(5)), customer=lead("ole")).owner == "ole"


@pytest.mark.parametrize("fact", [AppointmentBooked(), Invited()])
def test_kd_01_what_happens_to_leads_happens_to_nobody_else(fact: Fact) -> None:
    assert refused(fact, booked(5)) == "not_a_lead"
    assert refused(fact, lived((MONDAY, fact))) == "already_so"


def test_kd_02_first_package_makes_a_first_buyer_with_five_checks() -> None:
    first = booked(5)
    assert (first.phase, first.status) == ("first", Status.OPEN)
    rules = CUSTOMER.life
    assert rules is not None
    checks = [*rules.checks, Mark.FIRST_TASK, Mark.FIRST_ASSIGNED]
    assert len(checks) == 5
    done = lived(
        *((f"2027-01-12 1{n}:00", MilestoneSet(check)) for n, check in enumerate(rules.checks)),
        ("2027-01-12 14:00", TaskPosted("T1")),
        ("2027-01-12 15:00", TaskAssigned("T1", "vera")),
        customer=first,
    )
    assert all(check in done.anchors for check in checks)
    assert not any(check in first.anchors for check in checks)


def test_kd_02_milestones_that_facts_set_are_not_ticked_off_by_hand() -> None:
    assert refused(MilestoneSet(Mark.FIRST_TASK), booked(5)) == "for_tickets_only"


def test_kd_03_task_is_told_at_once_warned_on_day_five_and_overdue_after_seven() -> None:
    posted = lived(("2027-01-12 14:00", TaskPosted("T1")), customer=booked(5))
    assert ahead(posted, "task.new/T1", "task.warn/T1", "task.due/T1") == [
        "task.new/T1 12.01. 14:00",
        "task.warn/T1 17.01. 14:00",
        "task.due/T1 19.01. 18:00",
    ]
    assert told(posted, "task.new/T1") == ["ina"]
    seen = lived(("2027-01-13 10:00", Acknowledged()), customer=posted)
    late, _ = fire_due(seen, SITE, at("2027-01-19 18:00"), inclusive=True)
    assert light(late, SITE) is Light.RED


def test_kd_03_each_task_has_its_own_clock_from_the_day_it_was_posted() -> None:
    """One becomes known a day late; the other is assigned, so nothing is due for it any more."""
    two = lived(
        ("2027-01-12 14:00", TaskPosted("T1")),
        ("2027-01-14 09:00", TaskPosted("T2", at("2027-01-13 08:00"))),
        ("2027-01-14 10:00", TaskAssigned("T1", "vera")),
        customer=booked(5),
    )
    assert ahead(two, "task.due/T1", "task.due/T2") == ["task.due/T2 20.01. 18:00"]
    assert (two.status, two.life and two.life.assistant) == (Status.OPEN, "vera")
    assert lived(("2027-01-14 11:00", TaskAssigned("T2")), customer=two).status is Status.IN_PROGRESS


def test_kd_03_task_assigned_to_somebody_unknown_keeps_the_assistant_we_know() -> None:
    after = lived(
        ("2027-01-12 14:00", TaskPosted("T1")),
        ("2027-01-12 15:00", TaskAssigned("T1", "vera")),
        ("2027-01-13 15:00", TaskPosted("T2")),
        ("2027-01-13 16:00", TaskAssigned("T2")),
        customer=booked(5),
    )
    assert after.life is not None
    assert after.life.assistant == "vera"
    assert after.anchors[Mark.FIRST_ASSIGNED].at == at("2027-01-12 15:00")


def test_kd_04_new_customer_without_a_task_may_wait_one_to_three_working_days() -> None:
    """Reading 29: working days, so a Thursday's booking is due on Tuesday although Saturday is open."""
    thursday = lived(("2027-01-14 10:00", PackageBooked(5)))
    assert ahead(thursday, "new.look", "new.due") == ["new.look 15.01. 18:00", "new.due 19.01. 18:00"]


@pytest.mark.parametrize("fact", [Acknowledged(), TaskPosted("T1"), PackageBooked(5)])
def test_kd_04_seen_a_first_task_or_another_package_ends_the_wait(fact: Fact) -> None:
    assert ahead(lived(("2027-01-12 10:00", fact), customer=booked(5)), "new.look", "new.due") == []


def test_kd_04_seen_before_the_first_booking_does_not_count() -> None:
    looked = lived(("2027-01-05 10:00", Acknowledged()))
    assert ahead(booked(5, customer=looked), "new.due") == ["new.due 14.01. 18:00"]


def test_kd_05_priority_customer_is_checked_every_two_to_four_weeks() -> None:
    """Reading 31: reminded after two weeks, overdue after four, counted from the last check."""
    marked = lived(("2027-01-12 10:00", PriorityMarked()), customer=booked(5))
    assert ahead(marked, "priority.check", "priority.due") == [
        "priority.check 26.01. 18:00",
        "priority.due 09.02. 18:00",
    ]
    seen = lived(("2027-01-20 10:00", Acknowledged()), customer=marked)
    assert ahead(seen, "priority.check", "priority.due") == ["priority.check 03.02. 18:00", "priority.due 17.02. 18:00"]
    assert ahead(lived(("2027-01-21 10:00", PriorityMarked(on=False)), customer=seen), "priority.due") == []


@pytest.mark.parametrize("big", [50, 100])
def test_kd_06_large_package_right_after_the_trial_marks_priority_and_tells_the_lead_manager(big: int) -> None:
    grown = booked(5, big)
    assert (grown.phase, Mark.PRIORITY in grown.anchors) == ("second", True)
    assert told(grown, "grew.tell") == ["isabel"]


@pytest.mark.parametrize("sizes", [(5, 10), (10, 50), (5, 10, 50)])
def test_kd_06_any_other_second_package_does_not(sizes: tuple[int, ...]) -> None:
    assert Mark.PRIORITY not in booked(*sizes).anchors


def test_kd_06_who_is_a_priority_customer_already_keeps_the_clock_of_the_last_check() -> None:
    marked = lived(("2027-01-12 10:00", PriorityMarked()), customer=booked(5))
    grown = lived(("2027-01-18 10:00", PackageBooked(50)), customer=marked)
    assert grown.anchors[Mark.PRIORITY] == marked.anchors[Mark.PRIORITY]
    assert told(grown, "grew.tell") == ["isabel"]


def test_kd_07_third_package_is_treated_as_the_second() -> None:
    third = booked(10, 5, 50)
    assert (third.phase, Mark.PRIORITY in third.anchors) == ("third", True)


def test_kd_07_fourth_package_makes_a_regular_customer_and_praises_the_assistant() -> None:
    helped = lived(
        ("2027-01-12 14:00", TaskPosted("T1")), ("2027-01-12 15:00", TaskAssigned("T1", "vera")), customer=booked(5)
    )
    regular = lived(
        ("2027-01-18 10:00", PackageBooked(10)),
        ("2027-01-25 10:00", PackageBooked(10)),
        ("2027-02-01 10:00", PackageBooked(10)),
        customer=helped,
    )
    assert regular.phase == "regular"
    assert told(regular, "regular.praise") == ["vera"]


def test_kd_07_praise_without_an_assistant_we_know_is_the_admins_to_give() -> None:
    assert told(booked(5, 10, 10, 10), "regular.praise") == ["ina"]
    gone = booked(5, 10, 10, 10)
    assert gone.life is not None
    assert told(replace(gone, life=replace(gone.life, assistant="who left")), "regular.praise") == ["ina"]


def test_kd_07_fifth_package_changes_nothing_about_the_stage() -> None:
    regular = booked(5, 10, 10, 10)
    again = lived(("2027-02-08 10:00", PackageBooked(10)), customer=regular)
    assert (again.phase, again.anchors[Mark.REGULAR]) == ("regular", regular.anchors[Mark.REGULAR])


def test_kd_07_packages_count_by_their_dates_whatever_order_they_become_known_in() -> None:
    """The trial becomes known after the large package; the first booking moves, and with it the no-show's clock."""
    late = lived(
        ("2027-01-20 10:00", PackageBooked(50, at("2027-01-19 10:00"))),
        ("2027-01-20 11:00", PackageBooked(5, at("2027-01-11 10:00"))),
    )
    assert late.life is not None
    assert [package.size for package in late.life.packages] == [5, 50]
    assert ahead(late, "no_show.set") == ["no_show.set 08.03. 18:00"]


def test_kd_07_what_is_history_is_told_to_nobody() -> None:
    """Bookings of long ago, taken over from another system: the stage follows, but nobody is praised for them."""
    story = [
        (f"2027-03-01 1{n}:00", PackageBooked(size, at(f"2027-01-{11 + n} 10:00")))
        for n, size in enumerate((5, 50, 10, 10))
    ]
    regular = lived(*story)
    assert (regular.phase, Mark.PRIORITY in regular.anchors) == ("regular", True)
    assert ahead(regular, "grew.tell", "regular.praise") == []


def test_kd_08_invited_colleague_is_looked_at_every_three_weeks() -> None:
    invited = lived(("2027-01-04 11:00", Invited()))
    assert ahead(invited, "invited.check") == ["invited.check 25.01. 18:00"]
    after = lived(customer=invited, until="2027-02-15 18:00")
    rounds = [key for key in after.fired if key.startswith("invited.check")]
    assert len(rounds) == 2
    assert light(after, SITE) is Light.GREEN
    seen = lived(("2027-02-16 10:00", Acknowledged()), customer=after)
    assert ahead(seen, "invited.check") == ["invited.check 09.03. 18:00"]


def test_kd_09_no_show_eight_weeks_after_the_first_booking_without_a_task() -> None:
    """The vector of the source: booked on Monday 11 January, a no-show on Monday 8 March."""
    first = booked(5)
    assert ahead(first, "no_show.set") == ["no_show.set 08.03. 18:00"]
    gone = lived(customer=first, until="2027-03-08 18:00")
    assert gone.anchors[Mark.NO_SHOW].at == at("2027-03-08 18:00")
    back = lived(("2027-03-10 10:00", TaskPosted("T1")), customer=gone)
    assert Mark.NO_SHOW not in back.anchors
    assert "no_show.set" not in " ".join(ahead(back))


def test_kd_09_no_show_is_nobodys_to_do() -> None:
    gone = lived(customer=booked(5), until="2027-03-09 10:00")
    assert ahead(gone, "week.due") == []
    assert escalation_level(gone, SITE) == 0


@pytest.mark.parametrize("size", [10, 30])
@pytest.mark.parametrize("tag", ["A", "B"])
def test_kd_10_a_and_b_customers_who_book_unusually_are_watched(tag: str, size: int) -> None:
    """Reading 35: compared with the median of the packages before."""
    drifted = booked(20, 20, size, tag=tag)
    assert Mark.WATCHED in drifted.anchors


def test_kd_10_usual_sizes_c_customers_and_the_first_package_are_not() -> None:
    assert Mark.WATCHED not in booked(20, 20, 20, tag="A").anchors
    assert Mark.WATCHED not in booked(20, 20, 10, tag="C").anchors
    assert Mark.WATCHED not in booked(20, 20, 10).anchors
    assert Mark.WATCHED not in booked(20, tag="A").anchors


def test_kd_10_watchlist_is_worked_on_at_least_once_a_week() -> None:
    watched = lived(("2027-01-12 10:00", Watched()), customer=booked(5))
    assert ahead(watched, "watch.due") == ["watch.due 19.01. 18:00"]
    worked = lived(("2027-01-14 10:00", Called()), customer=watched)
    assert ahead(worked, "watch.due") == ["watch.due 21.01. 18:00"]
    assert ahead(lived(("2027-01-15 10:00", Watched(on=False)), customer=worked), "watch.due") == []


def test_kd_10_reminder_does_not_excuse_from_the_watchlist() -> None:
    watched = lived(("2027-01-12 10:00", Watched()), customer=booked(5))
    resting = lived(("2027-01-13 10:00", FollowUpSet(at("2027-02-10 10:00"))), customer=watched)
    assert ahead(resting, "watch.due", "week.due") == ["watch.due 20.01. 18:00", "week.due 12.02. 18:00"]


def test_kd_11_a_customer_who_books_unusually_is_told_to_the_lead_manager() -> None:
    drifted = booked(20, 20, 10, tag="A")
    assert told(drifted, "watch.tell") == ["isabel"]
    assert ahead(drifted, "watch.ask") == []


def test_kd_11_b_customers_assistant_is_asked_with_a_deadline_and_then_somebody_decides() -> None:
    drifted = booked(20, 20, 10, tag="B")
    assert (told(drifted, "watch.ask"), ahead(drifted, "watch.tell")) == (["ina"], [])
    asked = lived(("2027-01-26 10:00", AssistantAsked(at("2027-01-28 12:00"))), customer=drifted)
    assert ahead(asked, "answer.due") == ["answer.due 28.01. 12:00"]
    for decision in (Observed(), Called(), Answered()):
        assert ahead(lived(("2027-01-27 10:00", decision), customer=asked), "answer.due") == []
    assert Mark.WATCHED in lived(("2027-01-27 10:00", Observed()), customer=asked).anchors


def test_kd_12_assigned_person_of_a_customer_with_an_offer_gets_an_extra_notice() -> None:
    offered = lived(("2027-01-05 10:00", OfferSent()))
    assert told(offered, "offer.tell") == ["ina"]
    later, _ = fire_due(offered, SITE, at("2027-01-05 10:00"), inclusive=True)
    assert ahead(later, "offer.tell") == []
    handed_on = lived(("2027-01-06 10:00", Reassigned("ole")), customer=later)
    assert told(handed_on, "offer.tell") == ["ole"]
    assert ahead(lived(("2027-01-06 10:00", Reassigned("ole"))), "offer.tell") == []


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2027-01-11 10:00", "15.01."),
        ("2027-01-15 15:00", "15.01."),
        ("2027-01-15 17:00", "15.01."),
        ("2027-01-15 17:01", "22.01."),
        ("2027-01-15 17:30", "22.01."),
        ("2027-01-15 18:00", "22.01."),
        ("2027-01-16 10:00", "22.01."),
        ("2027-01-17 23:59", "22.01."),
        ("2027-01-18 00:00", "22.01."),
        ("2027-03-22 10:00", "25.03."),
        ("2027-03-25 17:30", "02.04."),
        ("2027-03-26 10:00", "02.04."),
        ("2027-03-29 02:30", "02.04."),
    ],
)
def test_kd_13_booking_puts_the_entry_on_the_list_of_the_same_week(when: str, due: str) -> None:
    """Reading 34: if the site still opens for an hour. Good Friday is 26 March, so that week ends on Thursday."""
    assert ahead(lived((when, PackageBooked(5))), "week.due") == [f"week.due {due} 18:00"]


@pytest.mark.parametrize("size", [5, 10])
@pytest.mark.parametrize("packages", [1, 4])
def test_kd_13_every_later_booking_is_news_too(packages: int, size: int) -> None:
    """Whether or not it changes the stage, and although the entry was worked off or rests until a reminder."""
    customer = booked(*[5] * packages)
    for action in (Acknowledged(), FollowUpSet(at("2027-03-10 09:00"))):
        done = lived(("2027-02-08 10:00", action), customer=customer)
        assert ahead(done, "week.due") != ["week.due 12.02. 18:00"]
        again = lived(("2027-02-10 10:00", PackageBooked(size)), customer=done)
        assert ahead(again, "week.due") == ["week.due 12.02. 18:00"]
        late = lived(("2027-02-12 17:30", PackageBooked(size)), customer=done)
        assert ahead(late, "week.due") == ["week.due 19.02. 18:00"]


def test_kd_13_booking_of_long_ago_is_news_when_it_becomes_known() -> None:
    """An import on a Tuesday: the entry is this week's, although what is history is told to nobody."""
    imported = lived(("2027-02-09 20:00", PackageBooked(5, at("2027-01-11 10:00"))))
    assert ahead(imported, "week.due") == ["week.due 12.02. 18:00"]


def test_kd_13_booking_does_not_excuse_from_what_was_not_worked_on() -> None:
    """Left on Friday, it stays escalated; it is the lead manager's again on the Friday after, as it was."""
    left = lived(customer=booked(5), until="2027-01-15 18:00")
    again = lived(("2027-01-18 10:00", PackageBooked(10)), customer=left)
    assert escalation_level(again, SITE) == escalation_level(left, SITE) == 1
    assert ahead(again, "week.due") == ["week.due 22.01. 18:00"]


def test_kd_13_contact_with_a_lead_long_ago_is_no_neglect_of_a_customer() -> None:
    called = lived(("2027-01-05 10:00", Called()))
    first = lived(("2027-03-01 10:00", PackageBooked(5)), customer=called)
    assert ahead(first, "week.due") == ["week.due 05.03. 18:00"]


def test_kd_13_first_task_of_a_no_show_is_news() -> None:
    """Nothing is left over from the weeks in which they were nobody's to-do."""
    gone = lived(("2027-01-12 10:00", Acknowledged()), customer=booked(5), until="2027-03-09 10:00")
    back = lived(("2027-03-10 10:00", TaskPosted("T1")), customer=gone)
    assert ahead(back, "week.due") == ["week.due 12.03. 18:00"]


def test_kd_13_booking_at_a_site_that_closed_for_good_is_recorded() -> None:
    over = pinned.read_calendar('zone = "Europe/Berlin"\nholidays = "none"\n[hours]\n', "over")
    customer = apply(lead(), PackageBooked(5), at(MONDAY), replace(SITE, calendar=over), Evidence("ina"))
    assert customer.phase == "first"
    assert agenda(customer, replace(SITE, calendar=over)) == []


@pytest.mark.parametrize("action", [Acknowledged(), Called(), Answered()])
def test_kd_13_seen_and_contact_work_it_off(action: Fact) -> None:
    assert ahead(lived(("2027-01-13 10:00", action), customer=booked(5)), "week.due") == ["week.due 22.01. 18:00"]


def test_kd_13_assigning_a_task_works_it_off() -> None:
    assigned = lived(
        ("2027-01-12 10:00", TaskPosted("T1")), ("2027-01-13 10:00", TaskAssigned("T1")), customer=booked(5)
    )
    assert ahead(assigned, "week.due") == ["week.due 22.01. 18:00"]


@pytest.mark.parametrize("fact", [Reassigned("ole"), Tagged("C"), TaskPosted("T1"), OfferSent(), PriorityMarked()])
def test_kd_13_anything_else_does_not(fact: Fact) -> None:
    assert ahead(lived(("2027-01-13 10:00", fact), customer=booked(5)), "week.due") == ["week.due 15.01. 18:00"]


def test_kd_13_reminder_lets_an_entry_rest_until_its_week() -> None:
    """Who says when to look again is excused until then; a reminder for tomorrow excuses no longer than "seen"."""
    resting = lived(("2027-01-12 10:00", FollowUpSet(at("2027-02-02 09:00"))), customer=booked(5))
    assert ahead(resting, "week.due", "reminder.due") == ["reminder.due 02.02. 09:00", "week.due 05.02. 18:00"]
    tomorrow = lived(("2027-01-12 10:00", FollowUpSet(at("2027-01-13 09:00"))), customer=booked(5))
    assert ahead(tomorrow, "week.due") == ["week.due 22.01. 18:00"]


def test_kd_13_reminder_whose_time_has_come_is_kept_by_any_action() -> None:
    resting = lived(("2027-01-12 10:00", FollowUpSet(at("2027-01-13 09:00"))), customer=booked(5))
    red, _ = fire_due(resting, SITE, at("2027-01-13 09:00"), inclusive=True)
    assert light(red, SITE) is Light.RED
    done = lived(("2027-01-13 10:00", Acknowledged()), customer=red)
    assert (done.follow_up_at, light(done, SITE)) == (None, Light.GREEN)
    early = lived(("2027-01-12 11:00", Acknowledged()), customer=resting)
    assert early.follow_up_at == at("2027-01-13 09:00")


def test_kd_13_what_is_left_goes_to_the_lead_manager_every_week() -> None:
    left = lived(customer=booked(5), until="2027-01-15 18:00")
    assert (light(left, SITE), escalation_level(left, SITE)) == (Light.ESCALATED, 1)
    assert told(left, "week.due") == ["isabel"]
    assert ahead(left, "week.due") == ["week.due 22.01. 18:00"]
    left = lived(customer=left, until="2027-01-22 18:00")
    assert ahead(left, "week.due") == ["week.due 29.01. 18:00"]
    worked = lived(("2027-01-25 10:00", Acknowledged()), customer=left)
    assert escalation_level(worked, SITE) == 0
    assert ahead(worked, "week.due") == ["week.due 05.02. 18:00"]


def test_kd_13_leads_are_not_worked_off_weekly() -> None:
    assert ahead(lived(("2027-01-05 10:00", Acknowledged())), "week.due") == []


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (PackageBooked(0), "package_unknown"),
        (PackageBooked(-5), "package_unknown"),
        (PackageBooked(7), "package_unknown"),
        (PackageBooked(5, at("2027-01-03 23:59")), "before_registration"),
        (PackageBooked(5, at("2027-02-02 10:00")), "in_the_future"),
        (TaskPosted("T1", at("2027-01-03 23:59")), "before_registration"),
        (TaskPosted("a/b"), "task_key"),
        (TaskPosted(""), "task_key"),
        (TaskPosted("x" * 65), "task_key"),
        (TaskAssigned("T9"), "task_unknown"),
        (Tagged("D"), "tag_unknown"),
        (Tagged("a"), "tag_unknown"),
        (PriorityMarked(on=False), "already_so"),
        (Watched(on=False), "already_so"),
        (AssistantAsked(at("2027-02-01 10:00")), "answer_in_the_past"),
        (Observed(), "not_asked"),
        (PhaseDone(), "for_tickets_only"),
        (CustomerWrote(), "for_tickets_only"),
    ],
)
def test_what_cannot_be_is_refused(fact: Fact, code: str) -> None:
    assert refused(fact, lead()) == code


def test_what_happened_before_cannot_happen_again() -> None:
    tasked = lived(("2027-01-12 14:00", TaskPosted("T1")), ("2027-01-12 15:00", TaskAssigned("T1")), customer=booked(5))
    assert refused(TaskPosted("T1"), tasked) == "task_known"
    assert refused(TaskAssigned("T1"), tasked) == "task_assigned_already"
    assert refused(Tagged("A"), booked(5, tag="A")) == "already_so"


def test_booking_on_the_day_of_registration_is_in_order_whatever_the_hour() -> None:
    assert lived(("2027-01-04 12:00", PackageBooked(5, at("2027-01-04 08:00")))).phase == "first"


def test_tag_replaces_the_one_before() -> None:
    tagged = lived(("2027-01-05 10:00", Tagged("A")), ("2027-01-05 11:00", Tagged("B")))
    assert ("class_a" in tagged.anchors, "class_b" in tagged.anchors) == (False, True)


@pytest.mark.parametrize("fact", [Acknowledged(), PackageBooked(5), Tagged("A")])
def test_customers_facts_happen_to_no_ticket(fact: Fact) -> None:
    with pytest.raises(Refused, match="for_customers_only"):
        apply(inquiry("2027-03-02 10:00"), fact, at("2027-03-02 11:00"), rule_context())


def test_registration_of_long_ago_counts_from_its_day() -> None:
    known = registered(SITE, at("2027-03-01 10:00"), "ina", at("2026-11-02 09:00"))
    assert (known.received_at, known.anchors["assigned"].at) == (at("2026-11-02 09:00"), at("2027-03-01 10:00"))
    assert "assigned" not in registered(SITE, at("2027-03-01 10:00"), None).anchors


def test_moment_says_of_which_task_it_is_and_why() -> None:
    posted = lived(("2027-01-12 14:00", TaskPosted("T1")), customer=booked(5))
    (due,) = [moment for moment in agenda(posted, SITE) if moment.code == "task.due/T1"]
    assert (due.point, due.why.anchor, due.why.anchor_at) == ("T1", "open_task", at("2027-01-12 14:00"))
