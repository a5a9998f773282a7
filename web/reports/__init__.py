"""What controllers look at."""
