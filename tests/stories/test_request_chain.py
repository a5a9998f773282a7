"""S2 as stories: the real workflow, ledger, post and mail server, with the clock wound forward."""

from datetime import timedelta

import pytest

from domain.ticket.facts import Answered, Closed, CustomerWrote, FollowUpSet, Paused, Reassigned, Refused, Resumed
from tests.domain.ticket.test_request_chain import VECTORS
from tests.office import Office, berlin


@pytest.mark.parametrize(("received_at", *"abcd"), VECTORS)
async def test_agenda_and_workflow_agree_to_the_second(
    office: Office, received_at: str, a: str, b: str, c: str, d: str
) -> None:
    """What the agenda says at receipt is what the ledger has recorded a week later, and it is the vector."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives(received_at)
    planned = [(moment.code, moment.at) for moment in office.agenda(number)]
    await office.fast_forward("2027-04-10 12:00")
    happened = office.events(number)
    assert [moment for moment in happened if moment[0] != "DM1"] == [m for m in planned if m[0] != "DM1"]
    named = [f"{code} {at.astimezone(berlin(received_at).tzinfo):%d.%m. %H:%M}" for code, at in happened]
    assert [name for name in named if name.split()[0] in {"R1", "E1", "E2.1", "EM2.1"}] == [a, b, c, d]


async def test_forgotten_request_reminds_the_seller_then_tells_the_controllers(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-03 09:29")
    assert office.mails("anna") == []
    await office.fast_forward("2027-03-03 09:30")
    assert [mail["X-Statuskette-Ticket"] for mail in office.mails("anna")] == [str(number)]
    await office.fast_forward("2027-03-03 10:00")
    assert office.row(number).light == "red"
    assert [n.channel for n in office.notices("anna") if n.status == "sent"] == ["mail", "pop-up"]
    await office.fast_forward("2027-03-03 14:00")
    assert office.row(number).light == "escalated"
    assert office.mails("carl") == []
    await office.fast_forward("2027-03-03 16:00")
    assert len(office.mails("carl")) == 1
    assert office.mails("helga") == []
    await office.fast_forward("2027-03-04 11:00")
    assert len(office.mails("helga")) == 1
    assert len(office.mails("anna")) == 1


async def test_answer_reaches_the_customer_and_ends_the_chain(office: Office) -> None:
    """AC-18: the answer is a real mail in the customer's thread; no rung after it."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.acts(number, Answered(), at="2027-03-03 09:10", text="Gern, wann passt Ihnen eine Probefahrt?")
    await office.fast_forward("2027-03-10 12:00")
    (mail,) = office.maildrop.to("kim@kunde.example")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "wann passt Ihnen eine Probefahrt?" in body.get_content()
    assert office.mails("anna") == []
    assert [code for code, _ in office.events(number)] == ["DM1"]
    assert office.row(number).light == "green"


