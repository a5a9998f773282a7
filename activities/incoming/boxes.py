"""Where mail lies: what a mailbox must be able to do, and the simplest one, a folder of files (Maildir)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Fetched:
    """A message's bytes; `left_out` is how many were too many to be fetched, then only its headers are here."""

    content: bytes
    left_out: int = 0


class Unreachable(Exception):
    """The mailbox does not answer, or does not let us in. The message names no words of any mail."""


class Box(Protocol):
    """A mailbox. Its calls block; whoever uses it does so from a thread, one call at a time."""

    def waiting(self) -> Sequence[str]:
        """Return the places of what was not put away, oldest first; connects if it has to. Raises Unreachable."""

    def fetch(self, place: str) -> Fetched | None:
        """Return what lies at a place, and leave it there; None for what is gone."""

    def put_away(self, place: str) -> None:
        """Mark a message as taken, so that it waits no more; what is gone is put away."""

    def close(self) -> None:
        """Let go of the connection."""


class Maildir:
    """A Maildir: new messages are files in `new`, what was taken lies in `cur` as seen."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it need not be there yet."""
        self._new, self._cur = folder / "new", folder / "cur"

    def waiting(self) -> Sequence[str]:
        """Return the names of the files in `new`: they begin with the time at which they came."""
        if not self._new.is_dir():
            return []
        return sorted(path.name for path in self._new.iterdir() if not path.name.startswith("."))

    def fetch(self, place: str) -> Fetched | None:
        """Return a file's bytes."""
        try:
            return Fetched((self._new / place).read_bytes())
        except FileNotFoundError:
            return None

    def put_away(self, place: str) -> None:
        """Move a file to `cur`, flagged as seen."""
        self._cur.mkdir(parents=True, exist_ok=True)
        (self._new / place).replace(self._cur / f"{place}:2,S") if (self._new / place).exists() else None

    def close(self) -> None:
        """Nothing is held open."""
