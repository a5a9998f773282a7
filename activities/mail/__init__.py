"""Mail out: what is written to whom, when it may leave, and what became of it."""
