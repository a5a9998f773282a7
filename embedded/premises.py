"""Checks and prepares the place before anything starts: one supervisor per directory, free ports, the secret key."""

import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from commandline.failure import Failure
from embedded.agreed import HOST


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
