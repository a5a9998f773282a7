"""What a machine writes to a customer: an automatic answer or a confirmation, with our promise and the ways to us."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from activities.ledger.catalogues import catalogue_of
from activities.ledger.context import calendar_of, rule_context_of, ticket_of
from activities.mail.letter_facts import known, thread_of
from domain.process.gates import Words
from domain.service.catalogue import AUTOMATIC_LETTER, ChannelRule
from domain.ticket.agenda import agenda
from domain.time.calendar import BusinessCalendar
from domain.time.horizon import answer
from domain.words.wording import mark_of
from models.tables import CustomerRow, NoticeRow, SiteRow, TicketRow


@dataclass(frozen=True)
class Hours:
    """A channel as a customer is told of it: where they reach us, and whether now; instants in the site's time."""

    title: Words
    reach: str
    always: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """What a machine writes to a customer about their ticket: the category's answer, if there is one, and our promise.

    `promise` is by when they hear from somebody, in the site's time; None where nothing is promised any more.
    """

    number: str
    subject: str
    site: str
    customer: str
    said: str
    promise: datetime | None
    channels: tuple[Hours, ...]
    thread: tuple[str, ...] = ()
    replies_to: str = ""


def receipt_of(session: Session, notice: NoticeRow, language: str, at: datetime) -> Receipt:
    """Return what a machine writes to a customer at an instant."""
    ticket = known(session, TicketRow, notice.ticket)
    customer, site = known(session, CustomerRow, ticket.customer), known(session, SiteRow, ticket.site)
    calendar, mark = calendar_of(session, ticket.site), mark_of(ticket.number, life=False)
    thread, replies_to = thread_of(session, notice)
    catalogue = catalogue_of(session, ticket)
    category = catalogue.categories.get(ticket.category) if catalogue else None
    subject, said = "", ""
    if notice.kind == AUTOMATIC_LETTER and category is not None:
        subject, said = category.filled(language, {"customer": customer.name, "ticket": mark, "site": site.name})
    promised = promise_of(session, ticket, at)
    return Receipt(
        number=mark,
        subject=subject or ticket.subject,
        site=site.name,
        customer=customer.name,
        said=said,
        promise=promised.astimezone(calendar.zone) if promised else None,
        channels=tuple(hours(one, calendar, at) for one in (catalogue.channels.values() if catalogue else ())),
        thread=thread,
        replies_to=replies_to,
    )


def promise_of(session: Session, ticket: TicketRow, at: datetime) -> datetime | None:
    """Return by when a customer hears from us: when the ticket turns overdue unless somebody answers; None after it."""
    ahead = agenda(ticket_of(ticket), rule_context_of(session, ticket))
    return next((moment.at for moment in ahead if moment.rule.marks_overdue and moment.at > at), None)


def hours(channel: ChannelRule, site: BusinessCalendar, at: datetime) -> Hours:
    """Return whether a channel is open at an instant, and until or from when."""
    calendar = channel.calendar or site
    if channel.always:
        return Hours(channel.title, channel.reach, always=True)
    if calendar.is_open(at):
        closes = calendar.segments(at, at + _FAR)[0].closes_at
        return Hours(channel.title, channel.reach, always=False, closes_at=closes.astimezone(calendar.zone))
    opens = answer(lambda: calendar.next_open(at), None)
    return Hours(channel.title, channel.reach, always=False, opens_at=opens and opens.astimezone(calendar.zone))


_FAR = timedelta(weeks=1)
"""A channel that stays open longer is open for as long as anybody plans."""
