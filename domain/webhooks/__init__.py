"""What other systems are told, and where they may be."""
