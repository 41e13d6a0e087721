"""Points in the plane: what a small network learns from them, and the page that shows it."""
