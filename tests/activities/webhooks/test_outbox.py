"""What the ledger writes for webhooks, in the transaction of the event, on SQLite and on PostgreSQL."""

import json
from typing import Any

import pytest
from sqlmodel import col, select

from activities.intake.customers import CustomerService, NewCustomer
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger import webhook_outbox
from activities.ledger.record import Ledger
from domain.process.gates import Answer
from domain.ticket.customer_facts import PackageBooked
from domain.ticket.facts import (
    Answered,
    Called,
    Closed,
    Fact,
    GateOverridden,
    HandoverAccepted,
    HandoverRejected,
    HandoverSubmitted,
    Paused,
    PhaseDone,
    Reassigned,
    Resumed,
)
from domain.webhooks.messages import KINDS
from models.database import Database
from models.messages import Command, Entry
from models.tables import DeliveryRow, TicketRow, WebhookRow
from tests.activities.ledger.test_record import asks, ledger, new_ticket, wakes
from tests.office import SOME_DAY, berlin

__all__ = ["ledger"]
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def hook(database: Database, url: str = "https://other.example/told", **rest: Any) -> int:
    """Add a webhook that wants everything; returns its number."""
    fields = {"title": "CRM", "kinds": list(KINDS), "by": "helga", "created_at": SOME_DAY, "secret": SECRET}
    with database.writing() as session:
        row = WebhookRow(url=url, **{**fields, **rest})
        session.add(row)
        session.flush()
        return row.id


def deliveries(database: Database) -> list[DeliveryRow]:
    """Return what was written, in the order in which it happened."""
    with database.reading() as session:
        return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.id))))


def said(database: Database) -> list[dict[str, Any]]:
    """Return the messages."""
    return [json.loads(row.body) for row in deliveries(database)]


def kinds(database: Database) -> list[str]:
    """Return which kinds of messages were written."""
    return [row.kind for row in deliveries(database)]


def does(ledger: Ledger, number: int, n: int, fact: Fact, at: str, by: str = "anna", text: int | None = None) -> None:
    """Somebody does something."""
    recorded, _ = ledger.write(Entry(number, n, berlin(at), Command(fact, by, f"d{number}-{n}", text=text)))
    assert recorded.refusal is None, recorded.refusal


def test_message_says_ids_codes_and_instants_in_utc_and_no_words(database: Database, ledger: Ledger) -> None:
    hook(database)
    new_ticket(database)
    does(ledger, 1, 1, Reassigned("paul"), "2027-03-02 17:10")
    opened, given = said(database)
    assert (opened["type"], opened["timestamp"]) == ("ticket.opened", "2027-03-02T16:00:00Z")
    assert given["type"] == "ticket.reassigned"
    event = given["data"].pop("event")
    assert event > opened["data"]["event"]
    assert given["data"] == {
        "ticket": 1,
        "customer": 1,
        "customer_key": None,
        "site": "musterstadt",
        "process": "anfrage",
        "phase": "inquiry",
        "light": "yellow",
        "owner": "paul",
        "by": "anna",
        "recorded_at": "2027-03-02T16:10:00Z",
        "due_at": "2027-03-03T09:00:00Z",
        "to": "paul",
    }
    everything = json.dumps([opened, given])
    assert not any(word in everything for word in ("Kombi", "Kim", "Guten Tag", "kunde.example"))


def test_words_go_along_where_somebody_wanted_them(database: Database, ledger: Ledger) -> None:
    hook(database, words=True)
    number = new_ticket(database)
    text = TicketService(database).keep_text(number, "anna", "Gern, am Freitag.", berlin("2027-03-02 17:05"))
    does(ledger, number, 1, Answered(), "2027-03-02 17:10", text=text)
    opened, answered = said(database)
    assert opened["data"]["words"] == {"subject": "Kombi", "customer": "Kim", "owner": "Anna", "text": "Guten Tag"}
    assert answered["data"]["words"]["text"] == "Gern, am Freitag."


def test_every_step_of_a_ticket_has_its_kind(database: Database, ledger: Ledger) -> None:
    hook(database)
    number = new_ticket(database, at="2027-03-01 10:00")
    ledger.write(wakes(1, "2027-03-02 16:00"))
    text = TicketService(database).keep_text(number, "anna", "Gern.", berlin("2027-03-02 17:00"))
    facts: list[Fact] = [Answered(), Paused(), Resumed(), Closed("won")]
    for n, fact in enumerate(facts, start=2):
        does(ledger, number, n, fact, f"2027-03-02 17:0{n}", text=text)
    found = kinds(database)
    assert set(found[1:-4]) == {"ticket.escalated"}
    assert (found[0], found[-4:]) == (
        "ticket.opened",
        ["ticket.answered", "ticket.paused", "ticket.resumed", "ticket.closed"],
    )
    escalated, closed = said(database)[1]["data"], said(database)[-1]["data"]
    assert (escalated["code"].partition("/")[0], escalated["light"]) == ("E2.1", "escalated")
    assert (closed["reason"], closed["light"], closed["due_at"]) == ("won", "closed", None)


