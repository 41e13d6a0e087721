"""What only the page Repair shows."""
