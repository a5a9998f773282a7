"""`setup`: brings database and Temporal to what this build expects. Running it again changes nothing."""

import asyncio

import typer

from activities.mail.digest_schedule import list_times
from installation.preparing import prepare_database, register_search_attributes
from installation.wiring import connected, ledger
from settings import Settings
from workflows.schedules import schedule_lists, schedule_the_sweep


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(setup)


def setup() -> None:
    """Bring database and Temporal to what this build expects; may be run again at any time."""
    settings = Settings()
    prepare_database(settings)
    asyncio.run(_prepare_temporal(settings))
    typer.echo("Database, process definitions, search attributes, the sweep and the lists are ready.")


async def _prepare_temporal(settings: Settings) -> None:
    client = await connected()
    await register_search_attributes(client)
    await schedule_the_sweep(client)
    with ledger(settings) as database:
        await schedule_lists(client, list_times(database))
