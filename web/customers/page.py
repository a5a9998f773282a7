"""One customer as a card: how they stand, what can be done, what happened, what comes. Also after a form went wrong."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fastapi.responses import Response

from domain.process.life import Mark
from domain.process.roles import Role
from domain.ticket.standing import light
from domain.ticket.ticket import Status
from domain.time.calendar import BusinessCalendar
from domain.time.horizon import answer
from domain.words.wording import instant
from models.tables import CustomerRow, PersonRow
from processes import contact_templates
from processes.contact_templates import ContactTemplate, To
from web.commands import queries
from web.commands.limits import Limits
from web.commands.loaded import Opened, opened
from web.customers import queries as customer_queries
from web.customers.actions import FORMS, Form
from web.customers.portrait import Portrait, portrait
from web.shell import naming, paging, presenting
from web.shell.request import Visit, fresh_id
from web.shell.urls import called
from web.tickets import list_queries, mail_states, timeline
from web.tickets.chain import STATES
from web.tickets.page import Attempt, countdown_of, follow_up_fields

_REMINDED_IN = timedelta(weeks=2)
_ANSWERED_IN = 3


def show(visit: Visit, number: int, attempt: Attempt, status: int = 200, template: str = "") -> Response:
    """Make the card of a customer, by the number of their life."""
    with visit.services.database.reading() as session:
        found = opened(visit, session, number)
        events = queries.history(session, number)
        tickets = customer_queries.tickets_of(session, found.customer.id)
        zone = found.rule_context.calendar.zone
        sent = mail_states.states(session, [one for one, _ in events], found.people, zone, visit.now, visit.words)
    words, people = visit.words, found.people
    drawn = portrait(found.ticket, found.rule_context, visit.now, words)
    return visit.render(
        "customers/customer.html",
        status,
        row=found.row,
        customer=found.customer,
        mark=called(found.row),
        owner=people.get(found.row.owner or ""),
        light=light(found.ticket, found.rule_context),
        lights=presenting.LIGHTS,
        countdown=countdown_of(visit, found),
        portrait=drawn,
        states=STATES,
        stage=found.rule_context.process.phases[found.ticket.phase].title[words.language],
        assistant=naming.name_of(drawn.assistant, people) if drawn.assistant else "",
        past=timeline.past(events, found.rule_context, people, words),
        sent=sent,
        ahead=timeline.ahead(found.ticket, found.rule_context, people, words),
        long_text=paging.LONG_TEXT,
        registered=instant(found.row.received_at, words.language, zone),
        now_words=instant(visit.now, words.language, zone),
        today=found.rule_context.calendar.date_of(visit.now).isoformat(),
        forms=_offered(found, drawn, attempt),
        attempt=attempt,
        people={short: one for short, one in people.items() if one.active and short != found.row.owner},
        reasons=found.rule_context.process.reasons,
        rules=found.rule_context.process.life,
        assistants=_assistants(people),
        tickets=[(ticket, list_queries.light_of(ticket, visit.now)) for ticket in tickets],
        form_id=fresh_id,
        **follow_up_fields(visit, found, attempt, next_check(visit.now, found.rule_context.calendar)),
        **_texts(visit, found, drawn, template),
    )


def limits_of(found: Opened, now: datetime) -> Limits:
    """Return what forms on a customer's card may say."""
    staff = {short for short, person in found.people.items() if person.active}
    tasks = set(found.ticket.life.open_tasks) if found.ticket.life else set()
    rule_context = found.rule_context
    return Limits(staff, rule_context.process, rule_context.calendar, now, set(_assistants(found.people)), tasks)


def next_check(now: datetime, calendar: BusinessCalendar) -> datetime:
    """Return when a customer is looked at again unless somebody says otherwise: two weeks on, at opening (KD-05)."""
    later = calendar.date_of(now) + _REMINDED_IN
    return answer(lambda: calendar.opening_of(calendar.add_working_days(later, 0)), now + _REMINDED_IN)


def _assistants(people: Mapping[str, PersonRow]) -> dict[str, PersonRow]:
    return {short: one for short, one in people.items() if one.active and Role.ASSISTANT in one.roles}


def _offered(found: Opened, drawn: Portrait, attempt: Attempt) -> list[Form]:
    """Return the forms that make sense now; one that just went wrong stays, so that what was typed is not lost."""
    state, rule_context = found.ticket, found.rule_context
    marked = set(state.anchors)
    lead = state.phase == rule_context.process.first_phase
    idle = {
        "observe": Mark.ASKED not in marked,
        "prio": Mark.PRIORITY in marked,
        "noprio": Mark.PRIORITY not in marked,
        "watch": Mark.WATCHED in marked,
        "unwatch": Mark.WATCHED not in marked,
        "appointment": not lead or Mark.APPOINTMENT in marked,
        "invited": not lead or Mark.INVITED in marked,
        "resume": not state.paused,
        "task_assigned": not any(not task.assigned for task in drawn.tasks),
    }
    closed = state.status is Status.CLOSED
    return [form for name, form in FORMS.items() if name == attempt.action or not (closed or idle.get(name, False))]


def _texts(visit: Visit, found: Opened, drawn: Portrait, template: str) -> dict[str, object]:
    """Return the texts that can be chosen, and what they begin a mail or a question with."""
    mails, questions = contact_templates.of(To.CUSTOMER), contact_templates.of(To.ASSISTANT)
    asked = template if template in questions else next(iter(questions), "")
    assistant = found.people.get(drawn.assistant or "")
    calendar = found.rule_context.calendar
    due = answer(lambda: calendar.due_after_working_days(visit.now, _ANSWERED_IN), visit.now + _REMINDED_IN)
    answer_by = due.astimezone(calendar.zone)
    return {
        "templates": {"contact": mails, "ask": questions},
        "chosen": {"contact": template if template in mails else "", "ask": asked},
        "begun": {
            "contact": _filled(mails.get(template), found.customer.language, found.customer, visit),
            "ask": _filled(questions.get(asked), (assistant or visit.person).language, found.customer, visit),
        },
        "begins_with": "contact" if template in mails else "ask" if template in questions else "",
        "answer_by": f"{answer_by:%Y-%m-%dT%H:%M}",
    }


def _filled(template: ContactTemplate | None, language: str, customer: CustomerRow, visit: Visit) -> tuple[str, str]:
    return template.filled(language, customer.name, visit.person.name) if template else ("", "")
