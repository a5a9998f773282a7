"""One ticket as a page: how it stands, what can be done, what happened, what comes.

Also after a form went wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime

from fastapi.responses import Response

from domain.ticket.standing import due_at, light
from domain.ticket.ticket import Status
from domain.time.horizon import answer
from domain.words.wording import instant
from web.commands import queries
from web.commands.loaded import Opened, opened
from web.gates.on_ticket import at_gates, welcome_is_due, welcome_words
from web.gates.standing import STATES as GATE_STATES
from web.shell import paging, presenting
from web.shell.directory import life_of
from web.shell.forms import Sheet
from web.shell.request import Visit, fresh_id
from web.tickets import mail_states, timeline
from web.tickets import mails as mails_in
from web.tickets.actions import ACTIONS, OUTSIDE, Action
from web.tickets.chain import STATES, picture, watch_words
from web.tickets.proposals import matter
from web.tickets.steps import MOST_JOBS, is_chain, phases_with_partner


@dataclass
class Attempt:
    """A form that was sent but not accepted: shown again as it was typed, with what is wrong."""

    action: str = ""
    sheet: Sheet = field(default_factory=Sheet)
    message: str = ""
    form_id: str = ""

    @property
    def outside(self) -> bool:
        """Whether the follow-up lies outside business hours and the person is asked to choose."""
        problem = self.sheet.problems.get("follow_up_at")
        return problem is not None and problem.message == OUTSIDE


def show(
    visit: Visit, number: int, attempt: Attempt | None = None, status: int = 200, *, proposed: bool = False
) -> Response:
    """Make the page of a ticket; with `proposed` the answer begins with the text that is proposed."""
    with visit.services.database.reading() as session:
        ticket = opened(visit, session, number)
        events = queries.history(session, number)
        gates = at_gates(visit, session, ticket, events)
        has_life = life_of(session, ticket.customer.id) is not None
        about = matter(visit, session, ticket)
        zone = ticket.rule_context.calendar.zone
        mails = mails_in.cards(session, number, ticket.customer, zone, visit.words)
        sent = mail_states.states(session, [one for one, _ in events], ticket.people, zone, visit.now, visit.words)
    words, people = visit.words, ticket.people
    return visit.render(
        "tickets/ticket.html",
        status,
        row=ticket.row,
        customer=ticket.customer,
        owner=people.get(ticket.row.owner or ""),
        light=light(ticket.ticket, ticket.rule_context),
        lights=presenting.LIGHTS,
        channels=presenting.CHANNELS,
        countdown=countdown_of(visit, ticket),
        past=timeline.past(events, ticket.rule_context, people, words),
        sent=sent,
        ahead=timeline.ahead(ticket.ticket, ticket.rule_context, people, words),
        long_text=paging.LONG_TEXT,
        mails=mails,
        received=instant(ticket.row.received_at, words.language, zone),
        now_words=instant(visit.now, words.language, zone),
        actions=_offered(ticket, attempt),
        attempt=attempt or Attempt(),
        people={short: person for short, person in people.items() if person.active and short != ticket.row.owner},
        reasons=ticket.rule_context.process.reasons,
        form_id=fresh_id,
        **follow_up_fields(
            visit, ticket, attempt, presenting.suggested_follow_up(visit.now, ticket.rule_context.calendar)
        ),
        **_chain(visit, ticket, attempt),
        gates=gates,
        staff={short: person for short, person in people.items() if person.active},
        prefilled={"welcome": welcome_words(visit, ticket)}
        | ({"answer": about.proposal.text} if about.proposal and proposed else {}),
        proposed=about.proposal.category if about.proposal and proposed else "",
        matter=about,
        has_life=has_life,
    )


def _chain(visit: Visit, ticket: Opened, attempt: Attempt | None) -> dict[str, object]:
    """Return the picture of the chain, and what its forms offer; empty words where there is none."""
    process, state, language = ticket.rule_context.process, ticket.ticket, visit.words.language
    following = process.after(state.phase)
    before = process.chain[: process.chain.index(state.phase)]
    reached = {key for key, anchored in state.anchors.items() if not anchored.planned}
    typed = attempt.sheet.typed.get("milestone", "") if attempt else ""
    settable = {key: one for key, one in process.milestones.items() if key != process.welcome}
    open_milestones = [one for key, one in settable.items() if key not in reached or key == typed]
    archived = process.phases[state.phase].archived
    return {
        "picture": picture(state, ticket.rule_context, visit.now, visit.words),
        "states": STATES,
        "gate_states": GATE_STATES,
        "phase_title": process.phases[state.phase].title[language],
        "next_title": process.phases[following].title[language] if following else "",
        "milestones": [(one.key, one.title[language]) for one in open_milestones],
        "earlier": [(key, process.phases[key].title[language]) for key in reversed(before)],
        "new_partner_jobs": process.new_partner_jobs,
        "most_jobs": MOST_JOBS,
        "watch": watch_words(ticket.rule_context, visit.words),
        "usually": archived[language] if archived else "",
        "today": ticket.rule_context.calendar.date_of(visit.now).isoformat(),
    }


def countdown_of(visit: Visit, ticket: Opened) -> presenting.Countdown:
    """Count from the ticket itself, which may be ahead of its row."""
    row = ticket.row.model_copy()
    row.light = light(ticket.ticket, ticket.rule_context)
    row.due_at = due_at(ticket.ticket, ticket.rule_context)
    return presenting.countdown(row, visit.now, ticket.rule_context.calendar, ticket.ticket.breaks, visit.words)


def _offered(ticket: Opened, attempt: Attempt | None) -> list[Action]:
    """Return the forms that make sense now.

    One that just went wrong stays, so that what was typed is not lost.
    """
    hidden = {"pause"} if ticket.ticket.paused else {"resume"}
    hidden |= _steps_not_taken(ticket) | (set() if ticket.rule_context.process.categories else {"categorise"})
    if ticket.ticket.status is Status.CLOSED:
        hidden = set(ACTIONS)
    kept = attempt.action if attempt else ""
    return [action for name, action in ACTIONS.items() if name not in hidden or name == kept]


def _steps_not_taken(ticket: Opened) -> set[str]:
    """Return the steps along the chain that lead nowhere from here."""
    process, state = ticket.rule_context.process, ticket.ticket
    if not is_chain(process):
        return {name for name, action in ACTIONS.items() if action.step}
    reached = {key for key, anchored in state.anchors.items() if not anchored.planned}
    gate = process.gate_after(state.phase)
    guarded = gate is not None and gate.critical
    idle = {
        "done": process.after(state.phase) is None or guarded,
        "skip": process.after(state.phase) is None or guarded,
        "objection": process.objections is None,
        "welcome": not welcome_is_due(ticket) or not ticket.customer.email,
        "welcome_call": not welcome_is_due(ticket),
        "back": state.phase == process.first_phase,
        "milestone": reached >= set(process.milestones) - {process.welcome},
        "partner": state.phase not in phases_with_partner(process),
    }
    return {name for name, without_use in idle.items() if without_use}


def follow_up_fields(visit: Visit, ticket: Opened, attempt: Attempt | None, suggested: datetime) -> dict[str, object]:
    """Return what the follow-up fields offer.

    The suggestion, the one that is set, and the next opening if asked.
    """
    calendar, language = ticket.rule_context.calendar, visit.words.language
    set_for = ticket.ticket.follow_up_at
    offered = {
        "suggested": f"{suggested:%Y-%m-%dT%H:%M}",
        "suggested_words": instant(suggested, language, calendar.zone),
        "follow_up_words": instant(set_for, language, calendar.zone) if set_for else "",
        "zone": str(calendar.zone),
    }
    if attempt and attempt.outside:
        typed = Sheet(dict(attempt.sheet.typed)).instant("follow_up_at", calendar.zone, needed=True)
        if typed is not None:
            offered["typed_words"] = instant(typed, language, calendar.zone)
            opens = answer(lambda: calendar.next_open(typed), typed)
            offered["next_open_words"] = instant(opens, language, calendar.zone)
    return dict(offered)
