"""Tests of the shipped definitions and of what reads them."""
