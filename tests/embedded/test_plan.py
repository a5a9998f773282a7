"""The plan of `up`: with which settings our programs are started."""

from itertools import pairwise
from pathlib import Path

from embedded.plan import Plan


def test_temporal_acknowledges_what_is_on_the_disk() -> None:
    """A signal is acknowledged by Temporal alone: in its write-ahead log it has to survive a power cut."""
    command = Plan(Path("var"), 1, 2, 3, 4, 5, demo=False).temporal().command
    pragmas = [value for option, value in pairwise(command) if option == "--sqlite-pragma"]
    assert pragmas == ["journal_mode=WAL", "synchronous=FULL"]
