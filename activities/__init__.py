"""What the workflows have done in the world: the ledger's transactions and the post. Dependencies come in constructors."""
