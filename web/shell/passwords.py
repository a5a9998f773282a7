"""Checks passwords, and slows down who guesses. Knows neither people's names nor sessions."""

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

LONGEST_PASSWORD = 1024
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each check takes 64 MiB; a crowd that signs in waits in line instead of filling the memory."""


class Passwords:
    """Argon2 hashes. An unknown name takes as long as a wrong password, so that names cannot be found out."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take the hasher; tests give a cheap one."""
        self._hasher = hasher or PasswordHasher()

    def fits(self, known_hash: str, password: str) -> bool:
        """Whether the password belongs to the hash; an empty hash fits nothing and takes as long."""
        with _AT_ONCE:
            try:
                fits = self._hasher.verify(known_hash or self._dummy, password[:LONGEST_PASSWORD])
            except (VerificationError, InvalidHashError):
                return False
        return fits and bool(known_hash)

    def outgrown(self, known_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(known_hash)

    def hash(self, password: str) -> str:
        """Return a hash to keep."""
        return self._hasher.hash(password[:LONGEST_PASSWORD])

    @cached_property
    def _dummy(self) -> str:
        return self._hasher.hash("nobody's password")


class Attempts:
    """Counts tries to sign in per name and address: five in five minutes, then no more for a while."""

    def __init__(self, tries: int = 5, minutes: int = 5) -> None:
        """Allow so many tries in so many minutes; the count is this process's own."""
        self.minutes = minutes
        self._limit = RateLimitItemPerMinute(tries, minutes)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allowed(self, name: str, address: str) -> bool:
        """Count a try; False when there were too many.

        Counting comes first, so that a burst cannot slip through.
        """
        return self._limiter.hit(self._limit, name.casefold(), address)

    def forget(self, name: str, address: str) -> None:
        """Forget the tries of somebody who signed in."""
        self._limiter.clear(self._limit, name.casefold(), address)
