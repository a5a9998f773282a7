"""EL1 and EL2 as stories: what is read in the morning, by whom, and on which days."""

from datetime import date, timedelta

from activities.mail.digests import Digests
from domain.ticket.facts import Answered, Closed, FollowUpSet
from models.messages import WriteListInput
from models.tables import PersonRow, SiteRow
from tests.office import Office, berlin


def subjects(office: Office, short: str) -> list[str]:
    """Return the subjects of the lists somebody got, in their order."""
    lists = ("Heute:", "Eskaliert:", "Zurück:")
    return [str(mail["Subject"]) for mail in office.mails(short) if str(mail["Subject"]).startswith(lists)]


def body(office: Office, short: str) -> str:
    """Return the text of the last mail somebody got."""
    part = office.mails(short)[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_fortnight_with_a_holiday_friday(office: Office) -> None:
    """AC-13, AC-15, readings 15 and 16: Good Friday 2027 is 26 March, so the weekly list comes on Thursday."""
    await office.opens("2027-03-12 08:00")
    for at in ("2027-03-12 09:00", "2027-03-12 10:00"):
        await office.inquiry_arrives(at, owner="anna")
    got: dict[str, list[date]] = {"EL1": [], "EL2": []}
    for n in range(14):
        day = date(2027, 3, 15) + timedelta(days=n)
        for code, at in (("EL1", "07:00"), ("EL2", "07:30")):
            before = {short: len(subjects(office, short)) for short in ("anna", "paul", "dora", "carl", "helga")}
            await office.list_is_due(code, at=f"{day} {at}")
            readers = {short for short, n in before.items() if len(subjects(office, short)) > n}
            if readers:
                got[code].append(day)
                assert readers == ({"anna"} if code == "EL1" else {"carl", "helga"})
    march = [15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 27]
    assert got["EL1"] == [date(2027, 3, n) for n in march]
    assert got["EL2"] == [date(2027, 3, 19), date(2027, 3, 25)]


async def test_ac_13_list_names_what_is_open_and_what_is_due_today_most_late_first(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    late = await office.inquiry_arrives("2027-03-01 09:00", subject="Seit gestern offen")
    promised = await office.inquiry_arrives("2027-03-01 09:30", subject="Heute versprochen")
    far = await office.inquiry_arrives("2027-03-01 09:40", subject="Erst nächste Woche")
    await office.acts(promised, FollowUpSet(berlin("2027-03-02 15:00")), at="2027-03-01 10:00")
    await office.acts(far, FollowUpSet(berlin("2027-03-09 15:00")), at="2027-03-01 10:01")
    assert await office.list_is_due("EL1", at="2027-03-02 07:00") == 1
    assert subjects(office, "anna") == ["Heute: 2 Vorgänge, davon 1 überfällig"]
    text = body(office, "anna")
    assert text.index(f"#{late} ") < text.index(f"#{promised} ")
    assert f"#{far} " not in text
    assert f"https://statuskette.example/tickets/{late}" in text


async def test_empty_list_is_not_sent_and_neither_is_one_that_was_switched_off(office: Office) -> None:
    """Reading 18, AC-17."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-01 09:00")
    office.switches("anna", "EL1", on=False)
    assert await office.list_is_due("EL1", at="2027-03-02 07:00") == 0
    office.switches("carl", "EL2", on=True)
    await office.acts(number, Answered(), at="2027-03-02 09:30", text="Gern.")
    assert await office.list_is_due("EL2", at="2027-03-05 07:30") == 0


async def test_list_that_waited_says_nothing_of_what_was_handled_meanwhile(office: Office) -> None:
    """Pain 19: the mail server is down at seven and back at noon; by then one request was answered."""
    await office.opens("2027-03-01 08:00")
    answered = await office.inquiry_arrives("2027-03-01 16:30")
    waiting = await office.inquiry_arrives("2027-03-01 16:40")
    office.maildrop.close()
    await office.list_is_due("EL1", at="2027-03-02 07:00")
    await office.acts(answered, Closed("answered"), at="2027-03-02 08:30")
    office.maildrop.open()
    await office.fast_forward("2027-03-02 08:50")
    assert f"#{waiting} " in body(office, "anna")
    assert f"#{answered} " not in body(office, "anna")


async def test_late_list_comes_once_and_not_beside_a_newer_one(office: Office) -> None:
    """After an outage the schedule catches up: what was meant for Monday and Tuesday comes on Tuesday as one."""
    await office.opens("2027-03-01 08:00")
    await office.inquiry_arrives("2027-03-01 09:00")
    lists = Digests(office.database, office.gateway.wake)
    now = berlin("2027-03-03 08:00")
    written = [
        lists.write(WriteListInput("musterstadt", "EL1", berlin(meant), now))
        for meant in ("2027-03-02 07:00", "2027-03-03 07:00", "2027-03-03 07:00")
    ]
    assert written == [[], ["person:anna"], ["person:anna"]]
    assert [notice.kind for notice in office.notices("anna")].count("EL1") == 1


async def test_ac_15_weekly_list_groups_by_seller_and_counts_what_was_solved(office: Office) -> None:
    """Reading 17: what is escalated now, and how many of this week's escalations ended."""
    await office.opens("2027-03-01 08:00")
    solved = await office.inquiry_arrives("2027-03-01 09:00", owner="anna")
    await office.inquiry_arrives("2027-03-01 09:10", owner="paul")
    await office.acts(solved, Answered(), at="2027-03-02 10:00", text="Gern.")
    assert await office.list_is_due("EL2", at="2027-03-05 07:30") == 2
    assert subjects(office, "carl") == ["Eskaliert: 1 Vorgang, gelöst 1"]
    assert "Paul (1)" in body(office, "carl")


async def test_dispatcher_reads_what_nobody_has(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    await office.inquiry_arrives("2027-03-01 16:00", owner=None)
    assert await office.list_is_due("EL1", at="2027-03-02 07:00") == 1
    assert "Noch niemandem zugewiesen (1)" in body(office, "dora")


async def test_site_sends_its_lists_as_it_wants_them(office: Office) -> None:
    """Reading 15: skip, send, previous and next are a setting."""
    await office.opens("2027-03-01 08:00")
    await office.inquiry_arrives("2027-03-25 09:00")
    lists = """
        [[digests]]
        code = "EL1"
        title = { de = "Tagesliste", en = "Daily list" }
        cites = "AC-13"
        weekdays = ["fri"]
        at = "06:00"
        closed = "next"
        content = "due"
        to = "owner"
    """
    with office.database.writing() as session:
        session.get_one(SiteRow, "musterstadt").digests = lists
    assert await office.list_is_due("EL1", at="2027-03-26 06:00") == 0
    assert await office.list_is_due("EL1", at="2027-03-30 06:00") == 1


async def test_many_due_over_the_weekend_are_one_mail_for_each_of_ten_people(office: Office) -> None:
    await office.opens("2027-03-05 08:00")
    sellers = [f"seller{n}" for n in range(10)]
    with office.database.writing() as session:
        for short in sellers:
            session.add(
                PersonRow(
                    short=short,
                    name=short,
                    email=f"{short}@musterstadt.example",
                    site="musterstadt",
                    roles=["salesperson"],
                )
            )
    starts = [
        office.ticket_service.open_ticket(office.inquiry(owner=sellers[n % 10]), berlin("2027-03-06 11:30"))
        for n in range(50)
    ]
    for start in starts:
        await office.gateway.start(start)
    await office.fast_forward("2027-03-06 13:05")
    await office.fast_forward("2027-03-08 09:02")
    assert [len(office.mails(short)) for short in sellers] == [1] * 10
