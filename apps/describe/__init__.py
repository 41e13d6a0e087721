"""Describing: a network that says what is where in a picture."""
