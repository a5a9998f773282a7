"""Words and digits as people type them."""
