"""Views that only the page Faces shows."""
