"""What the server does not take yet: tried by itself, told after hours, given up after days, holding up nobody."""

from datetime import datetime, timedelta

import pytest

from activities.mail import send as post
from activities.mail.drafts import MOST_IN_A_MAIL
from activities.mail.outbox_claims import Claims
from domain.staff.mail_patience import GIVEN_UP_AFTER, TOLD_OF_CUSTOMERS_AFTER, TOLD_OF_STAFF_AFTER
from models.tables import Channel, NoticeRow, PersonRow, TicketRow
from tests.activities.incoming.mailroom import MORNING, OPENING, Mailroom, words
from tests.ports import free_port

MINUTE = timedelta(minutes=1)
MISTYPED = "450 4.1.2 Domain not found"
CUSTOMER = "customer:1"
CUSTOMERS_ADDRESS = "karl@kunde.example"


def told(mailroom: Mailroom, kind: str = "delayed") -> list[tuple[str, str, str]]:
    """Return who is told of late mails or lost ones, how, and how that notice stands."""
    rows = [row for row in mailroom.notices().values() if row.kind == kind]
    return [(row.mailbox, row.channel, row.status) for row in rows]


async def test_refused_answer_does_not_hold_up_another_one(mailroom: Mailroom) -> None:
    refused, taken = mailroom.answer("Zuerst."), mailroom.answer("Danach.", ticket=2)
    mailroom.server.refuse_rcpt, mailroom.server.times = MISTYPED, 1
    emptied = await mailroom.refused_for_now(CUSTOMER)
    assert (mailroom.status(refused), mailroom.status(taken)) == ("waiting", "sent")
    assert (emptied.sent, emptied.mails_from) == (1, None)
    assert mailroom.notices()[refused].error == MISTYPED


