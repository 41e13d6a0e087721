"""What the page shows of answering customers."""
