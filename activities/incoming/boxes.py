"""Where mail lies: what a mailbox must be able to do, and the simplest one, a folder of files (Maildir)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Fetched:
    """A message's bytes; `left_out` is how many were too many to be fetched, then only its headers are here."""

    content: bytes
    left_out: int = 0


class Unreachable(Exception):
    """The mailbox does not answer, or does not let us in. The message names no words of any mail."""


class Why(StrEnum):
    """Why a mailbox keeps a single message from us, or would not have it put away."""

    NO_BODY = "no_body"
    REFUSED = "refused"
    BROKEN_OFF = "broken_off"
    NOT_PUT_AWAY = "not_put_away"


class Withheld(Exception):
    """The mailbox is there, but a message of it can not be read or put away. The message names no words of any mail."""

    def __init__(self, why: Why) -> None:
        """Take the reason."""
        super().__init__(why)
        self.why = why


class Box(Protocol):
    """A mailbox. Its calls block; whoever uses it does so from a thread, one call at a time.

    Each raises Unreachable where the mailbox as a whole does not answer; it connects if it has to.
    """

    def waiting(self, resting: Container[str] = ()) -> Sequence[str]:
        """Return the places of what was not put away, oldest first, without those that are `resting`."""

    def fetch(self, place: str) -> Fetched | None:
        """Return what lies at a place, and leave it there; None only for what is gone. Raises Withheld."""

    def head(self, place: str) -> bytes:
        """Return the headers of what cannot be fetched, as far as they are given. Raises Withheld."""

    def put_away(self, place: str) -> None:
        """Mark a message as taken, so that it waits no more; what is gone is put away. Raises Withheld."""

    def close(self) -> None:
        """Let go of the connection."""


class Maildir:
    """A Maildir: new messages are files in `new`, what was taken lies in `cur` as seen."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it need not be there yet."""
        self._new, self._cur = folder / "new", folder / "cur"

    def waiting(self, resting: Container[str] = ()) -> Sequence[str]:
        """Return the names of the files in `new`: they begin with the time at which they came."""
        try:
            names = [path.name for path in self._new.iterdir()] if self._new.is_dir() else []
        except OSError as problem:
            raise Unreachable(f"the folder of mail in cannot be read: {type(problem).__name__}") from None
        return sorted(name for name in names if not name.startswith(".") and name not in resting)

    def fetch(self, place: str) -> Fetched | None:
        """Return a file's bytes."""
        try:
            return Fetched((self._new / place).read_bytes())
        except FileNotFoundError:
            return None
        except OSError:
            raise Withheld(Why.REFUSED) from None

    def head(self, place: str) -> bytes:
        """Return nothing: of a file that cannot be read there is no part that can."""
        return b""

    def put_away(self, place: str) -> None:
        """Move a file to `cur`, flagged as seen."""
        try:
            self._cur.mkdir(parents=True, exist_ok=True)
            (self._new / place).replace(self._cur / f"{place}:2,S")
        except FileNotFoundError:
            return
        except OSError:
            raise Withheld(Why.NOT_PUT_AWAY) from None

    def close(self) -> None:
        """Nothing is held open."""
