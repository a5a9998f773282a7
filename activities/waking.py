"""How an activity tells mailboxes that something was written for them."""

from collections.abc import Awaitable, Callable, Sequence

Wake = Callable[[Sequence[str]], Awaitable[None]]
"""Signals these mailboxes, and starts those that sleep."""
