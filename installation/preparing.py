"""Brings a database and a Temporal to what this build expects; doing it again changes nothing."""

import hashlib
from pathlib import Path
from typing import Any

from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from activities.intake.tickets import TicketService
from installation.wiring import ledger, speaking_plainly
from models.database import Database
from models.schema import upgrade
from processes.loader import read_process, read_text, shipped_processes
from settings import Settings
from workflows import names


def prepare_database(settings: Settings) -> None:
    """Apply missing migrations, then the shipped definitions whose text changed."""
    database = Database(settings.database_url)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    with speaking_plainly(settings):
        upgrade(settings.database_url)
    with ledger(settings) as opened:
        apply_shipped(TicketService(opened))


def apply_shipped(ticket_service: TicketService) -> None:
    """Apply each shipped definition under the key it names itself; one that cannot be read is not applied."""
    for path in shipped_processes().values():
        text = read_text(path)
        definition = read_process(text, path.name)
        ticket_service.apply_definition(definition.key, text, hashlib.sha256(text.encode()).hexdigest())


async def register_search_attributes(client: Client) -> None:
    """Register the search attributes that are missing in the client's namespace."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    for key in names.SEARCH_ATTRIBUTES:
        if key.name not in listed.custom_attributes:
            await _register(client, key)


async def _register(client: Client, key: SearchAttributeKey[Any]) -> None:
    """Register one; somebody else may have been quicker."""
    request = AddSearchAttributesRequest(namespace=client.namespace)
    request.search_attributes[key.name] = key.indexed_value_type.value  # type: ignore[assignment]  # a plain int
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as problem:
        if problem.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
