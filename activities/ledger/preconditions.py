"""Checks what only the ledger knows about a command: words, addresses, people, reasons."""

from sqlmodel import Session

from domain.ticket.bounds import check_fact, check_value
from domain.ticket.context import RuleContext
from domain.ticket.customer_facts import AssistantAsked, TaskAssigned
from domain.ticket.facts import (
    Answered,
    Closed,
    CustomerWelcomed,
    Fact,
    GateOverridden,
    HandoverRejected,
    ObjectionRaised,
    PhaseSkipped,
    PhaseSteppedBack,
    PointSettled,
    Reassigned,
    Refused,
)
from domain.ticket.ticket import Ticket
from models.messages import Command
from models.tables import CustomerRow, PersonRow, TextRow, TicketRow


def check_bounds(command: Command) -> None:
    """Raise Refused for values that no calendar can count or no database hold."""
    check_fact(command.fact)
    for field in ("by", "id", "version", "text"):
        check_value(field, getattr(command, field))


def check(session: Session, row: TicketRow, ticket: Ticket, rule_context: RuleContext, command: Command) -> None:
    """Raise Refused for a command that lacks words or an address, or names what is not there."""
    fact = command.fact
    if _needs_words(fact, ticket) and command.text is None:
        raise Refused("text_missing")
    if command.text is not None:
        _check_text(session, row, command.text)
    if _is_mail(fact) and not session.get_one(CustomerRow, row.customer).email:
        raise Refused("no_address")
    named = fact.to if isinstance(fact, Reassigned | TaskAssigned) else None
    if named is not None:
        person = session.get(PersonRow, named)
        if person is None or not person.active:
            raise Refused("person_unknown", person=named)
    if isinstance(fact, Closed) and fact.reason.strip() and fact.reason not in rule_context.process.reasons:
        raise Refused("reason_unknown", reason=fact.reason)


def _check_text(session: Session, row: TicketRow, text: int) -> None:
    """Words are kept with their own ticket before a command speaks of them."""
    kept = session.get(TextRow, text)
    if kept is None or kept.ticket != row.number:
        raise Refused("text_unknown", text=str(text))


def _is_mail(fact: Fact) -> bool:
    """Whether the customer gets a mail."""
    return isinstance(fact, Answered) or (isinstance(fact, CustomerWelcomed) and fact.by == "mail")


def _needs_words(fact: Fact, ticket: Ticket) -> bool:
    match fact:
        case PhaseSkipped() | PhaseSteppedBack() | GateOverridden() | ObjectionRaised() | AssistantAsked():
            return True
        case HandoverRejected():
            return not fact.items
        case PointSettled():
            point = ticket.points.get(fact.point)
            return point is not None and not point.gate
        case _:
            return _is_mail(fact)
