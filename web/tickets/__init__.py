"""The pages of tickets and their lists."""
