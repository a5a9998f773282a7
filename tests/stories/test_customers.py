"""Customers from lead to regular customer, to no-show and back, and ten weeks of a small company (S3)."""

from datetime import date, timedelta

from domain.ticket.customer_facts import (
    Acknowledged,
    AppointmentBooked,
    AssistantAsked,
    Observed,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import Called, FollowUpSet, Reassigned
from models.tables import LifeRow
from tests.office import Office, berlin


def life(office: Office, number: int) -> LifeRow:
    """Return where a customer is in their life."""
    with office.database.reading() as session:
        return session.get_one(LifeRow, office.row(number).customer)


def subjects(office: Office, short: str) -> list[str]:
    """Return the subjects of the mails somebody got, in their order."""
    return [str(mail["Subject"]) for mail in office.mails(short)]


def body(office: Office, short: str) -> str:
    """Return the text of the last mail somebody got."""
    part = office.mails(short)[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_customer_is_walked_from_lead_to_regular_customer(office: Office) -> None:
    """KD-01 to KD-07, KD-10 to KD-12: who owns the customer, who hears what, and when it was due."""
    await office.opens("2027-01-04 08:00")
    kim = await office.registers("2027-01-04 09:00")
    assert (life(office, kim).stage, office.row(kim).owner) == ("lead", "ina")
    await office.acts(kim, AppointmentBooked(), at="2027-01-04 10:00", by="web")
    assert office.row(kim).owner == "anna"
    await office.acts(kim, OfferSent(), at="2027-01-05 10:00", by="anna")
    await office.fast_forward("2027-01-05 10:05")
    assert subjects(office, "anna") == ["Angebotskunde: K1 Kim Kunde"]
    await office.acts(kim, PackageBooked(5), at="2027-01-11 10:00", by="web")
    assert (life(office, kim).stage, office.row(kim).owner) == ("first", "ina")
    await office.fast_forward("2027-01-11 10:05")
    assert subjects(office, "ina") == ["Angebotskunde: K1 Kim Kunde"]
    await office.acts(kim, TaskPosted("T1"), at="2027-01-12 10:00", by="web")
    await office.fast_forward("2027-01-12 10:05")
    assert subjects(office, "ina")[-1] == "Neue Aufgabe: zuweisen: K1 Kim Kunde"
    assert "Aufgabe: T1" in body(office, "ina")
    await office.fast_forward("2027-01-19 18:00")
    assert office.row(kim).light == "escalated"  # reading 34: the booking of Monday was due on Friday
    await office.acts(kim, TaskAssigned("T1", "vera"), at="2027-01-20 09:30", by="ina")
    await office.acts(kim, PackageBooked(50), at="2027-01-20 10:00", by="web")
    await office.fast_forward("2027-01-20 10:05")
    assert (life(office, kim).stage, life(office, kim).priority) == ("second", True)
    assert subjects(office, "dora")[-1] == "Großes Paket direkt nach dem Schnupperpaket: K1 Kim Kunde"
    await office.acts(kim, Tagged("B"), at="2027-01-20 11:00", by="ina")
    await office.acts(kim, PackageBooked(100), at="2027-01-25 10:00", by="web")
    await office.fast_forward("2027-01-25 10:05")
    assert (life(office, kim).stage, life(office, kim).watched) == ("third", True)
    assert subjects(office, "ina")[-1] == "B-Kunde bucht ungewöhnlich: VPA fragen: K1 Kim Kunde"
    asked = AssistantAsked(berlin("2027-01-27 12:00"))
    await office.acts(kim, asked, at="2027-01-25 11:00", by="ina", text="Kommen Sie mit dem größeren Paket zurecht?")
    await office.fast_forward("2027-01-25 11:05")
    assert subjects(office, "vera") == ["Bitte um Auskunft: K1 Kim Kunde"]
    assert "Kommen Sie mit dem größeren Paket zurecht?" in body(office, "vera")
    await office.fast_forward("2027-01-27 12:05")
    assert subjects(office, "ina")[-1] == "Antwort des VPA: ansprechen oder beobachten: K1 Kim Kunde"
    await office.acts(kim, Observed(), at="2027-01-27 13:00", by="ina")
    await office.acts(kim, PackageBooked(50), at="2027-02-01 10:00", by="web")
    await office.fast_forward("2027-02-01 10:05")
    assert (life(office, kim).stage, life(office, kim).packages) == ("regular", [5, 50, 100, 50])
    assert subjects(office, "vera")[-1] == "Ein Bestandskunde, auch dank Ihnen: Kim Kunde"
    due = dict(office.events(kim))
    assert due["task.due/T1"] == berlin("2027-01-19 18:00")
    assert due["answer.due"] == berlin("2027-01-27 12:00")


async def test_kd_09_customer_becomes_a_no_show_and_comes_back(office: Office) -> None:
    """The vector of the source: eight weeks after Monday 11 January are Monday 8 March."""
    await office.opens("2027-01-11 08:00")
    kim = await office.registers("2027-01-11 09:00")
    await office.acts(kim, PackageBooked(5), at="2027-01-11 10:00", by="web")
    await office.fast_forward("2027-01-14 18:01")
    assert office.row(kim).light == "red"
    await office.fast_forward("2027-01-15 09:05")
    assert subjects(office, "ina") == ["Neukunde ohne Aufgabe: „Gesehen“ fehlt: K1 Kim Kunde"]
    await office.acts(kim, Acknowledged(), at="2027-01-15 10:00", by="ina")
    await office.fast_forward("2027-03-08 17:59")
    assert not life(office, kim).no_show
    await office.fast_forward("2027-03-08 18:01")
    assert (life(office, kim).no_show, life(office, kim).work_by) == (True, None)
    assert dict(office.events(kim))["no_show.set"] == berlin("2027-03-08 18:00")
    await office.acts(kim, TaskPosted("T1"), at="2027-03-10 10:00", by="web")
    assert (life(office, kim).no_show, life(office, kim).open_tasks) == (False, 1)
    assert life(office, kim).work_by is not None


async def test_kd_10_watchlist_is_worked_on_every_week(office: Office) -> None:
    await office.opens("2027-02-01 08:00")
    kim = await office.registers("2027-02-01 09:00")
    await office.acts(kim, PackageBooked(5), at="2027-02-01 10:00", by="web")
    await office.acts(kim, Acknowledged(), at="2027-02-01 11:00", by="ina")
    await office.acts(kim, Watched(), at="2027-02-02 10:00", by="ina")
    await office.acts(kim, FollowUpSet(berlin("2027-03-01 10:00")), at="2027-02-02 11:00", by="ina")
    await office.fast_forward("2027-02-09 18:01")
    assert office.row(kim).light == "red"
    await office.fast_forward("2027-02-10 09:05")
    assert subjects(office, "ina")[-1] == "Watchlist: diese Woche noch nicht bearbeitet: K1 Kim Kunde"
    await office.acts(kim, Called(), at="2027-02-10 10:00", by="ina")
    assert office.row(kim).light == "green"


async def test_kd_13_reminder_of_friday_goes_to_the_deputy_of_who_is_away(office: Office) -> None:
    await office.opens("2027-02-01 08:00")
    kim = await office.registers("2027-02-01 09:00", owner="ina")
    await office.acts(kim, PackageBooked(5), at="2027-02-01 10:00", by="web")
    office.is_away("ina", "2027-02-08 00:00", "2027-02-15 00:00", deputy="ole")
    assert await office.list_is_due("KD13", at="2027-02-12 08:00") == 1
    assert subjects(office, "ole") == ["Bis heute Abend: 1 Kunde"]
    assert "Bis heute Abend: 1 Kunde" not in subjects(office, "ina")
    assert "Ina" in body(office, "ole")


WEEKS = 10
FIRST_MONDAY = date(2027, 2, 1)
GOOD_FRIDAY = date(2027, 3, 26)
REST = {("Boris", 3): 6}
"""Boris is put on a reminder in the fourth week for a day of the seventh; in between nobody has to look."""


def works_on(customer: int, week: int) -> bool:
    """Whether somebody presses "seen" for a customer on Wednesday of a week: two weeks of three."""
    return (customer + week) % 3 != 0


async def test_kd_13_ten_weeks_of_a_small_company(office: Office) -> None:
    """Every Friday morning each admin reads of exactly those nobody worked on; what is left goes to the lead manager.

    Good Friday is a holiday, so that week's list comes on Thursday.
    """
    await office.opens("2027-02-01 08:00")
    names = ["Ada", "Boris", "Cleo", "Dan"]
    numbers = {}
    for hour, name in enumerate(names, 9):
        owner = "ina" if name in ("Ada", "Cleo") else "ole"
        numbers[name] = await office.registers(f"2027-02-01 {hour:02}:00", name, owner)
        await office.acts(numbers[name], PackageBooked(5), at=f"2027-02-01 {hour:02}:30", by="web")
        await office.acts(numbers[name], TaskPosted("T"), at=f"2027-02-01 {hour:02}:40", by="web")
        await office.acts(numbers[name], TaskAssigned("T", "vera"), at=f"2027-02-01 {hour:02}:50", by=owner)
    lists = []
    for week in range(WEEKS):
        monday = FIRST_MONDAY + timedelta(weeks=week)
        left = await a_week(office, numbers, week, monday)
        lists.append(left)
        friday = monday + timedelta(days=4)
        last = friday - timedelta(days=1) if friday == GOOD_FRIDAY else friday
        before = {short: len(subjects(office, short)) for short in ("ina", "ole")}
        await office.list_is_due("KD13", at=f"{last} 08:00")
        if last != friday:
            assert await office.list_is_due("KD13", at=f"{friday} 08:00") == 0
        for short, mails in before.items():
            theirs = [name for name in left if office.row(numbers[name]).owner == short]
            assert len(subjects(office, short)) == mails + bool(theirs)
            assert not theirs or [name for name in names if name in body(office, short)] == theirs, (week, short)
        await office.fast_forward(f"{friday} 20:00")
        assert [name for name in names if office.row(numbers[name]).level] == left, week
    await office.fast_forward(f"{FIRST_MONDAY + timedelta(weeks=WEEKS)} 09:05")
    heard = [[name for n, name in enumerate(names, 1) if f"K{n}" in subject] for subject in subjects(office, "dora")]
    assert heard == [left for left in lists if left]


async def a_week(office: Office, numbers: dict[str, int], week: int, monday: date) -> list[str]:
    """Play Monday to Wednesday; return who is left for Friday. In the first week the assignment was the action."""
    left = []
    for place, (name, number) in enumerate(numbers.items()):
        wednesday = f"{monday + timedelta(days=2)} 1{place}:00"
        if (name, week) in REST:
            until = FIRST_MONDAY + timedelta(weeks=REST[name, week], days=1)
            await office.acts(number, FollowUpSet(berlin(f"{until} 09:00")), at=wednesday, by="ole")
        elif is_resting(name, week):
            continue
        elif works_on(place, week):
            await office.acts(number, Acknowledged(), at=wednesday, by=str(office.row(number).owner))
        elif week > 0:
            left.append(name)
    return left


def is_resting(name: str, week: int) -> bool:
    """Whether a reminder lets a customer rest in a week; in the week of the reminder nobody is excused."""
    return any(name == one and since < week < until for (one, since), until in REST.items())


async def test_new_owner_hears_of_an_offer(office: Office) -> None:
    """KD-12: whoever is assigned to a customer with an offer gets the extra notice."""
    await office.opens("2027-02-01 08:00")
    kim = await office.registers("2027-02-01 09:00", owner="ina")
    await office.acts(kim, OfferSent(), at="2027-02-01 10:00", by="anna")
    await office.acts(kim, Reassigned("ole"), at="2027-02-02 10:00", by="ina")
    await office.fast_forward("2027-02-02 10:05")
    assert subjects(office, "ina") == ["Angebotskunde: K1 Kim Kunde"]
    assert subjects(office, "ole") == ["Angebotskunde: K1 Kim Kunde"]
