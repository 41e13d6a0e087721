"""Views that only the page Segment shows."""
