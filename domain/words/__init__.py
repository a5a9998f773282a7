"""The sentences that every surface shares."""
