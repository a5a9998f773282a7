"""The service catalogue: levels, categories, and what is recognised in words."""
