"""The web form, asked over HTTP with a real database.

What is sent to workflows goes through a real Temporal server.
"""
