"""What minutes of a processor can learn."""
