"""How tickets come in through pages: by staff, by the public form, by files."""
