"""The sweep: one item that cannot be started holds up none behind it, and an overlooked notice is looked for again."""

from datetime import timedelta

import pytest
from sqlmodel import select

from activities.operation.sweep import Sweep
from models.database import Database
from models.messages import SweepResult, TicketStart
from models.tables import AbsenceRow, MailRow, NoticeRow, SiteRow
from tests.activities.incoming.mailroom import MORNING, NIGHT, OPENING, Mailroom
from tests.office import furnish
from workflows.gateway import Unavailable

LATE = timedelta(minutes=3)


class Door:
    """Stands where workflows would be started: writes down who was asked, and refuses some."""

    def __init__(self, *refused: str) -> None:
        """Take whom to refuse."""
        self.asked: list[str] = []
        self._refused = refused

    async def start(self, ticket: TicketStart) -> None:
        """Be asked to start a ticket."""
        self._ask(f"ticket {ticket.number}")

    async def open_mailbox(self, mailbox: str) -> None:
        """Be asked to open a mailbox."""
        self._ask(f"open {mailbox}")

    async def look_again(self, mailbox: str) -> None:
        """Be asked to have a mailbox look again."""
        self._ask(f"look {mailbox}")

    async def plan_again(self, ticket: TicketStart) -> None:
        """Be asked to have a ticket plan again."""
        self._ask(f"plan {ticket.number}")

    async def start_import(self, identity: int) -> None:
        """Be asked to start an import."""
        self._ask(f"import {identity}")

    async def open_inbox(self, site: str) -> None:
        """Be asked to watch a mailbox."""
        self._ask(f"inbox {site}")

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self._refused:
            raise Unavailable("limit exceeded")


async def test_what_cannot_be_started_holds_up_nothing_behind_it(
    mailroom: Mailroom, caplog: pytest.LogCaptureFixture
) -> None:
    """Of every kind the first one is refused; the rest is asked, and the failures are counted and named."""
    mailroom.notice("R1", at=MORNING)
    mailroom.notice("R1", to="person:dora", at=MORNING)
    door = Door("ticket 1", "open person:anna", "inbox musterstadt")
    swept = await Sweep(mailroom.database, door, ["musterstadt"]).sweep(MORNING)
    assert door.asked == [
        "ticket 1",
        "ticket 2",
        "ticket 3",
        "open person:anna",
        "open person:dora",
        "inbox musterstadt",
    ]
    assert swept == SweepResult(asked=5, failed=3)
    assert "open person:anna" not in caplog.text
    assert "person:anna is not running: Unavailable" in caplog.text


async def looks(mailroom: Mailroom, at: object = MORNING) -> list[str]:
    """Return which mailboxes a sweep has look again."""
    door = Door()
    await Sweep(mailroom.database, door).sweep(at)  # type: ignore[arg-type]
    return [asked for asked in door.asked if asked.startswith("look")]


@pytest.mark.parametrize(("since", "looked"), [(timedelta(minutes=1), []), (LATE, ["look person:anna"])])
async def test_notice_that_waits_too_long_is_looked_for_again(
    mailroom: Mailroom, since: timedelta, looked: list[str]
) -> None:
    mailroom.notice("R1", at=MORNING - since)
    assert await looks(mailroom) == looked


async def test_notice_that_waits_rightly_is_left_in_peace(mailroom: Mailroom) -> None:
    """For business hours, for the end of an absence without a deputy, and for the next attempt."""
    mailroom.notice("R1")
    assert await looks(mailroom, at=NIGHT + LATE) == []
    assert await looks(mailroom, at=OPENING + LATE) == ["look person:anna"]
    mailroom.notice("answer", to="customer:1", deliver="at once", retry_at=MORNING)
    assert await looks(mailroom, at=OPENING + LATE) == ["look person:anna"]
    mailroom.add(AbsenceRow(person="anna", since=NIGHT, until=MORNING + timedelta(days=1)))
    assert await looks(mailroom, at=OPENING + LATE) == []


async def test_mail_that_was_claimed_long_ago_is_looked_for_again(mailroom: Mailroom) -> None:
    mail = MailRow(message_id="<a@b>", mailbox="customer:1", address="", subject="", claimed_at=NIGHT)
    mailroom.add(mail)
    assert await looks(mailroom, at=NIGHT + LATE) == []
    assert await looks(mailroom, at=NIGHT + timedelta(minutes=13)) == ["look customer:1"]
    mailroom.change(MailRow, mail.id, retry_at=OPENING)
    assert await looks(mailroom, at=NIGHT + timedelta(minutes=13)) == []


async def test_mailbox_of_nobody_holds_up_no_other(mailroom: Mailroom) -> None:
    mailroom.notice("R1", to="person:nobody")
    mailroom.notice("R1")
    assert await looks(mailroom, at=MORNING + LATE) == ["look person:anna"]


async def test_empty_ledger_asks_nobody(database: Database) -> None:
    furnish(database)
    with database.reading() as session:
        assert session.exec(select(NoticeRow)).first() is None
        assert session.exec(select(SiteRow)).first() is not None
    door = Door()
    assert await Sweep(database, door).sweep(MORNING) == SweepResult()
    assert door.asked == []
