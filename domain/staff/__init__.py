"""Who is here, who gets what, and how they are told."""
