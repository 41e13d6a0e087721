"""Views that only the Sequence lab has."""
