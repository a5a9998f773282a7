"""The one way from a form to a fact."""
