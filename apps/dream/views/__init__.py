"""Views of the Dream page."""
