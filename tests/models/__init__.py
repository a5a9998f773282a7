"""Tests of what travels and what rests."""
