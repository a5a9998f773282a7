"""Tells other systems."""
