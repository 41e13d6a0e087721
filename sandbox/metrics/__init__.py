"""Figures of predictions on unseen examples, one kind of output per file."""