def test_handover_is_told_at_every_step(database: Database, ledger: Ledger) -> None:
    hook(database)
    ticket_service = TicketService(database)
    new = NewTicket("statuskette", "musterstadt", "Anbau", "", "web", None, "Kim", owner="anna")
    number = ticket_service.open_ticket(new, berlin("2027-03-01 09:00")).number
    answers = {"mobile": Answer("0171 5550100"), "fax": Answer(reason="Kein Fax."), "email": Answer("k@kunde.example")}
    ticket_service.save_answers(number, "intake_complete", answers, "anna", berlin("2027-03-01 09:30"))
    gate = "intake_complete"
    text = ticket_service.keep_text(number, "anna", "Nummer?", berlin("2027-03-01 10:00"), parts={"mobile": "Falsch."})
    does(ledger, number, 1, HandoverSubmitted(gate), "2027-03-01 10:00")
    does(ledger, number, 2, HandoverRejected(gate, ("mobile",), 1), "2027-03-01 10:10", text=text)
    does(ledger, number, 3, HandoverSubmitted(gate), "2027-03-01 10:20")
    does(ledger, number, 4, HandoverAccepted(gate, 2), "2027-03-01 10:30")
    told = said(database)[1:]
    assert [one["type"] for one in told] == [
        "handover.submitted",
        "handover.rejected",
        "handover.submitted",
        "handover.accepted",
        "ticket.phase_changed",
    ]
    assert (told[1]["data"]["gate"], told[1]["data"]["items"], told[1]["data"]["submission"]) == (gate, ["mobile"], 1)
    assert (told[-1]["data"]["from"], told[-1]["data"]["to"]) == ("intake", "information")
    assert told[-1]["data"]["event"] == told[-2]["data"]["event"]


def test_customer_is_told_from_registration_through_stages(database: Database, ledger: Ledger) -> None:
    hook(database)
    start = CustomerService(database).register(
        NewCustomer("musterstadt", "dora", "Ada Lang", key="k-1", owner="ina"), berlin("2027-03-01 09:00")
    )
    does(ledger, start.number, 1, PackageBooked(10), "2027-03-01 10:00", "ina")
    does(ledger, start.number, 2, Closed("left"), "2027-03-01 11:00", "ina")
    told = said(database)
    assert [one["type"] for one in told][:3] == [
        "customer.registered",
        "customer.package_booked",
        "customer.stage_changed",
    ]
    assert told[-1]["type"] == "customer.left"
    stage = told[2]["data"]
    assert (stage["ticket"], stage["customer"], stage["customer_key"]) == (None, start.customer, "k-1")
    assert (stage["from"], stage["to"]) == ("lead", "first")
    assert told[1]["data"]["size"] == 10
    assert "Ada" not in json.dumps(told)


def test_entry_repeated_after_a_crash_writes_its_deliveries_once_and_wakes_again(
    database: Database, ledger: Ledger
) -> None:
    number = hook(database)
    new_ticket(database)
    first = ledger.write(asks(Called()))
    assert ledger.write(asks(Called())) == first
    assert kinds(database) == ["ticket.opened", "ticket.called"]
    assert webhook_outbox.outbox_of(number) in first[1]
    assert len({row.message for row in deliveries(database)}) == 2


def test_refused_command_is_told_to_nobody(database: Database, ledger: Ledger) -> None:
    hook(database)
    new_ticket(database)
    assert ledger.write(asks(Reassigned("anna")))[0].refusal is not None
    assert ledger.write(asks(PhaseDone()))[0].refusal is not None
    told = Entry(1, 1, berlin("2027-03-02 17:10"), Command(GateOverridden("x"), "anna", "s"), told=True)
    assert ledger.write(told)[0].refusal is not None
    assert kinds(database) == ["ticket.opened"]


@pytest.mark.parametrize(
    ("fields", "hears"),
    [
        ({}, True),
        ({"kinds": ["ticket.answered"]}, False),
        ({"site": "musterstadt"}, True),
        ({"off": "by hand"}, False),
        ({"off": "gone"}, False),
    ],
)
def test_webhook_hears_what_it_asked_for_of_its_site_while_it_is_on(
    database: Database, ledger: Ledger, fields: dict[str, Any], hears: bool
) -> None:
    hook(database, **fields)
    new_ticket(database)
    assert kinds(database) == (["ticket.opened"] if hears else [])


def test_two_webhooks_get_messages_of_their_own(database: Database, ledger: Ledger) -> None:
    hook(database), hook(database, title="ERP")
    new_ticket(database)
    with database.reading() as session:
        assert webhook_outbox.waiting(session) == ["webhook:1", "webhook:2"]
        assert session.get_one(TicketRow, 1).recorded == 0
    assert len({row.message for row in deliveries(database)}) == 2
