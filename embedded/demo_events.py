"""What a happening of the demo company means: the instant, the papers, the command that a workflow would be asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

from fpdf import FPDF

from activities.intake.attachments import inspected
from activities.intake.tickets import TicketService
from domain.process.definition import ProcessDefinition
from domain.process.gates import Answer, ItemKind
from domain.ticket.customer_facts import PackageBooked, Tagged, TaskAssigned, TaskPosted
from domain.ticket.facts import (
    PLAIN,
    Closed,
    Fact,
    FollowUpSet,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    MilestoneSet,
    PointAssigned,
    Reassigned,
)
from domain.time.calendar import BusinessCalendar
from domain.time.spans import Clock, parse_span
from embedded.company import Happening, Inquiry
from models.messages import Command
from processes.loader import find_process

_FILLED = "filled"


@dataclass(frozen=True)
class Hours:
    """Business hours around the instant at which the demo begins."""

    calendar: BusinessCalendar
    now: datetime

    def ago(self, span: str) -> datetime:
        """Return the instant so many business hours, calendar days or weeks ago; for an empty span that is now."""
        if span.endswith(("d", "w")):
            return self.now - timedelta(days=int(span[:-1]) * (7 if span.endswith("w") else 1))
        return self.calendar.subtract(self.now, _time(span)) if span else self.now

    def ahead(self, span: str, since: datetime | None = None) -> datetime:
        """Return the instant so many business hours after the demo begins, or after `since`."""
        return self.calendar.add(since or self.now, _time(span))


@dataclass(frozen=True)
class Folder:
    """One ticket of the demo while its past is written."""

    hours: Hours
    ticket_service: TicketService
    number: int
    inquiry: Inquiry

    def command(self, n: int, happening: Happening) -> Command | None:
        """Keep the papers of the inquiry's happening `n` and return its command; None if it was papers only."""
        at = self.hours.ago(happening.ago)
        if happening.answers:
            answers = {item: self._answer(item, said, happening, at) for item, said in happening.answers.items()}
            self.ticket_service.save_answers(self.number, happening.gate, answers, happening.by, at)
        if happening.did == _FILLED:
            return None
        kept, text, remarks = None, happening.text.strip(), happening.remarks
        if text or remarks:
            author = None if happening.by == "customer" else happening.by
            kept = self.ticket_service.keep_text(self.number, author, text, at, parts=remarks)
        return Command(_fact(happening, self.hours), happening.by, f"demo-{self.number}-{n}", text=kept)

    def _answer(self, key: str, said: str | dict[str, str], happening: Happening, at: datetime) -> Answer:
        """Return an answer: a day is said as business hours after it was answered, a file as its name."""
        if not isinstance(said, str):
            return Answer(**said)
        item = _process(self.inquiry.process).gates[happening.gate].item(key)
        match item.kind if item else None:
            case ItemKind.DATE:
                return Answer(self.hours.calendar.date_of(self.hours.ahead(said, at)).isoformat())
            case ItemKind.FILE:
                paper = inspected(said, _paper(said, self.inquiry, at))
                return Answer(str(self.ticket_service.keep_file(self.number, paper, happening.by, at)))
            case _:
                return Answer(said)


def _fact(happening: Happening, hours: Hours) -> Fact:
    match happening.did:
        case "follow_up":
            return FollowUpSet(_due(happening, hours))
        case "milestone":
            planned = happening.due_in or happening.due_ago
            return MilestoneSet(happening.milestone, _beginning(_due(happening, hours), hours) if planned else None)
        case "handover_submitted":
            return HandoverSubmitted(happening.gate, happening.to or None)
        case "handover_accepted":
            return HandoverAccepted(happening.gate)
        case "handover_rejected":
            return HandoverRejected(happening.gate, tuple(happening.remarks))
        case "point_assigned":
            return PointAssigned(happening.point, happening.to, _due(happening, hours))
        case "reassigned":
            return Reassigned(happening.to)
        case "closed":
            return Closed(happening.reason)
        case did:
            return _of_customer(happening) or PLAIN[did]


def _of_customer(happening: Happening) -> Fact | None:
    """Return what happened in a customer's life and says more than its kind; None for all others."""
    match happening.did:
        case "package":
            return PackageBooked(happening.size)
        case "task_posted":
            return TaskPosted(happening.task)
        case "task_assigned":
            return TaskAssigned(happening.task, happening.to or None)
        case "tagged":
            return Tagged(happening.tag)
        case _:
            return None


def _due(happening: Happening, hours: Hours) -> datetime:
    at = hours.ago(happening.due_ago) if happening.due_ago else hours.ahead(happening.due_in)
    return at.astimezone(UTC)


def _beginning(at: datetime, hours: Hours) -> datetime:
    """Return the beginning of a planned day, in the site's zone."""
    return datetime.combine(hours.calendar.date_of(at), time(), hours.calendar.zone).astimezone(UTC)


def _paper(name: str, inquiry: Inquiry, at: datetime) -> bytes:
    """Return a document that can be opened; there is not much in it."""
    pdf = FPDF()
    pdf.set_creation_date(at)
    pdf.add_page()
    pdf.set_font("helvetica", size=16)
    pdf.multi_cell(0, 10, f"{name.rpartition('.')[0]}\n\n{inquiry.name}\n{inquiry.subject}")
    return bytes(pdf.output())


@cache
def _process(key: str) -> ProcessDefinition:
    return find_process(key)


def _time(span: str) -> timedelta:
    return parse_span(span, Clock.BUSINESS_HOURS).time
