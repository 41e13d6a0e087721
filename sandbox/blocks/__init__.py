"""One network block per file."""
