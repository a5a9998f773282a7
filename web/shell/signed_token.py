"""Seals what a page hands out and wants back as it was, such as when a form was drawn.

The secret rests in the database: every process of ours has it, and it outlives each of them.
"""

import base64
import hmac
import secrets
from functools import cached_property

from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.tables import SecretRow

_NAME = "public form"


class Seal:
    """Makes and opens sealed texts; the secret is drawn when it is first needed."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    def close(self, *parts: str) -> str:
        """Return the parts as one text that nobody can change; no part may hold a dot."""
        said = ".".join(parts)
        return f"{said}.{self._signature(said)}"

    def open(self, sealed: str) -> list[str] | None:
        """Return the parts of a sealed text; None for one that we did not seal."""
        said, _, signature = sealed.rpartition(".")
        fits = hmac.compare_digest(self._signature(said).encode(), signature.encode(errors="replace"))
        return said.split(".") if fits else None

    def drawn(self, what: str, said: str) -> bytes:
        """Return 32 bytes that follow from what is said, for whoever has the secret only."""
        return hmac.digest(self._secret, f"{what}\0{said}".encode(errors="replace"), "sha256")

    def _signature(self, said: str) -> str:
        return hmac.digest(self._secret, said.encode(errors="replace"), "sha256").hex()

    @cached_property
    def _secret(self) -> bytes:
        try:
            return self._kept()
        except IntegrityError:  # another process drew it at the same moment
            return self._kept()

    def _kept(self) -> bytes:
        with self._database.writing() as session:
            row = session.get(SecretRow, _NAME)
            if row is None:
                row = SecretRow(name=_NAME, value=secrets.token_hex(32))
                session.add(row)
            return row.value.encode()


def token(drawn: bytes) -> str:
    """Return bytes as a text that can stand in headers and addresses."""
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()
