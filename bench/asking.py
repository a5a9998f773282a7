"""What the benches of pages share: a filled database, the application in this process, and what each page took.

The figures are server time: nothing travels through a network.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
from rich.console import Console
from temporalio.client import Client

from models.database import Database
from models.schema import upgrade
from settings import Settings
from tests.web.shop import CHEAP, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from workflows.gateway import Gateway

SAY = Console()
ROUNDS = 60
TARGET_MS = 100
"""At p95, for a list with 10,000 open tickets, and for every other page unless its bench says otherwise."""
BASE = "http://127.0.0.1:8000"


@contextmanager
def furnished_shop() -> Iterator[Shop]:
    """Open the shop of the tests on a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        upgrade(url)
        database = Database(url)
        yield Shop(database)
        database.close()


async def asked(shop: Shop, who: str, pages: Iterable[str]) -> dict[str, list[float]]:
    """Return the seconds that each asking for each page took, after one to warm up."""
    nobody = await Client.connect("127.0.0.1:1", lazy=True)
    gateway = Gateway(nobody, gather_seconds=0)
    settings = Settings(base_url=BASE)
    app = create_app(settings, shop.database, gateway, shop.ticket_service, lambda: datetime.now(UTC), passwords=CHEAP)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        visitor = Visitor(client)
        await visitor.signs_in(who)
        return {page: await _asked(visitor, page) for page in pages}


async def _asked(visitor: Visitor, page: str) -> list[float]:
    assert (await visitor.opens(page)).status_code == 200, page
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await visitor.opens(page)
        taken.append(time.perf_counter() - began)
    return taken


def measured(act: Callable[[int], object]) -> list[float]:
    """Return the seconds that each call of `act` took; it is told the number of the round."""
    taken = []
    for n in range(ROUNDS):
        began = time.perf_counter()
        act(n)
        taken.append(time.perf_counter() - began)
    return taken


def tell(times: dict[str, list[float]], of: str, target_ms: int = TARGET_MS) -> None:
    """Print median and 95th percentile of everything that was measured; fails above the target."""
    worst = 0.0
    for name, taken in times.items():
        cut = statistics.quantiles(taken, n=20)[18] * 1000
        worst = max(worst, cut)
        SAY.print(f"{name:44} median {statistics.median(taken) * 1000:6.1f} ms   p95 {cut:6.1f} ms", soft_wrap=True)
    SAY.print(f"{of}: the slowest takes {worst:.0f} ms at p95")
    assert worst < target_ms, f"above {target_ms} ms"
