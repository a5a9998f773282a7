"""Handovers: checklists, drafts, records."""
