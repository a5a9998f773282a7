"""How a ticket stands, for lists (rows) and for operators (the standing the workflow shows)."""

from datetime import datetime

from sqlmodel import Session, col, delete

from domain.process.handovers import Stage
from domain.process.life import Mark
from domain.ticket.agenda import agenda, in_force
from domain.ticket.context import RuleContext
from domain.ticket.moments import Moment
from domain.ticket.standing import due_at, escalation_level, escalations, light
from domain.ticket.ticket import Status, Ticket
from domain.words.wording import instant, short_instant
from models.messages import Due, Standing
from models.tables import EscalationRow, EventRow, LifeRow, TicketRow

_OPERATORS = "de"
_CARRIED = 12
"""How many moments travel through Temporal; the first is enough to sleep until."""


def project(session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> None:
    """Bring the rows that lists read up to date; raises BeyondHorizon for what no calendar can count."""
    ahead = agenda(ticket, rule_context)
    row.status = ticket.status
    row.closed = ticket.status is Status.CLOSED
    row.closed_at = ticket.closed_at
    row.phase = ticket.phase
    row.light = light(ticket, rule_context)
    row.level = escalation_level(ticket, rule_context)
    row.due_at = due_at(ticket, rule_context)
    row.next_at = ahead[0].at if ahead else None
    _project_handover(row, ticket, rule_context)
    _project_life(session, row, ticket, rule_context)
    _project_escalations(session, row, ticket, rule_context)


def _project_handover(row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> None:
    """Say who a handover waits for: whoever was asked, or the department; after a rejection its giver."""
    row.gate, row.gate_side, row.waits_for, row.waits_role = "", "", None, ""
    gate = None if row.closed else rule_context.process.gate_after(ticket.phase)
    handover = ticket.handovers.get(gate.key) if gate else None
    if gate is None or handover is None:
        return
    match handover.stage:
        case Stage.SUBMITTED:
            row.gate, row.gate_side = gate.key, "take"
            row.waits_for, row.waits_role = handover.receiver, "" if handover.receiver else gate.receiver
        case Stage.REJECTED:
            row.gate, row.gate_side, row.waits_for = gate.key, "give", handover.giver
        case _:
            pass


def _project_life(session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> None:
    """Say where a customer is in their life, and by when their entry has to be worked on."""
    life, rules = ticket.life, rule_context.process.life
    if life is None or rules is None:
        return
    due = [
        m.at
        for m in (*in_force(ticket, rule_context), *agenda(ticket, rule_context))
        if m.rule.code == rules.worked_off
    ]
    session.merge(
        LifeRow(
            customer=row.customer,
            ticket=row.number,
            stage=ticket.phase,
            tag=life.tag,
            assistant=life.assistant,
            invited=Mark.INVITED in ticket.anchors and ticket.phase == rule_context.process.first_phase,
            no_show=Mark.NO_SHOW in ticket.anchors,
            watched=Mark.WATCHED in ticket.anchors,
            priority=Mark.PRIORITY in ticket.anchors,
            offer=Mark.OFFER in ticket.anchors,
            open_tasks=len(life.open_tasks),
            packages=[package.size for package in life.packages],
            work_by=min(due, default=None),
        )
    )


def _project_escalations(session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext) -> None:
    session.exec(delete(EscalationRow).where(col(EscalationRow.ticket) == row.number))
    first: dict[str, Moment] = {}
    for moment in escalations(ticket, rule_context):
        for member in moment.told(ticket, rule_context.roster):
            first.setdefault(member.short, moment)
    for short, moment in first.items():
        session.add(EscalationRow(ticket=row.number, person=short, code=moment.rule.code, since=moment.at))


def standing(
    row: TicketRow, ticket: Ticket, rule_context: RuleContext, base_url: str, refused: EventRow | None = None
) -> Standing:
    """Return what travels through Temporal: codes, instants and staff short names.

    `refused` is the signal that was refused last, if nothing was accepted since.
    """
    ahead = agenda(ticket, rule_context)[:_CARRIED]
    return Standing(
        version=row.version,
        phase=ticket.phase,
        light=light(ticket, rule_context),
        owner=ticket.owner or "unassigned",
        level=escalation_level(ticket, rule_context),
        site=row.site,
        closed=ticket.status is Status.CLOSED,
        due_at=due_at(ticket, rule_context),
        agenda=[Due(moment.at, moment.code, _summary(moment, rule_context)) for moment in ahead],
        details=_details(row, ticket, rule_context, ahead, base_url, refused),
    )


def standing_put_off(row: TicketRow, again_at: datetime, problem: str) -> Standing:
    """Return the standing of a ticket whose moment cannot be written, from its last projection: look again then."""
    return Standing(
        version=row.version,
        phase=row.phase,
        light=row.light,
        owner=row.owner or "unassigned",
        level=row.level,
        site=row.site,
        closed=row.closed,
        due_at=row.due_at,
        agenda=[] if row.closed else [Due(again_at, "⚠", f"⚠ {problem} · again")],
        details=f"⚠ A moment cannot be written ({problem}): tried again every few minutes, commands are heard. "
        "The worker's log has the reason.",
    )


def _summary(moment: Moment, rule_context: RuleContext) -> str:
    title = moment.rule.title[_OPERATORS]
    return f"{moment.code} {title} · {short_instant(moment.at, _OPERATORS, rule_context.calendar.zone)}"


_SYMBOLS = {"yellow": "🟡", "green": "🟢", "red": "🔴", "escalated": "🔴‼️", "paused": "⏸", "closed": "⚪"}


def _details(
    row: TicketRow,
    ticket: Ticket,
    rule_context: RuleContext,
    ahead: list[Moment],
    base_url: str,
    refused: EventRow | None,
) -> str:
    """Return the standing and the agenda as Markdown, with a link to the ticket's page; no words of people."""
    colour = light(ticket, rule_context)
    phase = rule_context.process.phases[ticket.phase].title[_OPERATORS]
    lines = [
        f"**{_SYMBOLS[colour]} {colour} · {phase}** · {ticket.owner or 'unassigned'} · {row.site}",
        _link(row, base_url),
        *_refused(refused, rule_context),
        *_at_gates(row, ticket, rule_context, base_url),
        "",
    ]
    lines += [
        f"- {instant(moment.at, _OPERATORS, rule_context.calendar.zone)} **{moment.code}** "
        f"{moment.rule.title[_OPERATORS]} ({', '.join(map(str, moment.rule.does))} → {', '.join(moment.rule.to)})"
        for moment in ahead
    ]
    return "\n".join(lines if ahead else [*lines, "Nichts steht an."])


def _link(row: TicketRow, base_url: str) -> str:
    """Return where people see it: the ticket's page, or the customer's."""
    if row.life:
        return f"[Kunde {row.customer}]({base_url}/customers/{row.customer})"
    return f"[Vorgang {row.number}]({base_url}/tickets/{row.number})"


def _refused(refused: EventRow | None, rule_context: RuleContext) -> list[str]:
    if refused is None:
        return []
    what, when = refused.fact.get("kind", "?"), instant(refused.at, _OPERATORS, rule_context.calendar.zone)
    return ["", f"⛔ Signal abgelehnt ({when}, {what}, {refused.by or '–'}): {refused.why[_OPERATORS]}"]


def _at_gates(row: TicketRow, ticket: Ticket, rule_context: RuleContext, base_url: str) -> list[str]:
    """Return who waits for whom, which gates were let pass, and how much is still owed."""
    lines = []
    for key, handover in ticket.handovers.items():
        if handover.stage in {Stage.SUBMITTED, Stage.REJECTED}:
            title = (
                f"[{rule_context.process.gates[key].title[_OPERATORS]}]({base_url}/tickets/{row.number}/gates/{key})"
            )
            waits = handover.receiver or rule_context.process.gates[key].receiver
            words = f"wartet auf {waits}" if handover.stage is Stage.SUBMITTED else f"zurück an {handover.giver}"
            lines.append(f"🤝 {title} {words} (`{key}`, Übergabe {handover.submission} von {handover.giver})")
    lines += [f"⚠ `{override.gate}` ohne Prüfung geöffnet von {override.by}" for override in ticket.overrides]
    lines += [f"📌 {key} · {point.owner or '–'}" for key, point in ticket.points.items()]
    return ["", *[f"- {line}" for line in lines]] if lines else []
