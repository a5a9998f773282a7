"""Ten thousand customers, many of them twice: how long the server takes to propose duplicates and to show one customer.

`python -m bench.duplicates [customers]`. Asks the application in its own process: the figure is server time. The
customer who is asked for has two hundred tickets with ten events each.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import select

from activities.customers.directory import alike, reached_by
from bench.asking import asked, furnished_shop, measured, tell
from domain.customers.matching import like_email, like_name
from domain.customers.telephone import like_phone
from models.database import Database
from models.tables import CustomerRow, EventRow, TextRow, TicketRow
from tests.web.shop import Shop

TICKETS, EVENTS = 200, 10
PAGES = [
    "/customers/1/contacts",
    "/customers/1/contacts?page=50",
    "/customers/1/contacts?channel=mail&only=customer",
    "/customers/4711/contacts",
    "/customers/1/merge/5001",
    "/customers?owner=*&q=huber",
]


async def main(customers: int) -> None:
    """Fill a database, ask for every page and every look-up, print the times."""
    with furnished_shop() as shop:
        fill(shop, customers)
        times = await asked(shop, "ina", PAGES)
        with shop.database.reading() as session:
            assert len(alike(session, 1)) == 1
        times |= looked_up(shop.database, customers)
    tell(times, f"{customers} customers")


def looked_up(database: Database, customers: int) -> dict[str, list[float]]:
    """Return the seconds that each look-up of another customer took."""

    def proposals(n: int) -> None:
        with database.reading() as session:
            alike(session, 1 + n * 97 % customers)

    def by_address(n: int) -> None:
        number = 1 + n * 97 % customers
        with database.reading() as session:
            reached_by(session, f"K{number}@kunde.example", f"0049 89 {1_000_000 + number}")

    return {"proposals": measured(proposals), "by address or number": measured(by_address)}


def fill(shop: Shop, customers: int) -> None:
    """Have one request arrive as people send it, and copy the rest: the second half are the first half, misspelt."""
    now = datetime.now(UTC)
    shop.inquiry("Huber 1", customer="Huber 1", email="k1@kunde.example", at=now - timedelta(days=9))
    half = customers // 2
    names = ["Müller", "Yılmaz", "Nowak", "Groß", "Ferrari", "Ångström"]
    people = []
    for n in range(2, customers + 1):
        twin = n - half if n > half else n
        name, firm = f"{names[twin % 6]} {twin}", f"Firma {twin} GmbH"
        if n > half:
            name, firm = name.upper().replace("Ü", "UE"), f"FIRMA {twin}"
        email, phone = (f"k{twin}@kunde.example", f"+49 89 {1_000_000 + twin}" if n % 2 else f"089/{1_000_000 + twin}")
        people.append(
            {
                "id": n,
                "name": name,
                "company": firm,
                "email": email.upper() if n > half else email,
                "phone": phone,
                "same_email": like_email(email),
                "same_phone": like_phone(phone),
                "same_name": like_name(name, firm),
            }
        )
    with shop.database.writing() as session:
        session.execute(insert(CustomerRow), people)
        ticket = session.get_one(TicketRow, 1).model_dump()
        event = session.exec(select(EventRow)).one().model_dump(exclude={"id"})
        text = session.exec(select(TextRow)).one().model_dump(exclude={"id"})
        numbers = range(2, TICKETS + customers)
        session.execute(
            insert(TicketRow),
            [{**ticket, "number": n, "customer": 1 if n <= TICKETS else n - TICKETS + 1} for n in numbers],
        )
        texts = [{**text, "id": n, "ticket": n} for n in range(2, TICKETS + 1)]
        session.execute(insert(TextRow), texts)
        codes = ["answered", "customer_wrote", "called", "noted", "E1"]
        session.execute(
            insert(EventRow),
            [
                {
                    **event,
                    "ticket": n,
                    "n": m,
                    "code": "received" if m == 0 else codes[m % 5],
                    "at": now - timedelta(minutes=n * 37 - m),
                    "text": n if n <= TICKETS else None,
                }
                for n in numbers
                for m in range(EVENTS if n <= TICKETS else 2)
            ],
        )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
