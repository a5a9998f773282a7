"""What sleeps: tickets and mailboxes as durable workflows, and the gateway through which the rest speaks to them."""
