"""Mail in: bytes become a message, a message gets its fate, and rows are written once; mailboxes are only carriers."""
