"""The rules of the office: pure functions of facts, definitions and calendars. No I/O, no Temporal, no clock."""
