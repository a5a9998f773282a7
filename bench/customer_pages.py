"""Ten thousand customers: how long the server takes for each page of the customer manager.

`python -m bench.customer_pages [customers]`. Asks the application in its own process: the figure is server time.
"""

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from bench.asking import asked, furnished_shop, tell
from domain.ticket.customer_facts import PackageBooked
from models.tables import CustomerRow, LifeRow, TicketRow
from tests.web.shop import Shop

OWNERS = ["ina", "anna", "paul", "dora", None]
STAGES = ["lead", "first", "second", "third", "regular"]
PAGES = [
    "/customers",
    "/customers?owner=*",
    "/customers?owner=*&page=300",
    "/customers?owner=*&tab=regular&page=20",
    "/customers?owner=*&tab=watched",
    "/customers?owner=*&q=huber",
    "/customers?owner=*&q=K4711",
    "/customers/week",
]


async def main(customers: int) -> None:
    """Fill a database, ask for every page, print the times."""
    with furnished_shop() as shop:
        fill(shop, customers)
        tell(await asked(shop, "ina", PAGES), f"{customers} customers", target_ms=150)


def fill(shop: Shop, customers: int) -> None:
    """Register one customer as people do, and the others as copies with times, owners and stages of their own."""
    now, chance = datetime.now(UTC), random.Random(7)  # the same list each time
    first = shop.registers("Huber 0", at=now - timedelta(days=9))
    shop.lives(first, PackageBooked(10), now - timedelta(days=8))
    with shop.database.writing() as session:
        ticket = session.get_one(TicketRow, shop.life(first)).model_dump()
        life = session.get_one(LifeRow, first).model_dump()
        numbers = range(first + 1, customers + 1)
        names = ["Huber", "Yılmaz", "Nowak", "Schmidt", "Ferrari", "Ångström"]
        people = [{"id": n, "name": f"{names[n % 6]} {n}", "email": f"k{n}@kunde.example"} for n in numbers]
        session.execute(insert(CustomerRow), people)
        lights = ["yellow", "green", "red", "escalated"]
        session.execute(
            insert(TicketRow),
            [
                {
                    **ticket,
                    "number": n,
                    "customer": n,
                    "owner": OWNERS[n % len(OWNERS)],
                    "light": chance.choice(lights),
                    "due_at": now + timedelta(minutes=chance.randint(-5000, 20000)),
                }
                for n in numbers
            ],
        )
        session.execute(
            insert(LifeRow),
            [
                {
                    **life,
                    "customer": n,
                    "ticket": n,
                    "stage": chance.choice(STAGES),
                    "watched": n % 20 == 0,
                    "no_show": n % 30 == 0,
                    "work_by": now + timedelta(days=chance.randint(-3, 12)),
                }
                for n in numbers
            ],
        )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
