"""Mails as the world sends them, for the tests of mail in."""
