"""What the post does with a mailbox: bundles, windows, and who gets nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from models.tables import Channel, CustomerRow, PersonRow, TextRow
from tests.activities.incoming.mailroom import BERLIN, MORNING, NIGHT, OPENING, Mailroom, words

MINUTE = timedelta(minutes=1)


async def test_waiting_notice_goes_out_as_a_mail_of_its_kind(mailroom: Mailroom) -> None:
    key = mailroom.notice("R1")
    emptied = await mailroom.empty()
    (mail,) = mailroom.inbox("anna")
    assert mail["Subject"] == "Erinnerung: #1 Probefahrt 1"
    assert (emptied.sent, emptied.failed, emptied.next_at) == (1, 0, None)
    assert mailroom.status(key) == "sent"
    (row,) = mailroom.mails()
    assert (row.status, row.sent_at, row.message_id) == ("sent", MORNING.astimezone(UTC), mail["Message-ID"])


async def test_notices_that_wait_together_are_one_mail(mailroom: Mailroom) -> None:
    keys = [mailroom.notice(kind, ticket=ticket) for kind, ticket in (("R1", 1), ("DM1", 2), ("R1", 3))]
    emptied = await mailroom.empty()
    (mail,) = mailroom.inbox("anna")
    assert mail["Subject"] == "3 Vorgänge brauchen Sie: #1, #2, #3"
    assert emptied.sent == 3
    assert {mailroom.status(key) for key in keys} == {"sent"}


async def test_answers_to_a_customer_are_never_bundled(mailroom: Mailroom) -> None:
    mailroom.answer("Gern am Freitag.")
    mailroom.answer("Der Preis steht im Anhang.", ticket=2)
    emptied = await mailroom.empty("customer:1")
    assert [words(mail).splitlines()[0] for mail in mailroom.server.to("karl@kunde.example")] == [
        "Gern am Freitag.",
        "Der Preis steht im Anhang.",
    ]
    assert emptied.sent == 2


async def test_customer_gets_answers_at_night(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    await mailroom.empty("customer:1", at=NIGHT)
    assert len(mailroom.server.to("karl@kunde.example")) == 1


@pytest.mark.parametrize(
    ("at", "mails"),
    [(OPENING - MINUTE, 0), (OPENING, 1), (OPENING + MINUTE, 1)],
    ids=["before", "at", "after"],
)
async def test_event_mail_waits_for_the_next_opening(mailroom: Mailroom, at: datetime, mails: int) -> None:
    mailroom.notice("R1")
    emptied = await mailroom.empty(at=at)
    assert len(mailroom.inbox("anna")) == mails
    assert emptied.next_at == (None if mails else OPENING)


async def test_instant_mail_goes_out_at_night_and_leaves_the_rest_waiting(mailroom: Mailroom) -> None:
    waiting = mailroom.notice("R1", ticket=2)
    mailroom.notice("DM1", deliver="at once")
    emptied = await mailroom.empty(at=NIGHT)
    (mail,) = mailroom.inbox("anna")
    assert mail["Subject"].startswith("Bitte ansehen: #1")
    assert mailroom.status(waiting) == "waiting"
    assert emptied.next_at == OPENING


async def test_next_delivery_after_saturday_closing_is_monday(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    emptied = await mailroom.empty(at=datetime(2027, 3, 6, 13, tzinfo=BERLIN))
    assert emptied.next_at == datetime(2027, 3, 8, 9, tzinfo=BERLIN)


@pytest.mark.parametrize("status", ["withdrawn", "off", "seen", "failed", "sent"])
async def test_only_what_waits_is_sent(mailroom: Mailroom, status: str) -> None:
    key = mailroom.notice("R1", status=status)
    emptied = await mailroom.empty()
    assert mailroom.server.mails == []
    assert (emptied.sent, mailroom.status(key)) == (0, status)


async def test_pop_up_is_shown_without_a_mail(mailroom: Mailroom) -> None:
    key = mailroom.notice("E1", channel=Channel.POP_UP)
    assert (await mailroom.empty(at=NIGHT)).next_at == OPENING
    assert (await mailroom.empty()).sent == 1
    assert mailroom.status(key) == "sent"
    assert mailroom.server.mails == []


async def test_retry_after_an_outage_counts_from_the_start_of_the_attempt(mailroom: Mailroom) -> None:
    """The workflow asked at night; the attempt that reaches the server starts after the opening."""
    mailroom.notice("R1")
    await mailroom.empty(at=NIGHT, started=OPENING)
    assert len(mailroom.inbox("anna")) == 1


async def test_attempt_never_counts_from_before_the_workflows_time(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    await mailroom.empty(at=OPENING, started=NIGHT)
    assert len(mailroom.inbox("anna")) == 1


async def test_unknown_language_of_a_customer_falls_to_german(mailroom: Mailroom) -> None:
    mailroom.change(CustomerRow, 1, language="pl")
    mailroom.answer("Dzień dobry.")
    await mailroom.empty("customer:1")
    (mail,) = mailroom.server.to("karl@kunde.example")
    assert 'lang="de"' in words(mail, "html")


async def test_answer_stands_in_the_thread_of_its_ticket(mailroom: Mailroom) -> None:
    mailroom.add(TextRow(ticket=1, body="?", message_id="<q1@kunde.example>", written_at=NIGHT))
    mailroom.answer("Gern.")
    await mailroom.empty("customer:1")
    mailroom.add(TextRow(ticket=1, body="??", message_id="<q2@kunde.example>", written_at=MORNING + MINUTE))
    mailroom.answer("Ja, Freitag.")
    await mailroom.empty("customer:1", at=MORNING + 2 * MINUTE)
    first, second = mailroom.server.to("karl@kunde.example")
    assert first["In-Reply-To"] == "<q1@kunde.example>"
    assert second["In-Reply-To"] == "<q2@kunde.example>"
    assert second["References"].split() == ["<q1@kunde.example>", first["Message-ID"], "<q2@kunde.example>"]


async def test_answer_carries_nothing_internal(mailroom: Mailroom) -> None:
    mailroom.answer("Gern am Freitag.")
    await mailroom.empty("customer:1")
    (mail,) = mailroom.server.to("karl@kunde.example")
    assert words(mail) == "Gern am Freitag.\n\nAnna Kern\nAutohaus Musterstadt\n"
    for internal in ("office.example/", "/tickets/", "anna@office.example", "überfällig"):
        assert internal not in words(mail) + words(mail, "html")
    assert mail["Auto-Submitted"] is None


async def test_unassigned_ticket_says_so(mailroom: Mailroom) -> None:
    with mailroom.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE ticket SET owner = NULL, due_at = NULL")
    mailroom.notice("R1", to="person:dora")
    await mailroom.empty("person:dora")
    (mail,) = mailroom.inbox("dora")
    assert "Bitte übernehmen oder verteilen Sie" in words(mail)
    assert "Zuständig: noch niemand" in words(mail)
    assert "Ihre Rolle: Anfragenverteilung." in words(mail)


async def test_mailbox_of_nobody_fails_loudly(mailroom: Mailroom) -> None:
    with pytest.raises(LookupError, match="person 'nobody' is unknown"):
        await mailroom.empty("person:nobody")
    with pytest.raises(LookupError, match="neither a person's nor a customer's"):
        await mailroom.empty("robot:1")


async def test_customer_is_never_reminded(mailroom: Mailroom) -> None:
    key = mailroom.notice("R1", to="customer:1")
    assert (await mailroom.empty("customer:1")).failed == 1
    assert mailroom.status(key) == "failed"
    assert "nobody writes 'R1' to a customer" in mailroom.notices()[key].error
    assert mailroom.server.mails == []


async def test_mail_speaks_the_language_of_who_reads_it(mailroom: Mailroom) -> None:
    mailroom.change(PersonRow, "anna", language="en")
    mailroom.notice("R1")
    await mailroom.empty()
    (mail,) = mailroom.inbox("anna")
    assert mail["Subject"] == "Reminder: #1 Probefahrt 1"
    assert "Received Tue, 17:00, plus 1 h 30 min." in words(mail)
