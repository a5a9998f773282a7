"""Writes the lists of a site into mailboxes: at most one of each kind per person and day, and never an empty one."""

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import Session, select
from temporalio import activity

from activities.ledger.context import absences_of, calendar_of, digests_of
from activities.ledger.deputies import Deputies
from activities.ledger.outbox import is_wanted, person_mailbox
from activities.mail.digest_facts import RETURN, report
from activities.runtime.notify import Wake, wake_all
from activities.runtime.pools import Pool
from domain.process.definition import Delivery
from domain.staff.absence import returned
from domain.staff.digests import Content, Digest
from domain.time.calendar import BusinessCalendar
from models.database import Database
from models.messages import WriteListInput
from models.tables import Channel, NoticeRow, PersonRow


class Digests:
    """The lists of every site."""

    def __init__(self, database: Database, wake: Wake, pool: Pool | None = None) -> None:
        """Take the database, how to wake mailboxes, and threads."""
        self._database = database
        self._wake = wake
        self._pool = pool or Pool("lists", 1)

    @activity.defn(name="write_lists")
    async def write_lists(self, asked: WriteListInput) -> int:
        """Write one list of a site to everybody who has something to read; returns to how many.

        Repeated after a crash it writes nothing twice. A list that comes late, after an outage, is written once, and
        not at all when the next one of its kind is due already.
        """
        mailboxes = await self._pool.run(self.write, asked)
        await wake_all(self._wake, mailboxes)
        return len(mailboxes)

    def write(self, asked: WriteListInput) -> list[str]:
        """Write in one transaction; returns the mailboxes."""
        with self._database.writing() as session:
            calendar = calendar_of(session, asked.site)
            digest = next((one for one in digests_of(session, asked.site) if one.code == asked.code), None)
            if digest is None or not _is_due(digest, calendar, asked):
                return []
            return list(_written(session, digest, calendar, asked))


def _is_due(digest: Digest, calendar: BusinessCalendar, asked: WriteListInput) -> bool:
    """Whether the list falls on the day it was scheduled for, and no newer one is due."""
    day, today = calendar.date_of(asked.scheduled_at), calendar.date_of(asked.at)
    newer = (day + timedelta(days=n) for n in range(1, (today - day).days + 1))
    superseded = any(digest.falls_on(one, calendar) and digest.instant(one, calendar) <= asked.at for one in newer)
    return digest.falls_on(day, calendar) and not superseded


def _written(session: Session, digest: Digest, calendar: BusinessCalendar, asked: WriteListInput) -> Iterator[str]:
    day = calendar.date_of(asked.scheduled_at)
    since, absences = digest.before(day, calendar), absences_of(session)
    deputies = Deputies(session, asked.at)
    people = select(PersonRow).where(PersonRow.active, PersonRow.site == asked.site).order_by(PersonRow.short)
    for person in session.exec(people).all():
        back = digest.content is Content.DUE and returned(person.short, since, asked.at, absences)
        kind = RETURN if back else digest.code
        key = f"list:{digest.code}:{day}:{person.short}"
        written = session.exec(select(NoticeRow).where(NoticeRow.key == key)).first()
        if written is not None:
            yield written.mailbox
        elif (
            _reads(digest, person)
            and not deputies.is_away(person.short)
            and is_wanted(session, person.short, digest.code, Channel.MAIL, default=digest.optional or None)
            and not report(session, kind, person.short, asked.at).is_empty
        ):
            mailbox = person_mailbox(person.short)
            session.add(
                NoticeRow(
                    key=key,
                    mailbox=mailbox,
                    channel=Channel.MAIL,
                    kind=kind,
                    at=asked.at,
                    deliver=Delivery.AT_ONCE,
                )
            )
            yield mailbox


def _reads(digest: Digest, person: PersonRow) -> bool:
    """Whether a list is for somebody: for everybody who may own tickets, or for their role."""
    return digest.content in {Content.DUE, Content.UNWORKED} or bool(set(digest.to) & set(person.roles))
