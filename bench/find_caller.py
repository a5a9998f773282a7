"""Ten thousand customers: how long the server takes to find a caller, key by key, and to show what is open with them.

`python -m bench.find_caller [customers]`. Asks the application in its own process: the figure is server time.
"""

import asyncio
import random
import sys
from urllib.parse import quote

from sqlalchemy import insert

from bench.asking import asked, furnished_shop, tell
from bench.list_pages import fill
from models.database import Database
from models.tables import CustomerRow

TYPED = [
    "hu",
    "huber",
    "huber 4711",
    "yıl",
    "özd",
    "maler huber",
    "089 12",
    "+49 (0)89 004711",
    "k4711@",
    "4711",
    "xyzzy",
]


async def main(customers: int) -> None:
    """Fill a database, ask for every caller, print the times."""
    with furnished_shop() as shop:
        fill(shop, 2000)
        more(shop.database, customers)
        typed = [f"/callers?q={quote(typed)}" for typed in TYPED]
        tell(await asked(shop, "anna", [*typed, "/callers/300"]), f"{customers} customers")


def more(database: Database, customers: int) -> None:
    """Write customers until there are as many."""
    chance = random.Random(7)  # the same people each time
    names = ["Huber", "Yılmaz", "Özdemir", "Schmidt", "Ferrari", "Ångström"]
    firms = ["Malerbetrieb", "Autohaus", "Bäckerei", ""]
    ways = ["089 {:06}", "+49 (0)89 {:06}", "0049 89/{:06}", "+43 1 {:06}"]
    rows = [
        {
            "name": f"{chance.choice(names)} {n}",
            "email": f"c{n}@firma{n % 97}.example",
            "phone": chance.choice(ways).format(chance.randrange(10**6)),
            "company": chance.choice(firms),
            "language": "de",
        }
        for n in range(customers - 501)
    ]
    with database.writing() as session:
        session.execute(insert(CustomerRow), rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
