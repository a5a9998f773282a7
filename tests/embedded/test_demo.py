"""The demo's past: whatever the hour it begins at, every stage of a construction project is there to be seen."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select

from activities.intake.tickets import TicketService
from activities.knowledge import snippets
from activities.ledger.context import rule_context_of, ticket_of
from activities.ledger.record import Ledger
from domain.process.handovers import Stage
from domain.ticket.agenda import fire_due
from domain.ticket.standing import Light, light
from embedded.company import read_company
from embedded.demo import open_company
from embedded.demo_events import Folder
from installation.preparing import apply_shipped
from models.database import Database
from models.messages import Entry
from models.tables import FileRow, TextRow, TicketRow
from tests.office import berlin
from web.customers.queries import Asked, Tab, customers

HOURS = [
    "2026-11-24 11:00",
    "2026-11-22 03:00",
    "2026-11-28 12:59",
    "2027-01-04 09:05",
    "2027-03-28 02:30",
    "2027-05-06 23:59",
]
"""A Tuesday; in the night to Monday; a Saturday; after the holidays; in a clock change; on Ascension Day."""


def opened(database: Database, hour: str) -> list[Folder]:
    """Open the demo's construction projects as if it began at an hour."""
    apply_shipped(TicketService(database))
    company = read_company()
    projects = tuple(inquiry for inquiry in company.inquiries if inquiry.process == "statuskette")
    only = replace(company, inquiries=projects, customers=(), contacts=())
    return open_company(only, database, berlin(hour), "https://statuskette.example")


@pytest.mark.parametrize("hour", HOURS)
def test_every_stage_of_a_project_is_there_whatever_the_hour(sqlite_database: Database, hour: str) -> None:
    opened(sqlite_database, hour)
    with sqlite_database.reading() as session:
        rows = session.exec(select(TicketRow).order_by(col(TicketRow.number))).all()
        scenes = [rule_context_of(session, row) for row in rows]
        stands = [
            fire_due(ticket_of(row), rule_context, berlin(hour), inclusive=True)[0]
            for row, rule_context in zip(rows, scenes, strict=True)
        ]
    shown = [
        (each.phase, each.owner, light(each, rule_context)) for each, rule_context in zip(stands, scenes, strict=True)
    ]
    assert shown == [
        ("execution", "toni", Light.GREEN),
        ("planning", "petra", Light.GREEN),
        ("sales", "anna", Light.RED),
        ("quotation", "lena", Light.GREEN),
        ("sales", "anna", Light.GREEN),
        ("intake", "anna", Light.YELLOW),
    ]
    assert [key for each in stands for key in each.points] == ["project_to_site.access"]
    gate = "sales_to_project"
    assert [each.handovers[gate].stage for each in stands if each.phase == "sales"] == [Stage.SUBMITTED, Stage.REJECTED]
    assert [row.waits_for for row in rows if row.gate == gate] == ["petra", "anna"]


def test_papers_of_the_projects_can_be_opened_and_remarks_name_their_lines(sqlite_database: Database) -> None:
    opened(sqlite_database, HOURS[0])
    with sqlite_database.reading() as session:
        files = session.exec(select(FileRow)).all()
        remarks = session.exec(select(TextRow).where(TextRow.author == "petra")).one()
    assert all(file.content.startswith(b"%PDF-") and file.media_type == "application/pdf" for file in files)
    assert {"Auftragsbestätigung Hartmann.pdf", "Ausführungsplan Rathaus.pdf"} <= {file.name for file in files}
    assert set(remarks.parts) == {"contact_on_site", "promises"}


@pytest.mark.parametrize("hour", HOURS)
def test_every_tab_of_the_customers_is_filled_whatever_the_hour(sqlite_database: Database, hour: str) -> None:
    apply_shipped(TicketService(sqlite_database))
    only = replace(read_company(), inquiries=(), contacts=())
    folders = open_company(only, sqlite_database, berlin(hour), "https://statuskette.example")
    ledger = Ledger(sqlite_database, _nobody_sleeps, "https://statuskette.example")
    for folder in folders:
        with sqlite_database.reading() as session:
            recorded = session.get_one(TicketRow, folder.number).recorded
        ledger.write(Entry(folder.number, recorded + 1, berlin(hour), None))
    with sqlite_database.reading() as session:
        everybodys = customers(session, Asked(), berlin(hour))
        own = session.exec(select(TicketRow.owner).where(TicketRow.owner != "klara")).all()
    assert {tab: counted.total for tab, counted in everybodys.tabs.items()} == {
        Tab.ALL: 9,
        "lead": 2,
        "first": 2,
        "second": 1,
        "third": 1,
        "regular": 1,
        Tab.INVITED: 1,
        Tab.NO_SHOW: 1,
        Tab.WATCHED: 1,
    }
    assert len(own) == 1  # the one with an appointment is a salesperson's
    lives = {found.customer.name: found.life for found in everybodys.found}
    assert lives["Annika Bruhn"].priority
    assert lives["Gregor Hinz"].open_tasks == 1
    assert lives["Prof. Martina Glaser"].tag == "A"


def test_demo_knows_what_a_car_dealer_is_asked(sqlite_database: Database) -> None:
    opened(sqlite_database, HOURS[0])
    with sqlite_database.reading() as session:
        for asked in ("offnung", "bestellung", "passwort", "rückgabe", "rechnung kopie", "tuev", "räder", "probefahrt"):
            assert snippets.search(session, asked), asked


async def _nobody_sleeps(_: Sequence[str]) -> None:
    """Stands where mailboxes would be woken."""


def test_sl_05_what_comes_in_at_the_start_is_answered_proposed_and_promised(sqlite_database: Database) -> None:
    apply_shipped(TicketService(sqlite_database))
    only = replace(read_company(), inquiries=(), customers=())
    folders = open_company(only, sqlite_database, berlin("2026-11-24 11:00"), "https://statuskette.example")
    with sqlite_database.reading() as session:
        rows = [session.get_one(TicketRow, folder.number) for folder in folders]
    assert [(row.category, row.automation, row.confirms) for row in rows] == [
        ("password", "automatic", False),
        ("order", "semi-automatic", True),
        ("general", "automatic", False),
    ]
