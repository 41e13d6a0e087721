"""What the page shows of composing."""
