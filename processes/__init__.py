"""The shipped definitions and calendars, and their loader."""
