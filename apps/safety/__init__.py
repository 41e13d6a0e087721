"""People near machines: how far they are, and when that is too close."""
