"""Free ports for servers of the tests."""

import itertools
import os
import socket

_FIRST, _EACH = 11_000, 4000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_next = itertools.cycle(range(_FIRST + _EACH * (_WORKER % 5), _FIRST + _EACH * (_WORKER % 5 + 1)))
"""Below those that outgoing connections get, so nobody takes one meanwhile; each test process has its own.

Above those that no browser opens, of which 10080 is the last.
"""


def free_port() -> int:
    """Return a port nobody listens on right now, another one at each call."""
    for port in _next:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a cycle has no end")
