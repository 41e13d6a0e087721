"""Find objects in pictures."""
