"""Every path of the API, fuzzed from its own description, with a real engine and a real database behind it.

What the description allows is taken, what it forbids is refused, and every answer is one that it names.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from temporalio.testing import WorkflowEnvironment

import worker
from activities.intake.tickets import TicketService
from activities.ledger import catalogues
from models.database import Database
from processes.loader import shipped_catalogue
from settings import Settings
from tests.office import furnish
from tests.ports import free_port
from tests.web.api.test_api import KEY, keys
from tests.web.shop import CHEAP
from web.api.auth import MINUTES
from web.app import create_app
from web.shell.passwords import Attempts
from workflows.gateway import Gateway

EXAMPLES = 80
NO_SCHEMA_CAN_SAY = "key_reused"
"""What was sent under a key before."""
OPERATIONS = [("POST", "/contacts"), ("GET", "/contacts/{number}"), ("POST", "/customer-facts")]


@pytest.fixture
async def address(own_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[str]:
    """Serve the API of an office whose engine runs; nobody comes too often. Yields its address."""
    furnish(sqlite_database, "around-the-clock")
    keys(sqlite_database)
    with sqlite_database.writing() as session:
        catalogues.apply(session, "musterstadt", shipped_catalogue(), "setup", datetime.now(UTC))
    port = free_port()
    chosen = Settings(base_url=f"http://127.0.0.1:{port}", gather_seconds=600)
    gateway = Gateway(own_server.client, 600)
    app = create_app(
        chosen, sqlite_database, gateway, TicketService(sqlite_database), lambda: datetime.now(UTC), passwords=CHEAP
    )
    (api,) = (route.app for route in app.routes if getattr(route, "path", "") == "/api")  # type: ignore[attr-defined]
    api.state.used, api.state.missed = Attempts(10**6, MINUTES), Attempts(10**6, MINUTES)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    async with worker.workers(own_server.client, sqlite_database, chosen)[0]:
        while not server.started:
            await asyncio.sleep(0.02)
        yield chosen.base_url
        server.should_exit = True
        await serving


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["what fits", "what does not"])
async def test_api_is_as_it_describes_itself(address: str, mode: GenerationMode) -> None:
    """No mistake of ours, no answer that is not described, no nonsense taken, nothing refused that fits."""
    schema = await asyncio.to_thread(schemathesis.openapi.from_url, f"{address}/api/openapi.json")
    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    assert sorted((one.method.upper(), one.path) for one in operations) == sorted(OPERATIONS)
    for operation in operations:
        await asyncio.to_thread(_probe, operation, mode)


def _probe(operation: Any, mode: GenerationMode) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def probe(case: Any) -> None:
        answer = case.call(headers=KEY)
        by_rule = answer.status_code == 422 and answer.json()["code"] == NO_SCHEMA_CAN_SAY
        excluded = [positive_data_acceptance] if by_rule else []
        case.validate_response(answer, headers=KEY, excluded_checks=excluded)

    probe()
