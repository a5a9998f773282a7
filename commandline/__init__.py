"""The commands of starter.py: they read what was typed, call the office's parts, and say in one line what is wrong."""
