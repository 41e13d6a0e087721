"""What tasks of a kind share."""
