"""Everything embedded: the supervisor, the mail catcher and its page, the demo company."""
