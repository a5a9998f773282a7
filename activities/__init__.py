"""What the workflows have done in the world: the ledger's transactions and the post. Each is given what it needs."""
