"""The busy shop with customers in every corner of the life cycle, opened once."""

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.conftest import postgres_copy
from tests.web.customers.cast import CAST, Cast, customers_of_every_stage
from tests.web.shop import Shop


def _peopled(database: Database, commands: int) -> int:
    """Have the customers in a busy shop; returns how many commands it took."""
    shop = Shop(database, commands=commands)
    assert customers_of_every_stage(shop) == CAST
    return shop.commands


@pytest.fixture(scope="session")
def busy(busy: tuple[bytes, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """Return the database of the peopled shop, and how many commands it took."""
    path = tmp_path_factory.mktemp("peopled") / "ledger.db"
    path.write_bytes(busy[0])
    database = Database(f"sqlite:///{path}")
    commands = _peopled(database, busy[1])
    database.close()
    return path.read_bytes(), commands


@pytest.fixture(scope="session")
def busy_template(postgres_server: str, busy_template: tuple[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the name of the peopled shop's database in PostgreSQL, and how many commands it took."""
    with postgres_copy(postgres_server, busy_template[0]) as url:
        database = Database(url)
        commands = _peopled(database, busy_template[1])
        database.close()
        yield str(database.url.database), commands


@pytest.fixture
def cast(shop: Shop) -> Cast:
    """Return the customers by what they are; five of ina's have to be worked on every week."""
    return CAST
