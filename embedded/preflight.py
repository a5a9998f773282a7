"""Checks and prepares the place before anything starts: one supervisor per directory, free ports, the secret key."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded.constants import HOST
from installation.errors import Failure


@contextmanager
def only_supervisor(var: Path) -> Iterator[None]:
    """Hold the directory for one supervisor; the kernel lets go of the lock however we end."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failure(f"--var: {var} is in use by another 'up' (process {lock.read().strip() or '?'})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


class MovingIn:
    """Whether the demo company is half there: a mark that stands from before its first ticket until its last one."""

    def __init__(self, var: Path) -> None:
        """Take the directory; nobody else may use it meanwhile."""
        self._var = var
        self._mark = var / "moving-in"

    def begin_anew(self) -> bool:
        """Remove what a company that never finished moving in left behind; False where there is nothing of it."""
        if not self._mark.exists():
            return False
        for pattern in ("ledger.db*", "temporal.db*"):
            for left in self._var.glob(pattern):
                left.unlink()
        for folder in ("mails", "inbox"):
            shutil.rmtree(self._var / folder, ignore_errors=True)
        return True

    def begins(self) -> None:
        """Set the mark."""
        self._mark.touch()

    def ends(self) -> None:
        """Take the mark away; there need not be one."""
        self._mark.unlink(missing_ok=True)


def check_ports(ports: Mapping[str, int]) -> None:
    """Refuse a port that is taken, or given twice; names the port and its option."""
    options: dict[int, str] = {}
    for option, port in ports.items():
        if port in options:
            raise Failure(f"{option}: port {port} is already taken by {options[port]}; choose another one")
        options[port] = option
        if not _is_free(port):
            raise Failure(f"{option}: port {port} is taken by another program; choose another one with {option}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True
