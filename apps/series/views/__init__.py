"""Views that only this page has."""
