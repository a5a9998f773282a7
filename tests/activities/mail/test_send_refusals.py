"""What the post does when the mail server says no, says nothing, or is not there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.mail.outbox_claims import Claims
from models.tables import Channel, CustomerRow, MailRow, NoticeRow, PersonRow, SiteRow
from tests.activities.incoming.mailroom import MORNING, NIGHT, OPENING, Mailroom, words
from tests.ports import free_port

SOON = timedelta(seconds=5)


@pytest.mark.parametrize(
    "trouble",
    [
        {"refuse_data": "451 greylisted anna@office.example"},
        {"refuse_rcpt": "450 busy"},
        {"refuse_data": "421 bye"},
    ],
    ids=["451 after data", "450 at rcpt", "421 after data"],
)
async def test_refusal_for_now_releases_the_claim(mailroom: Mailroom, trouble: dict[str, str]) -> None:
    key = mailroom.notice("R1")
    vars(mailroom.server).update(trouble)
    emptied = await mailroom.refused_for_now()
    code = next(iter(trouble.values()))[:3]
    assert emptied.problem == f"127.0.0.1:{mailroom.account.port} answered {code}"
    assert mailroom.status(key) == "waiting"
    assert mailroom.mails() == []


async def test_after_an_outage_everything_arrives_as_one_mail(mailroom: Mailroom) -> None:
    """The notice of the first attempt and one that came meanwhile share a mail."""
    reachable = mailroom.account
    mailroom.account = replace(reachable, port=free_port())
    mailroom.notice("R1")
    emptied = await mailroom.refused_for_now()
    assert "cannot be reached" in emptied.problem
    assert emptied.mails_from == emptied.next_at == MORNING + SOON
    mailroom.notice("R1", ticket=2)
    mailroom.account = reachable
    await mailroom.empty(at=NIGHT, started=MORNING + SOON, mails_from=emptied.mails_from)
    (mail,) = mailroom.inbox("anna")
    assert mail["X-Statuskette-Ticket"] == "1, 2"


async def test_release_leaves_what_was_withdrawn_meanwhile_withdrawn(mailroom: Mailroom) -> None:
    key = mailroom.notice("R1")
    claims = Claims(mailroom.database, mailroom.letters)
    claim = claims.claim("person:anna", MORNING)
    mailroom.change(NoticeRow, mailroom.notices()[key].id, status="withdrawn")
    assert claim.mail is not None
    claims.release(claim.mail)
    assert mailroom.status(key) == "withdrawn"
    await mailroom.empty()
    assert mailroom.server.mails == []


@pytest.mark.parametrize("arrived", [False, True], ids=["lost on the way", "taken before the line broke"])
async def test_lost_connection_after_data_repeats_the_same_mail(mailroom: Mailroom, arrived: bool) -> None:
    mailroom.notice("R1")
    mailroom.server.hang_up, mailroom.server.keep_before_hanging_up, mailroom.server.times = True, arrived, 1
    emptied = await mailroom.refused_for_now()
    assert "went silent while it took the mail" in emptied.problem
    (claimed,) = mailroom.mails()
    assert claimed.status == "claimed"
    mailroom.notice("R1", ticket=2)
    await mailroom.empty(at=MORNING + SOON)
    *repeats, later = [envelope.content for envelope in mailroom.server.mails]
    assert len(repeats) == 1 + arrived
    assert len(set(repeats)) == 1
    assert later not in repeats
    assert mailroom.inbox("anna")[0]["Message-ID"] == claimed.message_id


async def test_mail_that_may_have_arrived_is_never_released(mailroom: Mailroom) -> None:
    key = mailroom.notice("R1")
    mailroom.server.hang_up, mailroom.server.times = True, 1
    await mailroom.refused_for_now()
    mailroom.server.hang_up, mailroom.server.refuse_data, mailroom.server.times = False, "451 later", 1
    await mailroom.refused_for_now(at=MORNING + SOON)
    assert mailroom.status(key) == "claimed"
    await mailroom.empty(at=MORNING + 2 * SOON)
    assert mailroom.status(key) == "sent"


@pytest.mark.parametrize(
    ("trouble", "reply"),
    [({"refuse_rcpt": "550 no such user"}, "550 no such user"), ({"refuse_data": "554 spam"}, "554 spam")],
    ids=["550 at rcpt", "554 after data"],
)
async def test_refusal_for_good_tells_the_controllers(mailroom: Mailroom, trouble: dict[str, str], reply: str) -> None:
    key = mailroom.notice("R1")
    vars(mailroom.server).update(trouble, times=1)
    emptied = await mailroom.empty()
    assert (emptied.sent, emptied.failed, emptied.next_at) == (0, 1, None)
    assert (mailroom.status(key), mailroom.notices()[key].error) == ("failed", reply)
    assert mailroom.woken == ["person:boss", "person:cora"]
    (failed,) = mailroom.mails()
    assert failed.status == "failed"
    assert f"undeliverable:{failed.message_id}:cora" in mailroom.notices()
    await mailroom.empty("person:cora")
    (report,) = mailroom.inbox("cora")
    assert report["Subject"] == "Nicht zugestellt: #1 Probefahrt 1"
    for text in (words(report), words(report, "html")):
        assert "Bitte sagen Sie Anna Kern Bescheid" in text
        assert f"Erinnerung (#1) · Der Mailserver hat sie abgelehnt: {reply}" in text


async def test_lost_answer_names_the_customers_phone(mailroom: Mailroom) -> None:
    mailroom.answer("Gern.")
    mailroom.server.refuse_rcpt, mailroom.server.times = "550 no such user", 1
    await mailroom.empty("customer:1")
    await mailroom.empty("person:cora")
    (report,) = mailroom.inbox("cora")
    assert "Bitte erreichen Sie Karl Muster auf anderem Weg, zum Beispiel unter 030 1234" in words(report)


async def test_refused_answer_does_not_hold_up_the_next_one(mailroom: Mailroom) -> None:
    mailroom.answer("Zu lang.")
    mailroom.answer("Gern.", ticket=2)
    mailroom.server.refuse_data, mailroom.server.times = "552 too big", 1
    emptied = await mailroom.empty("customer:1")
    assert (emptied.sent, emptied.failed) == (1, 1)
    (mail,) = mailroom.server.to("karl@kunde.example")
    assert words(mail).startswith("Gern.")


async def test_report_waits_for_business_hours(mailroom: Mailroom) -> None:
    mailroom.notice("DM1", deliver="at once")
    mailroom.server.refuse_rcpt, mailroom.server.times = "550 no", 1
    await mailroom.empty(at=NIGHT)
    assert (await mailroom.empty("person:cora", at=NIGHT)).next_at == OPENING


async def test_controller_is_not_told_about_the_own_mail(mailroom: Mailroom) -> None:
    mailroom.notice("EM2.1", to="person:cora")
    mailroom.server.refuse_rcpt, mailroom.server.times = "550 no", 1
    await mailroom.empty("person:cora")
    assert mailroom.woken == ["person:boss"]


@pytest.mark.parametrize(
    ("cora", "boss", "told"),
    [
        (["senior_controller", "admin"], ["controller"], ["person:boss"]),
        (["senior_controller"], ["admin"], ["person:cora"]),
        (["technician"], ["admin"], ["person:boss"]),
        (["technician"], ["pool"], []),
    ],
)
async def test_without_a_controller_the_next_in_charge_is_told(
    mailroom: Mailroom, cora: list[str], boss: list[str], told: list[str]
) -> None:
    mailroom.change(PersonRow, "cora", roles=cora)
    mailroom.change(PersonRow, "boss", roles=boss)
    mailroom.notice("R1")
    mailroom.server.refuse_rcpt, mailroom.server.times = "550 no", 1
    await mailroom.empty()
    assert mailroom.woken == told


async def test_controllers_of_another_site_are_not_told(mailroom: Mailroom) -> None:
    mailroom.add(SiteRow(key="nebenstadt", name="Nebenstadt", calendar=""))
    mailroom.change(PersonRow, "boss", site="nebenstadt")
    mailroom.notice("R1")
    mailroom.server.refuse_rcpt, mailroom.server.times = "550 no", 1
    await mailroom.empty()
    assert mailroom.woken == ["person:cora"]


async def test_lost_report_is_not_reported(mailroom: Mailroom) -> None:
    mailroom.notice("R1")
    mailroom.server.refuse_rcpt = "550 no"
    for mailbox in ("person:anna", "person:cora", "person:boss"):
        assert (await mailroom.empty(mailbox)).failed == 1
    assert mailroom.woken == ["person:boss", "person:cora"]


async def test_inactive_person_gets_nothing_and_the_controllers_know(mailroom: Mailroom) -> None:
    mail, pop_up = mailroom.notice("R1"), mailroom.notice("E1", channel=Channel.POP_UP)
    mailroom.change(PersonRow, "anna", active=False)
    mailroom.change(PersonRow, "boss", active=False)
    assert (await mailroom.empty()).failed == 2
    assert mailroom.server.mails == []
    assert {mailroom.notices()[key].error for key in (mail, pop_up)} == {"person is inactive"}
    assert mailroom.woken == ["person:cora"]
    await mailroom.empty("person:cora")
    assert "Das Konto ist nicht mehr aktiv." in words(mailroom.inbox("cora")[0])


@pytest.mark.parametrize("address", ["", "karl", "karl@", "a@b\r\nRCPT TO:<x@y>", "karl@straße.example", "a b@c"])
async def test_address_nobody_can_write_to_fails_without_a_connection(mailroom: Mailroom, address: str) -> None:
    mailroom.change(CustomerRow, 1, email=address)
    key = mailroom.answer("Gern.")
    emptied = await mailroom.empty("customer:1")
    assert (emptied.failed, mailroom.notices()[key].error) == (1, "no usable address")
    assert mailroom.server.mails == []


async def test_failed_notice_that_waits_again_is_sent_under_its_old_id(mailroom: Mailroom) -> None:
    mailroom.change(PersonRow, "anna", email="")
    key = mailroom.notice("R1")
    await mailroom.empty()
    mailroom.change(PersonRow, "anna", email="anna@office.example")
    mailroom.change(NoticeRow, mailroom.notices()[key].id, status="waiting")
    await mailroom.empty()
    (mail,) = mailroom.mails()
    assert (mail.status, mail.message_id) == ("sent", mailroom.inbox("anna")[0]["Message-ID"])


async def test_two_attempts_at_once_count_a_mail_once(mailroom: Mailroom) -> None:
    """An attempt thought dead comes back after the next one finished."""
    mailroom.notice("R1")
    claims = Claims(mailroom.database, mailroom.letters)
    dead = claims.claim("person:anna", MORNING).mail
    assert dead is not None
    await mailroom.empty()
    claims.release(dead)
    assert claims.sent(dead, MORNING).sent == 0
    assert claims.refused(dead, "550", MORNING).failed == 0
    (mail,) = mailroom.mails()
    assert isinstance(mail, MailRow)
    assert mail.status == "sent"
