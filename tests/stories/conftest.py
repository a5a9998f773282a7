"""An office for every story."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from models.database import Database
from tests.maildrop import Maildrop
from tests.office import Office


@pytest.fixture
async def office(skipping: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop) -> AsyncIterator[Office]:
    """Yield an office whose stranger must have heard of nothing in the end."""
    opened = Office(skipping, sqlite_database, maildrop)
    yield opened
    await opened.closes()
