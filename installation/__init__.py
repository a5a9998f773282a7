"""What commands and the embedded start share: the way to database and Temporal, and what both need to be ready."""
