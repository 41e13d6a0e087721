"""What only Runs shows: the picture of its lesson."""
