"""Opens tickets and customers, whatever way they come in."""
