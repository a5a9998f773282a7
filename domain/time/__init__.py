"""Business time: calendars, spans, and what a calendar answers."""
