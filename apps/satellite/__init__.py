"""Land seen from above: what covers it, where it is hazardous, and a route over it."""
