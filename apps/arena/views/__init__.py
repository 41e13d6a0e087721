"""What only the Arena shows: the picture of its lesson."""
