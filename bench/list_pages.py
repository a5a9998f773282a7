"""Ten thousand open tickets: how long the server takes for each page of a list.

`python -m bench.list_pages [tickets]`. Asks the application in its own process, so that the figure is server time.
"""

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta

from rich.progress import track
from sqlalchemy import insert
from sqlmodel import Session

from activities.intake.tickets import NewTicket
from bench.asking import SAY, asked, furnished_shop, tell
from models.tables import CustomerRow, EscalationRow, TicketRow
from tests.web.shop import Shop

OWNERS = ["anna", "paul", "dora", "petra", "toni", "sonja", "ina", None]
PAGES = {
    "anna": ["/", "/?page=20", "/?light=red", "/?q=Kombi", "/?q=4711", "/?q=huber&light=yellow"],
    "carl": ["/all", "/all?page=300", "/all?owner=paul", "/all?q=Transporter", "/all?light=red&page=40", "/escalated"],
    "dora": ["/pool", "/pool?q=Kleinwagen"],
}


async def main(tickets: int) -> None:
    """Fill a database, ask for every page, print the times."""
    with furnished_shop() as shop:
        fill(shop, tickets)
        times: dict[str, list[float]] = {}
        for who, pages in PAGES.items():
            times |= await asked(shop, who, pages)
    tell(times, f"{tickets} open tickets")


def fill(shop: Shop, tickets: int) -> None:
    """Write one ticket as people do, and the others as copies of it with times, owners and subjects of their own."""
    now, chance = datetime.now(UTC), random.Random(7)  # the same list each time
    start = shop.ticket_service.open_ticket(
        NewTicket("anfrage", "musterstadt", "Kombi", "", "web", customer_name="Kim"), now
    )
    things = ["Kombi", "Transporter", "Kleinwagen", "Anhängerkupplung", "Leasing", "Probefahrt"]
    names = ["Huber", "Yılmaz", "Nowak", "Schmidt", "Ferrari", "Ångström"]
    with shop.database.writing() as session:
        pattern = session.get_one(TicketRow, start.number).model_dump(exclude={"number"})
        customers = [
            {"name": f"{names[n % 6]} {n}", "email": f"k{n}@kunde.example", "phone": f"089 {n:06}", "language": "de"}
            for n in range(tickets // 4)
        ]
        session.execute(insert(CustomerRow), customers)
        rows = [copy(pattern, n, chance, now, things, len(customers)) for n in range(tickets)]
        for first in track(range(0, tickets, 1000), description="tickets", console=SAY):
            session.execute(insert(TicketRow), rows[first : first + 1000])
        escalate(session, tickets)


def copy(
    pattern: dict[str, object], n: int, chance: random.Random, now: datetime, things: list[str], customers: int
) -> dict[str, object]:
    """Return the row of another ticket."""
    due_at = now + timedelta(minutes=chance.randint(-5000, 20000))
    light = chance.choice(["yellow", "green", "red", "escalated", "paused"])
    subject = f"{chance.choice(things)} gesucht, Nummer {n}"
    owner = OWNERS[n % len(OWNERS)]
    customer = 1 + n % customers
    return {**pattern, "due_at": due_at, "light": light, "subject": subject, "owner": owner, "customer": customer}


def escalate(session: Session, tickets: int) -> None:
    """Put the tickets of one light onto the controller's list: as many as he would hardly survive."""
    session.execute(
        insert(EscalationRow),
        [
            {"ticket": n, "person": "carl", "code": "E2.1", "since": datetime.now(UTC) - timedelta(hours=n % 90)}
            for n in range(2, tickets, 40)
        ],
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
