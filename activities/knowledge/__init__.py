"""Snippets of knowledge and how they are found."""
