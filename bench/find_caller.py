"""Ten thousand customers: how long the server takes to find a caller, key by key, and to show what is open with them.

`python -m bench.find_caller [customers]`. Asks the application in its own process. The seconds are those of the
processor, database included: what else a machine is busy with does not count.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime

import httpx
from rich.console import Console
from sqlalchemy import insert
from temporalio.client import Client

from bench.list_pages import fill
from models.database import Database
from models.schema import upgrade
from models.tables import CustomerRow
from settings import Settings
from tests.web.shop import CHEAP, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from workflows.gateway import Gateway

SAY = Console()
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
ROUNDS = 30
TARGET_MS = 100
BASE = "http://127.0.0.1:8000"


async def main(customers: int) -> None:
    """Fill a database, ask for every caller, print the times; fails above the target."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        shop = Shop(database)
        fill(database, shop, 2000)
        more(database, customers)
        times = await asked(shop, [*(f"/callers?q={typed}" for typed in TYPED), "/callers/300"])
        database.close()
    worst = 0.0
    for path, taken in times.items():
        cut = statistics.quantiles(taken, n=20)[18] * 1000
        worst = max(worst, cut)
        SAY.print(f"{path:32} median {statistics.median(taken) * 1000:6.1f} ms   p95 {cut:6.1f} ms")
    SAY.print(f"{customers} customers: the slowest caller is found in {worst:.0f} ms at p95")
    assert worst < TARGET_MS, f"above {TARGET_MS} ms"


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


async def asked(shop: Shop, paths: list[str]) -> dict[str, list[float]]:
    """Return the seconds each asking took, after one to warm up."""
    nobody = await Client.connect("127.0.0.1:1", lazy=True)
    gateway = Gateway(nobody, gather_seconds=0)
    settings = Settings(base_url=BASE)
    app = create_app(settings, shop.database, gateway, shop.desk, lambda: datetime.now(UTC), passwords=CHEAP)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        visitor = Visitor(client)
        await visitor.signs_in("anna")
        return {path: await one(visitor, path) for path in paths}


async def one(visitor: Visitor, path: str) -> list[float]:
    """Return the seconds of each round."""
    path = path.replace("+", "%2B")
    assert (await visitor.opens(path)).status_code == 200
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await visitor.opens(path)
        taken.append(time.process_time() - began)
    return taken


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
