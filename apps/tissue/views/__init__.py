"""What only the page Tissue shows."""
