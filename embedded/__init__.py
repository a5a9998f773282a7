"""Everything on one machine, for `make up`: a supervisor, a mail catcher with a page, and a demo company."""
