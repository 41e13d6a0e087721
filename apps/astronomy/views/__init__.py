"""What the page shows of lenses."""
