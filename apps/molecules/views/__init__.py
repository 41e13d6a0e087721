"""What the page shows of designing molecules."""
