"""Text: written character by character, and sorted by what it is about."""
