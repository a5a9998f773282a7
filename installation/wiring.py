"""What commands find around them: the database and Temporal, or one line that says which of them is missing."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.exc import DatabaseError
from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from activities.ledger.context import Unknown
from installation.errors import Failure
from models.database import Database
from settings import Settings
from worker import connect
from workflows.gateway import Gateway, Unavailable


@contextmanager
def ledger(settings: Settings) -> Iterator[Database]:
    """Open the database for a command; raises Failure when it does not answer or was never set up."""
    with speaking_plainly(settings):
        database = Database(settings.database_url)
        if database.is_sqlite and database.url.database and not Path(database.url.database).is_file():
            raise Failure(f"there is no database {_named(database)} yet; run 'starter.py setup' or 'make up'")
        try:
            yield database
        finally:
            database.close()


@contextmanager
def speaking_plainly(settings: Settings) -> Iterator[None]:
    """Turn what the office does not know, and what a database complains about, into one line without a password."""
    try:
        yield
    except Unknown as problem:
        raise Failure(str(problem)) from None
    except DatabaseError as problem:
        reason = str(problem.orig).strip().split("\n")[0]
        named = _named(Database(settings.database_url))
        raise Failure(f"the database {named} does not answer as expected: {reason}") from None


def _named(database: Database) -> str:
    return database.url.render_as_string(hide_password=True)


async def connected() -> Client:
    """Connect to Temporal; raises Failure when nobody answers."""
    address = ClientConfig.load_client_connect_config().get("target_host", "127.0.0.1:7233")
    try:
        return await connect()
    except RuntimeError:
        raise Failure(f"Temporal does not answer at {address}; is it running? ('make up' starts everything)") from None


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """Open the way to the workflows; raises Failure when nobody answers."""
    try:
        yield Gateway(await connected(), settings.gather_seconds)
    except Unavailable as problem:
        raise Failure(f"Temporal or its workers do not answer: {problem}") from None
