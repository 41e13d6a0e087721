"""Views of the tab Compare that pages name: `Page(compare=...)`."""
