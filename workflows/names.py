"""Names that Temporal keeps for months: task queues, workflow ids, search attributes, retry policies."""

from datetime import timedelta

from temporalio.common import RetryPolicy, SearchAttributeKey

TICKETS = "tickets"
"""Task queue of ticket workflows and the ledger."""
MAIL = "mail"
"""Task queue of mailboxes and the post: a slow mail server never keeps a ticket waiting."""

PHASE = SearchAttributeKey.for_keyword("Phase")
LIGHT = SearchAttributeKey.for_keyword("Light")
OWNER = SearchAttributeKey.for_keyword("Owner")
ESCALATION_LEVEL = SearchAttributeKey.for_int("EscalationLevel")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
SITE = SearchAttributeKey.for_keyword("Site")
SEARCH_ATTRIBUTES = (PHASE, LIGHT, OWNER, ESCALATION_LEVEL, DUE_AT, SITE)

RECORD_TIMEOUT = timedelta(seconds=30)
RECORD_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""For ever: a ledger that is down is repaired, not given up."""

POST_TIMEOUT = timedelta(minutes=10)
POST_HEARTBEAT = timedelta(seconds=15)
"""How soon a post that died is noticed and its mailbox given to another worker."""
POST_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))
"""Until a webhook's outbox can be read: soon at first, then patiently."""
MAILBOX_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_attempts=4)
"""A few attempts, then the mailbox shows what is wrong and comes round: what it cannot deliver must not hold it up."""
MAILBOX_PAUSE = timedelta(minutes=5)
"""How long a mailbox waits that could not even be looked into."""

INBOX_TURN = timedelta(hours=2)
"""How long one turn of watching may last; it ends by itself before."""
INBOX_HEARTBEAT = timedelta(seconds=30)
INBOX_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1))
"""For ever: a mail server that is down, or a wrong password, is repaired; what lies there waits."""

WEBHOOKS = "webhooks"
"""Task queue of webhooks: a slow receiver never keeps a mail waiting."""


IMPORT_TIMEOUT = timedelta(days=7)
IMPORT_HEARTBEAT = POST_HEARTBEAT
"""How soon an import whose worker died is given to another one."""


def ticket_id(number: int) -> str:
    """Return the workflow id of a ticket."""
    return f"ticket-{number}"


def customer_id(number: int) -> str:
    """Return the workflow id of a customer's life."""
    return f"customer-{number}"


def import_id(number: int) -> str:
    """Return the workflow id of an import."""
    return f"import-{number}"


def mailbox_id(mailbox: str) -> str:
    """Return the workflow id of a mailbox ("person:anna", "customer:7")."""
    return f"mailbox-{mailbox.replace(':', '-')}"


def inbox_id(site: str) -> str:
    """Return the workflow id of a site's mailbox for mail in."""
    return f"inbox-{site}"


def webhook_id(number: int) -> str:
    """Return the workflow id of a webhook."""
    return f"webhook-{number}"
