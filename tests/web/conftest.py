"""A busy shop behind the pages, and browsers without a window."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from temporalio.client import Client
from temporalio.service import RetryConfig
from temporalio.testing import WorkflowEnvironment

from models.database import Database
from settings import Settings
from tests.conftest import postgres_copy
from tests.web.cable import Cable
from tests.web.shop import CHEAP, NOW, Shop, busy_shop
from tests.web.visitor import Visitor
from web.app import create_app
from workflows.gateway import Gateway
from workflows.payloads import DATA_CONVERTER

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def busy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """Open a busy shop once; return its database, and how many commands it took."""
    path = tmp_path_factory.mktemp("busy") / "ledger.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    commands = busy_shop(database).commands
    database.close()
    return path.read_bytes(), commands


@pytest.fixture
def shop(busy: tuple[bytes, int], sqlite_database: Database) -> Shop:
    """Return a busy shop of the test's own."""
    return _copied(busy, sqlite_database)


def _copied(busy: tuple[bytes, int], sqlite_database: Database) -> Shop:
    content, commands = busy
    assert sqlite_database.url.database is not None
    Path(sqlite_database.url.database).write_bytes(content)
    return Shop(sqlite_database, commands=commands)


@pytest.fixture(scope="session")
def busy_template(postgres_server: str) -> Iterator[tuple[str, int]]:
    """Open a busy shop once in PostgreSQL; yields the name of its database, and how many commands it took."""
    with postgres_copy(postgres_server, "ledger_template") as url:
        database = Database(url)
        commands = busy_shop(database).commands
        database.close()
        yield str(database.url.database), commands


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_everywhere(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """Yield a busy shop, once on each kind of database: lists are where their SQL could differ."""
    if request.param == "sqlite":
        yield _copied(request.getfixturevalue("busy"), request.getfixturevalue("sqlite_database"))
        return
    template, commands = request.getfixturevalue("busy_template")
    with postgres_copy(request.getfixturevalue("postgres_server"), template) as url:
        database = Database(url)
        yield Shop(database, commands=commands)
        database.close()


@pytest.fixture
async def unplugged(dev_server: WorkflowEnvironment) -> Client:
    """Return a client of a real Temporal server whose cable was pulled out."""
    cable = await Cable.to(str(dev_server.client.service_client.config.target_host))
    impatient = RetryConfig(max_elapsed_time_millis=200)
    client = await Client.connect(cable.address, data_converter=DATA_CONVERTER, retry_config=impatient)
    await cable.pull_out()
    return client


@pytest.fixture
def app(shop: Shop, unplugged: Client) -> FastAPI:
    """Return the web form of the shop, at a clock that stands, while the engine is down."""
    gateway = Gateway(unplugged, gather_seconds=0, patience=timedelta(seconds=0.3))
    return create_app(
        Settings(base_url=BASE), shop.database, gateway, shop.ticket_service, lambda: NOW, passwords=CHEAP
    )


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Callable[[], Visitor]]:
    """Return a maker of browsers that are not signed in."""
    clients: list[httpx.AsyncClient] = []

    def arrive() -> Visitor:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url=BASE))
        return Visitor(clients[-1])

    yield arrive
    for client in clients:
        await client.aclose()


@pytest.fixture
async def anna(visitor: Callable[[], Visitor]) -> Visitor:
    """Return a seller who is signed in."""
    arrived = visitor()
    await arrived.signs_in("anna")
    return arrived


@pytest.fixture
async def carl(visitor: Callable[[], Visitor]) -> Visitor:
    """Return a controller who is signed in."""
    arrived = visitor()
    await arrived.signs_in("carl")
    return arrived


@pytest.fixture
async def ina(visitor: Callable[[], Visitor]) -> Visitor:
    """Return a case handler who is signed in: customers are hers."""
    arrived = visitor()
    await arrived.signs_in("ina")
    return arrived


@pytest.fixture
async def dora(visitor: Callable[[], Visitor]) -> Visitor:
    """Return a dispatcher who is signed in."""
    arrived = visitor()
    await arrived.signs_in("dora")
    return arrived
