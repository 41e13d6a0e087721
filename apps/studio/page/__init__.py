"""A page: what it says of itself, the run that it shows, its controls and its tabs."""
