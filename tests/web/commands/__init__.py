"""Tests of what stands under the same name."""
