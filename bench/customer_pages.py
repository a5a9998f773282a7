"""Ten thousand customers: how long the server takes for each page of the customer manager.

`python -m bench.customer_pages [customers]`. Asks the application in its own process: the figure is server time.
"""

import asyncio
import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta

from rich.console import Console
from sqlalchemy import insert

from bench.list_pages import asked
from domain.customer_facts import PackageBooked
from models.database import Database
from models.schema import upgrade
from models.tables import CustomerRow, LifeRow, TicketRow
from tests.web.shop import Shop

SAY = Console()
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
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        shop = Shop(database)
        fill(database, shop, customers)
        times = {page: await asked(shop, "ina", page) for page in PAGES}
        database.close()
    for page, taken in times.items():
        cut = statistics.quantiles(taken, n=20)[18]
        SAY.print(f"{page:40} median {statistics.median(taken) * 1000:6.1f} ms   p95 {cut * 1000:6.1f} ms")


def fill(database: Database, shop: Shop, customers: int) -> None:
    """Register one customer as people do, and the others as copies with times, owners and stages of their own."""
    now, chance = datetime.now(UTC), random.Random(7)  # the same list each time
    first = shop.registers("Huber 0", at=now - timedelta(days=9))
    shop.lives(first, PackageBooked(10), now - timedelta(days=8))
    with database.writing() as session:
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
