"""When a part that we need does not answer: the database, or the engine. Whoever asks may ask the same again."""

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004 - its name

from workflows.gateway import Unavailable

RETRY_AFTER = 30
"""Seconds after which it is worth trying again."""
SILENT = (DBAPIError, TimeoutError, Unavailable)
"""Among these are the errors to look at; a handler is found by its class."""


def is_silence(problem: Exception) -> bool:
    """Whether nobody answered: no connection, none left in the pool, one that broke, a file that cannot be read.

    A statement that is wrong, or a row that may not be, is a mistake of ours.
    """
    if isinstance(problem, OperationalError | InterfaceError | TimeoutError | Unavailable):
        return True
    # sqlite3 says of a file that is torn or no database nothing more exact than this.
    return isinstance(problem, DBAPIError) and (problem.connection_invalidated or type(problem) is DatabaseError)