async def test_refused_mail_of_staff_does_not_hold_up_what_comes_later(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    mailroom.server.refuse_data, mailroom.server.times = "451 looks like spam", 1
    emptied = await mailroom.refused_for_now()
    later = mailroom.notice("R1", ticket=2)
    assert (await mailroom.empty()).next_at == emptied.next_at
    assert mailroom.status(later) == "sent"


async def test_refused_mail_is_tried_when_its_time_comes_and_not_before(mailroom: Mailroom) -> None:
    key = mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt, mailroom.server.times = MISTYPED, 1
    retry_at = (await mailroom.refused_for_now(CUSTOMER)).next_at
    assert retry_at is not None
    await mailroom.empty(CUSTOMER, at=retry_at - timedelta(seconds=1))
    assert mailroom.status(key) == "waiting"
    await mailroom.empty(CUSTOMER, at=retry_at)
    assert mailroom.status(key) == "sent"


async def test_mail_that_broke_the_line_does_not_hold_up_another_one(mailroom: Mailroom) -> None:
    """A mail at which the server dies every time: it stays claimed, the other one goes out."""
    poison, sound = mailroom.answer("Gift."), mailroom.answer("Gern.", ticket=2)
    mailroom.server.hang_up, mailroom.server.times = True, 1
    emptied = await mailroom.refused_for_now(CUSTOMER)
    assert (mailroom.status(poison), mailroom.status(sound)) == ("claimed", "sent")
    assert emptied.next_at == MORNING + timedelta(seconds=5)


async def test_owner_hears_once_after_hours_that_an_answer_has_not_left(mailroom: Mailroom) -> None:
    key = mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now(CUSTOMER)
    for since, heard in ((timedelta(), False), (-MINUTE, False), (timedelta(), True), (timedelta(hours=1), True)):
        mailroom.change(NoticeRow, mailroom.notices()[key].id, retry_at=None)
        at = MORNING + (TOLD_OF_CUSTOMERS_AFTER + since if since or heard else timedelta(minutes=1))
        await mailroom.refused_for_now(CUSTOMER, at)
        mails = [("person:anna", "mail", "waiting"), ("person:anna", "pop-up", "waiting")]
        assert told(mailroom) == (mails if heard else [])
    assert mailroom.woken == ["person:anna"]
    assert mailroom.status(key) == "waiting"


async def test_attempt_is_made_at_the_instant_at_which_somebody_is_to_hear_of_it(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now(CUSTOMER)
    emptied = await mailroom.refused_for_now(CUSTOMER, MORNING + TOLD_OF_CUSTOMERS_AFTER - MINUTE)
    assert emptied.next_at == MORNING + TOLD_OF_CUSTOMERS_AFTER


async def test_report_of_a_delay_says_since_when_and_why(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt, mailroom.server.times = MISTYPED, 2
    await mailroom.refused_for_now(CUSTOMER)
    at = MORNING + TOLD_OF_CUSTOMERS_AFTER
    await mailroom.refused_for_now(CUSTOMER, at)
    assert (await mailroom.empty(at=at)).sent == 2
    (report,) = mailroom.inbox("anna")
    assert report["Subject"] == "Noch nicht zugestellt: #1 Probefahrt 1"
    for text in (words(report), words(report, "html")):
        assert "seit Mi., 3. März 2027, 09:30 Uhr noch nicht hinausgegangen" in text
        assert f"Der Mailserver nimmt sie noch nicht an: {MISTYPED}" in text


async def test_report_of_a_delay_that_is_over_is_withdrawn(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt, mailroom.server.times = MISTYPED, 2
    await mailroom.refused_for_now(CUSTOMER)
    emptied = await mailroom.refused_for_now(CUSTOMER, MORNING + TOLD_OF_CUSTOMERS_AFTER)
    assert emptied.next_at is not None
    await mailroom.empty(CUSTOMER, at=emptied.next_at)
    assert {status for _, _, status in told(mailroom)} == {"withdrawn"}


async def test_controllers_hear_where_nobody_owns_the_ticket(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.change(TicketRow, 1, owner=None)
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now(CUSTOMER)
    await mailroom.refused_for_now(CUSTOMER, MORNING + TOLD_OF_CUSTOMERS_AFTER)
    assert mailroom.woken == ["person:boss", "person:cora"]


async def test_controllers_hear_after_a_day_of_a_mail_to_staff(mailroom: Mailroom) -> None:
    """Whoever does not get it cannot be told by mail; of many notices in one mail they hear once."""
    mailroom.notice("R1")
    mailroom.notice("R1", ticket=2)
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now()
    await mailroom.refused_for_now(at=MORNING + TOLD_OF_CUSTOMERS_AFTER)
    assert mailroom.woken == []
    await mailroom.refused_for_now(at=MORNING + TOLD_OF_STAFF_AFTER)
    assert mailroom.woken == ["person:boss", "person:cora"]
    assert len(told(mailroom)) == 4


async def test_refusal_that_never_ends_has_failed_after_days(mailroom: Mailroom) -> None:
    key = mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now(CUSTOMER)
    at = MORNING + GIVEN_UP_AFTER
    assert (await mailroom.refused_for_now(CUSTOMER, at - MINUTE)).next_at == at
    emptied = await mailroom.empty(CUSTOMER, at=at)
    assert (emptied.failed, emptied.next_at) == (1, None)
    assert (mailroom.status(key), mailroom.notices()[key].error) == ("failed", MISTYPED)
    assert {mailbox for mailbox, _, _ in told(mailroom, "undeliverable")} == {"person:boss", "person:cora"}
    assert {status for _, _, status in told(mailroom)} == {"withdrawn"}


async def test_what_is_given_up_takes_nothing_along_that_is_younger(mailroom: Mailroom) -> None:
    old = mailroom.notice("R1")
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now()
    young = mailroom.notice("R1", ticket=2)
    await mailroom.refused_for_now(at=MORNING + GIVEN_UP_AFTER)
    assert (mailroom.status(old), mailroom.status(young)) == ("failed", "waiting")


async def test_server_that_is_away_for_a_week_fails_nothing(mailroom: Mailroom) -> None:
    """Nobody knows what it would say: the mail waits, those in charge know, and a first refusal is no last one."""
    key = mailroom.answer("Gern.")
    reachable, mailroom.account = mailroom.account, mailroom.account.__class__("127.0.0.1", free_port())
    await mailroom.refused_for_now(CUSTOMER)
    week = MORNING + timedelta(days=7)
    await mailroom.refused_for_now(CUSTOMER, week)
    assert mailroom.woken == ["person:anna"]
    mailroom.account, mailroom.server.refuse_rcpt, mailroom.server.times = reachable, "450 greylisted", 1
    await mailroom.refused_for_now(CUSTOMER, week + timedelta(hours=1))
    assert mailroom.status(key) == "waiting"
    await mailroom.empty(CUSTOMER, at=week + timedelta(hours=2))
    assert mailroom.status(key) == "sent"


@pytest.mark.parametrize(
    "answer", ["421 shutting down", "451 4.3.0 out of order", "452 4.3.1 disk full"], ids=["421", "4.3.0", "4.3.1"]
)
async def test_server_that_speaks_about_itself_is_left_alone_for_a_while(mailroom: Mailroom, answer: str) -> None:
    """Every mail behind is late too; none is tried, and none is counted as refused."""
    keys = [mailroom.answer("Gern."), mailroom.answer("Danach.", ticket=2)]
    mailroom.server.refuse_rcpt, mailroom.server.times = answer, 1
    emptied = await mailroom.refused_for_now(CUSTOMER)
    assert emptied.mails_from == emptied.next_at
    assert mailroom.server.mails == []
    rows = [mailroom.notices()[key] for key in keys]
    assert [(row.status, row.delayed_at, row.refused_at) for row in rows] == [("waiting", MORNING, None)] * 2


async def test_pop_ups_are_shown_while_the_mail_server_is_away(mailroom: Mailroom) -> None:
    mail, pop_up = mailroom.notice("R1"), mailroom.notice("E1", channel=Channel.POP_UP)
    emptied = await mailroom.empty(mails_from=MORNING + MINUTE)
    assert (mailroom.status(mail), mailroom.status(pop_up)) == ("waiting", "sent")
    assert (emptied.next_at, emptied.mails_from) == (MORNING + MINUTE, MORNING + MINUTE)
    assert mailroom.server.mails == []


async def test_attempt_that_lasts_long_leaves_the_rest_to_the_next_one(
    mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "_LONGEST_SECONDS", 0)
    mailroom.answer("Gern.")
    mailroom.answer("Danach.", ticket=2)
    first = await mailroom.empty(CUSTOMER)
    assert (first.sent, first.next_at) == (1, MORNING)
    assert (await mailroom.empty(CUSTOMER)).sent == 1
    assert len(mailroom.server.to(CUSTOMERS_ADDRESS)) == 2


async def test_mail_carries_no_more_than_fits_into_one_transaction(mailroom: Mailroom) -> None:
    for number in range(MOST_IN_A_MAIL + 1):
        mailroom.notice("R1", key=f"gathered-{number}")
    assert (await mailroom.empty()).sent == MOST_IN_A_MAIL + 1
    assert len(mailroom.inbox("anna")) == 2


async def test_notice_withdrawn_while_its_mail_is_drafted_is_not_sent(
    mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is locked while a letter is written, so what is claimed is looked at once more."""
    withdrawn, kept = mailroom.notice("R1"), mailroom.notice("R1", ticket=2)
    claims = Claims(mailroom.database, mailroom.letters)
    plain = mailroom.letters.notify

    def handled_meanwhile(*arguments: object) -> object:
        mailroom.change(NoticeRow, mailroom.notices()[withdrawn].id, status="withdrawn")
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(mailroom.letters, "notify", handled_meanwhile)
    claim = claims.claim("person:anna", MORNING)
    assert claim.mail is not None
    assert claim.mail.headers["X-Statuskette-Ticket"] == "2"
    assert (mailroom.status(withdrawn), mailroom.status(kept)) == ("withdrawn", "claimed")


async def test_owner_who_left_the_company_is_not_told(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.change(PersonRow, "anna", active=False)
    mailroom.server.refuse_rcpt = MISTYPED
    await mailroom.refused_for_now(CUSTOMER)
    await mailroom.refused_for_now(CUSTOMER, MORNING + TOLD_OF_CUSTOMERS_AFTER)
    assert mailroom.woken == ["person:boss", "person:cora"]


@pytest.mark.parametrize("at", [OPENING - MINUTE, OPENING])
async def test_delay_of_a_night_is_told_in_business_hours(mailroom: Mailroom, at: datetime) -> None:
    mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt, mailroom.server.times = MISTYPED, 2
    night = OPENING - timedelta(hours=6)
    await mailroom.refused_for_now(CUSTOMER, night)
    await mailroom.refused_for_now(CUSTOMER, night + TOLD_OF_CUSTOMERS_AFTER)
    assert (await mailroom.empty(at=at)).sent == (2 if at == OPENING else 0)
