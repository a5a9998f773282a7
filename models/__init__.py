"""What travels through Temporal (messages) and what rests in the database (tables)."""
