"""Hours, people and roles change while tickets wait: each is planned again before its next moment could be missed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from activities.ledger import planning
from models.tables import EscalationRow, PersonRow, SiteRow
from tests.office import Office, berlin

SATURDAYS = 'sat = ["09:00-13:00"]'


def changes(office: Office, row: type, key: str, **values: Any) -> None:
    """Somebody changes a site or a person in the administration."""
    with office.database.writing() as session:
        session.get_one(row, key).sqlmodel_update(values)


def calendar_of(office: Office) -> str:
    """Return the calendar of the site."""
    with office.database.reading() as session:
        return session.get_one(SiteRow, "musterstadt").calendar


def waits(office: Office) -> int:
    """Return how many tickets wait to be planned again."""
    with office.database.reading() as session:
        return sum(planning.outdated(session).values())


async def test_saturday_that_is_opened_on_friday_evening_is_worked_on(office: Office) -> None:
    """Friday 17:30, one hour of the two is left for Monday; at 18:30 the administrator opens the Saturday."""
    await office.opens("2027-03-01 08:00")
    open_on_saturdays = calendar_of(office)
    changes(office, SiteRow, "musterstadt", calendar=open_on_saturdays.replace(SATURDAYS, ""))
    number = await office.inquiry_arrives("2027-03-05 17:30")
    await office.fast_forward("2027-03-05 18:30")
    assert office.row(number).next_at == berlin("2027-03-08 10:00")
    changes(office, SiteRow, "musterstadt", calendar=open_on_saturdays)
    assert waits(office) == 1
    await office.sweeps()
    await office.fast_forward("2027-03-06 10:30")
    assert [each for each in office.events(number) if each[0] in {"R1", "E1"}] == [
        ("R1", berlin("2027-03-06 10:00")),
        ("E1", berlin("2027-03-06 10:30")),
    ]
    assert waits(office) == 0


async def test_closing_day_that_is_entered_moves_what_was_due_on_it(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    closed = calendar_of(office).replace("[hours]", 'closed = ["2027-03-03"]\n[hours]', 1)
    changes(office, SiteRow, "musterstadt", calendar=closed)
    await office.sweeps()
    await office.fast_forward("2027-03-03 16:00")
    assert [code for code, _ in office.events(number)] == ["DM1"]
    await office.fast_forward("2027-03-04 10:00")
    assert ("E1", berlin("2027-03-04 10:00")) in office.events(number)


@pytest.mark.parametrize(
    ("change", "escalated"),
    [
        (lambda office: changes(office, PersonRow, "helga", offsets={"E2.1": "2h"}), {"helga"}),
        (lambda office: changes(office, PersonRow, "helga", offsets={}), set()),
        (lambda office: changes(office, PersonRow, "carl", roles=["salesperson"]), set()),
        (lambda office: changes(office, PersonRow, "carl", active=False), set()),
    ],
    ids=["own offset", "no offset any more", "another role", "left"],
)
async def test_people_who_change_are_told_by_what_they_are_now(
    office: Office, change: Callable[[Office], None], escalated: set[str]
) -> None:
    """Overdue on Wednesday at 10:00; without a change carl would hear at 14:00, and helga the next morning."""
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-03 10:00")
    change(office)
    await office.sweeps()
    await office.fast_forward("2027-03-03 13:00")
    with office.database.reading() as session:
        told = session.exec(select(EscalationRow.person).where(EscalationRow.ticket == number)).all()
    assert set(told) == escalated
    assert waits(office) == 0


async def test_ticket_whose_surroundings_stayed_is_left_in_peace(office: Office) -> None:
    await office.opens("2027-03-01 08:00")
    number = await office.inquiry_arrives("2027-03-02 17:00")
    await office.fast_forward("2027-03-02 17:05")
    recorded = office.row(number).recorded
    changes(office, PersonRow, "anna", email="anna@elsewhere.example")
    await office.sweeps()
    await office.fast_forward("2027-03-02 17:10")
    assert office.row(number).recorded == recorded