async def test_reminder_that_waits_for_opening_is_withdrawn_when_the_ticket_is_handled_at_night(
    office: Office,
) -> None:
    """Nothing is sent after handling, even if it already waits in a mailbox."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00")
    await office.acts(number, FollowUpSet(berlin("2027-03-02 22:00")), at="2027-03-01 09:10")
    await office.fast_forward("2027-03-02 22:00")
    assert [(n.kind, n.status) for n in office.notices("anna") if n.channel == "pop-up"] == [("WV", "waiting")]
    await office.acts(number, Answered(), at="2027-03-03 07:00", text="Erledigt.")
    await office.fast_forward("2027-03-03 12:00")
    assert [(n.kind, n.status) for n in office.notices("anna") if n.channel == "pop-up"] == [("WV", "withdrawn")]


async def test_ac_10_instant_mail_goes_out_at_once_to_who_asked_for_it(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    office.switches("anna", "DM1", on=True)
    await office.inquiry_arrives("2027-03-06 20:00")
    await office.fast_forward("2027-03-06 20:01")
    assert len(office.mails("anna")) == 1
    assert [n.status for n in office.notices("paul")] == []


async def test_ac_17_who_switched_the_reminder_off_gets_none(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    office.switches("anna", "R1", on=False)
    await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-03 12:00")
    assert office.mails("anna") == []
    assert ("R1", "off") in [(n.kind, n.status) for n in office.notices("anna")]


async def test_ac_11_pool_request_reminds_dispatcher_and_pool_and_nobody_else(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    await office.inquiry_arrives("2027-03-02 17:00", owner=None)
    await office.fast_forward("2027-03-03 09:30")
    assert {short: len(office.mails(short)) for short in ("anna", "paul", "dora", "carl", "helga")} == {
        "anna": 0,
        "paul": 1,
        "dora": 1,
        "carl": 0,
        "helga": 0,
    }


async def test_ac_08_redistribution_moves_the_ticket_and_keeps_the_escalation(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-03 14:00")
    standing = await office.acts(number, Reassigned("paul"), at="2027-03-03 14:30", by="carl")
    assert (standing.owner, standing.light, standing.level) == ("paul", "escalated", 1)


async def test_customer_writing_again_starts_a_new_clock(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 10:00")
    await office.acts(number, Answered(), at="2027-03-02 10:30", text="Ja.")
    await office.acts(number, CustomerWrote(), at="2027-03-02 17:00", by="customer")
    await office.fast_forward("2027-03-03 10:00")
    assert [(code, at) for code, at in office.events(number) if code == "E1"] == [("E1", berlin("2027-03-03 10:00"))]


async def test_paused_ticket_is_silent_and_goes_on_where_it_stopped(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 10:00")
    await office.acts(number, Paused(), at="2027-03-02 11:00")
    await office.fast_forward("2027-03-04 10:00")
    assert [code for code, _ in office.events(number)] == ["DM1"]
    await office.acts(number, Resumed(), at="2027-03-04 11:00")
    await office.fast_forward("2027-03-04 12:00")
    assert ("E1", berlin("2027-03-04 12:00")) in office.events(number)


async def test_closed_ticket_ends_its_workflow_and_refuses_everything(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 10:00")
    await office.acts(number, Closed("won"), at="2027-03-02 10:30")
    handle = office.environment.client.get_workflow_handle(f"ticket-{number}")
    assert await handle.result() == "closed"
    with pytest.raises(Refused) as refused:
        await office.acts(number, Answered(), at="2027-03-02 11:00", text="Zu spät.")
    assert refused.value.code == "already_closed"


async def test_dead_mail_server_delays_no_moment_and_afterwards_everybody_gets_one_bundled_mail(
    office: Office,
) -> None:
    """Three business hours without a mail server, in which six tickets fall due for the same seller."""
    await office.opens("2027-03-01 08:00")
    planned = {}
    for time in ("15:00", "15:10", "15:20", "15:30", "15:40", "15:50"):
        number = await office.inquiry_arrives(f"2027-03-02 {time}", subject=f"Anfrage {time}")
        planned[number] = {(m.code, m.at) for m in office.agenda(number) if m.code != "DM1"}
    await office.fast_forward("2027-03-02 16:00")
    office.maildrop.close()
    await office.fast_forward("2027-03-03 10:30")
    due = {n: {m for m in moments if m[1] <= berlin("2027-03-03 10:30")} for n, moments in planned.items()}
    assert {n: set(office.events(n)) - {("DM1", at) for _, at in office.events(n)} for n in planned} == due
    assert max(office.lateness(number) for number in planned) < timedelta(seconds=5)
    assert office.maildrop.mails == []
    office.maildrop.open()
    await office.fast_forward("2027-03-03 10:59")
    assert len(office.mails("anna")) == 1
    bundled = office.mails("anna")[0].get_body(("plain",))
    assert bundled is not None
    assert all(f"/tickets/{number}" in bundled.get_content() for number in planned)
