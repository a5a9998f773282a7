"""How long a mail that the server does not take yet is tried again, and when people hear of it. Knows no server."""

from datetime import datetime, timedelta

TOLD_OF_CUSTOMERS_AFTER = timedelta(hours=4)
"""How late a mail to a customer may be before those in charge hear that it has not left."""
TOLD_OF_STAFF_AFTER = timedelta(days=1)
"""The same for a mail to somebody of the staff."""
GIVEN_UP_AFTER = timedelta(days=5)
"""How long a mail that the server refuses for now is tried, as mail servers do it themselves (RFC 5321, 4.5.4.1)."""
SOONEST = timedelta(seconds=5)
SERVER_ASKED_AT_LEAST_EVERY = timedelta(minutes=5)
MAIL_TRIED_AT_LEAST_EVERY = timedelta(minutes=30)


def told_after(*, customer: bool) -> timedelta:
    """Return how late a mail may be before somebody is told."""
    return TOLD_OF_CUSTOMERS_AFTER if customer else TOLD_OF_STAFF_AFTER


def next_try(since: datetime, at: datetime, at_least_every: timedelta, *marks: datetime) -> datetime:
    """Return when to try again after an attempt at `at`: soon at first, then ever later, and at the marks ahead.

    `since` is the first attempt that failed; the pauses double until they are `at_least_every`.

    >>> noon = datetime(2027, 3, 1, 12)
    >>> next_try(noon, noon, timedelta(minutes=5)).time()
    datetime.time(12, 0, 5)
    >>> next_try(noon, noon + timedelta(seconds=40), timedelta(minutes=5)).time()
    datetime.time(12, 1, 20)
    >>> next_try(noon, noon + timedelta(hours=3), timedelta(minutes=5), noon + timedelta(hours=3, minutes=2)).time()
    datetime.time(15, 2)
    """
    pause = min(max(at - since, SOONEST), at_least_every)
    return min([at + pause, *(mark for mark in marks if mark > at)])
