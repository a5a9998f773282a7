"""Looks whether everything runs, and starts again what does not."""
