"""Mail to the company's address in `make up`: a newcomer writes one, and a ticket is there within seconds."""

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from embedded.constants import COMPANY_ADDRESS
from embedded.letterbox import Letterbox
from models.database import Database
from models.tables import CustomerRow, IncomingRow, TicketRow
from tests.embedded.conftest import Up

SECONDS = 30.0


def writes(up: Up, subject: str, text: str, sender: str = "nora@neu.example", to: str = COMPANY_ADDRESS) -> None:
    """Write a mail as a newcomer would."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Nora Größe <{sender}>", to, subject
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", up.ports["smtp"]) as smtp:
        smtp.send_message(mail)


async def until_taken(up: Up, subject: str) -> IncomingRow:
    """Wait until a mail was taken, and its ticket's workflow heard of it."""
    database = Database(f"sqlite:///{up.var / 'ledger.db'}")
    wanted = select(IncomingRow).where(IncomingRow.subject == subject, col(IncomingRow.done))
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                with database.reading() as session:
                    row = session.exec(wanted).first()
                if row is not None:
                    return row
                await asyncio.sleep(0.1)
    finally:
        database.close()


async def test_mail_to_the_company_is_a_ticket_within_seconds(running: Up, http: httpx.AsyncClient) -> None:
    """Opened by the mail's writer, with its clock running; the caught mail can be read as any other."""
    begun = asyncio.get_running_loop().time()
    await asyncio.to_thread(writes, running, "Kombi für fünf Personen", "Guten Tag,\nich suche einen Kombi. Grüße")
    row = await until_taken(running, "Kombi für fünf Personen")
    assert asyncio.get_running_loop().time() - begun < SECONDS
    database = Database(f"sqlite:///{running.var / 'ledger.db'}")
    with database.reading() as session:
        ticket = session.get_one(TicketRow, row.ticket)
        customer = session.get_one(CustomerRow, ticket.customer)
    database.close()
    assert (row.fate, ticket.channel, ticket.light) == ("new", "mail", "yellow")
    assert (customer.name, customer.email) == ("Nora Größe", "nora@neu.example")
    workflow = await http.get(running.url("ui", f"/api/v1/namespaces/default/workflows/ticket-{ticket.number}"))
    assert workflow.status_code == 200
    assert "Kombi für fünf Personen" in (await http.get(running.url("mail"))).text


async def test_reply_by_number_finds_its_ticket(running: Up) -> None:
    await asyncio.to_thread(writes, running, "Winterreifen", "Haben Sie welche?")
    first = await until_taken(running, "Winterreifen")
    await asyncio.to_thread(writes, running, f"Re: Winterreifen [#{first.ticket}]", "Und Felgen?")
    second = await until_taken(running, f"Re: Winterreifen [#{first.ticket}]")
    assert (second.fate, second.ticket) == ("reply", first.ticket)


async def test_terminal_says_where_to_write(running: Up) -> None:
    await running.until("ines ")
    assert COMPANY_ADDRESS in running.output


@pytest.mark.parametrize(
    ("to", "delivered"),
    [
        (["anfragen@musterstadt.example"], True),
        (["Anfragen+17@Musterstadt.example"], True),
        (["kim@kunde.example", "anfragen@musterstadt.example"], True),
        (["kim@kunde.example"], False),
        (["anfragen@musterstadt.example.org"], False),
        ([], False),
    ],
)
def test_letterbox_takes_what_is_for_the_company(tmp_path: Path, to: list[str], delivered: bool) -> None:
    """Once per mail, with the envelope in front: the null return path of a bounce is kept."""
    assert Letterbox(tmp_path, "anfragen@musterstadt.example").deliver("", to, b"Subject: x\r\n\r\ny") is delivered
    found = [path.read_bytes() for path in (tmp_path / "new").iterdir()]
    assert len(found) == delivered
    for content in found:
        assert content.startswith(b"Return-Path: <>\r\nDelivered-To: ")
        assert content.endswith(b"Subject: x\r\n\r\ny")
    assert list((tmp_path / "tmp").iterdir()) == []
