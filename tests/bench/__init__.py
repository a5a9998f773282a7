"""Tests with the parts of the benches."""
