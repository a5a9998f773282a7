"""How people call a ticket or a customer, and the page it has: one that is a customer's life is that customer (S3)."""

from domain.words.wording import mark_of
from models.tables import TicketRow


def called(row: TicketRow) -> str:
    """Return "#17" for a ticket, "K12" for the life of customer 12."""
    return mark_of(row.customer if row.life else row.number, life=row.life)


def page_of(row: TicketRow) -> str:
    """Return the path of the page: the ticket's, or the customer's card."""
    return f"/customers/{row.customer}" if row.life else f"/tickets/{row.number}"
