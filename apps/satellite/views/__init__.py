"""Views that only the page Land shows."""
