"""Absence as stories: who is away hears nothing, who stands in hears it once, and on return there is one report."""

from domain.ticket.facts import Answered
from models.tables import NoticeStatus
from tests.office import Office


def kinds(office: Office, short: str) -> list[tuple[str, str | None]]:
    """Return the mails about tickets that were written for somebody, and for whom they stand in."""
    return [
        (notice.kind, notice.instead_of)
        for notice in office.notices(short)
        if notice.channel == "mail" and notice.status != NoticeStatus.OFF
    ]


async def test_deputy_hears_instead_of_who_is_away(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    office.is_away("anna", "2027-03-02 00:00", "2027-03-08 00:00", deputy="paul")
    await office.inquiry_arrives("2027-03-02 09:00", owner="anna")
    await office.fast_forward("2027-03-02 10:31")
    assert kinds(office, "anna") == []
    assert kinds(office, "paul") == [("R1", "anna")]
    part = office.mails("paul")[-1].get_body(("plain",))
    assert part is not None
    assert "Sie vertreten: Anna." in part.get_content()


async def test_deputy_of_the_deputy_hears_and_a_circle_ends_with_the_dispatcher(office: Office) -> None:
    """Pain 22."""
    await office.opens("2027-03-01 08:00")
    office.is_away("anna", "2027-03-02 00:00", "2027-03-08 00:00", deputy="paul")
    office.is_away("paul", "2027-03-02 00:00", "2027-03-03 00:00", deputy="petra")
    office.is_away("paul", "2027-03-03 00:00", "2027-03-05 00:00", deputy="anna")
    await office.inquiry_arrives("2027-03-02 09:00", owner="anna")
    await office.fast_forward("2027-03-02 10:31")
    assert kinds(office, "petra") == [("R1", "anna")]
    await office.inquiry_arrives("2027-03-03 09:00", owner="anna")
    await office.fast_forward("2027-03-03 10:31")
    assert kinds(office, "dora") == [("R1", "anna")]


async def test_who_leaves_while_a_mail_waits_does_not_get_it(office: Office) -> None:
    """Written on Saturday just before closing, to be delivered on Monday; anna is away from Sunday on."""
    await office.opens("2027-03-01 08:00")
    office.is_away("anna", "2027-03-07 00:00", "2027-03-14 00:00", deputy="paul")
    office.maildrop.close()
    await office.inquiry_arrives("2027-03-06 11:30", owner="anna")
    await office.fast_forward("2027-03-06 13:00")
    office.maildrop.open()
    await office.fast_forward("2027-03-08 09:02")
    assert [str(mail["Subject"]) for mail in office.mails("anna")] == []
    assert len(office.mails("paul")) == 1


async def test_return_is_one_report_with_what_others_did(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    looked_after = await office.inquiry_arrives("2027-03-01 17:00", owner="anna")
    open_still = await office.inquiry_arrives("2027-03-01 16:30", owner="anna")
    office.is_away("anna", "2027-03-01 18:00", "2027-03-04 00:00", deputy="paul")
    assert await office.list_is_due("EL1", at="2027-03-02 07:00") == 1
    assert office.mails("anna") == []
    await office.acts(looked_after, Answered(), at="2027-03-02 09:30", by="paul", text="Gern.")
    assert await office.list_is_due("EL1", at="2027-03-04 07:00") == 1
    (mail,) = office.mails("anna")
    assert str(mail["Subject"]) == "Zurück: 1 Vorgang wartet, 1 wurden vertreten"
    part = mail.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert text.index(f"#{open_still} ") < text.index("Während Ihrer Abwesenheit") < text.index(f"#{looked_after} ")
    await office.list_is_due("EL1", at="2027-03-05 07:00")
    assert str(office.mails("anna")[-1]["Subject"]).startswith("Heute:")


async def test_deputys_list_names_what_they_look_after(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    await office.inquiry_arrives("2027-03-01 16:00", owner="anna")
    office.is_away("anna", "2027-03-01 18:00", "2027-03-04 00:00", deputy="paul")
    await office.list_is_due("EL1", at="2027-03-02 07:00")
    part = office.mails("paul")[-1].get_body(("plain",))
    assert part is not None
    assert "Anna (1)" in part.get_content()
