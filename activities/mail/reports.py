"""Who is told that a mail did not arrive, or has not left for hours: as notices, in the transaction that records it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from activities.ledger.outbox import is_customers, person_mailbox
from activities.mail.letter_facts import DELAYED, UNDELIVERABLE, delayed_key, delayed_notice, undeliverable_key
from domain.process.definition import Delivery
from domain.process.roles import Role
from domain.staff.mail_patience import told_after
from domain.words.wording import LANGUAGES
from models.tables import Channel, MailRow, NoticeRow, NoticeStatus, PersonRow, TicketRow


def tell_of_loss(session: Session, mail: MailRow, lost: Sequence[NoticeRow], at: datetime) -> list[str]:
    """Tell the controllers of a lost mail; returns the mailboxes.

    A lost report about a lost mail is not reported, for that would never end; nor is a list, which comes again.
    """
    first = next(filter(_is_news, lost), None)
    if first is None:
        return []
    told = []
    for person in _controllers(session, mail.mailbox, first):
        key = undeliverable_key(mail, person.short)
        told += _write(session, person, first, UNDELIVERABLE, key, at, Channel.MAIL)
    return told


def tell_of_delay(session: Session, mailbox: str, late: Sequence[NoticeRow], at: datetime) -> list[str]:
    """Tell those in charge once that a mail has not left for hours; returns the mailboxes.

    Of each one to a customer, and of one for all to somebody of the staff. As a pop-up too: while the mail server is
    away, no mail tells anybody.
    """
    customers = is_customers(mailbox)
    after = told_after(customer=customers)
    told_of = [one for one in late if _is_news(one) and one.delayed_at is not None and at - one.delayed_at >= after]
    told = []
    for notice in told_of if customers else told_of[:1]:
        for person in _in_charge(session, mailbox, notice):
            for channel in Channel:
                key = delayed_key(notice, person.short, channel)
                told += _write(session, person, notice, DELAYED, key, at, channel)
    return list(dict.fromkeys(told))


def withdraw_delays(session: Session, notices: Sequence[NoticeRow]) -> None:
    """Withdraw what would tell of a delay that is over: the mail left, or its loss is told instead."""
    late = {notice.id: notice.ticket for notice in notices if notice.delayed_at is not None}
    if not late:
        return
    reports = select(NoticeRow).where(col(NoticeRow.ticket).in_(set(late.values())), NoticeRow.kind == DELAYED)
    for report in session.exec(reports):
        waits = report.status == NoticeStatus.WAITING
        is_up = report.channel == Channel.POP_UP and report.status == NoticeStatus.SENT
        if delayed_notice(report) in late and (waits or is_up):
            report.status = NoticeStatus.WITHDRAWN


def _is_news(notice: NoticeRow) -> bool:
    return notice.kind not in {UNDELIVERABLE, DELAYED} and notice.ticket is not None


def _in_charge(session: Session, mailbox: str, notice: NoticeRow) -> list[PersonRow]:
    """Return who owns the ticket of a mail to a customer; the controllers where nobody does, and for other mails."""
    owner = session.get_one(TicketRow, notice.ticket).owner if is_customers(mailbox) else None
    person = session.get(PersonRow, owner) if owner else None
    return [person] if person is not None and person.active else _controllers(session, mailbox, notice)


def _controllers(session: Session, mailbox: str, first: NoticeRow) -> list[PersonRow]:
    """Return the site's controllers but the addressee; its senior ones, or its administrators, where there is none."""
    site = session.get_one(TicketRow, first.ticket).site
    there = select(PersonRow).where(PersonRow.active, PersonRow.site == site).order_by(PersonRow.short)
    others = [person for person in session.exec(there) if person_mailbox(person.short) != mailbox]
    for role in (Role.CONTROLLER, Role.SENIOR_CONTROLLER, Role.ADMIN):
        if told := [person for person in others if role in person.roles]:
            return told
    return []


def _write(
    session: Session, person: PersonRow, about: NoticeRow, kind: str, key: str, at: datetime, channel: Channel
) -> list[str]:
    """Write a notice about a mail unless it was written before; returns the mailbox it is in."""
    if session.exec(select(NoticeRow.id).where(NoticeRow.key == key)).first() is not None:
        return []
    notice = NoticeRow(
        key=key,
        ticket=about.ticket,
        mailbox=person_mailbox(person.short),
        channel=channel,
        kind=kind,
        at=at,
        deliver=Delivery.BUSINESS_HOURS,
        why=dict.fromkeys(LANGUAGES, about.error) if channel is Channel.POP_UP else {},
    )
    session.add(notice)
    return [notice.mailbox]
