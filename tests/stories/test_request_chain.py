"""S2 as stories: the real workflow, ledger, post and mail server, with the clock wound forward."""

import pytest

from domain.facts import Answered, Closed, CustomerWrote, FollowUpSet, Paused, Reassigned, Refused, Resumed
from tests.domain.test_request_chain import VECTORS
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
