"""Quiet as stories: nobody hears more in an hour than they can bear, and nothing about what is done."""

from domain.ticket.facts import Answered, Reassigned
from models.tables import NoticeLockRow, NoticeStatus, SiteRow
from tests.office import Office


async def test_budget_of_an_hour_folds_the_rest_into_one_mail(office: Office) -> None:
    """Two mails an hour; the third, fourth and fifth request come together an hour after the first mail."""
    await office.opens("2027-03-01 08:00")
    with office.database.writing() as session:
        session.get_one(SiteRow, "musterstadt").mails_per_hour = 2
    office.switches("anna", "DM1", on=True)
    for minute in range(0, 50, 10):
        await office.inquiry_arrives(f"2027-03-01 09:{minute:02}", owner="anna")
        await office.fast_forward(f"2027-03-01 09:{minute + 1:02}")
    assert len(office.mails("anna")) == 2
    await office.fast_forward("2027-03-01 10:02")
    first, second, folded = office.mails("anna")
    assert [len(str(mail["X-Statuskette-Ticket"]).split(",")) for mail in (first, second, folded)] == [1, 1, 3]


async def test_nothing_is_sent_about_a_ticket_that_was_handled_while_the_mail_was_held(office: Office) -> None:
    """Pain 19."""
    await office.opens("2027-03-01 08:00")
    with office.database.writing() as session:
        session.get_one(SiteRow, "musterstadt").mails_per_hour = 1
    office.switches("anna", "DM1", on=True)
    await office.inquiry_arrives("2027-03-01 09:00", owner="anna")
    await office.fast_forward("2027-03-01 09:01")
    handled = await office.inquiry_arrives("2027-03-01 09:10", owner="anna")
    await office.acts(handled, Answered(), at="2027-03-01 09:20", text="Gern.")
    await office.fast_forward("2027-03-01 10:05")
    assert len(office.mails("anna")) == 1
    assert {n.status for n in office.notices("anna") if n.ticket == handled} == {NoticeStatus.WITHDRAWN}


async def test_kind_that_an_administrator_locked_is_sent_whatever_the_person_chose(office: Office) -> None:
    """Reading 19."""
    await office.opens("2027-03-01 08:00")
    office.switches("anna", "R1", on=False)
    with office.database.writing() as session:
        session.add(NoticeLockRow(kind="R1", channel="mail", on=True))
    await office.inquiry_arrives("2027-03-01 09:00", owner="anna")
    await office.fast_forward("2027-03-01 10:31")
    assert len(office.mails("anna")) == 1


async def test_reading_9_new_owner_gets_one_fresh_reminder_while_the_escalation_stays(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00", owner="anna")
    await office.fast_forward("2027-03-01 15:30")
    assert office.row(number).light == "escalated"
    await office.acts(number, Reassigned("paul"), at="2027-03-01 15:40", by="carl")
    assert office.row(number).light == "escalated"
    await office.fast_forward("2027-03-02 10:00")
    assert [str(n.kind) for n in office.notices("paul") if n.status == NoticeStatus.SENT and n.channel == "mail"] == [
        "R1"
    ]
