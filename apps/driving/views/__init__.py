"""Views that only the page Drive shows."""
