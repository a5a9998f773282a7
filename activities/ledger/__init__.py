"""Records what happens to a ticket, in one transaction each, with everything that follows from it."""
