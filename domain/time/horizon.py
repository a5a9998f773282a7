"""What a calendar answers, where it may have no answer: a site that closed for good never opens again."""

from collections.abc import Callable
from typing import TypeVar

from domain.time.calendar import BeyondHorizon

T = TypeVar("T")
D = TypeVar("D")


def answer(ask: Callable[[], T], otherwise: D) -> T | D:
    """Return what a calendar answers, and something else beyond its horizon."""
    try:
        return ask()
    except BeyondHorizon:
        return otherwise
